"""Walk the cells: ask each address as each persona, and find what the answer should not hold."""

import io
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.handlers.base import BaseHandler
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from django.urls import Resolver404, resolve, reverse

from tests.matrix.addresses import addresses
from tests.matrix.counting import COUNTED
from tests.matrix.expected import Kind, Persona, Row, Where, expected, places_asked
from tests.matrix.routes import FORMS, KEYS, ROWS
from tests.personas import MARKS, PERSONAS, World

WRITE = re.compile(r'\s*(?:insert\s+into|update|delete\s+from)\s+"?(\w+)', re.IGNORECASE)
NAMELESS = re.compile(r"<[^>]*>|\(\?P.*?\)")
NOT_BUSINESS = {"django_session", "portal_cache"}
"""Tables that a mere visit writes: the session and the counters of the rate limits."""

SAID = re.compile(r'class="(?:field__error|errorlist|alert)[^>]*>\s*(?:<[^>]*>\s*)*([^<]+)')
"""What a form or a page says is wrong."""

ID = re.compile(r'\sid="([^"]+)"')
NAUGHT = re.compile(r">[^<]*\bNone\b[^<]*(?=<)")
"""What a template writes where a value is absent: no French word."""

REQUESTS = RequestFactory()
METHODS = ("GET", "POST")
SHARED = {Kind.STAFF, Kind.CONSOLE}
SHARE = 8
"""One persona in eight meets a page where all are refused alike."""

ALWAYS = {"anonymous", "nobody", "rcell of A", "agent"}
FILES = ("csv", "xlsx")
OFFERED = "format=csv"
"""What a page that offers its list as files says."""

SAMPLES = {"portal:gallery"}
"""Pages that show what components look like: their links lead nowhere."""

WHO_ASK_FILES = {
    *("anonymous", "rcell of A2", "reader of A", "payer of A", "agent"),
    "intrl of A1 and factu of B",
}
"""Each reaches another part of the two members."""

REFUSALS = {403, 404, 405}
STRICT = {
    *("default-src 'none'", "style-src 'self'", "form-action 'self'", "base-uri 'none'"),
    "frame-ancestors 'none'",
}


@dataclass(frozen=True)
class Cell:
    """One question: who, by which method, at which address; the kind of a list's file."""

    row: Row
    persona: Persona
    method: str
    where: Where
    file: str = ""

    @property
    def status(self) -> int:
        """What the golden table asks for."""
        return expected(self.persona, self.row, self.method, self.where)

    def __str__(self) -> str:
        of = self.row.on if ROWS[self.row.name].also else ""
        place = "/".join(filter(None, (self.where.member, self.where.object, of)))
        name = f"{self.row.name} {self.file}".strip()
        return f"{self.method} {name} [{place}] as {self.persona.name}"


def cells(row: Row) -> Iterator[Cell]:
    """Every cell of a row: personas × methods × addresses, for each kind of object."""
    places = places_asked(row)
    for on in (row.on, *row.also):
        shown = replace(row, on=on)
        for method in METHODS:
            for persona in personas_of(row, method):
                for where in places if method in row.methods else places[:1]:
                    yield Cell(shown, persona, method, where)


def file_cells(row: Row) -> Iterator[Cell]:
    """The files of a list, asked by a few at every address."""
    for cell in cells(row) if row.name not in SAMPLES else ():
        if cell.method == "GET" and cell.persona.name in WHO_ASK_FILES:
            yield from (replace(cell, file=kind) for kind in FILES)


def personas_of(row: Row, method: str) -> Iterator[Persona]:
    """Everybody, but where one line refuses all alike: there, who differs, and others in turn.

    A method that a page does not take is refused before anybody is looked at. The console's pages
    and ITQ's that take no form ask ITQ's hat and nothing else: each member's persona meets its
    share of them.
    """
    everybody = method in row.methods and (row.kind not in SHARED or "POST" in row.methods)
    turn = sum(map(ord, row.name))
    for number, persona in enumerate(PERSONAS):
        staff = any(hat.place == "ITQ" for hat in persona.hats)
        if (
            everybody
            or persona.name in ALWAYS
            or (staff and method in row.methods)
            or ((number + turn) % SHARE == 0 and method in row.methods)
        ):
            yield persona


def address_of(world: World, row: Row, where: Where) -> str:
    """The path of a row for a member and an object."""
    named: dict[str, Any] = {}
    for parameter in addresses()[row.name].parameters:
        if parameter in KEYS.get(row.name, {}):
            given = KEYS[row.name][parameter]
            named[parameter] = given(world) if callable(given) else given
        elif parameter == "member":
            named[parameter] = world.slug(where.member)
        else:
            named[parameter] = key_of(world, row.on, where.object, parameter)
    if "/" in row.name:  # nobody named it
        return "/" + NAMELESS.sub("absent", row.name).rstrip("$")
    return reverse(row.name, kwargs=named)


def key_of(world: World, kind: str, place: str, parameter: str) -> Any:
    """The value that names an object in an address; one that no object has when missing."""
    known = world.objects[kind]
    name = parameter if hasattr(next(iter(known.values())), parameter) else "pk"
    if place == "missing":
        sample = getattr(next(iter(known.values())), name)
        return 987_654_321 if isinstance(sample, int) else f"{sample}"[:-4] + "9876"
    return getattr(known[place], name)


@dataclass
class Seen:
    """An answer and what happened while it was made."""

    status: int
    body: str
    response: HttpResponseBase
    written: list[str] = field(default_factory=list)
    mails: int = 0


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is taken back."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        connection.needs_rollback = False
        transaction.savepoint_rollback(point)


def ask(world: World, cell: Cell) -> Seen:
    """Make the request and take back what it wrote."""
    written: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if (match := WRITE.match(str(sql))) and match[1].lower() not in NOT_BUSINESS:
            written.append(match[1])
        return execute(sql, params, many, context)

    before = len(mail.outbox)
    with undone(), connection.execute_wrapper(watch):
        request = request_of(world, cell)
        written.clear()
        response = answer(request)
        body = body_of(response)
    return Seen(response.status_code, body, response, written, len(mail.outbox) - before)


def answer(request: HttpRequest) -> HttpResponseBase:
    """What the portal answers, through all of its middleware.

    Not Django's test client: it copies each template's context, which costs half of a walk.
    """
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    return _handler().get_response(request)


@cache
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    got_request_exception.connect(_remember)
    return handler


BROKE: list[str] = []
"""The last exception that no page expected."""


def _remember(**kwargs: Any) -> None:
    BROKE[:] = [repr(sys.exc_info()[1])]


def request_of(world: World, cell: Cell) -> HttpRequest:
    """The request of a cell, with its persona's cookie."""
    path = address_of(world, cell.row, cell.where)
    if cell.method == "GET":
        request = REQUESTS.get(path, {"format": cell.file} if cell.file else None)
    else:
        request = REQUESTS.post(path, form_of(world, cell))
    if cell.persona.signed_in:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = world.sessions[cell.persona.name]
    return request


def form_of(world: World, cell: Cell) -> dict[str, Any]:
    """What the row's form sends from that address; else a form that was sent empty."""
    builder = FORMS.get(cell.row.name)
    return builder(world, cell.where, cell.persona) if builder else {"envoi": "1"}


def body_of(response: HttpResponseBase) -> str:
    """The text of an answer, streamed or not; what a workbook holds."""
    if isinstance(response, HttpResponse):
        content = response.content
        if response.headers.get("Content-Type", "").endswith("spreadsheetml.sheet"):
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                content = b"".join(map(book.read, book.namelist()))
        return content.decode(errors="replace")
    assert isinstance(response, StreamingHttpResponse)
    body = b"".join(response).decode(errors="replace")
    for close in response._resource_closers:  # not close(): it would end the connection too
        close()
    return body


def faults_of(world: World, cell: Cell, seen: Seen) -> list[str]:
    """Everything that is wrong with a cell's answer."""
    COUNTED[cell.row.kind.value] += 1
    faults = []
    if seen.status != cell.status:
        faults.append(f"{cell}: {seen.status}, expected {cell.status}{_why(seen)}")
    if cell.method == "GET" or seen.status not in {200, cell.row.done}:
        if seen.written:
            faults.append(f"{cell}: wrote {', '.join(sorted(set(seen.written)))}")
        if seen.mails:
            faults.append(f"{cell}: sent {seen.mails} mails")
    faults += [f"{cell}: shows « {mark} »" for mark in leaks(world, cell, seen)]
    faults += [f"{cell}: {told}" for told in policy_faults(cell, seen)]
    if cell.method == "GET" and seen.status == 200:
        faults += [f"{cell}: offers {link}" for link in dead_offers(world, cell, seen)]
        faults += [f"{cell}: has two id={name}" for name in twice(ID.findall(seen.body))]
        faults += [f"{cell}: shows « {name} »" for name in NAUGHT.findall(seen.body)]
        if cell.file and is_page(seen):
            faults.append(f"{cell}: answers a page")
    return faults


def twice(names: list[str]) -> list[str]:
    """What is given more than once: a label or an anchor would name the first only."""
    return [name for name, times in Counter(names).items() if times > 1]


def _why(seen: Seen) -> str:
    """The exception behind a 500, or what a form said."""
    if seen.status == 500:
        return f" ({BROKE[0] if BROKE else ''})"
    told = SAID.findall(seen.body)
    return f" ({'; '.join(text.strip() for text in told)})" if told else ""


def leaks(world: World, cell: Cell, seen: Seen) -> list[str]:
    """The words of places that the persona has no hat on, when the answer holds them."""
    worn = cell.persona.worn()
    if any(hat.place == "ITQ" for hat in worn):
        return []
    members = {hat.place[0] for hat in worn} | {place[0] for place in _own_places(cell)}
    hidden = {MARKS[member] for member in "AB" if member not in members}
    if "A" not in {hat.place for hat in worn} and "A" in members:
        hidden |= {MARKS[place] for place in ("A1", "A2") if place not in _own_places(cell)}
    return sorted(mark for mark in hidden if mark in seen.body)


def _own_places(cell: Cell) -> set[str]:
    return {hat.place for hat in cell.persona.hats} | cell.persona.signs


def policy_faults(cell: Cell, seen: Seen) -> list[str]:
    """The strict policy of every page, the console's too (D-52)."""
    if seen.status >= 500:
        return []
    policy = seen.response.headers.get("Content-Security-Policy", "")
    if policy.startswith("sandbox"):
        return []
    parts = {part.strip() for part in policy.split(";")}
    if not parts >= STRICT:
        return [f"policy without {', '.join(sorted(STRICT - parts))}"]
    return ["policy with unsafe-…"] if "unsafe" in policy else []


def is_page(seen: Seen) -> bool:
    """Whether it is HTML."""
    return "text/html" in seen.response.headers.get("Content-Type", "")


class Offers(HTMLParser):
    """The addresses that a page offers: its links, its forms, and their buttons' own addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.method = "GET"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.found.add(("GET", str(given["href"])))
        if tag == "form":
            self.method = str(given.get("method") or "get").upper()
        for name in ("action", "formaction"):
            if given.get(name):
                self.found.add((self.method, str(given[name])))


def dead_offers(world: World, cell: Cell, seen: Seen) -> list[str]:
    """Links and forms of a page that would refuse the very person who is shown them."""
    if not is_page(seen):
        return []
    parser = Offers()
    parser.feed(seen.body)
    found = []
    for method, address in sorted(parser.found):
        offered = cell_at(world, cell.persona, method, address)
        if offered and offered.status in REFUSALS and offered.status != whole(offered):
            found.append(f"{method} {address}, that answers {offered.status}")
    return found


def whole(cell: Cell) -> int:
    """What a row answers to whoever may; 404 where its address alone names nothing yet."""
    return cell.row.shown if cell.method == "GET" else cell.row.done


def cell_at(world: World, persona: Persona, method: str, address: str) -> Cell | None:
    """The cell that a path asks; None for an address or an object that the world does not know."""
    path = address.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
    if not path.startswith("/"):
        return None
    try:
        match = resolve(path)
    except Resolver404:
        return None
    row = ROWS.get(match.view_name)
    if row is None:
        return None
    member = next((m for m in "AB" if world.slug(m) == match.kwargs.get("member")), "")
    if "member" in match.kwargs and not member and any(hat.place == "ITQ" for hat in persona.hats):
        return None  # a member where nobody has a role: ITQ alone knows it
    for on in (row.on, *row.also):
        place = place_named(world, replace(row, on=on), match.kwargs) if on else ""
        if place is not None:
            return Cell(replace(row, on=on), persona, method, Where(member, place))
    return None


def place_named(world: World, row: Row, named: dict[str, Any]) -> str | None:
    """Where the object of an address hangs; None when the world does not know it."""
    fixed = KEYS.get(row.name, {})
    if any(str(named[key]) != str(value) for key, value in fixed.items() if not callable(value)):
        return None
    parameters = set(named) - set(fixed) - {"member"}
    for place in world.objects[row.on]:
        if all(str(key_of(world, row.on, place, p)) == str(named[p]) for p in parameters):
            return place
    return None


def alike(body: str) -> str:
    """A body without what differs at each answer: nonces, tokens, the address itself."""
    body = re.sub(r'nonce="[^"]*"', "", body)
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", body)
    return re.sub(r'(/organismes/|/itq/)[^"\s<]*', "", body)


def fingerprint() -> dict[str, tuple[int, int]]:
    """Rows and their hash, table by table."""
    tables = sorted(set(connection.introspection.table_names()) - NOT_BUSINESS)
    union = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(union)
        return {name: (rows, digest) for name, rows, digest in cursor.fetchall()}
