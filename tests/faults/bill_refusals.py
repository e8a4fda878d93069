"""Files cut, off by a cent, or of another member's account: refused whole (X-14, X-18)."""

import io
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal

from billing.models import Invoice
from billing.specimens.defects import SHAPES, Defect, spoiled
from portal.models import AuditEvent
from tests.faults.bills import (
    CHARGES,
    TELUS,
    USAGE,
    Member,
    make_member,
    refusals,
    refused,
    settled,
)
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand

CUTS = 20
CUT = {CHARGES: "rogers", USAGE: "rogers", TELUS: "telus"}
"""What is cut: texts of charges and of use, a package."""
CENT = Decimal("0.01")
FIGURE = re.compile(r"-?\d{1,3}(?: \d{3})*,\d{2}(?!\d)")
DETAIL, SUMMARY = "individual_detail", "group_summary"
MARKS = {CHARGES: (";", ","), TELUS: (",", ".")}
"""The delimiter and the decimal sign of a layout."""


@fault(
    "X-14",
    f"texts and a package cut at {CUTS} points each; totals and a charge off by 0,01 $: refused, "
    "the gap shown",
    unit="rows visible",
    at_most=0,
)
def x_14(stand: Stand) -> float:
    left = sum(cut(make_member(stand), *what) for what in CUT.items())
    return left + off_by_a_cent(make_member(stand))


def shown_of(member: Member) -> int:
    """Invoices that anybody sees, of whatever file."""
    return Invoice.objects.filter(branch__organisation=member.organisation).count()


def cut(member: Member, layout: str, start: str) -> int:
    """From the first byte to the last cell, whose last zeros say nothing; what is left or shown."""
    whole = member.file(layout, use=120)
    points = [1 + n * (len(whole) - 7) // (CUTS - 1) for n in range(CUTS)]
    files = [member.send(f"{start}-{point}", whole[:point]) for point in points]
    return sum(refused(member, file, " : ") for file in files) + shown_of(member)


def off_by_a_cent(member: Member) -> int:
    """A total that the provider states, or a charge, is a cent off."""
    charges, package = member.file(CHARGES), member.file(TELUS)
    wrong = {
        "rogers-montant.csv": changed(charges, CHARGES, -1, 9),
        "rogers-tps.csv": changed(charges, CHARGES, -1, 10),
        "rogers-tvq.csv": changed(charges, CHARGES, -1, 11),
        "rogers-rang.csv": changed(charges, CHARGES, 6, 9),
        "telus-frais.zip": in_package(package, SUMMARY, lambda data: changed(data, TELUS, 1, 9)),
        "telus-tps.zip": in_package(package, SUMMARY, lambda data: changed(data, TELUS, 1, 10)),
        "telus-tvq.zip": in_package(package, SUMMARY, lambda data: changed(data, TELUS, 1, 11)),
        "telus-du.zip": in_package(package, SUMMARY, lambda data: changed(data, TELUS, 2, 13)),
        "telus-rang.zip": in_package(package, DETAIL, lambda data: changed(data, TELUS, 4, 10)),
    }
    files = [member.send(name, content) for name, content in wrong.items()]
    left = sum(refused(member, file) for file in files)
    for file in files:
        expect(tells_the_gap(member.told(file)), f"{file}: no gap in {refusals(file)}")
    return left + shown_of(member)


def tells_the_gap(page: str) -> bool:
    """Whether two figures of the page are a cent apart, or the cent itself is told."""
    found = {Decimal(told.replace(" ", "").replace(",", ".")) for told in FIGURE.findall(page)}
    return CENT in found or any(figure + CENT in found for figure in found)


def changed(data: bytes, layout: str, row: int, cell: int) -> bytes:
    """The text with one amount a cent higher."""
    delimiter, decimal = MARKS[layout]
    lines = data.decode("cp1252").splitlines()
    cells = lines[row].split(delimiter)
    amount = Decimal(cells[cell].replace(decimal, ".")) + CENT
    cells[cell] = f"{amount:f}".replace(".", decimal)
    lines[row] = delimiter.join(cells)
    return ("\n".join(lines) + "\n").encode("cp1252")


def in_package(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The package with one of its members changed."""
    told = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as other,
    ):
        for info in archive.infolist():
            data = archive.read(info)
            other.writestr(info.filename, change(data) if part in info.filename else data)
    return told.getvalue()


@fault(
    "X-18",
    "another member's account, or nobody's, in one row: the whole file is refused and recorded, "
    "whose it is unsaid",
    unit="rows visible",
    at_most=0,
)
def x_18(stand: Stand) -> float:
    member, other = make_member(stand), make_member(stand)
    theirs = other.accounts[0]
    left = 0
    for account in (theirs, "999999999"):
        files = {
            "rogers-f.csv": foreign(member.file(CHARGES), CHARGES, account),
            "rogers-u.csv": foreign(member.file(USAGE, use=120), USAGE, account),
            "telus-f.zip": in_package(
                member.file(TELUS),
                DETAIL,
                lambda data, account=account: foreign(data, TELUS, account),
            ),
        }
        for name, content in files.items():
            left += one_refused(member, other, account, name, content)
    return left + shown_of(member) + shown_of(other)


def one_refused(member: Member, other: Member, account: str, name: str, content: bytes) -> int:
    """Refused with the account and the line, and a journal that says so; what is left of it."""
    file = member.send(name, content)
    settled(file)
    left = refused(member, file, f"Le compte {account}", "ligne", "n'est pas de ceux")
    told = refusals(file)
    for word in (other.organisation.name, *other.accounts[1:]):
        expect(word not in told and word not in member.told(file), f"{name}: « {word} » is said")
    recorded = AuditEvent.objects.filter(
        code="bill_import.refused", object_id__in=file.imports.values("pk")
    )
    expect(recorded.exists(), f"{name}: the refusal is not in the journal")
    return left


def foreign(data: bytes, layout: str, account: str) -> bytes:
    """The text, the account of one row another's."""
    told = spoiled(data, SHAPES[layout], Defect.FOREIGN_ACCOUNT, seed=3)
    return told.replace(b"999999999", account.encode())
