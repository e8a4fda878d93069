"""The demonstration's taxes and lists, prices fictitious, published by the import itself (D-55).

``load()`` runs after ``members.demonstration.load()`` and again without effect.
"""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from catalogue.actions.imports import publish_list, upload_list
from catalogue.actions.taxes import set_tax_rate
from catalogue.models import CatalogueVersion, TaxRate
from members.models import ContractRank, StaffAppointment, User
from members.roles import StaffRole
from portal.clock import today

FOLDER = Path(__file__).parent
NUMBERS = {"telus": "999726687", "rogers": "999726688"}
TAXES = (
    ("tps", "TPS", Decimal("0.05"), date(2008, 1, 1)),
    ("tvq", "TVQ", Decimal("0.09975"), date(2013, 1, 1)),
)
IN_FORCE_FOR = timedelta(days=45)


def load() -> None:
    """The taxes and the list of each provider, once."""
    admin = administrator()
    for code, label, rate, since in TAXES:
        if not TaxRate.objects.filter(code=code).exists():
            set_tax_rate(code=code, label=label, rate=rate, since=since, by=admin)
    for provider, number in NUMBERS.items():
        rank = ContractRank.objects.get(number=number)
        if not CatalogueVersion.objects.filter(rank=rank).exists():
            _publish(rank, FOLDER / f"{provider}.csv", admin)


def administrator() -> User:
    """The account of ITQ's administrator in force."""
    appointment = StaffAppointment.objects.in_force().filter(role=StaffRole.ADMIN).first()
    if appointment is None:
        raise RuntimeError("members.demonstration.load() comes first")
    account: User = appointment.person.accounts.get()
    return account


def _publish(rank: ContractRank, path: Path, admin: User) -> None:
    """Through the dry run, as an administrator would; a fault here is a fault of the file."""
    received = upload_list(
        rank=rank,
        name=path.name,
        content=path.read_bytes(),
        content_type="text/csv",
        effective_on=today() - IN_FORCE_FOR,
        is_fictitious=True,
        by=admin,
    )
    if received.faults:
        raise RuntimeError(f"{path.name}: {received.faults}")
    publish_list(catalogue_import=received, by=admin)
