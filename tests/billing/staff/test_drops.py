"""The watched folder: whole files are received for ITQ then moved, others are left or set aside."""

import os
import time

import pytest

from billing import drops
from billing.actions.shipped import install_shipped_profiles
from billing.models import BillFile

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
