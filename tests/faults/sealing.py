"""Faults of the seal: killed, without a time, with a renderer that hangs."""

import os
import random
import signal
import subprocess
import sys
import time

from derogations.models import Seal
from derogations.verification import verify
from members.models import Organisation
from portal.documents import RENDER_SECONDS
from portal.files import read
from portal.models import AuditEvent, ClockTimestamp, QueuedTask, StoredFile
from tests.derogations.sealing import plain_pdf, signed_world
from tests.faults.papers import renderers
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, eventually

KILLS = 20
SEAL = "import django; django.setup(); from derogations.tasks import seal; seal(version_id={})"


def signed(stand: Stand) -> Seal:
    """A derogation signed just now, whose seal was promised; its member takes a name of its own."""
    for organisation in Organisation.objects.filter(name="Ville du Lac"):
        Organisation.objects.filter(pk=organisation.pk).update(name=f"Ville {organisation.pk}")
    world = signed_world(plain_pdf())
    return Seal.objects.get(version=world.derogation.version_id)


def fresh(seal: Seal) -> Seal:
    return Seal.objects.select_related("file", "version__derogation").get(pk=seal.pk)


def require_one(stand: Stand, seal: Seal) -> int:
    """The seal is there, it verifies; how many are there beside it."""
    found = fresh(seal)
    expect(found.file is not None, f"no seal: {found.last_error}")
    assert found.file
    assert stand.portal.authority
    root = (stand.portal.authority.data / "root.pem").read_bytes()
    report = verify(read(found.file), root)
    expect(report.is_valid, str(report.faults))
    number = found.version.derogation.number
    told = AuditEvent.objects.filter(code="derogation.sealed", object_label=number).count()
    kept = StoredFile.objects.filter(name=f"{number}.pdf").count()
    return max(told, kept) - 1


def hurry(seal: Seal) -> None:
    """The wait before the next try is cut short."""
    QueuedTask.objects.filter(
        task_name="derogations.seal", kwargs__version_id=seal.version_id, done_at__isnull=True
    ).update(due_at=ClockTimestamp(), dead_at=None, attempts=0)


@fault("S-01", f"killed {KILLS} times while it seals: one seal", unit="seals too many", at_most=0)
def s_01(stand: Stand) -> float:
    stand.worker.stop()
    seal = signed(stand)
    rng = random.Random(1)
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", SEAL.format(seal.version_id)],
            env=stand.portal.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(rng.uniform(0.5, 5.0))
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    stand.worker.start()
    hurry(seal)
    eventually(lambda: fresh(seal).file_id, 60, "the document was not sealed")
    return require_one(stand, seal)


@fault("S-02", "no timestamp authority: pending, then sealed when it is back", unit="s", at_most=60)
def s_02(stand: Stand) -> float:
    assert stand.portal.authority
    stand.portal.authority.stop()
    seal = signed(stand)
    eventually(lambda: fresh(seal).last_error, 60, "the delay was not told")
    expect("horodatage" in fresh(seal).last_error, fresh(seal).last_error)
    expect(fresh(seal).file_id is None, "sealed without a time")
    expect(not QueuedTask.objects.filter(dead_at__isnull=False).exists(), "given up")
    stand.portal.authority.start()
    took = eventually(lambda: fresh(seal).file_id, 90, "the document was not sealed")
    expect(require_one(stand, seal) == 0, "more than one seal")
    return took


@fault(
    "X-27s", "a renderer that stops while it seals is killed", unit="s", at_most=2 * RENDER_SECONDS
)
def x_27_seal(stand: Stand) -> float:
    stand.worker.stop()
    seal = signed(stand)
    # What else the request promised renders too: the only renderer left is the seal's.
    others = QueuedTask.objects.filter(done_at__isnull=True).exclude(task_name="derogations.seal")
    others.update(done_at=ClockTimestamp())
    stand.worker.start()
    eventually(lambda: renderers(stand), 30, "no renderer was started")
    began = time.monotonic()
    for pid in renderers(stand):
        os.kill(pid, signal.SIGSTOP)
    eventually(lambda: fresh(seal).last_error, 40, "the renderer was not killed")
    took = time.monotonic() - began
    expect(fresh(seal).file_id is None, "sealed without its document")
    hurry(seal)
    eventually(lambda: fresh(seal).file_id, 60, "the document was not sealed")
    expect(require_one(stand, seal) == 0, "more than one seal")
    return took
