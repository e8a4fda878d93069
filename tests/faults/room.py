"""Faults of a full disk: an upload, a frozen PDF, a seal (X-11)."""

from collections.abc import Iterator
from contextlib import contextmanager

from derogations.actions.requests import submit_request
from derogations.models import Attachment, Derogation, Version
from members.models import Delegation
from portal.files import path_of, read
from portal.models import ClockTimestamp, QueuedTask, StoredFile
from tests.derogations.asking_world import Asking
from tests.faults.disk import FULL
from tests.faults.registry import expect, fault
from tests.faults.sealing import fresh, hurry, require_one, signed
from tests.faults.stand import Stand, eventually
from tests.members.factories import DelegationFactory, DelegationPlanFactory, UserFactory

SAYS = "espace manque"
RENDER = "derogations.render_version"


@contextmanager
def full_disk(stand: Stand) -> Iterator[None]:
    """No byte is kept any more."""
    mark = stand.data / FULL
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    try:
        yield
    finally:
        mark.unlink()


@fault(
    "X-11",
    "no room for an upload, a PDF, a seal: told, no row without its file, no half file, then kept",
    unit="left behind",
    at_most=0,
)
def x_11(stand: Stand) -> float:
    asking = asking_of(stand)
    return (
        no_room_to_upload(stand, asking) + no_room_to_freeze(stand, asking) + no_room_to_seal(stand)
    )


def asking_of(stand: Stand) -> Asking:
    """The stand's member, with a line of its plan whose holder may sign."""
    world = stand.world
    denis = UserFactory()
    line = Delegation.objects.filter(branch=world.root).first() or DelegationFactory(
        plan=DelegationPlanFactory(organisation=world.organisation),
        holder=denis.person,
        beyond_fiscal_year=True,
    )
    return Asking(world.root, world.rogers_phone.version.rank, world.alice, denis, line)


def kept(stand: Stand) -> tuple[int, set[str]]:
    """How many rows of files there are, and every name under the folder of files."""
    names = {path.name for path in (stand.data / "files").rglob("*") if path.is_file()}
    return StoredFile.objects.count(), names


def left_behind(stand: Stand, before: tuple[int, set[str]]) -> int:
    """Rows and files that were not there before."""
    rows, names = kept(stand)
    return rows - before[0] + len(names - before[1])


def no_room_to_upload(stand: Stand, asking: Asking) -> int:
    """507 and its sentence; the same form sent again once there is room is accepted."""
    derogation = asking.draft()
    alice, before = stand.browser(), kept(stand)
    place = f"/organismes/{stand.world.organisation.slug}/derogations/{derogation.number}/"
    action = f"{place}pieces/joindre/"
    scan = ("upload", "essai.pdf", b"%PDF-1.7 " + b"essai " * 20_000)
    with full_disk(stand):
        fields = {**alice.form(action), "kind": "other"}
        answer = alice.upload(action, fields, scan)
        expect(answer.status == 507, f"the upload answers {answer.status}")
        expect(SAYS in answer.text, "the refusal does not say why")
        left = left_behind(stand, before)
        expect(not Attachment.objects.filter(derogation=derogation).exists(), "a row is there")
    answer = alice.upload(action, {**alice.form(action), "kind": fields["kind"]}, scan)
    expect(answer.status == 302, f"the upload then answers {answer.status}")
    joined = Attachment.objects.select_related("file").get(derogation=derogation)
    expect(read(joined.file) == scan[2], "other bytes were kept")
    return left


def no_room_to_freeze(stand: Stand, asking: Asking) -> int:
    """The request waits, told to the console; once there is room its PDF is kept by itself."""
    stand.worker.stop()
    version = submit_request(derogation=asking.draft(), by=asking.alice).version
    assert version
    task = QueuedTask.objects.filter(task_name=RENDER, kwargs__version_id=version.pk)
    before = kept(stand)
    with full_disk(stand):
        stand.worker.start()
        eventually(lambda: SAYS in task.get().last_error, 60, "the delay was not told")
        left = left_behind(stand, before)
        expect(Version.objects.get(pk=version.pk).pdf_id is None, "frozen without its file")
        expect(task.get().attempts == 0, "the disk's fault counts as the task's")
    task.update(due_at=ClockTimestamp())
    eventually(lambda: Version.objects.get(pk=version.pk).pdf_id, 60, "the PDF was not kept")
    paper = Version.objects.select_related("pdf").get(pk=version.pk).pdf
    assert paper
    expect(read(paper).startswith(b"%PDF") and path_of(paper.sha256).exists(), "no PDF")
    expect(Derogation.objects.get(pk=version.derogation_id).state == "submitted", "the state moved")
    return left


def no_room_to_seal(stand: Stand) -> int:
    """The seal waits, its reason is told; then one is there."""
    stand.worker.stop()
    seal = signed(stand)
    before = kept(stand)
    with full_disk(stand):
        stand.worker.start()
        eventually(lambda: fresh(seal).last_error, 60, "the delay was not told")
        expect(SAYS in fresh(seal).last_error, fresh(seal).last_error)
        left = left_behind(stand, before)
    hurry(seal)
    eventually(lambda: fresh(seal).file_id, 90, "the document was not sealed")
    expect(require_one(stand, seal) == 0, "more than one seal")
    return left
