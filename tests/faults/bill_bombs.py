"""Hostile files of bills: their seconds, and the memory of whoever opens them (X-16, X-19)."""

import io
import os
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from billing.drops import SETTLED, folder_of
from billing.models import BillFile
from members.models import Provider
from tests.faults.bill_refusals import in_package
from tests.faults.bills import (
    CHARGES,
    TELUS,
    Member,
    left_of,
    make_member,
    refusals,
    refused,
    settled,
)
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, children, eventually
from tests.portal.test_tabular_hostile import HOSTILE

MOST = 300
"""Megabytes of a process of the worker, whatever it is given (X-16)."""
SECONDS, GROWTH = 2, 100
"""Of a refusal, and megabytes that a process takes for it (X-19)."""
LONG, LONG_BY_PAGE = 1_000_000_000, 60_000_000
"""Bytes of a line: left in the watched folder, dropped by the page."""
LINE = 9
"""Of the file, where the text goes wrong."""
UNOPENED = "sans être ouvert"
WORKBOOKS = {
    "zip bomb": UNOPENED,
    "bomb that lies about its size": "abîmé",
    "nested zip": UNOPENED,
    "nested zip without its name": UNOPENED,
    "four hundred thousand members": UNOPENED,
    "billion laughs": "entités",
    "external entity": "entités",
    "one cell at the far corner": "colonnes",
    "one text repeated": "lignes",
}
"""Workbooks of the ground's own tests, and what their refusal says."""


@dataclass
class Memory:
    """Megabytes: the most that any process held, and the most that any of them took more."""

    most: float = 0
    growth: float = 0


@contextmanager
def measured(pids: list[int]) -> Iterator[Memory]:
    """The peaks of processes from now on, as the kernel counts them."""
    told, before = Memory(), {}
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        before[pid] = kilobytes(pid, "VmRSS")
    yield told
    for pid in pids:
        peak = kilobytes(pid, "VmHWM")
        told.most = max(told.most, peak / 1_000)
        told.growth = max(told.growth, (peak - before[pid]) / 1_000)


def kilobytes(pid: int, name: str) -> int:
    """One figure of a process's state."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise AssertionError(f"{pid} has no {name}")


def pool(stand: Stand) -> list[int]:
    """The processes of the worker that run tasks."""
    assert stand.worker.popen
    return children(stand.worker.popen.pid)


def webs(stand: Stand) -> list[int]:
    """Gunicorn's, that answer."""
    assert stand.web.popen
    return children(stand.web.popen.pid)


@fault(
    "X-16",
    "wrong delimiter, CR only, NUL, open quote, 60 MB and 1 GB lines: refused with the line",
    unit="MB of a worker",
    at_most=MOST,
)
def x_16(stand: Stand) -> float:
    member = make_member(stand)
    left = 0
    with measured(pool(stand)) as worker, measured(webs(stand)) as web:
        for name, (content, word) in wrong_texts(member).items():
            left += refused(member, member.send(name, content), word)
        left += endless_line(stand, member)
    print(
        f"  at most {worker.growth:.0f} MB more in the worker, {web.growth:.0f} in the web",
        flush=True,
    )
    expect(left == 0, f"{left} rows left")
    expect(web.growth < GROWTH, f"the web took {web.growth:.0f} MB more")
    return worker.most


def wrong_texts(member: Member) -> dict[str, tuple[bytes, str]]:
    """Texts gone wrong, and what the refusal tells: the line, where one is at fault."""
    content = member.file(CHARGES)
    lines = content.splitlines(keepends=True)
    before, at, after = b"".join(lines[: LINE - 1]), lines[LINE - 1], b"".join(lines[LINE:])
    place = f"ligne {LINE} "
    return {
        "rogers-delimiteur.csv": (content.replace(b";", b"|"), "délimiteur"),
        "rogers-retours.csv": (content.replace(b"\n", b"\r"), "ligne 1 "),
        "rogers-retour.csv": (before + at.replace(b"\n", b"\r") + after, place),
        "rogers-nul.csv": (before + at[:9] + b"\0" + at[9:] + after, place),
        "rogers-guillemet.csv": (before + at.replace(b";", b';"', 1) + after, place),
        "rogers-longue.csv": (before + b"x" * LONG_BY_PAGE + after, place),
    }


def endless_line(stand: Stand, member: Member) -> int:
    """ITQ leaves a file in the watched folder, one line of which is a gigabyte."""
    lines = member.file(CHARGES).splitlines(keepends=True)
    path = folder_of(Provider.objects.get(code="rogers")) / "endless.csv"
    with path.open("wb") as file:
        file.writelines(lines[: LINE - 1])
        for _ in range(LONG // 1_000_000):
            file.write(b"x" * 1_000_000)
    os.utime(path, (time.time() - 2 * SETTLED,) * 2)
    found = BillFile.objects.filter(branch=None, name=path.name)
    eventually(found.exists, 120, "the watched folder is not read")
    file = found.get()
    settled(file, 120)
    expect(f"La ligne {LINE} dépasse" in refusals(file), refusals(file))
    return left_of(file)


@fault(
    "X-19",
    "zip bomb, nested zip, XXE, entities, a cell at XFD1048576: refused before they are parsed, by "
    f"the page's process and the worker's, each {GROWTH} MB more at most",
    unit="s",
    at_most=SECONDS,
)
def x_19(stand: Stand) -> float:
    member = make_member(stand)
    seconds, told = {}, {}
    for name, (content, word) in hostile(member).items():
        with measured([*pool(stand), *webs(stand)]) as memory:
            seconds[name] = refused_in(member, name, content, word)
        told[name] = memory.growth
    slowest, greediest = max(seconds, key=seconds.__getitem__), max(told, key=told.__getitem__)
    print(
        f"  {len(seconds)} files; the slowest {slowest} {seconds[slowest]:.2f} s, the greediest "
        f"{greediest} {told[greediest]:.0f} MB",
        flush=True,
    )
    expect(told[greediest] <= GROWTH, f"{greediest}: {told[greediest]:.0f} MB")
    return seconds[slowest]


def hostile(member: Member) -> dict[str, tuple[bytes, str]]:
    """Packages and workbooks by name, and a word of their refusal."""
    package = member.file(TELUS)
    zeros = in_package(package, "individual_detail", lambda _data: b" " * 300_000_000)
    told = {
        "telus-bombe.zip": (zeros, "démesurément comprimé"),
        "telus-menteuse.zip": (lying(zeros), ""),
        "telus-bombe-a-cote.zip": (beside(package, "zeros.csv", b"0" * 300_000_000), "comprimé"),
        "telus-imbrique.zip": (beside(package, "autre.zip", package), "en contient une autre"),
        "telus-deguise.zip": (beside(package, "airtime_detail.csv", package), "contient une autre"),
    }
    for rank, (name, word) in enumerate(WORKBOOKS.items()):
        told[f"telus-{rank}.xlsx"] = (HOSTILE[name](), word)
    return told


def beside(package: bytes, name: str, data: bytes) -> bytes:
    """The package with one member more."""
    told = io.BytesIO(package)
    with zipfile.ZipFile(told, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return told.getvalue()


def lying(content: bytes) -> bytes:
    """The package, whose bomb declares a hundred bytes."""
    return content.replace((300_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))


def refused_in(member: Member, name: str, content: bytes, word: str) -> float:
    """Seconds of the page, or of the worker where it is slower."""
    answer = member.drop(name, content)
    expect(answer.status == 302, f"{name}: the page answers {answer.status}")
    file = member.files().get(name=name)
    expect(refused(member, file, word) == 0, f"{name}: something is left")
    spans = file.imports.exclude(started_at=None).values_list("started_at", "finished_at")
    expect(bool(spans), f"{name}: never read")
    return max(answer.seconds, *((end - start).total_seconds() for start, end in spans))
