"""Files in other encodings, and files whose columns moved (X-15, X-17)."""

import codecs
from copy import deepcopy
from typing import Any

from django.core.files.base import ContentFile

from billing.actions.profiles import activate_version, pass_test, record_profile
from billing.formats.shipped import shipped_definitions
from billing.kinds import FileKind
from billing.models import BillFile, Charge, Finding, LineTotal
from members.models import Provider
from members.roles import StaffRole
from portal.files import store_upload
from tests.faults.bill_rows import rows_of
from tests.faults.bills import CHARGES, Member, make_member, published, refused
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand
from tests.members.factories import staff_user

NAMES = ["Anaïs Lévesque", "François Gagné", "Noëlla Côté", "Zoé Bélanger", "Éric Tremblay"]
LOST = "\ufffd"
LABEL, OTHER_LABEL = "Charge Description", "Libellé des frais"
EVERY_ENCODING = {"encodings": ["utf-8-sig", "utf-16", "iso-8859-1"], "delimiter": ";"}


def text_of(member: Member) -> str:
    """A clean file of charges at Rogers, as text."""
    return member.file(CHARGES).decode("cp1252")


def serve(member: Member, name: str, sample: str, **changes: Any) -> None:
    """Put a profile of other labels in service, as ITQ does, tested on a sample."""
    admin = staff_user(StaffRole.ADMIN)
    definition = deepcopy(shipped_definitions()[CHARGES])
    definition.update(code=f"essai_{name.lower().replace('-', '_')}", title=f"Essai {name}")
    (part,) = definition["parts"]
    part.update(changes)
    _rename(part, name)
    version = record_profile(
        provider=Provider.objects.get(code="rogers"),
        kind=FileKind.CHARGES,
        name=f"Essai {name}",
        definition=definition,
        by=admin,
    )
    content = ContentFile(renamed(sample, name).encode(), name="essai.csv")
    file = store_upload(content, content_type="text/csv")
    version = pass_test(version=version, file=file, by=admin)
    activate_version(version=version, acceptance="Essai.", by=admin)


def renamed(text: str, name: str) -> str:
    """The text, its labels' column under the name by which a profile knows it."""
    return text.replace(LABEL, f"{OTHER_LABEL} {name}")


def _rename(part: dict[str, Any], name: str) -> None:
    told = f"{OTHER_LABEL} {name}"
    part["signature"]["words"] = ["Account Number", told, "Amount"]
    part["layout"]["header"]["words"] = ["Account Number", told]
    (column,) = [each for each in part["columns"] if each["field"] == "label"]
    column["source"]["headers"] = [told]


@fault(
    "X-15",
    "UTF-8 with and without a mark, CP1252, Latin-1, UTF-16: exact; mixed, undeclared or lost: "
    "refused with line and byte",
    unit="names altered",
    at_most=0,
)
def x_15(stand: Stand) -> float:
    first = make_member(stand)
    altered = refused_texts(first)
    serve(first, "X-15", text_of(first), text=EVERY_ENCODING)
    for encoding in ("cp1252", "utf-8", "utf-8-sig"):
        member = make_member(stand)
        altered += names_altered(member, text_of(member).encode(encoding))
    for encoding in ("iso-8859-1", "utf-8", "utf-8-sig", "utf-16"):
        member = make_member(stand)
        altered += names_altered(member, renamed(text_of(member), "X-15").encode(encoding))
    return altered


def names_altered(member: Member, content: bytes) -> int:
    """How many names and labels are not those of the file."""
    (one,) = published(member.send("rogers-encodage.csv", content))
    names = LineTotal.objects.filter(version__charge_import=one).exclude(subscriber="")
    kept = sorted(set(names.values_list("subscriber", flat=True)))
    rows = Charge.objects.filter(import_id=one.pk)
    expect(rows.exists(), "no row was laid")
    lost = rows.filter(label__contains=LOST) | rows.filter(subscriber__contains=LOST)
    labels = set(rows.values_list("label", flat=True))
    expect("Utilisation données additionnelles" in labels, f"labels: {labels}")
    return len(set(kept) ^ set(NAMES)) + lost.count()


def refused_texts(member: Member) -> int:
    """What no declared encoding reads is refused with its line, its byte where it has one."""
    text = text_of(member)
    lines = text.splitlines(keepends=True)
    head, tail = "".join(lines[:20]), "".join(lines[20:])
    first = next(n for n, line in enumerate(lines, 1) if n > 20 and not line.isascii())
    bad = text.encode("cp1252").replace("Noëlla".encode("cp1252"), b"No\x81lla", 1)
    at, lost = bad.index(b"\x81"), text.index("Éric")
    places = {
        "melange": (first, _first_high(tail) + len(head.encode())),
        "octet": (bad.count(b"\n", 0, at) + 1, at + 1),
        "perdu": (text.count("\n", 0, lost) + 1, 0),
    }
    bytes_told = {k: (f"ligne {n}", f"position {p} ") for k, (n, p) in places.items()}
    not_admitted = ("utf-16", "que le profil n'admet pas")
    wrong = {
        "melange": (head.encode() + tail.encode("cp1252"), *bytes_told["melange"]),
        "octet": (bad, *bytes_told["octet"]),
        "perdu": (
            text.replace("Éric", f"{LOST}ric", 1).encode(),
            bytes_told["perdu"][0],
            "caractère perdu",
        ),
        "utf16": (text.encode("utf-16"), *not_admitted),
        "utf16be": (codecs.BOM_UTF16_BE + text.encode("utf-16-be"), *not_admitted),
    }
    return sum(
        refused(member, member.send(f"rogers-{name}.csv", content), *words)
        for name, (content, *words) in wrong.items()
    )


def _first_high(text: str) -> int:
    """Where the first character beyond ASCII is, from 1."""
    return next(n for n, letter in enumerate(text, 1) if not letter.isascii())


@fault(
    "X-17",
    "a required column renamed or gone: refused, its new name guessed; moved: the same rows; "
    "added: warned, and kept where the profile says so",
    unit="wrong rows",
    at_most=0,
)
def x_17(stand: Stand) -> float:
    plain, moved = make_member(stand), make_member(stand)
    published(plain.send("rogers-tel.csv", plain.file(CHARGES)))
    published(moved.send("rogers-deplace.csv", recut(text_of(moved), backwards)))
    expected = rows_of(plain)
    wrong = 0 if rows_of(moved) == expected else 1
    return wrong + renamed_or_gone(make_member(stand)) + added(stand, expected["Charge"])


def recut(text: str, change: Any) -> bytes:
    """The text, the cells of each row but those of the preamble changed."""
    lines = text.splitlines()
    rows = [";".join(change(line.split(";"), n)) for n, line in enumerate(lines[3:])]
    return ("\n".join([*lines[:3], *rows]) + "\n").encode("cp1252")


def backwards(cells: list[str], row: int) -> list[str]:
    """User and charge type change places, as do the last dates; a total's cells stay."""
    order = [0, 1, 3, 2, 4, 6, 5, *range(7, 12)]
    return [cells[n] for n in order]


def renamed_or_gone(member: Member) -> int:
    """Refused, with the column and the nearest name."""
    text = text_of(member)
    name = member.send(
        "rogers-nom.csv", text.replace(";Amount;", ";Amount billed;").encode("cp1252")
    )
    left = refused(member, name, "« Amount » manque", "« Amount billed » est peut-être")
    gone = member.send("rogers-sans.csv", recut(text, lambda cells, row: cells[:9] + cells[10:]))
    return left + refused(member, gone, "« Amount » manque")


def added(stand: Stand, expected: list[str]) -> int:
    """A column more: the rows are the same and a finding blocks; kept raw where it is asked."""
    member, keeper = make_member(stand), make_member(stand)
    serve(keeper, "X-17", text_of(keeper), unknown_columns="keep")
    one = member.send("rogers-plus.csv", recut(text_of(member), one_more))
    text = renamed(recut(text_of(keeper), one_more).decode("cp1252"), "X-17")
    two = keeper.send("rogers-garde.csv", text.encode("cp1252"))
    wrong = 0
    for owner, file in ((member, one), (keeper, two)):
        is_warned(file)
        raw = set(
            Charge.objects.filter(import_id=file.imports.get().pk).values_list("raw", flat=True)
        )
        if owner is member:
            expect(raw == {None}, f"kept: {raw}")
            wrong += rows_of(owner)["Charge"] != expected
        else:
            expect(all((told or "").startswith('{"projet":"P-') for told in raw), f"kept: {raw}")
            expect(len(raw) > 5 and len(raw) == len(expected), f"kept: {len(raw)}")
    return wrong


def one_more(cells: list[str], row: int) -> list[str]:
    """A column that no profile knows; a total has none."""
    return [*cells, "Projet" if row == 0 else "" if cells[0] == "Total" else f"P-{row}"]


def is_warned(file: BillFile) -> None:
    """Each invoice has a finding that names the column."""
    (one,) = published(file)
    told = Finding.objects.filter(version__charge_import=one, rule="A02")
    expect(told.count() == 2, f"{told.count()} findings")
    for finding in told:
        expect("Projet" in finding.evidence["message"], finding.evidence["message"])
