"""A file is received once, recognised, and its reading promised (X-11, X-12)."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from billing.actions.files import AlreadyImported, receive_bill_file
from billing.actions.shipped import install_shipped_profiles
from billing.kinds import ImportPart, ImportState, ProfileState
from billing.models import BillFile
from members.permissions import Refused, Unseen
from members.roles import Role
from portal import files
from portal.files import NoRoom, path_of
from portal.models import AuditEvent, QueuedTask, StoredFile
from tests.billing.imports.world import send, sent, specimen
from tests.members.factories import BranchFactory, ProviderFactory, respondent_user


def telus(tmp_path, **more):
    return specimen(tmp_path / "telus.zip", "telus_text_bill", **more).path


def test_the_shipped_profiles_are_put_in_service_once(world):
    again = install_shipped_profiles(by=world.admin)
    assert len(again) == 8
    assert {version.state for version in again} == {ProfileState.ACTIVE}
    assert all(v.acceptance for v in again if v.blind_spots)


def test_a_file_is_stored_and_its_reading_promised(world, tmp_path):
    path = telus(tmp_path, usage_rows=50)
    received = send(world, path)
    assert path_of(received.file.sha256).read_bytes() == path.read_bytes()
    assert received.file.size == path.stat().st_size
    assert [one.part for one in received.imports.order_by("pk")] == [
        ImportPart.CHARGES,
        ImportPart.USAGE,
    ]
    (task,) = QueuedTask.objects.filter(task_name="billing.read_import")
    assert task.kwargs == {"import_id": received.imports.earliest("pk").pk}
    assert AuditEvent.objects.filter(code="bill_file.received").count() == 1


@pytest.mark.parametrize(
    ("profile", "name"),
    [
        ("telus_text_bill", "telus.zip"),
        ("telus_iq_invoice", "telus.csv"),
        ("telus_inventory", "telus.xlsx"),
        ("rogers_wireless_zip", "rogers.zip"),
        ("rogers_charges_breakdown", "rogers.csv"),
        ("rogers_current_charges", "rogers.csv"),
        ("rogers_usage_breakdown", "rogers.csv"),
        ("rogers_eligibility", "rogers.csv"),
    ],
)
def test_each_layout_is_recognised_among_its_provider_s(world, tmp_path, profile, name):
    path = specimen(tmp_path / name, profile, usage_rows=50).path
    version = send(world, path).imports.first().profile_version
    assert version.definition["code"] == profile


def test_the_same_bytes_at_the_same_moment_are_one_file(world, tmp_path, monkeypatch):
    """The second one saw nothing, and meets the first at the register."""
    path = telus(tmp_path)
    first = send(world, path)
    monkeypatch.setattr(BillFile.objects, "filter", lambda **_told: BillFile.objects.none())
    with pytest.raises(AlreadyImported) as caught:
        send(world, path)
    assert caught.value.bill_file == first
    assert BillFile.objects.count() == 1


def test_another_provider_s_file_is_told_at_the_door(world, tmp_path):
    path = telus(tmp_path)
    with pytest.raises(ValidationError, match=r"n'est pas de ROGERS : .* de TELUS"):
        receive_bill_file(
            upload=ContentFile(path.read_bytes(), name=path.name),
            provider=world.providers["rogers"],
            branch=world.root,
            by=world.factu,
        )
    assert not BillFile.objects.exists()
    assert send(world, path).imports.exists()


def test_a_file_that_was_only_refused_is_said_so(world, tmp_path):
    path = tmp_path / "telus.csv"
    path.write_bytes(b"BAN;Phone\n1;2\n")
    (one,) = sent(world, path)
    assert one.state == ImportState.REFUSED
    with pytest.raises(AlreadyImported, match=r"et refusé\. .* « Relire ce fichier »"):
        send(world, path)


def test_a_full_disk_leaves_nothing(world, tmp_path, monkeypatch, data_dir):
    def full(*_told):
        raise OSError(28, "No space left on device")

    stored = StoredFile.objects.count()
    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(NoRoom):
        send(world, telus(tmp_path))
    assert not BillFile.objects.exists()
    assert StoredFile.objects.count() == stored
    assert not [p for p in (data_dir / "files").rglob("*") if p.is_file()]


def test_a_provider_without_profile_is_told(world, tmp_path):
    with pytest.raises(ValidationError, match="Aucun profil"):
        receive_bill_file(
            upload=ContentFile(b"a;b", name="a.csv"),
            provider=ProviderFactory(code="autre"),
            branch=world.root,
            by=world.factu,
        )


def test_only_factu_of_the_branch_or_itq_sends(world, tmp_path):
    upload = ContentFile(telus(tmp_path).read_bytes(), name="telus.zip")
    given = {"upload": upload, "provider": world.providers["telus"]}
    with pytest.raises(Refused):
        receive_bill_file(**given, branch=world.root, by=respondent_user(Role.INTRL, world.root))
    with pytest.raises(Unseen):
        receive_bill_file(**given, branch=BranchFactory(), by=world.factu)
    with pytest.raises(Refused):
        receive_bill_file(**given, branch=None, by=world.factu)
