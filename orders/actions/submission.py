"""Submit, hold, reopen and cancel an order: the rules decide, prices freeze, work is promised."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.models import User
from members.permissions import Refused, has_second_factor, perform, require
from members.roles import May
from orders import attestation
from orders.actions.drawing import draw_for, lock_candidates, release_draws
from orders.models import Dispatch, Order, OrderLine
from orders.queries.facts import (
    ARTICLES,
    lines_to_judge,
    order_facts,
    priced_lines,
    take_listed_offers,
    totals_of,
)
from orders.rules import Verdict, judge, second_factor_reasons
from orders.states import CANCEL, HOLD, REOPEN, SUBMIT
from portal.clock import database_clock, today
from portal.commands import action
from portal.queue import later
from portal.workflow import locked


@action
def submit_order(*, order: Order, by: User, attested: bool, reference: str | None = None) -> Order:
    """Submit a draft: R-10 to R-18 decide, prices freeze, the sending is promised (R-12, R-18).

    What needs a derogation draws on it in the same transaction, under its lock (R-23); an order
    that lacks only derogations goes to ``awaiting_derogation`` and sends nothing (D-11). The
    member's ``reference`` replaces the draft's, unless it is None.
    Raises ValidationError with each refusal's sentence, Refused when a second factor is missing.
    """
    require(by, May.ORDER, on=order)
    fresh = locked(order)
    lines = lines_to_judge(fresh)
    if not lines:
        raise ValidationError(_("La commande est vide : ajoutez au moins une ligne."))
    lock_candidates(fresh)
    verdict = judge(order_facts(fresh, by=by, attested=attested, lines=lines))
    if verdict.refusals:
        raise ValidationError(list(dict.fromkeys(a.sentence for a in verdict.refusals)))
    _ask_second_factor(lines, by)
    take_listed_offers(lines, fresh, today())
    transition = HOLD if verdict.needs else SUBMIT
    frozen = _frozen(lines, verdict, by)
    if reference is not None:
        frozen["member_reference"] = reference
    submitted = perform(transition, on=fresh, by=by, **frozen)
    if transition is SUBMIT:
        draw_for(submitted, lines, verdict, by)
        later("orders.prepare_sheet", order_id=submitted.pk)
    else:
        later("orders.examine_held", order_id=submitted.pk)
    return submitted


@action
def reopen_order(*, order: Order, by: User, reason: str) -> Order:
    """Put an order that awaits a derogation back to draft, with a reason (D-11)."""
    return perform(REOPEN, on=order, by=by, reason=reason, submitted_at=None, submitted_by=None)


@action
def cancel_order(*, order: Order, by: User, reason: str) -> Order:
    """Cancel an order that is not sent; refused while a sending is under way (D-13).

    What it drew on derogations is given back (R-23).
    """
    require(by, May.ORDER, on=order)
    locked(order)
    live = Dispatch.objects.filter(order=order, outcome=Dispatch.Outcome.PENDING)
    if live.exclude(mode="provider_portal").exists():
        raise ValidationError(
            _("La transmission est en cours : attendez quelques secondes, puis voyez l'état.")
        )
    live.update(outcome=Dispatch.Outcome.VOID, detail=_("Commande annulée"))
    cancelled = perform(CANCEL, on=order, by=by, cancel_reason=reason)
    release_draws(cancelled, _("Commande annulée : %(reason)s") % {"reason": reason}, by)
    return cancelled


def _ask_second_factor(lines: list[OrderLine], by: User) -> None:
    """A risky submission asks for a second factor even where the role does not (F-87)."""
    reasons = second_factor_reasons(
        line_count=sum(line.quantity for line in lines),
        unconfirmed_addresses=[
            line.address.label
            for line in lines
            if line.address and line.address.confirmed_at is None
        ],
    )
    if reasons and not has_second_factor(by):
        raise Refused(
            _(
                "Cette soumission demande un second facteur : %(reasons)s. "
                "Ajoutez-en un à la page « Mon compte », puis soumettez de nouveau."
            )
            % {"reasons": " ; ".join(reasons)}
        )


def _frozen(lines: list[OrderLine], verdict: Verdict, by: User) -> dict[str, Any]:
    """Freeze each line's unit prices, and return the order's frozen fields (R-18)."""
    for line, priced in zip(lines, priced_lines(lines), strict=True):
        line.one_off_amount, line.monthly_amount = priced.one_off_amount, priced.monthly_amount
    OrderLine.objects.bulk_update(lines, [*ARTICLES, "one_off_amount", "monthly_amount"])
    totals = totals_of(lines)
    return {
        "submitted_at": database_clock(),
        "submitted_by": by,
        "attestation_version": attestation.CURRENT,
        "needs": [
            {"rule": a.rule, "kinds": list(a.kinds), "sentence": a.sentence} for a in verdict.needs
        ],
        "one_off_amount": totals.one_off.amount,
        "one_off_tps_amount": totals.one_off.tps_amount,
        "one_off_tvq_amount": totals.one_off.tvq_amount,
        "monthly_amount": totals.monthly.amount,
        "monthly_tps_amount": totals.monthly.tps_amount,
        "monthly_tvq_amount": totals.monthly.tvq_amount,
    }
