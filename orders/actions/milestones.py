"""Record what the provider did, line by line; activation feeds the fleet (F-26, F-40)."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.models import ProviderAccount, User
from members.permissions import perform, require
from members.queries.holdings import open_accounts, usual_account
from members.roles import May
from orders import events
from orders.actions.drawing import release_draws
from orders.actions.fleet import LineChanges, change_line, open_line
from orders.kinds import KINDS_WITH_ACTIVATION, MilestoneKind, OrderKind, OrderState
from orders.models import Milestone, Order, OrderLine
from orders.states import ACKNOWLEDGE, CLOSE, CLOSE_REFUSED, RECEIVE
from portal.audit import record
from portal.clock import day_of, today
from portal.commands import action
from portal.workflow import locked

SENT_STATES = (
    OrderState.SENT,
    OrderState.ACKNOWLEDGED,
    OrderState.DELIVERED,
    OrderState.CLOSED,
)


@dataclass(frozen=True, slots=True)
class Activation:
    """What the provider says of an activated line: ten digits, card, device, account."""

    number: str = ""
    account: ProviderAccount | None = None
    sim_number: str = ""
    imei: str = ""


@action
def record_milestone(
    *,
    order_line: OrderLine,
    kind: MilestoneKind,
    reached_on: date,
    by: User,
    note: str = "",
    activation: Activation | None = None,
) -> Milestone:
    """Record one milestone of a sent order's line on a day; RCELL or ITQ (F-26, D-05).

    A line that the provider refuses gives back what it drew on a derogation (R-23).
    ``activation`` is needed for ACTIVATED on a kind that opens or changes a line in service; a
    new line that names no account takes the only open one of its branch.
    Raises ValidationError when the day is impossible or the milestone already stands.
    """
    hat = require(by, May.RECORD_MILESTONE, on=order_line.order)
    order = locked(order_line.order)
    _check(order, order_line, kind, reached_on)
    milestone = Milestone.objects.create(
        order_line=order_line, kind=kind, reached_on=reached_on, note=note, recorded_by=by
    )
    record(
        events.MILESTONE_RECORDED,
        by=by,
        on=order,
        hat=hat,
        position=order_line.position,
        kind=kind,
        reached_on=reached_on.isoformat(),
    )
    if kind == MilestoneKind.ACTIVATED and order_line.kind in KINDS_WITH_ACTIVATION:
        activate(order_line, activation or Activation(), reached_on, by)
    if kind == MilestoneKind.REFUSED:
        release_draws(order, _("Ligne refusée par le prestataire"), by, line=order_line)
    _follow(order, by)
    return milestone


@action
def receive_order(*, order: Order, by: User) -> Order:
    """RCELL has the goods in hand."""
    return perform(RECEIVE, on=order, by=by)


@action
def close_order(*, order: Order, by: User) -> Order:
    """Nothing more is awaited; refused while a line awaits its activation.

    One whose lines the provider all refused is closed as refused, from ``sent`` on.
    """
    require(by, May.ORDER, on=order)
    fresh = locked(order)
    if _awaits_activation(fresh):
        raise ValidationError(
            _("Une ligne n'est ni activée ni refusée : inscrivez d'abord ce jalon.")
        )
    return perform(CLOSE_REFUSED if _is_refused(fresh) else CLOSE, on=order, by=by)


def activate(line: OrderLine, facts: Activation, day: date, by: User) -> None:
    """Open the line in service, or change the one that the order names (F-40)."""
    order = line.order
    if line.kind in (OrderKind.NEW_LINE, OrderKind.SIM_ONLY):
        open_line(
            order_line=line,
            branch=order.branch,
            number=facts.number,
            account=facts.account
            or usual_account(open_accounts(order.branch, order.rank.provider), order.branch),
            sim_kind=line.sim_kind,
            sim_number=facts.sim_number,
            device=line.device,
            imei=facts.imei or line.own_imei,
            plan=line.plan,
            holder=line.holder,
            cost_centre=line.cost_centre,
            starts_on=day,
            by=by,
        )
        return
    assert line.service_line
    changes = (
        LineChanges(device=line.device, imei=facts.imei)
        if line.kind == OrderKind.UPGRADE
        else LineChanges(plan=line.plan)
    )
    change_line(
        service_line=line.service_line,
        on=day,
        by=by,
        reason=_("Commande %(number)s") % {"number": order.number},
        order_line=line,
        **changes,
    )


def _check(order: Order, line: OrderLine, kind: MilestoneKind, day: date) -> None:
    """A milestone follows the sending, is not in the future, and stands once."""
    if order.state not in SENT_STATES or order.sent_at is None:
        raise ValidationError(_("La commande n'est pas transmise : aucun jalon ne s'inscrit."))
    if day > today():
        raise ValidationError({"reached_on": _("Cette date est à venir : inscrivez le jour même.")})
    if day < day_of(order.sent_at):
        raise ValidationError({"reached_on": _("Cette date précède la transmission.")})
    standing = set(line.milestones.values_list("kind", flat=True))
    if kind in standing:
        raise ValidationError({"kind": _("Ce jalon est déjà inscrit pour cette ligne.")})
    if MilestoneKind.REFUSED in standing:
        raise ValidationError(_("Le prestataire a refusé cette ligne : elle n'a plus de jalon."))


def _follow(order: Order, by: User) -> None:
    """An order whose lines all have their answer is acknowledged, unless all are refused."""
    unanswered = order.lines.exclude(milestones__isnull=False).exists()
    if order.state == OrderState.SENT and not unanswered and not _is_refused(order):
        perform(ACKNOWLEDGE, on=order, by=by)


def _is_refused(order: Order) -> bool:
    """Whether the provider refused every line."""
    return not order.lines.exclude(milestones__kind=MilestoneKind.REFUSED).exists()


def _awaits_activation(order: Order) -> bool:
    """Whether a line that opens or changes a line in service has neither end."""
    ended = order.lines.filter(
        milestones__kind__in=[MilestoneKind.ACTIVATED, MilestoneKind.REFUSED]
    )
    return (
        order.lines.filter(kind__in=KINDS_WITH_ACTIVATION)
        .exclude(pk__in=ended.values("pk"))
        .exists()
    )
