"""Format profiles: drafted, tested on a sample, put in service, retired (billing.md §2, D-42)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max, Value
from django.utils.translation import gettext as _

from billing import events
from billing.kinds import FileKind, ProfileState
from billing.models import FormatProfile, ProfileVersion
from billing.states import ACTIVATE, PASS_TEST, RETIRE
from billing.trials import TrialRefused, blindness, faults_in, is_passed, try_on
from members.models import Provider, User
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay
from portal.audit import record
from portal.clock import database_clock
from portal.commands import action
from portal.files import store_document
from portal.models import Fold, StoredFile
from portal.uploads import Upload
from portal.workflow import TransitionRefused, advance, locked


@action
def record_profile(
    *,
    provider: Provider,
    kind: FileKind,
    name: str,
    definition: dict[str, Any],
    by: User,
    sample: Upload | None = None,
    is_expected: bool = False,
) -> ProfileVersion:
    """A new layout of a provider's files, with its first version as a draft (D-05).

    The sample is kept, so that the draft can be tried on it.
    """
    hat = require(by, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    held = locked(provider)
    named = FormatProfile.objects.alias(folded=Fold("name")).filter(folded=Fold(Value(name)))
    if named.filter(provider=held).exists():
        raise ValidationError(
            {"name": _("Ce prestataire a déjà un profil de ce nom : faites-en une version.")}
        )
    profile = FormatProfile.objects.create(
        provider=held, kind=kind, name=name, is_expected=is_expected, recorded_by=by
    )
    kept = store_document(sample) if sample else None
    version = ProfileVersion.objects.create(
        profile=profile, number=1, definition=definition, sample=kept, recorded_by=by
    )
    record(events.PROFILE_RECORDED, by=by, on=version, hat=hat, sample=kept and kept.sha256)
    return version


@action
def draft_version(
    *,
    profile: FormatProfile,
    definition: dict[str, Any],
    by: User,
    note: str = "",
    sample: StoredFile | None = None,
) -> ProfileVersion:
    """The next version of a profile, as a draft; the one in service is left as it is (D-05)."""
    hat = require(by, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    held = locked(profile)
    last: int = held.versions.aggregate(last=Max("number"))["last"] or 0
    version = ProfileVersion.objects.create(
        profile=held,
        number=last + 1,
        definition=definition,
        note=note,
        sample=sample,
        recorded_by=by,
    )
    record(events.PROFILE_RECORDED, by=by, on=version, hat=hat, sample=sample and sample.sha256)
    return version


@action
def change_definition(
    *, version: ProfileVersion, definition: dict[str, Any], note: str, by: User
) -> ProfileVersion:
    """Write a draft's definition, faults and all: what is tested or served no longer changes."""
    hat = require(by, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    held = locked(version)
    if held.state != ProfileState.DRAFT:
        raise ValidationError(
            _("Cette version n'est plus un brouillon : faites-en une nouvelle version.")
        )
    held.definition, held.note = definition, note
    held.save(update_fields=["definition", "note"])
    record(events.PROFILE_CHANGED, by=by, on=held, hat=hat)
    return held


@action
def pass_test(*, version: ProfileVersion, file: StoredFile, by: User) -> ProfileVersion:
    """Hold a draft for tested on a file: it reads rows of it, and no control blocks them.

    Raises ValidationError with what stands in the way.
    """
    hat = require(by, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    held = locked(version)
    faults = [f"{f.place} : {f.message}" for f in _definition_faults(held)]
    if faults:
        raise ValidationError(faults)
    try:
        outcome = try_on(held.definition, file)
    except TrialRefused as error:
        raise ValidationError(str(error)) from error
    if not is_passed(outcome):
        told = [f"{f.place} : {f.message}" for f in outcome.faults if f.is_blocking]
        raise ValidationError(told or [_("Aucune ligne de ce fichier n'a été lue.")])
    return advance(
        PASS_TEST,
        on=held,
        by=by,
        hat=hat,
        blind_spots=blindness(held.definition),
        file=file.sha256,
        rows=sum(outcome.counts.values()),
    )


@action
def activate_version(*, version: ProfileVersion, acceptance: str, by: User) -> ProfileVersion:
    """Put a tested version in service in place of the one that serves; it is then frozen.

    What its controls cannot see is accepted in writing by an administrator first (D-42).
    """
    hat = require(by, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    locked(version.profile)
    held = locked(version)
    if held.state not in ACTIVATE.sources:
        raise TransitionRefused(ACTIVATE, held)
    blind, written = blindness(held.definition), acceptance.strip()
    if blind and not written:
        raise ValidationError(
            {
                "acceptance": _(
                    "Écrivez pourquoi vous acceptez que les contrôles ne voient pas tout : vos "
                    "motifs restent au journal."
                )
            }
        )
    facts: dict[str, Any] = {"blind_spots": blind}
    if blind:
        facts |= {"acceptance": written, "accepted_at": database_clock(), "accepted_by": by}
    for served in ProfileVersion.objects.filter(
        profile=held.profile_id, state=ProfileState.ACTIVE
    ).exclude(pk=held.pk):
        advance(RETIRE, on=served, by=by, hat=hat)
    return advance(ACTIVATE, on=held, by=by, hat=hat, **facts)


@action
def retire_version(*, version: ProfileVersion, by: User) -> ProfileVersion:
    """Take a version out: no file is read under it any more; what it read stays."""
    hat = require(by, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    return advance(RETIRE, on=version, by=by, hat=hat)


@action
def set_expectation(*, profile: FormatProfile, is_expected: bool, by: User) -> FormatProfile:
    """Whether the checklist asks for one such file of every account and cycle."""
    hat = require(by, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    held = locked(profile)
    held.is_expected = is_expected
    held.save(update_fields=["is_expected"])
    record(events.PROFILE_EXPECTED, by=by, on=held, hat=hat, expected=is_expected)
    return held


def _definition_faults(version: ProfileVersion) -> list[Any]:
    """What the vocabulary says of a version's definition."""
    return faults_in(version.definition, version.profile.provider.code)
