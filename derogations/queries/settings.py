"""What ITQ set over derogations: proofs, forms, ready answers, times of recall."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext as _

from derogations.completeness import DEFAULT_RULES
from derogations.models import ProofRule, ProviderForm, ReminderDelay, ReplyTemplate
from derogations.working_days import DEFAULT_DELAYS
from members.models import User
from members.permissions import WHOLE_GROUP, can, require
from members.powers import DerogationKind
from members.roles import StaffMay
from portal.clock import today
from portal.inbox import Awaiting


@dataclass(frozen=True, slots=True)
class KindRules:
    """What a kind must prove: rules in force, those before or to come, or the default."""

    kind: DerogationKind
    in_force: list[ProofRule]
    others: list[ProofRule]
    default: tuple[tuple[str, ...], ...]


def console_entries(user: User) -> list[Awaiting]:
    """The acts of the console's front page over derogations, for who may set their rules."""
    if not can(user, StaffMay.SET_DEROGATION_RULES, on=WHOLE_GROUP):
        return []
    pages = (
        ("proof_rule_list", _("Preuves exigées"), _("Fixer ce qu'une demande doit prouver.")),
        ("provider_form_list", _("Formulaires des prestataires"), _("À remplir et à joindre.")),
        ("reply_template_list", _("Réponses types"), _("Offertes dans les messages.")),
        ("reminder_delay_edit", _("Relances des signataires"), _("Délais en jours ouvrables.")),
    )
    return [
        Awaiting(label, reverse(f"derogations:{name}"), note=note) for name, label, note in pages
    ]


def rules_managed(user: User) -> list[KindRules]:
    """Each kind's rules, for ITQ's administrators (F-33)."""
    require(user, StaffMay.SET_DEROGATION_RULES, on=WHOLE_GROUP)
    day = today()
    rows = list(ProofRule.objects.order_by(Lower("valid").desc(), "pk"))
    found = []
    for kind in DerogationKind:
        mine = [row for row in rows if row.kind == kind]
        now = [row for row in mine if day in row.valid]
        default = () if mine else DEFAULT_RULES.get(kind, ())
        found.append(KindRules(kind, now, [row for row in mine if row not in now], default))
    return found


def forms_managed(user: User) -> QuerySet[ProviderForm]:
    """Every provider's form, by provider and kind (R-14)."""
    require(user, StaffMay.SET_DEROGATION_RULES, on=WHOLE_GROUP)
    rows = ProviderForm.objects.select_related("provider", "file")
    return rows.order_by("provider__name", "provider_id", "kind", "-valid")


def replies_managed(user: User) -> QuerySet[ReplyTemplate]:
    """Every ready answer, offered or not (F-32)."""
    require(user, StaffMay.SET_DEROGATION_RULES, on=WHOLE_GROUP)
    return ReplyTemplate.objects.order_by("title", "pk")


def delays_managed(user: User) -> list[tuple[int, bool]]:
    """The times of recall in force: (working days, steps up) (F-20)."""
    require(user, StaffMay.SET_DEROGATION_RULES, on=WHOLE_GROUP)
    rows = list(ReminderDelay.objects.values_list("working_days", "steps_up"))
    return rows or list(DEFAULT_DELAYS)
