"""What each cell must answer: one pure function of plain values, that imports no app (D-06).

Places are ``A`` (a member's root), ``A1`` and ``A2`` (its subdivisions), ``B`` (another member's
root), ``ITQ`` (everywhere) and ``missing``.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from tests.matrix.golden import FACTOR_ROLES, GOLDEN

SEEN, DONE, MOVED = 200, 302, 302
LOGIN, FORBIDDEN, MISSING, METHOD = 302, 403, 404, 405
PLACES = {
    "A": frozenset({"A", "A1", "A2"}),
    "A1": frozenset({"A1"}),
    "A2": frozenset({"A2"}),
    "B": frozenset({"B"}),
    "ITQ": frozenset({"A", "A1", "A2", "B"}),
}
"""The places that a hat worn somewhere reaches."""


class Kind(StrEnum):
    """Who a page is for."""

    PUBLIC = "public"  # everybody, signed in or not
    PERSON = "person"  # any signed-in account
    SIGNER = "signer"  # who was granted the object itself, without any role
    MEMBER = "member"  # /organismes/<member>/…
    STAFF = "staff"  # ITQ's pages
    CONSOLE = "console"  # Django's admin


@dataclass(frozen=True)
class Hat:
    """A role at a place, in force now, or ended, or not begun, or not confirmed."""

    role: str
    place: str
    when: str = "now"


@dataclass(frozen=True)
class Persona:
    """Someone who asks."""

    name: str
    hats: tuple[Hat, ...] = ()
    signed_in: bool = True
    active: bool = True
    verified: bool = True
    factor: bool = True
    signs: frozenset[str] = frozenset()
    """The places whose request the person may sign, by the plan and a grant of its own."""

    def worn(self) -> list[Hat]:
        """The hats in force, when the account is one that the gate knows."""
        if not (self.signed_in and self.active and self.verified):
            return []
        return [hat for hat in self.hats if hat.when == "now"]

    def reach(self, permissions: tuple[str, ...]) -> frozenset[str]:
        """The places where one of the permissions holds, second factor included."""
        reached: frozenset[str] = frozenset()
        for hat in self.worn():
            lacks = hat.role in FACTOR_ROLES and not self.factor
            if not lacks and any(hat.role in GOLDEN.get(name, ()) for name in permissions):
                reached |= PLACES[hat.place]
        return reached

    def knows(self, member: str) -> bool:
        """Whether the person wears any hat in a member, or ITQ's."""
        return any(hat.place == "ITQ" or hat.place[0] == member for hat in self.worn())


@dataclass(frozen=True)
class Row:
    """One route: who it is for, what it asks, what it answers.

    ``first`` is asked anywhere in the member before the object is sought. ``see`` opens it, or
    the page when it has none; ``get`` is asked beside it by a page that only shows a form;
    ``post`` by the act. Each is a tuple: one of them is enough. ``scope`` says where a page
    without object asks: at the member's ``root``, or ``anywhere`` in it. ``also`` names other
    kinds of object that the same page shows, in other states: each is walked too.
    ``rooted`` objects hang on a member's root only. ``own`` pairs a persona and a place where a
    rule beyond the table lets act; ``unseen`` names personas from whom one hides the object.
    ``anonymous`` and ``without_factor`` give the answers to those two where they differ.
    """

    name: str
    kind: Kind
    on: str = ""
    also: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    get: tuple[str, ...] = ()
    post: tuple[str, ...] = ()
    scope: str = "anywhere"
    rooted: bool = False
    own: tuple[tuple[str, str], ...] = ()
    unseen: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("GET",)
    shown: int = SEEN
    done: int = DONE
    anonymous: dict[str, int] = field(default_factory=dict)
    without_factor: dict[str, int] = field(default_factory=dict)
    refused: int = FORBIDDEN


@dataclass(frozen=True)
class Where:
    """What the address names: a member, and an object that hangs somewhere."""

    member: str = ""
    object: str = ""


def places_asked(row: Row) -> list[Where]:
    """Every address that the row is asked at: own, other subdivision, other member, missing."""
    if row.kind is Kind.MEMBER and row.on and row.rooted:
        pairs = (("A", "A"), ("A", "B"), ("A", "missing"), ("B", "B"), ("missing", "A"))
        return [Where(*pair) for pair in pairs]
    if row.kind in {Kind.PERSON, Kind.SIGNER} and row.on:
        return [Where(object=place) for place in ("A1", "A2", "B", "missing")]
    if row.kind is Kind.MEMBER and row.on:
        under_a = [("A", "A1"), ("A", "A2"), ("A", "B"), ("A", "missing")]
        return [Where(*pair) for pair in (*under_a, ("B", "B"), ("missing", "A1"))]
    if row.kind is Kind.MEMBER:
        return [Where(member) for member in ("A", "B", "missing")]
    if row.kind is Kind.CONSOLE and row.on:
        return [Where(object="A")]
    if row.on:
        return [Where(object=place) for place in ("A" if row.rooted else "A1", "B", "missing")]
    return [Where()]


def expected(persona: Persona, row: Row, method: str, where: Where) -> int:
    """The status that the golden table asks for."""
    if not persona.signed_in or not persona.active:
        return row.anonymous.get(method, LOGIN)
    if method not in row.methods:
        return METHOD
    answer = row.shown if method == "GET" else row.done
    asked = row.get if method == "GET" else row.post
    if row.kind is Kind.MEMBER:
        return _member_answer(persona, row, where, asked) or answer
    if row.kind is Kind.SIGNER and where.object not in persona.signs:
        return MISSING
    if row.on and row.kind is Kind.PERSON and where.object not in persona.reach(row.see):
        return MISSING
    if not persona.factor and method in row.without_factor:
        return row.without_factor[method]
    if row.kind in {Kind.STAFF, Kind.CONSOLE}:
        return _staff_answer(persona, row, where, asked) or answer
    return answer


def _member_answer(persona: Persona, row: Row, where: Where, asked: tuple[str, ...]) -> int | None:
    """The refusal of a member's page; None when there is none."""
    if where.member == "missing" or not persona.knows(where.member):
        return MISSING
    inside = PLACES[where.member]
    if row.first and not inside & persona.reach(row.first):
        return row.refused
    if row.on and (where.object not in inside & persona.reach(row.see) or _hidden(persona, row)):
        return MISSING
    if (persona.name, where.object) in row.own:
        return None
    if row.scope == "root" and not any(where.member in PLACES[h.place] for h in persona.worn()):
        return MISSING
    target = {where.object} if row.on else {where.member} if row.scope == "root" else inside
    wanted = [names for names in ((() if row.on else row.see), asked) if names]
    if any(not target & persona.reach(names) for names in wanted):
        return row.refused
    return None


def _hidden(persona: Persona, row: Row) -> bool:
    return persona.name in row.unseen


def _staff_answer(persona: Persona, row: Row, where: Where, asked: tuple[str, ...]) -> int | None:
    """The refusal of a page of ITQ's; None when there is none."""
    if any(not persona.reach(names) for names in (row.see, asked) if names):
        return row.refused
    return MISSING if where.object == "missing" else None
