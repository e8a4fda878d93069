"""Members that receive bills, on the stand: files dropped by their pages, and what came of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import unescape
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db.models import Q, QuerySet
from django.urls import reverse

from billing.actions.shipped import install_shipped_profiles
from billing.kinds import ImportState
from billing.models import BillFile, Charge, Import, InvoiceVersion, LineProposal, Usage
from billing.specimens.layouts import write_specimen
from billing.specimens.truth import Cycle
from members.models import Organisation, Provider, User
from members.roles import Role, StaffRole
from tests.faults.browser import Answer, Browser
from tests.faults.registry import expect
from tests.faults.stand import Stand, eventually
from tests.members.factories import (
    BranchFactory,
    OrganisationFactory,
    ProviderAccountFactory,
    respondent_user,
    staff_user,
)

JANUARY = date(2026, 1, 1)
TELUS, CHARGES, USAGE = "telus_text_bill", "rogers_charges_breakdown", "rogers_usage_breakdown"
INVENTORY = "telus_inventory"
SUFFIX = {TELUS: "zip", INVENTORY: "xlsx"}
UNDER_WAY = (ImportState.RECEIVED, ImportState.READING)

_numbers = count(700_000_001)


@dataclass(frozen=True)
class Member:
    """An organisation, who drops its files, and its account in each of its two branches."""

    stand: Stand
    organisation: Organisation
    factu: User
    accounts: tuple[str, str]

    def address(self, name: str, *keys: object) -> str:
        """A page of its bills."""
        return reverse(f"billing:{name}", args=[self.organisation.slug, *keys])

    def file(
        self,
        layout: str,
        *,
        lines: Sequence[int] = (12, 5),
        seed: int = 7,
        use: int = 0,
        month: date = JANUARY,
    ) -> bytes:
        """A clean file of its accounts, of so many lines each."""
        told = {
            account: [f"51455{place}{n:04}" for n in range(wanted)]
            for place, (account, wanted) in enumerate(zip(self.accounts, lines, strict=True), 1)
        }
        with TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            write_specimen(layout, path, Cycle(told, month, seed), usage_rows=use)
            return path.read_bytes()

    def form(self, name: str, by: User) -> tuple[Browser, str, dict[str, str]]:
        """A browser, the page where files are dropped and its fields; a file's name begins with
        its provider's.
        """
        browser, page = Browser.of(by, self.stand.port), self.address("bill_file_new")
        fields = browser.form(page)
        fields["branch"] = str(self.organisation.branches.get(is_root=True).pk)
        fields["provider"] = str(Provider.objects.get(code=name.split("-", maxsplit=1)[0]).pk)
        return browser, page, fields

    def drop(self, name: str, content: bytes, by: User | None = None) -> Answer:
        """Drop a file by the page."""
        browser, page, fields = self.form(name, by or self.factu)
        return browser.upload(page, fields, ("uploads", name, content))

    def files(self) -> QuerySet[BillFile]:
        """Those that were received."""
        return BillFile.objects.filter(branch__organisation=self.organisation)

    def send(self, name: str, content: bytes) -> BillFile:
        """The file received; its page is where the sender is led."""
        answer = self.drop(name, content)
        expect(answer.status == 302, f"{name}: the page answers {answer.status}")
        return BillFile.objects.get(pk=answer.location.rstrip("/").rsplit("/", 1)[1])

    def told(self, bill_file: BillFile) -> str:
        """What the page of a file says."""
        browser = Browser.of(self.factu, self.stand.port)
        answer = browser.get(self.address("bill_file_detail", bill_file.pk))
        expect(answer.status == 200, f"the page of {bill_file} answers {answer.status}")
        return plain(answer.text)


def make_member(stand: Stand) -> Member:
    """A member with an account of each provider at the root and in a subdivision."""
    organisation = OrganisationFactory()
    root = organisation.branches.get()
    branches = (root, BranchFactory(organisation=organisation))
    accounts = (str(next(_numbers)), str(next(_numbers)))
    install_shipped_profiles(by=staff_user(StaffRole.ADMIN))
    for provider in Provider.objects.filter(code__in=("telus", "rogers")):
        for number, branch in zip(accounts, branches, strict=True):
            ProviderAccountFactory(branch=branch, provider=provider, number=number)
    return Member(stand, organisation, respondent_user(Role.FACTU, root), accounts)


def plain(page: str) -> str:
    """The text of a page, its spaces all alike."""
    return re.sub(r"\s", " ", unescape(page))


def settled(bill_file: BillFile, seconds: float = 60) -> list[Import]:
    """The imports of a file once nothing of it is under way."""
    under_way = bill_file.imports.filter(state__in=UNDER_WAY)
    eventually(lambda: not under_way.exists(), seconds, f"{bill_file} is not settled")
    return list(bill_file.imports.order_by("pk"))


def published(bill_file: BillFile, seconds: float = 60) -> list[Import]:
    """The imports of a file, shown."""
    imports = settled(bill_file, seconds)
    for one in imports:
        expect(one.state == ImportState.PUBLISHED, f"{one}: {one.state}, {one.refusal}")
    return imports


def refused(member: Member, bill_file: BillFile, *words: str) -> int:
    """Each import is refused, the page says these words; how much of the file is left."""
    page = member.told(bill_file) if settled(bill_file) else ""
    for one in bill_file.imports.all():
        expect(one.state == ImportState.REFUSED, f"{bill_file}: {one.state}")
    for word in words:
        expect(word in page, f"{bill_file}: « {word} » is not said: {refusals(bill_file)}")
    return left_of(bill_file)


def refusals(bill_file: BillFile) -> str:
    """Why its imports were refused."""
    return " / ".join(bill_file.imports.values_list("refusal", flat=True))


def left_of(bill_file: BillFile) -> int:
    """Rows, versions, proposals and tables that came of a file."""
    imports = list(bill_file.imports.values_list("pk", flat=True))
    own = Q(charge_import__in=imports) | Q(usage_import__in=imports)
    return (
        Charge.objects.filter(import_id__in=imports).count()
        + Usage.objects.filter(import_id__in=imports).count()
        + InvoiceVersion.objects.filter(own).count()
        + LineProposal.objects.filter(bill_import__in=imports).count()
        + bill_file.imports.filter(storage__isnull=False).count()
    )
