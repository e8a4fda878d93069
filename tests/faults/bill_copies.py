"""A provider's file that comes twice, and one that corrects another (X-12, X-13)."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

import psycopg

from billing.kinds import ImportState
from billing.models import BillFile, Import, InvoiceVersion
from members.models import User
from members.roles import Role
from portal.clock import day_of
from portal.models import AuditEvent, StoredFile
from tests.faults.bill_rows import rows_of
from tests.faults.bills import TELUS, Member, make_member, plain, published, settled
from tests.faults.browser import Answer, Browser
from tests.faults.registry import expect, fault
from tests.faults.stand import Stand
from tests.members.factories import respondent_user

AT_ONCE = 12
SHOWN = """
SELECT count(*) FILTER (WHERE v.charge_import_id = %(first)s),
    count(*) FILTER (WHERE v.charge_import_id = %(second)s),
    (SELECT state FROM billing_import WHERE id = %(first)s),
    (SELECT state FROM billing_import WHERE id = %(second)s)
FROM billing_invoice i JOIN billing_invoiceversion v ON v.id = i.current_id
"""
BEFORE = (2, 0, ImportState.PUBLISHED, ImportState.PREPARED)
AFTER = (0, 2, ImportState.SUPERSEDED, ImportState.PUBLISHED)


@fault(
    "X-12",
    f"the same bytes again, renamed, by another, {AT_ONCE} at once: « déjà importé le … par … »",
    unit="rows added",
    at_most=0,
)
def x_12(stand: Stand) -> float:
    member = make_member(stand)
    content = member.file(TELUS)
    first = member.send("telus-a.zip", content)
    published(first)
    before = held_by(member)
    root = member.organisation.branches.get(is_root=True)
    other = respondent_user(Role.FACTU, root)
    for name, by in (("telus-a.zip", None), ("telus-b.zip", None), ("telus-c.zip", other)):
        is_told(member.drop(name, content, by), first)
    added = held_by(member) - before
    return added + at_once(member, [member.factu, other] * (AT_ONCE // 2))


def held_by(member: Member) -> int:
    """How many rows of any kind a member's bills have, and files there are."""
    return sum(map(len, rows_of(member).values())) + StoredFile.objects.count()


def is_told(answer: Answer, first: BillFile) -> None:
    """The page says that it was imported, when, and by whom."""
    assert first.sent_by
    when = f"déposé le {day_of(first.sent_at).isoformat()} par {first.sent_by.person}"
    expect(answer.status == 422, f"the page answers {answer.status}")
    for word in ("déjà importé", when):
        expect(word in plain(answer.text), f"« {word} » is not said")


def at_once(member: Member, senders: list[User]) -> int:
    """Twelve browsers drop one new file in one moment; how many more than one it is."""
    content = member.file(TELUS, month=date(2026, 2, 1), seed=9)
    names = [f"telus-{n}.zip" for n in range(len(senders))]
    forms = [member.form(name, by) for name, by in zip(names, senders, strict=True)]
    start = threading.Barrier(len(forms))

    def send(name: str, form: tuple[Browser, str, dict[str, str]]) -> Answer:
        browser, page, fields = form
        start.wait()
        return browser.upload(page, fields, ("uploads", name, content))

    with ThreadPoolExecutor(len(forms)) as threads:
        answers = list(threads.map(send, names, forms))
    told = Counter(answer.status for answer in answers)
    expect(told == {302: 1, 422: len(forms) - 1}, f"at once: {dict(told)}")
    files = list(member.files().filter(name__in=names))
    for answer in answers:
        if answer.status == 422:
            is_told(answer, files[0])
    (one,) = published(files[0])
    shown = AuditEvent.objects.filter(code="bill_import.published", object_id=one.pk).count()
    versions = InvoiceVersion.objects.filter(charge_import=one).count()
    return len(files) - 1 + shown - 1 + versions - len(member.accounts)


@fault(
    "X-13",
    "other content for the same account and period: its differences are shown, then, confirmed "
    "twice at once, it replaces all at once",
    unit="mixed or doubled",
    at_most=0,
)
def x_13(stand: Stand) -> float:
    member = make_member(stand)
    (first,) = published(member.send("telus-a.zip", member.file(TELUS)))
    corrected = member.send("telus-b.zip", member.file(TELUS, seed=8))
    (second,) = settled(corrected)
    expect(second.state == ImportState.PREPARED, f"{second.state}: {second.refusal}")
    page = member.told(corrected)
    gaps = [str(figure) for pair in second.differences.values() for figure in pair]
    expect(len(gaps) >= 4, f"differences: {second.differences}")
    for gap in gaps:
        expect(plain(gap) in page, f"the difference « {gap} » is not shown")
    with watched(stand, first, second) as seen:
        statuses = confirm_twice(member, corrected, second)
    expect(302 in statuses and {302, 409} >= {*statuses}, f"confirmations answer {statuses}")
    expect(seen[BEFORE] > 0 and seen[AFTER] > 0, f"seen: {seen}")
    made = InvoiceVersion.objects.filter(charge_import__in=(first, second))
    told = [(number, shown is not None) for number, shown in made.values_list("number", "shown_by")]
    expect(sorted(told) == [(1, False)] * 2 + [(2, True)] * 2, f"versions: {told}")
    events = AuditEvent.objects.filter(code="bill_import.published", object_id=second.pk)
    return sum(seen.values()) - seen[BEFORE] - seen[AFTER] + events.count() - 1


def confirm_twice(member: Member, corrected: BillFile, second: Import) -> list[int]:
    """Two people press the same button in one moment."""
    page = member.address("bill_file_detail", corrected.pk)
    action = member.address("import_confirm", second.pk)
    browsers = [Browser.of(member.factu, member.stand.port) for _ in range(2)]
    forms = [browser.form(page, action) for browser in browsers]
    start = threading.Barrier(2)

    def press(browser: Browser, fields: dict[str, str]) -> int:
        start.wait()
        return browser.post(action, fields).status

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(press, browsers, forms))


@contextmanager
def watched(stand: Stand, first: Import, second: Import) -> Iterator[Counter[tuple[object, ...]]]:
    """What a reader sees, again and again, of the invoices of both and of their states."""
    seen: Counter[tuple[object, ...]] = Counter()
    over, begun = threading.Event(), threading.Event()

    def look() -> None:
        with psycopg.connect(stand.portal.env["DATABASE_URL"], autocommit=True) as link:
            while not over.is_set():
                row = link.execute(SHOWN, {"first": first.pk, "second": second.pk}).fetchone()
                seen[tuple(row or ())] += 1
                begun.set()

    thread = threading.Thread(target=look)
    thread.start()
    begun.wait(10)
    try:
        yield seen
    finally:
        time.sleep(0.5)
        over.set()
        thread.join()
