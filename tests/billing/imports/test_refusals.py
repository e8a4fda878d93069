"""What must never be shown is refused whole, with the place and how to mend it (X-14 to X-18)."""

import re
import zipfile

import pytest
from django.db import connection

from billing.actions.reading import refusal_of
from billing.formats.faults import Fault
from billing.kinds import ImportState
from billing.models import Charge, Invoice, InvoiceVersion, QuarantinedRow, RowStorage, Usage
from billing.specimens.defects import FOREIGN, Defect, spoil
from tests.billing.imports.world import LINES, sent, specimen
from tests.members.factories import BillingMandateFactory, ProviderAccountFactory

FILES = {
    "telus_text_bill": "zip",
    "telus_iq_invoice": "csv",
    "rogers_charges_breakdown": "csv",
    "rogers_current_charges": "csv",
}
OFF = r"(, ligne \d+ : Le total « |^compte \d+ : )"
TOLD = {
    Defect.CUT: r", ligne (\d+) : La ligne \1, la dernière, n'est pas terminée",
    Defect.DROPPED_ROW: OFF,
    Defect.DOUBLED_ROW: OFF,
    Defect.CHANGED_AMOUNT: OFF,
    Defect.BAD_BYTE: r", ligne (\d+) : La ligne \1 contient un octet illisible",
    Defect.WRONG_DELIMITER: r"^[\w.]+ : L'en-tête est introuvable",
    Defect.MISSING_COLUMN: r"(, ligne \d+)? : La colonne « ",
    Defect.FOREIGN_ACCOUNT: rf", ligne (\d+) : Le compte {FOREIGN} \(ligne \1\)",
}
"""What a refusal says of each defect, after its place."""


def told_in(refusal, defect):
    return re.search(TOLD[defect], refusal, re.MULTILINE)


def nothing_is_left():
    """No row of any kind, wherever it may lie."""
    assert not Invoice.objects.exists()
    assert not InvoiceVersion.objects.exists()
    assert not Charge.objects.exists()
    assert not Usage.objects.exists()
    for storage in RowStorage.objects.filter(dropped_at__isnull=True):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {storage.table}")
            assert cursor.fetchone()[0] == 0


@pytest.mark.parametrize("defect", list(Defect))
@pytest.mark.parametrize("profile", FILES)
def test_any_corruption_is_refused_with_its_place(world, tmp_path, profile, defect):
    told = specimen(tmp_path / f"{profile}.{FILES[profile]}", profile)
    spoil(told.path, profile, defect, seed=3)
    (one,) = sent(world, told.path)
    assert one.state == ImportState.REFUSED, one.awaits
    assert told_in(one.refusal, defect), one.refusal
    assert one.finished_at
    nothing_is_left()
    if defect == Defect.DOUBLED_ROW:
        assert re.search(r"lignes \d+ : Rangs identiques à un autre : \d+, aux", one.refusal)
        assert "signalez-les au prestataire en redemandant le fichier" in one.refusal
    if defect == Defect.FOREIGN_ACCOUNT:
        assert FOREIGN in one.refusal
        assert "pas de ceux de l'organisme" in one.refusal
        assert "faites d'abord inscrire ce compte s'il est à vous" in one.refusal
        assert re.search(r"ligne \d+", one.refusal)


@pytest.mark.parametrize("defect", list(Defect))
def test_any_corruption_of_use_is_refused(world, tmp_path, defect):
    told = specimen(tmp_path / "rogers_u.csv", "rogers_usage_breakdown", usage_rows=200)
    spoil(told.path, "rogers_usage_breakdown", defect, seed=5)
    (one,) = sent(world, told.path)
    assert one.state == ImportState.REFUSED
    assert told_in(one.refusal, defect), one.refusal
    nothing_is_left()


def test_whose_the_foreign_account_is_stays_unsaid(world, tmp_path):
    other = ProviderAccountFactory(provider=world.providers["telus"], number=FOREIGN)
    told = specimen(tmp_path / "telus.zip", "telus_text_bill")
    spoil(told.path, "telus_text_bill", Defect.FOREIGN_ACCOUNT, seed=1)
    (one,) = sent(world, told.path)
    assert one.state == ImportState.REFUSED
    assert other.branch.organisation.name not in one.refusal
    nothing_is_left()


def test_a_rejected_row_is_kept_with_its_column(world, tmp_path):
    told = specimen(tmp_path / "rogers_c.csv", "rogers_charges_breakdown")
    lines = told.path.read_text("cp1252").splitlines()
    cells = lines[5].split(";")
    cells[9] = "12,3x"
    lines[5] = ";".join(cells)
    told.path.write_text("\n".join(lines) + "\n", "cp1252")
    (one,) = sent(world, told.path)
    assert one.state == ImportState.REFUSED
    (row,) = QuarantinedRow.objects.filter(bill_import=one)
    assert (row.line, row.raw) == (6, "12,3x")
    assert "nombre" in row.reason
    nothing_is_left()


def test_an_empty_file_and_a_file_of_nothing_known(world, tmp_path):
    for content in (b"", b"\0\0\0", b"PK\x03\x04 cut", b"BAN;Phone\n1;2\n"):
        path = tmp_path / "telus.csv"
        path.write_bytes(content)
        (one, *_) = sent(world, path)
        assert one.state == ImportState.REFUSED
        assert one.refusal
    nothing_is_left()


@pytest.mark.parametrize(
    ("defect", "told_of_it"),
    [(Defect.BAD_BYTE, "octet illisible"), (Defect.WRONG_DELIMITER, "délimiteur « , »")],
)
def test_use_refused_leaves_the_charges_as_they_are(world, tmp_path, defect, told_of_it):
    """Usage that fails is refused alone (D-41)."""
    told = specimen(tmp_path / "telus.zip", "telus_text_bill", usage_rows=100)
    spoil(told.path, "telus_text_bill", defect, seed=2, part="airtime_detail")
    charges, use = sent(world, told.path)
    assert charges.state == ImportState.PUBLISHED
    assert use.state == ImportState.REFUSED
    assert use.refusal.startswith("airtime_detail")
    assert told_of_it in use.refusal
    assert Invoice.objects.filter(current__detail="charges").count() == 2
    assert not Usage.objects.exists()


def test_the_use_of_refused_charges_is_refused_too(world, tmp_path):
    told = specimen(tmp_path / "telus.zip", "telus_text_bill", usage_rows=100)
    spoil(told.path, "telus_text_bill", Defect.CHANGED_AMOUNT, seed=1)
    charges, use = sent(world, told.path)
    assert charges.state == use.state == ImportState.REFUSED
    assert "Les frais du même fichier ont été refusés" in use.refusal
    assert "puis déposez ou relisez le fichier" in use.refusal
    nothing_is_left()


def test_the_group_s_file_sets_apart_what_no_mandate_covers(world, tmp_path):
    """Unknown, unconfirmed and unmandated accounts are told; the others are published (R-44)."""
    taken = confirmed(world, "telus 123456789")
    BillingMandateFactory(branch=taken.branch)
    lines = {**LINES, "555555555": ["4185550001"], "666666666": ["4185550002"]}
    confirmed_elsewhere = ProviderAccountFactory(
        provider=world.providers["telus"], number="555555555"
    )
    confirmed_elsewhere.confirmed_at = taken.confirmed_at
    confirmed_elsewhere.confirmed_by = taken.confirmed_by
    confirmed_elsewhere.save()
    told = specimen(tmp_path / "telus.zip", "telus_text_bill", **lines)
    (one,) = sent(world, told.path, group=True)
    assert (one.state, one.refusal) == (ImportState.PUBLISHED, "")
    assert [i.account.number for i in Invoice.objects.all()] == ["123456789"]
    apart = {row.account: row.reason for row in one.quarantine.all()}
    assert "n'a pas donné" in apart["555555555"]
    assert "Aucun organisme" in apart["666666666"]
    assert "pas confirmé" in apart["987654321"]
    assert (
        one.quarantined_count
        == one.row_count - told.rows["individual_detail"].filter(account="123456789").height - 1
    )


def test_a_file_that_changes_nothing_still_tells_what_it_set_aside(world, tmp_path):
    """Members sent their own files; the group's holds the same, and an account that nobody has."""
    for key in ("telus 123456789", "telus 987654321"):
        BillingMandateFactory(branch=confirmed(world, key).branch)
    own = specimen(tmp_path / "telus_own.zip", "telus_text_bill", **LINES)
    sent(world, own.path)
    lines = {**LINES, "666666666": ["4185550002"]}
    told = specimen(tmp_path / "telus_group.zip", "telus_text_bill", **lines)
    (one,) = sent(world, told.path, group=True)
    assert (one.state, one.storage) == (ImportState.UNCHANGED, None)
    apart = {row.account: row.reason for row in one.quarantine.all()}
    assert set(apart) == {"666666666"}
    assert "Aucun organisme n'a inscrit le compte 666666666" in apart["666666666"]
    rows = told.rows["individual_detail"].filter(account="666666666").height
    assert one.quarantined_count == rows + 1  # and its statement


def confirmed(world, key):
    """An account that ITQ confirmed."""
    account = world.accounts[key]
    account.confirmed_at, account.confirmed_by = account.recorded_at, world.admin
    account.save()
    return account


def test_the_group_s_file_without_any_account_is_refused(world, tmp_path):
    told = specimen(tmp_path / "telus.zip", "telus_text_bill")
    (one,) = sent(world, told.path, group=True)
    assert one.state == ImportState.REFUSED
    assert one.refusal.startswith("telus.zip : Aucun des comptes du fichier")
    assert "obtenez le mandat de l'organisme, puis relisez le fichier" in one.refusal
    nothing_is_left()


def test_a_file_whose_periods_end_before_they_begin_is_refused(world, tmp_path):
    told = specimen(tmp_path / "telus.zip", "telus_text_bill")
    with zipfile.ZipFile(told.path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(told.path, "w") as archive:
        for name, data in members.items():
            for word in (b"Period", b"Service"):
                data = data.replace(
                    word + b" Start," + word + b" End", word + b" End,%b Start" % word
                )
            archive.writestr(name, data)
    (one,) = sent(world, told.path)
    assert one.state == ImportState.REFUSED
    assert "Rien ne dit la période du compte 123456789 : complétez le profil" in one.refusal
    assert "demandez le fichier avec ses dates" in one.refusal
    nothing_is_left()


def test_of_many_faults_the_first_are_told_and_the_others_counted():
    told = refusal_of([Fault("x", f"ligne {n}", "Illisible.") for n in range(23)]).splitlines()
    assert (told[0], told[-2:]) == (
        "ligne 0 : Illisible.",
        ["ligne 19 : Illisible.", "… et 3 autres fautes."],
    )
