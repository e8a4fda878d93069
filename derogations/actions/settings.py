"""What ITQ sets: proofs required, providers' forms, ready answers, times of recall."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from derogations import events
from derogations.form_filling import Unfillable, text_fields
from derogations.freezing import field_names
from derogations.models import ProofRule, ProviderForm, ReminderDelay, ReplyTemplate
from derogations.reading import HEAD_FIELDS, PARTS_AS_FIELDS
from members.models import Provider, User
from members.permissions import WHOLE_GROUP, require
from members.powers import DerogationKind
from members.roles import StaffMay
from portal.audit import record
from portal.commands import action
from portal.files import store_document
from portal.uploads import Upload


@action
def set_proof_rules(
    *, kind: DerogationKind, sets: Sequence[Sequence[str]], since: date, by: User
) -> list[ProofRule]:
    """Fix what a kind must prove from a day on: each set asks for one of its proofs (F-33).

    The rules before end there. Raises ValidationError when some already begin that day or later,
    or when no proof is chosen.
    """
    hat = require(by, StaffMay.SET_DEROGATION_RULES, on=WHOLE_GROUP)
    wanted = [list(proofs) for proofs in sets if proofs]
    if not wanted:
        raise ValidationError(_("Choisissez au moins une preuve."))
    rows = ProofRule.objects.select_for_update().filter(kind=kind)
    if rows.filter(valid__startswith__gte=since).exists():
        raise ValidationError(
            {"since": _("Une règle commence déjà à cette date ou après : choisissez-en une autre.")}
        )
    for before in rows.filter(valid__contains=since):
        before.valid = DateRange(before.valid.lower, since)
        before.save(update_fields=["valid"])
    made = ProofRule.objects.bulk_create(
        ProofRule(kind=kind, any_of=proofs, valid=DateRange(since, None), recorded_by=by)
        for proofs in wanted
    )
    record(
        events.PROOF_RULE_SET, by=by, on=made[0], hat=hat, proofs=wanted, since=since.isoformat()
    )
    return made


@action
def set_provider_form(
    *,
    provider: Provider,
    kind: DerogationKind,
    upload: Upload,
    since: date,
    by: User,
    field_map: Mapping[str, str] = MappingProxyType({}),
) -> ProviderForm:
    """Enter a provider's authorisation form for a kind, from a day on; the one before ends (R-14).

    ``field_map`` says which text field of the PDF holds which field of a request. Raises
    ValidationError when a form already begins that day or later, or for a field that is not there.
    """
    hat = require(by, StaffMay.SET_DEROGATION_RULES, on=WHOLE_GROUP)
    _require_fields(kind, upload, field_map)
    rows = ProviderForm.objects.select_for_update().filter(provider=provider, kind=kind)
    if rows.filter(valid__startswith__gte=since).exists():
        raise ValidationError({"since": _("Un formulaire commence déjà à cette date ou après.")})
    before = rows.filter(valid__contains=since).first()
    if before is not None:
        before.valid = DateRange(before.valid.lower, since)
        before.save(update_fields=["valid"])
    stored = store_document(upload)
    form = ProviderForm.objects.create(
        provider=provider,
        kind=kind,
        file=stored,
        field_map=dict(field_map),
        valid=DateRange(since, None),
        recorded_by=by,
    )
    record(events.PROVIDER_FORM_SET, by=by, on=form, hat=hat, sha256=stored.sha256)
    return form


@action
def set_reply_template(
    *, template: ReplyTemplate | None, title: str, text: str, is_offered: bool, by: User
) -> ReplyTemplate:
    """Write a ready answer, or change one; one no longer offered stays in the list (F-32)."""
    hat = require(by, StaffMay.SET_DEROGATION_RULES, on=WHOLE_GROUP)
    row = template or ReplyTemplate()
    row.title, row.text, row.is_offered = title, text, is_offered
    row.save()
    record(events.REPLY_TEMPLATE_SET, by=by, on=row, hat=hat)
    return row


@action
def set_reminder_delays(*, delays: Sequence[tuple[int, bool]], by: User) -> list[ReminderDelay]:
    """Fix after how many working days signers are recalled, and which passes on (F-20).

    Raises ValidationError for a delay below one day or given twice, or when none is given.
    """
    hat = require(by, StaffMay.SET_DEROGATION_RULES, on=WHOLE_GROUP)
    days = [days for days, _steps_up in delays]
    if not days or min(days) < 1 or len(set(days)) < len(days):
        raise ValidationError(_("Donnez des délais distincts, d'au moins un jour ouvrable."))
    ReminderDelay.objects.select_for_update().exclude(working_days__in=days).delete()
    rows = [
        ReminderDelay.objects.update_or_create(working_days=days, defaults={"steps_up": steps_up})[
            0
        ]
        for days, steps_up in delays
    ]
    record(events.REMINDER_DELAYS_SET, by=by, on=rows[0], hat=hat, delays=sorted(days))
    return rows


def _require_fields(kind: DerogationKind, upload: Upload, field_map: Mapping[str, str]) -> None:
    """Each side of the map exists: in the PDF, and in a request of that kind."""
    if not field_map:
        return
    try:
        held = text_fields(upload.content)
    except Unfillable as error:
        raise ValidationError(
            {"field_map": _("Ce fichier n'est pas un PDF à champs : laissez vide.")}
        ) from error
    known = {*field_names([kind]), *HEAD_FIELDS, *PARTS_AS_FIELDS}
    wrong = sorted({*(set(field_map) - held), *(set(field_map.values()) - known)})
    if wrong:
        raise ValidationError(
            {"field_map": _("Champs inconnus : %(names)s.") % {"names": ", ".join(wrong)}}
        )
