"""The shipped profiles put in service, for tests and the demonstration (D-42)."""

from typing import Any

from django.utils.translation import gettext as _

from billing import events
from billing.formats.shipped import shipped_definitions
from billing.kinds import FileKind
from billing.models import FormatProfile, ProfileVersion
from billing.states import ACTIVATE, PASS_TEST
from billing.trials import blindness
from members.models import Provider, User
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay
from portal.audit import record
from portal.clock import database_clock
from portal.commands import action
from portal.workflow import advance

KINDS = {
    "rogers_charges_breakdown": FileKind.CHARGES,
    "rogers_current_charges": FileKind.SUMMARY,
    "rogers_eligibility": FileKind.INVENTORY,
    "rogers_usage_breakdown": FileKind.USAGE,
    "rogers_wireless_zip": FileKind.CHARGES,
    "telus_inventory": FileKind.INVENTORY,
    "telus_iq_invoice": FileKind.SUMMARY,
    "telus_text_bill": FileKind.PACKAGE,
}
EXPECTED = {"rogers_charges_breakdown", "rogers_usage_breakdown", "telus_text_bill"}
"""What a cycle of each provider brings at least."""


@action
def install_shipped_profiles(*, by: User) -> list[ProfileVersion]:
    """Put every shipped profile in service, as its own first version; those known are left.

    What its controls cannot see is accepted for fictitious files, and says so (D-42). Providers
    that the portal does not know get none.
    """
    hat = require(by, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    providers = {provider.code: provider for provider in Provider.objects.all()}
    return [
        _installed(providers[definition["provider"]], code, definition, by, hat)
        for code, definition in shipped_definitions().items()
        if definition["provider"] in providers
    ]


def _installed(
    provider: Provider, code: str, definition: dict[str, Any], by: User, hat: str
) -> ProfileVersion:
    """The profile's first version in service."""
    profile, is_new = FormatProfile.objects.get_or_create(
        provider=provider,
        name=definition["title"],
        defaults={"kind": KINDS[code], "is_expected": code in EXPECTED, "recorded_by": by},
    )
    if not is_new:
        return profile.versions.earliest("number")
    version = ProfileVersion.objects.create(
        profile=profile, number=1, definition=definition, note=definition["note"], recorded_by=by
    )
    record(events.PROFILE_RECORDED, by=by, on=version, hat=hat)
    blind = blindness(definition)
    version = advance(PASS_TEST, on=version, by=by, hat=hat, blind_spots=blind)
    facts: dict[str, Any] = {}
    if blind:
        told = _("Gabarit livré avec le portail, lu sur des fichiers fictifs seulement.")
        facts = {"acceptance": told, "accepted_at": database_clock(), "accepted_by": by}
    return advance(ACTIVATE, on=version, by=by, hat=hat, **facts)
