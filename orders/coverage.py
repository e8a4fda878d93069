"""Which needs of an order's lines which signed derogations cover: judgement on plain values.

R-13, R-14 and R-23: the head of the kind was granted, the provider, the article, the place and the
cost are those signed, the derogation is in force, and enough of its quantity is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.tabular.values import fold


@dataclass(frozen=True, slots=True)
class DerogationFacts:
    """What is read of a derogation; amounts before taxes, for one unit.

    ``kinds`` are the heads granted; ``left`` is None without a limit; ``offer`` and ``model`` are
    empty when any article of the provider will do; ``municipalities`` when any place will.
    """

    pk: int
    number: str
    kinds: frozenset[str]
    provider: str
    is_signed: bool = True
    ends_on: date | None = None
    left: int | None = None
    offer: str = ""
    model: str = ""
    municipalities: tuple[str, ...] = ()
    one_off_amount: Decimal = Decimal(0)
    monthly_amount: Decimal = Decimal(0)

    def is_over(self, day: date) -> bool:
        """Whether its last day is past."""
        return self.ends_on is not None and self.ends_on < day


@dataclass(frozen=True, slots=True)
class Want:
    """What one line needs: for each need the kinds, any one of which is enough (D-10).

    ``chosen`` are the derogations named for that line: asked for it, or picked by RCELL.
    """

    needs: tuple[tuple[str, ...], ...]
    provider: str
    quantity: int = 1
    offers: frozenset[str] = frozenset()
    device: str = ""
    municipality: str = ""
    one_off_amount: Decimal = Decimal(0)
    monthly_amount: Decimal = Decimal(0)
    chosen: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Cover:
    """The derogation that meets one need, what was left of it, and what the line takes."""

    derogation: DerogationFacts
    kind: str
    left: int | None
    quantity: int

    @property
    def sentence(self) -> str:
        """« Couvert par D-2026-00012 : il en reste 3, cette ligne en prend 1. »"""
        parts = [_("Couvert par %(number)s") % {"number": self.derogation.number}]
        if self.derogation.ends_on:
            parts.append(_("jusqu'au %(day)s") % {"day": self.derogation.ends_on.isoformat()})
        where = ", ".join(parts)
        if self.left is None:
            return _("%(cover)s ; sa quantité n'est pas limitée.") % {"cover": where}
        return _("%(cover)s ; il en reste %(left)s, cette ligne en prend %(taken)s.") % {
            "cover": where,
            "left": self.left,
            "taken": self.quantity,
        }


@dataclass(frozen=True, slots=True)
class LineCover:
    """For one line: a cover or None for each need, in order, and the derogations that would do."""

    covers: tuple[Cover | None, ...]
    options: tuple[DerogationFacts, ...] = ()

    @property
    def draws(self) -> dict[int, tuple[str, ...]]:
        """For each derogation drawn on, the kinds that it covers."""
        drawn: dict[int, tuple[str, ...]] = {}
        for cover in self.covers:
            if cover:
                pk = cover.derogation.pk
                drawn[pk] = (*drawn.get(pk, ()), cover.kind)
        return drawn


def cover_lines(
    wants: Sequence[Want], derogations: Iterable[DerogationFacts], day: date
) -> list[LineCover]:
    """What covers each line; lines are served in their order, and what one takes is gone.

    A derogation chosen for the line comes first, then the one that covers most of its needs, then
    the one that ends soonest, then the smallest number.
    """
    known = sorted(derogations, key=lambda one: (one.ends_on or date.max, one.number))
    left = {one.pk: one.left for one in known}
    return [_cover_line(want, known, left, day) for want in wants]


def fits(want: Want, derogation: DerogationFacts, kind: str, day: date) -> bool:
    """Whether a derogation covers a kind of a line, quantity apart; the chosen one at any place."""
    return (
        derogation.is_signed
        and not derogation.is_over(day)
        and kind in derogation.kinds
        and derogation.provider == want.provider
        and _names_the_article(want, derogation)
        and _costs_no_more(want, derogation)
        and (derogation.pk in want.chosen or _is_the_place(want, derogation))
    )


def _cover_line(
    want: Want, known: Sequence[DerogationFacts], left: dict[int, int | None], day: date
) -> LineCover:
    """Serve one line, and take from ``left`` what it draws."""

    def would_do(one: DerogationFacts, kinds: tuple[str, ...], line: Want) -> str:
        """The first of the kinds that it covers; empty when none, or when too little is left."""
        remaining = left[one.pk]
        if remaining is not None and remaining < want.quantity:
            return ""
        return next((kind for kind in kinds if fits(line, one, kind, day)), "")

    def preference(one: DerogationFacts) -> tuple[bool, int]:
        met = sum(bool(would_do(one, kinds, want)) for kinds in want.needs)
        return (one.pk not in want.chosen, -met)

    covers: list[Cover | None] = []
    for kinds in want.needs:
        found = ((one, would_do(one, kinds, want)) for one in sorted(known, key=preference))
        cover = next(
            (Cover(one, kind, left[one.pk], want.quantity) for one, kind in found if kind), None
        )
        covers.append(cover)
    options = tuple(
        one
        for one in known
        if any(
            would_do(one, kinds, replace(want, chosen=want.chosen | {one.pk}))
            for kinds in want.needs
        )
    )
    for pk in {cover.derogation.pk for cover in covers if cover}:
        remaining = left[pk]
        left[pk] = None if remaining is None else remaining - want.quantity
    return LineCover(tuple(covers), options)


def _names_the_article(want: Want, derogation: DerogationFacts) -> bool:
    """The article signed for is on the line; any article where none was named."""
    if derogation.offer:
        return derogation.offer in want.offers
    return not derogation.model or fold(derogation.model) == fold(want.device)


def _costs_no_more(want: Want, derogation: DerogationFacts) -> bool:
    """The signer committed to a cost: a dearer line is not what was signed (E6, R-20)."""
    return (
        want.one_off_amount <= derogation.one_off_amount
        and want.monthly_amount <= derogation.monthly_amount
    )


def _is_the_place(want: Want, derogation: DerogationFacts) -> bool:
    """Delivered in a municipality of the derogation; elsewhere, RCELL says it by choosing."""
    places = {fold(name) for name in derogation.municipalities}
    return not places or fold(want.municipality) in places
