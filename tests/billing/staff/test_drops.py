"""The watched folder: whole files are received for ITQ then moved, others are left or set aside."""

import os
import time

import pytest
from django.db import OperationalError

from billing import drops
from billing.actions import files
from billing.actions.shipped import install_shipped_profiles
from billing.models import BillFile
from billing.recognition import recognised
from members.models import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(rogers, admin):
    install_shipped_profiles(by=admin)
    return drops.folder_of(rogers)


def put(folder, name, content, age=60):
    path = folder / name
    path.write_bytes(content)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_a_whole_file_is_received_for_the_group_then_moved(folder, charges, rogers):
    path = put(folder, "frais.csv", charges)
    assert drops.read_drop_folder() == 1
    received = BillFile.objects.get()
    assert (received.name, received.branch, received.sent_by) == ("frais.csv", None, None)
    assert received.imports.exists()
    assert not path.exists()
    assert (folder / "recus" / "frais.csv").read_bytes() == charges
    assert drops.read_drop_folder() == 0


@pytest.mark.parametrize("name", ["frais.csv.part", ".frais.csv", "frais.TMP"])
def test_what_is_not_finished_is_left(folder, charges, name):
    path = put(folder, name, charges)
    assert drops.read_drop_folder() == 0
    assert path.exists()


def test_a_file_that_grows_is_left(folder, charges):
    path = put(folder, "frais.csv", charges[:100], age=1)
    assert drops.read_drop_folder() == 0
    assert path.exists()


def test_a_link_is_never_followed(folder, charges, tmp_path):
    put(tmp_path, "ailleurs.csv", charges)
    (folder / "frais.csv").symlink_to(tmp_path / "ailleurs.csv")
    assert drops.read_drop_folder() == 0


def test_what_was_imported_already_is_set_aside_with_its_reason(folder, charges):
    put(folder, "frais.csv", charges)
    put(folder, "encore.csv", charges, age=50)
    assert drops.read_drop_folder() == 1
    assert (folder / "refuses" / "encore.csv").exists()
    told = (folder / "refuses" / "encore.csv.motif.txt").read_text()
    assert "déjà importé" in told
    assert "le portail" in told


def test_a_second_file_of_a_name_keeps_both(folder, charges):
    put(folder, "frais.csv", charges)
    drops.read_drop_folder()
    put(folder, "frais.csv", charges.replace(b"Billing Period", b"Billing period"))
    drops.read_drop_folder()
    kept = sorted(path.name for path in (folder / "recus").iterdir())
    assert kept == ["frais-2.csv", "frais.csv"]


def test_a_file_that_breaks_its_reader_is_set_aside_and_the_next_goes_on(
    folder, charges, monkeypatch, data_dir
):
    """It stopped every later file, for ever; and its bytes stayed."""

    def break_on_the_first(path, name, profiles):
        if name == "hostile.csv":
            raise RuntimeError("a parser broke")
        return recognised(path, name, profiles)

    monkeypatch.setattr(files, "recognised", break_on_the_first)
    put(folder, "hostile.csv", b"x;y", age=90)
    put(folder, "frais.csv", charges)
    before = set((data_dir / "files").rglob("*"))
    assert drops.read_drop_folder() == 1
    assert "portail" in (folder / "refuses" / "hostile.csv.motif.txt").read_text()
    kept = [path for path in (data_dir / "files").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in set(kept) - before] == [charges]


def test_a_file_that_the_database_could_not_take_waits(folder, charges, monkeypatch):
    def no_database(**_told):
        raise OperationalError

    monkeypatch.setattr(drops, "receive_bill_file", no_database)
    path = put(folder, "frais.csv", charges)
    with pytest.raises(OperationalError):
        drops.read_drop_folder()
    assert path.exists()


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_takes_the_place_of_a_file_is_not_read(folder, charges, tmp_path, monkeypatch, kind):
    """Between the reading of the folder and the opening of the file."""
    path = put(folder, "frais.csv", charges)
    settled = list(drops._settled(Provider.objects.get(code="rogers")))
    path.unlink()
    if kind == "link":
        path.symlink_to(put(tmp_path, "ailleurs.csv", charges))
    else:
        os.mkfifo(path)
    monkeypatch.setattr(drops, "_settled", lambda provider: settled)
    assert drops.read_drop_folder() == 0
    assert not BillFile.objects.exists()
    assert (folder / "refuses" / "frais.csv.motif.txt").exists()
