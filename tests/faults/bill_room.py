"""Bills on a full disk, and bills whose words a spreadsheet would run (X-11, X-20)."""

import csv
import io

from billing.models import LineTotal, MonthStatement
from portal.files import read
from portal.models import ClockTimestamp, QueuedTask, StoredFile
from tests.faults.bills import JANUARY, TELUS, Member, make_member, plain, published
from tests.faults.browser import Browser
from tests.faults.papers import HOSTILE, NEGATIVE, cells_run
from tests.faults.registry import expect, fault
from tests.faults.room import SAYS, full_disk, kept, left_behind
from tests.faults.stand import Stand, eventually

RENDER = "billing.render_statement"
TEXTS = tuple(text for text in HOSTILE if not text.startswith(("\t", "\r")))
"""What a provider's file may tell: blanks around a name are not of the name."""

HEAD = """Monthly Charges Breakdown
Billing Period: 2026-01-01 - 2026-01-31

Account Number;Subscriber Number;User Name;Charge Type;Charge Description;From;To;Quantity;Rate;\
Amount;GST;QST
"""


@fault(
    "X-11i",
    "no room for a provider's file, then for the month's statement: told, nothing half kept, then "
    "kept",
    unit="left behind",
    at_most=0,
)
def x_11_bills(stand: Stand) -> float:
    member = make_member(stand)
    return no_room_for_a_file(stand, member) + no_room_for_a_statement(stand, member)


def no_room_for_a_file(stand: Stand, member: Member) -> int:
    """507 and its sentence; the same file dropped again once there is room is read."""
    content = member.file(TELUS)
    browser, page, fields = member.form("telus-a.zip", member.factu)
    before = kept(stand)
    with full_disk(stand):
        answer = browser.upload(page, fields, ("uploads", "telus-a.zip", content))
        expect(answer.status == 507, f"the page answers {answer.status}")
        expect(SAYS in answer.text, "the refusal does not say why")
        left = left_behind(stand, before) + member.files().count()
    bill_file = member.send("telus-a.zip", content)
    published(bill_file)
    expect(read(bill_file.file) == content, "other bytes were kept")
    return left


def no_room_for_a_statement(stand: Stand, member: Member) -> int:
    """The statement waits, its reason told to the console; then it is there by itself."""
    stand.worker.stop()
    browser, page = Browser.of(member.factu, stand.port), member.address("month_statement")
    asked = f"{page}?mois={JANUARY:%Y-%m}"
    action = member.address("statement_print")
    answer = browser.post(action, browser.form(asked, action))
    expect(answer.status == 302, f"the print answers {answer.status}")
    statement = MonthStatement.objects.get(branch__organisation=member.organisation)
    task = QueuedTask.objects.filter(task_name=RENDER, kwargs__statement_id=statement.pk)
    before = kept(stand)
    with full_disk(stand):
        stand.worker.start()
        eventually(lambda: SAYS in task.get().last_error, 60, "the delay was not told")
        left = left_behind(stand, before)
        expect(task.get().attempts == 0, "the disk's fault counts as the task's")
    task.update(due_at=ClockTimestamp())
    eventually(lambda: paper_of(statement), 60, "the statement was not kept")
    paper = paper_of(statement)
    expect(bool(paper and read(paper).startswith(b"%PDF")), "no PDF")
    return left


def paper_of(statement: MonthStatement) -> StoredFile | None:
    """The statement's file, once it is there."""
    return MonthStatement.objects.select_related("file").get(pk=statement.pk).file


@fault(
    "X-20i",
    "formulas in a provider's file: text on the page, text in its exports, negative amounts as "
    "numbers",
    unit="cells run",
    at_most=0,
)
def x_20_bills(stand: Stand) -> float:
    member = make_member(stand)
    published(member.send("rogers-formules.csv", hostile_file(member)))
    names = LineTotal.objects.filter(version__invoice__branch__organisation=member.organisation)
    expect({*names.values_list("subscriber", flat=True)} == {*TEXTS}, f"read: {names.values()}")
    browser = Browser.of(member.factu, stand.port)
    place = f"{member.address('line_list')}?mois={JANUARY:%Y-%m}"
    page = plain(browser.get(place).text)
    for text in TEXTS:
        expect(text in page, f"« {text} » is not on the page")
    return cells_run(browser, place, ("Abonné", "Avant taxes"), TEXTS)


def hostile_file(member: Member) -> bytes:
    """A clean file of one credit a line, whose subscribers and labels are formulas."""
    text = io.StringIO(HEAD)
    text.seek(0, io.SEEK_END)
    rows = csv.writer(text, delimiter=";")
    days, amount = ("2026-01-01", "2026-01-31"), f"{NEGATIVE}".replace(".", ",")
    figures = ("1,0000", amount, amount, "0,00", "0,00")
    for n, word in enumerate(TEXTS):
        rows.writerow((member.accounts[0], f"51455510{n:02}", word, "DISC", word, *days, *figures))
    total = f"{NEGATIVE * len(TEXTS)}".replace(".", ",")
    rows.writerow(("Total", len(TEXTS), *[""] * 7, total, "0,00", "0,00"))
    return text.getvalue().encode("cp1252")
