"""From a signature to its sealed document: what is published, once, and what makes it wait."""

import io
import zipfile

import pikepdf
import pytest

from derogations import sealing as sealing_room
from derogations import tasks
from derogations.actions.sealing import publish_seal
from derogations.kinds import DerogationState
from derogations.models import Derogation, Seal
from derogations.verification import verify
from portal import documents, files
from portal.files import read
from portal.models import AuditEvent, QueuedTask, StoredFile
from portal.queue import TryLater
from tests.derogations.sealing import (
    garbage,
    seal_of,
    seal_settings,
    signed_world,
    slow,
    timestamper,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(paper, monkeypatch):
    """Signed, and waiting for a seal; the document is a small page, to spare the renderer."""
    monkeypatch.setattr(tasks, "render_unsealed", lambda *args: paper)
    return signed_world(paper)


def seal_it(world) -> None:
    tasks.seal(version_id=world.derogation.version_id)


def waits(world, reason: str) -> None:
    """Nothing is published, the reason is kept, the task asks for another time (§3.6)."""
    before = StoredFile.objects.count()
    with pytest.raises(TryLater) as caught:
        seal_it(world)
    assert caught.value.after.total_seconds() <= 60
    seal = seal_of(world)
    assert (seal.file, seal.evidence, seal.sealed_at) == (None, None, None)
    assert reason in seal.last_error
    assert StoredFile.objects.count() == before
    assert not AuditEvent.objects.filter(code="derogation.sealed").exists()


def test_a_signed_derogation_becomes_one_tagged_sealed_document(sealing, authority):
    world = signed_world()
    seal_it(world)
    seal = seal_of(world)
    content = read(seal.file)
    report = verify(content, authority.root.read_bytes())
    assert report.faults == ()
    assert (report.number, report.token) == (world.derogation.number, seal.token)
    assert report.sealed_at == seal.sealed_at
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-CA"
        enclosed = {
            name.removeprefix(f"{world.derogation.number}-"): file.get_file().read_bytes()
            for name, file in pdf.attachments.items()
        }
    assert enclosed["demande.pdf"] == read(world.version.pdf)
    with zipfile.ZipFile(io.BytesIO(read(seal.evidence))) as archive:
        assert enclosed == {name: archive.read(name) for name in enclosed}
    names = ["contenu.json", "demande.pdf", "journal.json", "signatures.json"]
    assert sorted(enclosed) == names
    told = AuditEvent.objects.get(code="derogation.sealed")
    assert told.data["sha256"] == seal.file.sha256
    assert told.actor_label == "SYSTEM"


def test_a_sealed_document_is_never_sealed_again(sealing, world):
    seal_it(world)
    first = seal_of(world)
    seal_it(world)
    assert seal_of(world).file_id == first.file_id
    assert AuditEvent.objects.filter(code="derogation.sealed").count() == 1


def test_a_second_sealing_that_raced_the_first_is_thrown_away(sealing, world, monkeypatch):
    made = []
    monkeypatch.setattr(tasks, "publish_seal", lambda **given: made.append(given))
    seal_it(world)
    seal_it(world)
    assert made[0]["sealed"].content != made[1]["sealed"].content
    for given in made:
        publish_seal(**given)
    assert read(seal_of(world).file) == made[0]["sealed"].content
    assert AuditEvent.objects.filter(code="derogation.sealed").count() == 1


@pytest.mark.parametrize(
    "step",
    ["link_of", "read", "render_unsealed", "seal_pdf", "bundle", "publish_seal"],
)
def test_a_worker_killed_at_any_step_leaves_nothing_then_one_seal(
    sealing, world, monkeypatch, step
):
    """As a kill does, nothing after the step runs, no handler either; X-01 kills for true."""
    whole = getattr(tasks, step)

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(tasks, step, killed)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            seal_it(world)
        assert seal_of(world).file is None
    monkeypatch.setattr(tasks, step, whole)
    seal_it(world)
    assert seal_of(world).file is not None
    assert Seal.objects.filter(file__isnull=False).count() == 1


def test_an_authority_that_is_down_makes_the_seal_wait_then_it_comes(
    settings, authority, world, tmp_path
):
    path = tmp_path / "t.sock"
    with timestamper(authority, path) as url:
        settings.SEAL = seal_settings(authority, url)
    for _ in range(2):
        waits(world, "autorité d'horodatage injoignable")
    assert AuditEvent.objects.filter(code="seal.delayed").count() == 1
    with timestamper(authority, path):
        seal_it(world)
    assert seal_of(world).file is not None
    assert seal_of(world).last_error == ""


@pytest.mark.parametrize("answer", [garbage, slow], ids=["garbage", "slow"])
def test_an_authority_that_babbles_or_dawdles_gives_no_time(
    settings, authority, world, tmp_path, monkeypatch, answer
):
    monkeypatch.setattr(sealing_room, "TIMESTAMP_SECONDS", 1)
    with timestamper(authority, tmp_path / "t.sock", answer) as url:
        settings.SEAL = seal_settings(authority, url)
        waits(world, "autorité d'horodatage injoignable")


@pytest.mark.parametrize("name", ["pkcs12", "root", "timestamp_url"])
def test_without_a_key_a_root_or_an_authority_the_seal_waits(sealing, settings, world, name):
    settings.SEAL = {**sealing, name: ""}
    waits(world, "clé ou certificat du sceau absent")


def test_a_key_whose_file_is_gone_makes_the_seal_wait(sealing, settings, world, tmp_path):
    settings.SEAL = {**sealing, "pkcs12": str(tmp_path / "absent.p12")}
    waits(world, "clé ou certificat du sceau absent")


def test_a_wrong_passphrase_makes_the_seal_wait(sealing, settings, world):
    settings.SEAL = {**sealing, "passphrase": "autre"}
    waits(world, "clé ou certificat du sceau absent")


def test_a_disk_that_is_full_leaves_no_row_without_its_file(sealing, world, monkeypatch):
    """X-11."""

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write_whole", full)
    waits(world, "l'espace manque")


def test_a_renderer_that_hangs_is_killed_and_the_seal_waits(sealing, monkeypatch, paper):
    """X-27."""
    world = signed_world(paper)
    monkeypatch.setattr(documents, "RENDER_SECONDS", 0.05)
    waits(world, "more than")


def test_a_sealing_that_hangs_is_killed_and_the_seal_waits(sealing, world, monkeypatch):
    monkeypatch.setattr(sealing_room, "SEAL_SECONDS", 0.05)
    waits(world, "scellement trop long")


def test_a_frozen_paper_whose_bytes_changed_is_never_sealed(sealing, world):
    files.path_of(world.version.pdf.sha256).write_bytes(b"%PDF autre")
    waits(world, "altered")


def test_the_seal_waits_for_the_journal_s_link(sealing, world, monkeypatch):
    """D-30."""
    monkeypatch.setattr(tasks, "link_of", lambda derogation: None)
    with pytest.raises(TryLater):
        seal_it(world)
    assert seal_of(world).file is None


def test_a_withdrawal_before_the_seal_does_not_stop_it(sealing, world):
    """The signed act was; its original is made and kept (D-03, R-22)."""
    Derogation.objects.filter(pk=world.derogation.pk).update(state=DerogationState.WITHDRAWN)
    seal_it(world)
    assert seal_of(world).file is not None


def test_a_forgotten_seal_is_asked_again_once(sealing, world):
    QueuedTask.objects.all().delete()
    Seal.objects.update(asked_at="2020-01-01T00:00:00Z")
    for _ in range(2):
        tasks.sweep_seals()
    (asked,) = QueuedTask.objects.filter(task_name="derogations.seal")
    assert asked.kwargs == {"version_id": world.derogation.version_id}


def test_a_dead_letter_is_replaced_by_a_new_promise(sealing, world):
    Seal.objects.update(asked_at="2020-01-01T00:00:00Z")
    QueuedTask.objects.filter(task_name="derogations.seal").update(dead_at="2020-01-01T00:00:00Z")
    tasks.sweep_seals()
    alive = QueuedTask.objects.filter(task_name="derogations.seal", dead_at__isnull=True)
    assert alive.count() == 1


def test_the_evidence_holds_every_part(sealing, world):
    seal_it(world)
    with zipfile.ZipFile(io.BytesIO(read(seal_of(world).evidence))) as archive:
        names = set(archive.namelist())
        assert archive.read("contenu.json").decode() == world.version.content
        assert archive.read("scellee.pdf") == read(seal_of(world).file)
    assert {"signatures.json", "journal.json", "horodatage.der", "manifeste.json"} <= names
    assert {"certificats/1.cer", "revocations/1.crl", "verify_evidence.py"} <= names
