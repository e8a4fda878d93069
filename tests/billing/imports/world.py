"""A member with accounts of both providers, and files sent then read as the worker does."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.core.files.base import ContentFile

from billing.actions.files import receive_bill_file
from billing.actions.shipped import install_shipped_profiles
from billing.models import BillFile, Import
from billing.specimens.layouts import Specimen, write_specimen
from billing.specimens.truth import Cycle
from billing.tasks import attach_late, publish_prepared, read_import, restate_line
from members.models import Branch, Provider, ProviderAccount, User
from members.roles import Role, StaffRole
from portal.models import QueuedTask
from tests.members.factories import (
    BranchFactory,
    OrganisationFactory,
    ProviderAccountFactory,
    ProviderFactory,
    respondent_user,
    staff_user,
)

LINES = {
    "123456789": [f"51455500{n:02d}" for n in range(12)],
    "987654321": [f"51455600{n:02d}" for n in range(5)],
}
TASKS = {
    "billing.read_import": read_import,
    "billing.publish_import": publish_prepared,
    "billing.attach_late_use": attach_late,
    "billing.restate_line": restate_line,
}
JANUARY = date(2026, 1, 1)


@dataclass
class World:
    """Who sends, for whom."""

    root: Branch
    factu: User
    admin: User
    providers: dict[str, Provider]
    accounts: dict[str, ProviderAccount] = field(default_factory=dict)


def build_world() -> World:
    """Both providers, the shipped profiles in service, one member with an account of TELUS in two
    subdivisions and the same numbers at Rogers.
    """
    providers = {
        code: ProviderFactory(code=code, name=code.upper()) for code in ("telus", "rogers")
    }
    admin = staff_user(StaffRole.ADMIN)
    install_shipped_profiles(by=admin)
    root = OrganisationFactory(name="Ville Quartz").branches.get()
    below = BranchFactory(organisation=root.organisation, name="Voirie")
    world = World(root, respondent_user(Role.FACTU, root), admin, providers)
    for provider in providers.values():
        for number, branch in zip(LINES, (root, below), strict=True):
            world.accounts[f"{provider.code} {number}"] = ProviderAccountFactory(
                branch=branch, provider=provider, number=number
            )
    return world


def specimen(
    path: Path, profile: str, *, month: date = JANUARY, seed: int = 7, usage_rows: int = 0, **lines
) -> Specimen:
    """A clean file of the member's accounts."""
    return write_specimen(profile, path, Cycle(lines or LINES, month, seed), usage_rows=usage_rows)


def send(world: World, path: Path, *, group: bool = False, name: str = "") -> BillFile:
    """Send a file as FACTU of the root, or as ITQ for the group."""
    telus = path.stem.startswith("telus")
    return receive_bill_file(
        upload=ContentFile(path.read_bytes(), name=name or path.name),
        provider=world.providers["telus" if telus else "rogers"],
        branch=None if group else world.root,
        by=world.admin if group else world.factu,
    )


def work() -> None:
    """Run what is promised of the bills until nothing is left, as the worker would."""
    while (
        row := QueuedTask.objects.filter(done_at__isnull=True, task_name__startswith="billing.")
        .order_by("pk")
        .first()
    ):
        row.done_at = row.created_at
        row.save(update_fields=["done_at"])
        TASKS[row.task_name].run(**row.kwargs)


def sent(world: World, path: Path, **how) -> list[Import]:
    """Send, work, and the imports of the file."""
    bill_file = send(world, path, **how)
    work()
    return list(bill_file.imports.order_by("pk"))
