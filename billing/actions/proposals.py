"""RCELL accepts or refuses what an inventory file proposes, many lines at once (F-41, D-05)."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from billing.actions.restating import place_billed_line
from billing.kinds import ProposalKind
from billing.models import LineProposal
from billing.states import ACCEPT, DECLINE
from members.models import CostCentre, User
from members.permissions import perform, require
from members.roles import May
from orders.actions.fleet import adopt_line, change_line
from orders.fleet_changes import NothingChanges
from orders.kinds import LineStatus
from portal.clock import database_clock
from portal.commands import action

COPIED = ("number", "device_label", "plan_label", "imei", "sim_number")
"""Fields that a proposal gives as they are."""


@action
def accept_proposals(*, proposals: Collection[LineProposal], on: date, by: User) -> int:
    """Open, change or close each line as proposed, from ``on``; all, or none.

    The fleet changes by its own acts, with their rules. Raises ValidationError, a sentence a line.
    """
    _hats = [require(by, May.KEEP_LINES, on=proposal) for proposal in proposals]
    faults: list[str] = []
    for proposal in sorted(proposals, key=lambda proposal: proposal.pk):
        try:
            _apply(proposal, on, by)
        except NothingChanges:
            pass  # the line is already as the file says
        except ValidationError as error:
            faults += [f"{proposal.number} : {sentence}" for sentence in error.messages]
        perform(ACCEPT, on=proposal, by=by, decided_at=database_clock(), decided_by=by)
    if faults:
        raise ValidationError(faults)
    return len(proposals)


@action
def decline_proposals(*, proposals: Collection[LineProposal], reason: str, by: User) -> int:
    """Leave the fleet as it is, and say why; no file proposes it again unless it changes."""
    _hats = [require(by, May.KEEP_LINES, on=proposal) for proposal in proposals]
    if not reason.strip():
        raise ValidationError({"reason": _("Dites pourquoi vous refusez ces propositions.")})
    for proposal in sorted(proposals, key=lambda proposal: proposal.pk):
        perform(
            DECLINE,
            on=proposal,
            by=by,
            reason=reason.strip()[:300],
            decided_at=database_clock(),
            decided_by=by,
        )
    return len(proposals)


def _apply(proposal: LineProposal, on: date, by: User) -> None:
    """What the proposal does to the fleet."""
    why = _("Inventaire du prestataire, ligne %(line)s") % {"line": proposal.line}
    if not proposal.line:
        why = _("Absente de l'inventaire du prestataire")
    if proposal.kind == ProposalKind.OPEN:
        line = adopt_line(
            branch=proposal.branch,
            provider=proposal.account.provider,
            starts_on=on,
            by=by,
            reason=why,
            **{"account": proposal.account, "number": proposal.number, **_state(proposal)},
        )
        place_billed_line(account=proposal.account_id, number=line.number, line=line, by=by)
        return
    assert proposal.service_line is not None
    changes = (
        {"status": LineStatus.CANCELLED}
        if proposal.kind == ProposalKind.CLOSE
        else _state(proposal)
    )
    change_line(service_line=proposal.service_line, on=on, by=by, reason=why, **changes)


def _state(proposal: LineProposal) -> dict[str, Any]:
    """The proposed values, as the fleet's acts take them."""
    proposed = {name: pair[1] for name, pair in proposal.values.items()}
    state: dict[str, Any] = {name: proposed[name] or "" for name in COPIED if name in proposed}
    if proposed.get("status"):
        state["status"] = LineStatus(proposed["status"])
    if proposed.get("commitment_ends_on"):
        state["commitment_ends_on"] = date.fromisoformat(proposed["commitment_ends_on"])
    if proposed.get("cost_centre"):
        state["cost_centre"] = _centre(proposal, proposed["cost_centre"])
    return state


def _centre(proposal: LineProposal, code: str) -> CostCentre:
    """The branch's own cost centre of that code."""
    found = CostCentre.objects.filter(branch=proposal.branch_id, code=code).first()
    if found is None:
        raise ValidationError(
            _(
                "le centre de coûts %(code)s n'existe pas dans cette subdivision : ajoutez-le "
                "d'abord, ou refusez la proposition."
            )
            % {"code": code}
        )
    return found
