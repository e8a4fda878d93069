"""Billed lines that the fleet lacks are matched, explained or set aside, many at once (F-41)."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing.actions.asking import settle_alike
from billing.actions.restating import place_billed_line
from billing.models import Gap
from billing.states import EXPLAIN, IGNORE, MATCH
from members.models import User
from members.permissions import perform, require
from members.roles import May
from orders.models import ServiceLine
from portal.clock import database_clock
from portal.commands import action
from portal.workflow import Transition


@dataclass(frozen=True, slots=True)
class GapMatch:
    """A billed line, and the line of the fleet that it is."""

    gap: Gap
    service_line: ServiceLine


@action
def match_gaps(*, matches: Collection[GapMatch], by: User) -> int:
    """Each billed line is a line of the fleet that the person names; all, or none (F-41).

    The totals of every invoice that bills it move to the line's branch and cost centre (D-43), and
    nothing more is asked about it. Raises ValidationError.
    """
    _hats = [require(by, May.MATCH_BILLED_LINES, on=match.gap) for match in matches]
    faults = [fault for match in matches for fault in _misplaced(match)]
    if faults:
        raise ValidationError(faults)
    ordered = sorted(matches, key=lambda match: match.gap.pk)
    for match in ordered:
        _settle(MATCH, match.gap, by, service_line=match.service_line)
    for match in ordered:
        place_billed_line(
            account=match.gap.version.invoice.account_id,
            number=match.gap.number,
            line=match.service_line,
            by=by,
        )
    return len(matches)


@action
def explain_gaps(*, gaps: Collection[Gap], reason: str, by: User) -> int:
    """Each billed line is right without being in the fleet, and why (F-41)."""
    _hats = [require(by, May.MATCH_BILLED_LINES, on=gap) for gap in gaps]
    if not reason.strip():
        raise ValidationError({"reason": _("Dites pourquoi ces lignes sont facturées.")})
    _settle_everywhere(EXPLAIN, gaps, by, reason)
    return len(gaps)


@action
def ignore_gaps(*, gaps: Collection[Gap], reason: str, by: User) -> int:
    """Each billed line is set aside: nothing more is asked about it; its charge stays (F-41)."""
    _hats = [require(by, May.MATCH_BILLED_LINES, on=gap) for gap in gaps]
    _settle_everywhere(IGNORE, gaps, by, reason)
    return len(gaps)


def _settle_everywhere(
    transition: Transition, gaps: Collection[Gap], by: User, reason: str
) -> None:
    """These, then what the other invoices of their accounts still ask about their numbers."""
    told = {"reason": reason.strip()[:300]}
    for gap in sorted(gaps, key=lambda gap: gap.pk):
        _settle(transition, gap, by, **told)
    for account, number in sorted({(g.version.invoice.account_id, g.number) for g in gaps}):
        settle_alike(transition, account=account, number=number, by=by, **told)


def _settle(transition: Transition, gap: Gap, by: User, **settled: object) -> Gap:
    """Take the transition, with who settled it and when."""
    return perform(transition, on=gap, by=by, settled_at=database_clock(), settled_by=by, **settled)


def _misplaced(match: GapMatch) -> list[str]:
    """A billed line is matched within its member and its provider."""
    gap, line = match.gap, match.service_line
    account = gap.version.invoice.account
    told = {"number": gap.number, "provider": account.provider}
    if line.branch.organisation_id != gap.branch.organisation_id:
        sentence = _(
            "%(number)s : la ligne choisie n'est pas de votre parc, prenez-en une qui en est."
        )
        return [sentence % told]
    if line.provider_id != account.provider_id:
        return [_("%(number)s : choisissez une ligne de %(provider)s.") % told]
    return []
