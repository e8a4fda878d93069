"""The import of bills: whole jobs as the worker does them, beside raw COPY and other means.

The whole job goes from the reception of a file to its publication. Each time, the reference loads
the same rows just after it; ``bulk_create`` and django-import-export load a sample, extrapolated.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from billing.models import Import
from billing.months import earlier
from launcher.choices import ROOT
from portal.clock import today
from tests.bench.figures import Figures
from tests.bench.rivals import CREATED, IMPORTED, Rows
from tests.bench.sender import Sender, make_sender

USE_OF_LINE = 333
"""Records of use of one line in a month: fifty million for the group's 150 000 lines."""
CHARGED_LINES = 49_800
"""Lines whose month is about 200 000 charges."""
CREATE_BAR, EXPORT_BAR = 12, 130
MEMORY_BAR, FLAT_BAR = 300, 1.15
SHOWN_BAR = 50  # milliseconds


@dataclass(frozen=True, slots=True)
class Job:
    """One whole job, timed: seconds, and the import it made."""

    done: Import
    received: float
    read: float
    publication: float
    shown: float
    peak: float

    @property
    def seconds(self) -> float:
        """From the reception of the file to its publication."""
        return self.received + self.read


def measure_imports(figures: Figures) -> None:
    """Use at three sizes, then charges."""
    with tempfile.TemporaryDirectory(prefix="portail-imports-") as name:
        folder = Path(name)
        peaks = [
            _use(figures, folder, "250k", 250_000, "438", times=1),
            _use(figures, folder, "1M", 1_000_000, "450", times=3, of_copy=0.5, others=True),
            _use(figures, folder, "4M", 4_000_000, "579", times=1, of_copy=0.6),
        ]
        figures.tell("imports.memory.4M_over_250k", peaks[-1] / peaks[0], "×", FLAT_BAR)
        _charges(figures, folder)


def _use(
    figures: Figures,
    folder: Path,
    size: str,
    rows: int,
    prefix: str,
    *,
    times: int,
    of_copy: float | None = None,
    others: bool = False,
) -> float:
    """Months of use, each after its charges, each beside raw COPY; the peak of memory in MB."""
    sender = make_sender(rows // USE_OF_LINE, prefix)
    jobs, raws = [], []
    for back in range(1, times + 1):
        month = earlier(today().replace(day=1), back)
        charges = sender.send(sender.write("rogers_charges_breakdown", folder, month))
        path = sender.write("rogers_usage_breakdown", folder, month, rows)
        job = _whole(sender, path, after=charges)
        path.unlink()
        told = _rows_of(job, folder)
        raws.append(told.raw())
        jobs.append(job)
        if others and back == times:
            _compare(figures, f"imports.use.{size}", jobs, told)
        told.path.unlink()
    _tell(figures, f"imports.use.{size}", jobs, raws, of_copy)
    return max(job.peak for job in jobs)


def _charges(figures: Figures, folder: Path, times: int = 3) -> None:
    """Two hundred thousand charges, beside raw COPY and the others."""
    sender = make_sender(CHARGED_LINES, "367")
    jobs, raws = [], []
    for back in range(1, times + 1):
        month = earlier(today().replace(day=1), back)
        job = _whole(sender, sender.write("rogers_charges_breakdown", folder, month))
        told = _rows_of(job, folder)
        raws.append(told.raw())
        jobs.append(job)
    _compare(figures, "imports.charges.200k", jobs, told)
    _tell(figures, "imports.charges.200k", jobs, raws, None)


def _rows_of(job: Job, folder: Path) -> Rows:
    storage = job.done.storage
    assert storage
    return Rows(storage, job.done.pk, folder)


def _whole(sender: Sender, path: Path, after: Import | None = None) -> Job:
    """Receive a file, then read it in a process of its own; ``after`` is read first there."""
    began = time.perf_counter()
    done = sender.send(path)
    received = time.perf_counter() - began
    told = read_apart([*([after.pk] if after else []), done.pk])
    last = told["imports"][-1]
    done.refresh_from_db()
    return Job(done, received, last["seconds"], last["publication"], last["shown"], told["peak"])


def read_apart(numbers: list[int]) -> dict[str, Any]:
    """What ``tests.bench.reader`` tells of these imports."""
    command = [sys.executable, "-m", "tests.bench.reader", *map(str, numbers)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if answer.returncode:
        raise RuntimeError(answer.stderr[-2_000:])
    told: dict[str, Any] = json.loads(answer.stdout)
    return told


def _tell(
    figures: Figures, name: str, jobs: list[Job], raws: list[float], of_copy: float | None
) -> None:
    """Medians; the ratio is that of each pair."""
    rows = jobs[0].done.row_count
    seconds = statistics.median(job.seconds for job in jobs)
    figures.tell(f"{name}.rows", rows, "rows")
    figures.tell(f"{name}.received", statistics.median(job.received for job in jobs), "s")
    figures.tell(f"{name}.whole", seconds, "s")
    figures.tell(f"{name}.raw_copy_and_indexes", statistics.median(raws), "s")
    ratio = statistics.median(raw / job.seconds for raw, job in zip(raws, jobs, strict=True))
    figures.tell(f"{name}.of_raw_copy", ratio, "×", least=of_copy)
    publication = statistics.median(job.publication for job in jobs)
    figures.tell(f"{name}.publication_and_rollups", publication * 1000, "ms")
    figures.tell(f"{name}.shown", max(job.shown for job in jobs) * 1000, "ms", SHOWN_BAR)
    figures.tell(f"{name}.memory", max(job.peak for job in jobs), "MB", MEMORY_BAR)


def _compare(figures: Figures, name: str, jobs: list[Job], rows: Rows) -> None:
    """How many times the whole job fits in the others', extrapolated from a sample."""
    count = jobs[0].done.row_count
    seconds = statistics.median(job.seconds for job in jobs)
    for other, load, sample, bar in (
        ("bulk_create", rows.bulk_create, CREATED, CREATE_BAR),
        ("import_export", rows.import_export, IMPORTED, EXPORT_BAR),
        ("blind_import_export", rows.blind_import_export, IMPORTED, None),
    ):
        whole = load(sample) * count / sample
        figures.tell(f"{name}.{other}", whole, f"s, extrapolated from {sample} rows")
        figures.tell(f"{name}.over_{other}", whole / seconds, "×", least=bar)
