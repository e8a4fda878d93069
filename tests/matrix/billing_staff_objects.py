"""Profiles, and files of a member or of the group, for the addresses of ITQ's side of bills."""

from typing import Any

from django.db.models import Model

from billing.formats.shipped import shipped_definitions
from billing.kinds import ImportPart, ImportState, ProfileState
from members.models import Branch
from portal.files import store
from tests.billing.factories import (
    BillFileFactory,
    FormatProfileFactory,
    ImportFactory,
    ProfileVersionFactory,
    QuarantinedRowFactory,
)
from tests.members.factories import ProviderFactory

DEFINITION = shipped_definitions()["telus_iq_invoice"]


def billing_staff_kinds() -> dict[str, Any]:
    """A builder for each kind of object that some address wants."""

    def profile(branch: Branch, mark: str) -> Model:
        return FormatProfileFactory(provider=ProviderFactory(), name=f"Gabarit {mark}")

    def draft(branch: Branch, mark: str) -> Model:
        sample = store(f"BAN;{mark}\n".encode(), name="essai.csv", content_type="text/csv")
        return ProfileVersionFactory(
            profile=profile(branch, f"{mark} essai"), definition=DEFINITION, sample=sample
        )

    def tested(branch: Branch, mark: str) -> Model:
        return ProfileVersionFactory(
            profile=profile(branch, f"{mark} prêt"),
            definition=DEFINITION,
            state=ProfileState.TESTED,
        )

    def member_file(branch: Branch, mark: str) -> Model:
        return _file(branch, mark)

    def group_file(branch: Branch, mark: str) -> Model:
        return _file(None, f"groupe {branch.pk}")

    def member_import(branch: Branch, mark: str) -> Model:
        return _file(branch, f"{mark} prêt").imports.get(state=ImportState.PREPARED)

    def group_import(branch: Branch, mark: str) -> Model:
        return _file(None, f"groupe prêt {branch.pk}").imports.get(state=ImportState.PREPARED)

    return {
        "format_profile": profile,
        "profile_draft": draft,
        "profile_tested": tested,
        "bill_file": member_file,
        "group_bill_file": group_file,
        "prepared_import": member_import,
        "group_prepared_import": group_import,
    }


def _file(branch: Branch | None, mark: str) -> Any:
    """A file whose charges are published, a row set aside, and whose use waits for a person."""
    kept = store(f"BAN;Total\n{mark};1\n".encode(), name="frais.csv", content_type="text/csv")
    held = BillFileFactory(
        branch=branch, provider=ProviderFactory(), file=kept, name=f"frais {mark}.csv"
    )
    charges = _import(held, ImportPart.CHARGES, state=ImportState.PUBLISHED)
    QuarantinedRowFactory(bill_import=charges, reason=f"Compte de {mark} inconnu.")
    _import(
        held,
        ImportPart.USAGE,
        state=ImportState.PREPARED,
        awaits=["differences"],
        differences={f"Compte de {mark}": ["1,00 $", "2,00 $"]},
    )
    return held


def _import(held: Any, part: str, **facts: Any) -> Any:
    return ImportFactory(
        bill_file=held, branch=held.branch, provider=held.provider, part=part, **facts
    )
