"""Faults of what leaves the portal: cells that a spreadsheet would run, documents without end."""

import csv
import io
import os
import time
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineWorkbook

from orders.models import Order
from portal.documents import RENDER_SECONDS
from portal.queue import later
from tests.faults.broker import sent_once, submit
from tests.faults.browser import Browser
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand, children, eventually

STARTS = ("=", "+", "-", "@", "\t", "\r")
HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://example.test")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "=cmd|' /C calc'!A0",
)
NEGATIVE = Decimal("-12.50")
WORDS = ("Votre référence", "Montant unique")


@fault("X-20", "formulas leave as text, negative amounts as numbers", unit="cells run", at_most=0)
def x_20(stand: Stand) -> float:
    orders = [stand.draft() for _ in HOSTILE]
    for order, text in zip(orders, HOSTILE, strict=True):
        Order.objects.filter(pk=order.pk).update(member_reference=text, one_off_amount=NEGATIVE)
    place = f"/organismes/{stand.world.organisation.slug}/commandes/"
    return cells_run(stand.browser(), place, WORDS, HOSTILE)


def cells_run(browser: Browser, place: str, words: tuple[str, str], texts: Sequence[str]) -> int:
    """How many cells a spreadsheet would run in a list exported both ways.

    ``words`` head the column of ``texts`` and that of amounts, each ``NEGATIVE`` beside a text.
    """
    return in_csv(exported(browser, place, "csv"), words, texts) + in_xlsx(
        exported(browser, place, "xlsx"), words, texts
    )


def exported(browser: Browser, place: str, kind: str) -> bytes:
    """A list as a file."""
    answer = browser.get(f"{place}{'&' if '?' in place else '?'}format={kind}")
    expect(answer.status == 200, f"the {kind} answers {answer.status}")
    return answer.content


def in_csv(content: bytes, words: tuple[str, str], texts: Sequence[str]) -> int:
    """How many cells a spreadsheet would run; each text is kept behind an apostrophe."""
    text = content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
    told = {row[words[0]] for row in rows}
    expect({f"'{text}" for text in texts} <= told, f"CSV: {told}")
    amounts = [row[words[1]] for row in rows if row[words[1]].startswith("-")]
    expect(amounts == ["-12,50"] * len(texts), f"CSV: {amounts}")
    cells = [cell for row in rows for name, cell in row.items() if name != words[1]]
    return sum(cell.startswith(STARTS) for cell in cells)


def in_xlsx(content: bytes, words: tuple[str, str], texts: Sequence[str]) -> int:
    """How many formulas the workbook holds; texts are texts, amounts are numbers."""
    head, *rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    told, amounts = ([row[head.index(word)] for row in rows] for word in words)
    # A carriage return in XML is read back as a line feed: the rest is the same.
    expect(
        {text.replace("\r", "\n") for text in texts}
        <= {str(cell).replace("\r", "\n") for cell in told},
        f"XLSX: {told}",
    )
    expect(amounts.count(float(NEGATIVE)) == len(texts), f"XLSX: {amounts}")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheets = [book.read(name) for name in book.namelist() if "worksheets/" in name]
    return sum(sheet.count(b"<f>") for sheet in sheets)


@fault(
    "X-27", "a document without end is killed, others go on", unit="s", at_most=RENDER_SECONDS + 2
)
def x_27(stand: Stand) -> float:
    later("faults.render", mark="hangs", template="faults/hangs.html")
    eventually(lambda: stand.effects("hangs began"), 15, "the task did not begin")
    began = time.monotonic()
    eventually(lambda: renderers(stand), 10, "no renderer was started")
    order, _ = submit(stand)
    sent_once(stand, order, RENDER_SECONDS)
    expect(not stand.effects("hangs refused"), "the other document waited for the first")
    eventually(lambda: stand.effects("hangs refused"), 40, "the renderer was not killed")
    took = time.monotonic() - began
    expect("20 s" in stand.effects("hangs refused")[0], f"refused: {stand.effects('hangs')}")
    later("faults.render", mark="swells", template="faults/swells.html")
    eventually(lambda: stand.effects("swells refused"), 40, "the renderer was not stopped")
    expect("MemoryError" in stand.effects("swells refused")[0], f"{stand.effects('swells')}")
    orphan(stand)
    return took


def renderers(stand: Stand) -> list[int]:
    """The renderers at work under the worker's pool."""
    assert stand.worker.popen
    pools = children(stand.worker.popen.pid)
    return [pid for pool in pools for pid in children(pool) if is_renderer(pid)]


def is_renderer(pid: int) -> bool:
    try:
        return b"portal.pdf_child" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def orphan(stand: Stand) -> None:
    """A renderer whose worker is killed ends by its own limit."""
    later("faults.render", mark="orphan", template="faults/hangs.html")
    eventually(lambda: renderers(stand), 15, "no renderer was started")
    (pid,) = renderers(stand)
    stand.worker.kill()
    eventually(lambda: not is_renderer(pid), 3 * RENDER_SECONDS, "the orphan renders for ever")
    expect(not os.path.exists(f"/proc/{pid}/fd/0"), "the orphan lives")
