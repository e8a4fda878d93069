"""A member whose provider bills many lines, and the files that the bench sends of it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from billing.actions.files import receive_bill_file
from billing.actions.shipped import install_shipped_profiles
from billing.models import FormatProfile, Import
from billing.specimens.layouts import write_specimen
from billing.specimens.truth import Cycle
from members.models import Branch, Provider, ProviderAccount, User
from members.roles import Role
from orders.kinds import LineStatus, Origin
from orders.models import LineVersion, ServiceLine
from tests.members.factories import OrganisationFactory, ProviderAccountFactory, respondent_user

ADMINISTRATOR = "admin.itq@exemple.test"
OPENED = date(2020, 1, 6)
OF_ACCOUNT = 500
"""Lines of one account at most."""
BATCH = 5_000


@dataclass(slots=True)
class Sender:
    """A member at one provider: who sends its files, and its numbers by account."""

    branch: Branch
    factu: User
    provider: Provider
    numbers: dict[str, list[str]]

    def send(self, path: Path) -> Import:
        """Receive a file through the action; its import, that nobody has begun."""
        with path.open("rb") as opened:
            bill_file = receive_bill_file(
                upload=File(opened, name=path.name),
                provider=self.provider,
                branch=self.branch,
                by=self.factu,
            )
        return bill_file.imports.get()

    def write(self, layout: str, folder: Path, month: date, usage_rows: int = 0) -> Path:
        """A month's file of every line, in a shipped layout."""
        path = folder / f"{layout}-{self.branch.pk}-{month:%Y-%m}-{usage_rows}.csv"
        write_specimen(layout, path, Cycle(self.numbers, month), usage_rows=usage_rows)
        return path


def make_sender(lines: int, prefix: str) -> Sender:
    """A member of the fleet's size asked for; ``prefix``: the three digits its numbers begin with.

    Installs the shipped profiles where no profile is.
    """
    if not FormatProfile.objects.exists():
        install_shipped_profiles(by=User.objects.get(email=ADMINISTRATOR))
    provider = Provider.objects.get(code="rogers")
    branch = OrganisationFactory(name=f"Ville du banc {prefix}").branches.get()
    numbers: dict[str, list[str]] = {}
    accounts: dict[str, ProviderAccount] = {}
    for rank in range(-(-lines // OF_ACCOUNT)):
        number = f"9{prefix}{rank:05}"
        accounts[number] = ProviderAccountFactory(
            branch=branch, provider=provider, number=number, opened_on=OPENED
        )
        first = rank * OF_ACCOUNT
        numbers[number] = [
            f"{prefix}{2_000_000 + n}" for n in range(first, min(first + OF_ACCOUNT, lines))
        ]
    sender = Sender(branch, respondent_user(Role.FACTU, branch), provider, numbers)
    _put_in_service(sender, accounts)
    return sender


@transaction.atomic
def _put_in_service(sender: Sender, accounts: dict[str, ProviderAccount]) -> None:
    """Every number is a line of the fleet, on its account."""
    pairs = [(accounts[account], n) for account, told in sender.numbers.items() for n in told]
    lines = ServiceLine.objects.bulk_create(
        (
            ServiceLine(
                branch=sender.branch,
                provider=sender.provider,
                number=number,
                origin=Origin.TAKE_OVER,
            )
            for _account, number in pairs
        ),
        batch_size=BATCH,
    )
    LineVersion.objects.bulk_create(
        (
            LineVersion(
                service_line=line,
                branch=sender.branch,
                account=account,
                number=line.number,
                valid=DateRange(OPENED),
                status=LineStatus.ACTIVE,
                recorded_by=sender.factu,
            )
            for line, (account, _number) in zip(lines, pairs, strict=True)
        ),
        batch_size=BATCH,
    )
