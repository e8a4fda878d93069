"""Draw on signed derogations, give back, go on when one is signed, wait when one falls (D-12).

Locks are taken in one order everywhere: the order, then its derogations by their key.
"""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from derogations.actions.drawing import mark_exhausted, mark_replenished
from derogations.kinds import DerogationState
from derogations.models import Derogation
from members.models import User
from members.permissions import require
from members.roles import May
from orders import events
from orders.answers import Answer
from orders.kinds import OrderState, SendingMode
from orders.models import Dispatch, Draw, Order, OrderLine, Reliance
from orders.queries.derogations import HOLDING, candidates, left_of, live_draws
from orders.queries.facts import lines_to_judge, order_facts
from orders.rules import Verdict, judge
from orders.states import BLOCK, CONTINUE
from portal.audit import SYSTEM, Actor, SystemActor, record
from portal.clock import database_clock, today
from portal.commands import action
from portal.queue import later
from portal.workflow import advance, locked


@action
def continue_order(*, order: Order, by: SystemActor) -> Order:
    """A held order goes on by itself once its derogation is signed and no rule holds it (D-11).

    The rules run again on the frozen order; what still stands in its way is written on it, and
    the clock asks again of what a rule other than the derogation holds.
    """
    fresh = locked(order)
    if fresh.state != OrderState.AWAITING_DEROGATION:
        return fresh
    lock_candidates(fresh)
    lines = lines_to_judge(fresh)
    verdict = judge(order_facts(fresh, by=by, attested=True, lines=lines))
    missing = [*verdict.refusals, *verdict.needs]
    if missing:
        return _leave_waiting(fresh, missing, by)
    gone_on = advance(CONTINUE, on=fresh, by=by, needs=[])
    draw_for(gone_on, lines, verdict, by)
    later("orders.prepare_sheet", order_id=gone_on.pk)
    return gone_on


@action
def block_order(*, order: Order, derogation: Derogation, by: SystemActor) -> Order:
    """An order that no provider has goes back to wait when a derogation it rests on fell (R-22).

    All that it drew is given back: it will draw again, whole, when something covers it. A sending
    under way ends first, and asks again before any other try.
    """
    fresh = locked(order)
    fallen = locked(derogation)
    if fresh.state != OrderState.SUBMITTED or holds(fallen) or _is_being_sent(fresh):
        return fresh
    return hold_back(fresh, [fallen], by)


@action
def choose_derogation(*, order_line: OrderLine, derogation: Derogation, by: User) -> Reliance:
    """RCELL names the derogation on which a line is to rest, where two would do (D-10).

    It replaces those named before that could be drawn on. An order that waits is examined again.
    Raises ValidationError when that derogation would not do.
    """
    hat = require(by, May.ORDER, on=order_line.order)
    order = locked(order_line.order)
    if order.state not in (OrderState.DRAFT, OrderState.AWAITING_DEROGATION):
        raise ValidationError(_("Cette commande est soumise : ce sur quoi elle repose est fixé."))
    lines = lines_to_judge(order)
    verdict = judge(order_facts(order, by=by, attested=True, lines=lines))
    index = [line.pk for line in lines].index(order_line.pk)
    if derogation.pk not in {one.pk for one in verdict.covers[index].options}:
        raise ValidationError(
            _("La dérogation %(number)s ne couvre pas cette ligne : choisissez-en une autre.")
            % {"number": derogation.number}
        )
    others = candidates(order).exclude(pk=derogation.pk)
    Reliance.objects.filter(order_line=order_line, derogation__in=others).delete()
    reliance, _created = Reliance.objects.get_or_create(
        order_line=order_line, derogation=derogation, defaults={"recorded_by": by}
    )
    record(
        events.DEROGATION_CHOSEN,
        by=by,
        on=order,
        hat=hat,
        position=order_line.position,
        derogation=derogation.number,
    )
    if order.state == OrderState.AWAITING_DEROGATION:
        continue_order(order=order, by=SYSTEM)
    return reliance


def lock_candidates(order: Order) -> None:
    """Lock what the order may draw on, in one order for everyone."""
    list(candidates(order).order_by("pk").select_for_update(of=("self",)).values_list("pk"))


def draw_for(order: Order, lines: Sequence[OrderLine], verdict: Verdict, by: Actor) -> None:
    """Draw what the verdict rests on; its derogations are locked by the caller (R-23)."""
    touched: dict[int, int] = {}
    for line, cover in zip(lines, verdict.covers, strict=True):
        for derogation_id, kinds in cover.draws.items():
            Draw.objects.create(
                order_line=line,
                derogation_id=derogation_id,
                branch_id=order.branch_id,
                kinds=list(kinds),
                quantity=line.quantity,
            )
            touched[derogation_id] = touched.get(derogation_id, 0) + line.quantity
    for derogation in Derogation.objects.filter(pk__in=touched).order_by("pk"):
        record(
            events.DRAW_MADE,
            by=by,
            on=order,
            derogation=derogation.number,
            quantity=touched[derogation.pk],
        )
        if left_of(derogation) == 0:
            mark_exhausted(derogation=derogation, by=SYSTEM)


def release_draws(order: Order, reason: str, by: Actor, line: OrderLine | None = None) -> None:
    """Give back what an order, or one of its lines, holds; a derogation may serve again (R-23)."""
    draws = live_draws(order)
    if line is not None:
        draws = draws.filter(order_line=line)
    ids = set(draws.values_list("derogation", flat=True))
    for derogation in _locked_all(ids):
        own = draws.filter(derogation=derogation)
        given_back = sum(own.values_list("quantity", flat=True))
        own.update(released_at=database_clock(), release_reason=reason[:300])
        record(
            events.DRAW_RELEASED,
            by=by,
            on=order,
            derogation=derogation.number,
            quantity=given_back,
            reason=reason,
        )
        if derogation.state == DerogationState.EXHAUSTED:
            mark_replenished(derogation=derogation, by=SYSTEM)
        if derogation.state in HOLDING:
            later("orders.draw_on_derogation", derogation_id=derogation.pk)


def fallen_under(order: Order) -> list[Derogation]:
    """The derogations that the order drew on and that hold no more, locked (D-12)."""
    ids = set(live_draws(order).values_list("derogation", flat=True))
    return [one for one in _locked_all(ids) if not holds(one)]


def hold_back(order: Order, fallen: Iterable[Derogation], by: SystemActor) -> Order:
    """Give back its draws and put a submitted order to wait, with the reason (signing.md §3.8).

    What its sheet says is void, and so is an entry awaited at the provider's portal.
    """
    reasons = [fall_sentence(one) for one in fallen]
    release_draws(order, " ".join(reasons), by)
    awaited = order.dispatches.filter(outcome=Dispatch.Outcome.PENDING)
    awaited.update(outcome=Dispatch.Outcome.VOID, detail=reasons[0][:500])
    needs = [{"rule": "R-23", "kinds": [], "sentence": reason} for reason in reasons]
    return advance(BLOCK, on=order, by=by, needs=needs, sheet=None, reasons=reasons)


def holds(derogation: Derogation) -> bool:
    """Whether what was drawn on it may still be sent: signed or used up, and not past its end."""
    over = derogation.ends_on is not None and derogation.ends_on < today()
    return derogation.state in HOLDING and not over


def fall_sentence(derogation: Derogation) -> str:
    """Why nothing may rest on it any more, and what to do."""
    told = {"number": derogation.number, "state": derogation.get_state_display().lower()}
    if derogation.state in HOLDING:
        told["state"] = _("finie le %(day)s") % {"day": derogation.ends_on}
    return (
        _(
            "La dérogation %(number)s est %(state)s : demandez-en une autre, ou choisissez-en une "
            "qui couvre la ligne."
        )
        % told
    )


def _is_being_sent(order: Order) -> bool:
    """Whether a message or a file is on its way; an entry by hand waits for a person."""
    live = order.dispatches.filter(outcome=Dispatch.Outcome.PENDING)
    return live.exclude(mode=SendingMode.PROVIDER_PORTAL).exists()


def _leave_waiting(order: Order, missing: Sequence[Answer], by: SystemActor) -> Order:
    """Write what still stands in the way of a held order; nothing when it was said already."""
    needs = [{"rule": a.rule, "kinds": list(a.kinds), "sentence": a.sentence} for a in missing]
    if needs != order.needs:
        order.needs = needs
        order.save(update_fields=["needs"])
        record(events.ORDER_LEFT_WAITING, by=by, on=order, rules=[a.rule for a in missing])
    return order


def _locked_all(ids: Iterable[int]) -> list[Derogation]:
    """Derogations locked by their key, in one order for everyone."""
    rows = Derogation.objects.filter(pk__in=sorted(ids)).order_by("pk")
    return list(rows.select_for_update(of=("self",)))
