"""Build an order: open a draft, add, change and remove its lines, repeat an earlier one."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalogue.models import Offer
from members.models import Branch, ContractRank, CostCentre, User
from members.permissions import require
from members.roles import May
from orders import events
from orders.actions.holders import add_holder
from orders.kinds import FIELDS_OF_KIND, OrderKind, OrderState
from orders.models import DeliveryAddress, Holder, Order, OrderLine, Reliance, ServiceLine
from orders.queries.facts import ARTICLES, lines_to_judge, take_listed_offers
from portal.audit import record
from portal.clock import today
from portal.commands import action
from portal.numbers import next_number
from portal.workflow import locked

MAX_LINES = 500


@dataclass(frozen=True, slots=True)
class LineDraft:
    """What was chosen for one order line; fields that its kind does not have stay empty."""

    kind: OrderKind
    device: Offer | None = None
    plan: Offer | None = None
    accessory: Offer | None = None
    quantity: int = 1
    service_line: ServiceLine | None = None
    sim_kind: str = ""
    own_imei: str = ""
    holder: Holder | None = None
    cost_centre: CostCentre | None = None
    address: DeliveryAddress | None = None
    new_holder: str = ""

    def values(self) -> dict[str, Any]:
        """The model's field values."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "new_holder"}


@action
def open_draft(*, branch: Branch, rank: ContractRank, by: User, reference: str = "") -> Order:
    """Open a draft for one provider and contract (R-10, D-10)."""
    hat = require(by, May.ORDER, on=branch)
    order = Order.objects.create(
        number=next_number("C"), branch=branch, rank=rank, created_by=by, member_reference=reference
    )
    record(events.ORDER_DRAFTED, by=by, on=order, hat=hat, provider=rank.provider_id)
    return order


@action
def add_to_draft(
    *,
    branch: Branch,
    rank: ContractRank,
    order: Order | None,
    drafts: Sequence[LineDraft],
    by: User,
) -> Order:
    """Add lines to ``order``, or to a new draft when it is None or of another provider (D-10).

    A holder written by name is recorded first, in the same act.
    """
    require(by, May.ORDER, on=branch)
    if order is None or order.rank_id != rank.pk:
        order = open_draft(branch=branch, rank=rank, by=by)
    named = [
        replace(draft, holder=_named_holder(branch, draft.new_holder, by))
        if draft.new_holder and not draft.holder
        else draft
        for draft in drafts
    ]
    add_lines(order=order, drafts=named, by=by)
    return order


@action
def add_lines(*, order: Order, drafts: Sequence[LineDraft], by: User) -> list[OrderLine]:
    """Add lines at the end of a draft.

    Raises ValidationError, with sentences, when a draft is incomplete, names another branch's
    holder, cost centre, address or line, or an offer of another provider (D-10).
    """
    hat = require(by, May.ORDER, on=order)
    fresh = _draft(order)
    for draft in drafts:
        check_draft(draft, fresh)
    count = fresh.lines.count()
    if count + len(drafts) > MAX_LINES:
        raise ValidationError(
            _("Une commande compte au plus %(count)s lignes : ouvrez-en une autre.")
            % {"count": MAX_LINES}
        )
    lines = OrderLine.objects.bulk_create(
        OrderLine(order=fresh, position=count + index, **draft.values())
        for index, draft in enumerate(drafts, start=1)
    )
    record(events.ORDER_LINES_ADDED, by=by, on=fresh, hat=hat, count=len(lines))
    return lines


@action
def change_order_line(*, order_line: OrderLine, draft: LineDraft, by: User) -> OrderLine:
    """Replace what a draft's line says; the same checks as when it was added.

    With another article, the derogations named for the line are no longer those it needs.
    """
    hat = require(by, May.ORDER, on=order_line.order)
    order = _draft(order_line.order)
    check_draft(draft, order)
    if any(getattr(order_line, name) != getattr(draft, name) for name in ARTICLES):
        Reliance.objects.filter(order_line=order_line).delete()
    for name, value in draft.values().items():
        setattr(order_line, name, value)
    order_line.save()
    record(events.ORDER_LINE_CHANGED, by=by, on=order, hat=hat, position=order_line.position)
    return order_line


@action
def remove_order_line(*, order_line: OrderLine, by: User) -> None:
    """Take a line out of a draft; the lines after it move up."""
    hat = require(by, May.ORDER, on=order_line.order)
    order = _draft(order_line.order)
    position = order_line.position
    order_line.delete()
    for later_line in order.lines.filter(position__gt=position).order_by("position"):
        later_line.position -= 1
        later_line.save(update_fields=["position"])
    record(events.ORDER_LINE_REMOVED, by=by, on=order, hat=hat, position=position)


@action
def update_draft(*, order: Order, by: User) -> Order:
    """Give every article of a draft the terms of today's list; what left the list stays (R-11).

    The article is the same, so the derogations named for its line stay too.
    """
    hat = require(by, May.ORDER, on=order)
    fresh = _draft(order)
    lines = lines_to_judge(fresh)
    take_listed_offers(lines, fresh, today())
    OrderLine.objects.bulk_update(lines, ARTICLES)
    record(events.ORDER_UPDATED, by=by, on=fresh, hat=hat)
    return fresh


@action
def repeat_order(*, order: Order, offers: dict[int, Offer], by: User) -> Order:
    """« Refaire ma dernière commande »: a new draft with the same lines, at today's offers.

    ``offers`` maps the id of each old offer to the offer of the same code in today's list; a line
    whose offer is gone is left out, and so is a line in service of another branch.
    """
    require(by, May.ORDER, on=order)
    copy = open_draft(branch=order.branch, rank=order.rank, by=by, reference=order.member_reference)
    drafts = [_repeated(line, offers) for line in order.lines.order_by("position")]
    kept = [draft for draft in drafts if draft is not None]
    if not kept:
        raise ValidationError(_("Aucun article de cette commande n'est encore au catalogue."))
    add_lines(order=copy, drafts=kept, by=by)
    return copy


def check_draft(draft: LineDraft, order: Order) -> None:
    """Raise ValidationError by field when a line is incomplete or reaches outside its order."""
    faults = {**_missing(draft), **_foreign(draft, order)}
    if faults:
        raise ValidationError(faults)


def _missing(draft: LineDraft) -> dict[str, str]:
    """What the kind asks for and was not said (F-23)."""
    faults = {
        name: _("Ce renseignement manque.")
        for name in FIELDS_OF_KIND[draft.kind].required
        if not getattr(draft, name)
    }
    if draft.kind == OrderKind.DEVICE_ONLY and not (draft.device or draft.accessory):
        faults["device"] = _("Choisissez un appareil ou un accessoire.")
    return faults


def _foreign(draft: LineDraft, order: Order) -> dict[str, str]:
    """What belongs to another provider (D-10) or to another branch."""
    faults = {}
    for name in ("device", "plan", "accessory"):
        offer = getattr(draft, name)
        if offer and offer.version.rank_id != order.rank_id:
            faults[name] = _("Cet article est d'un autre prestataire que le reste de la ligne.")
    for name in ("holder", "cost_centre", "address", "service_line"):
        related = getattr(draft, name)
        if related and related.branch_id != order.branch_id:
            faults[name] = _("Ce choix n'appartient pas à la subdivision de la commande.")
    if draft.service_line and draft.service_line.provider_id != order.rank.provider_id:
        faults["service_line"] = _("Cette ligne est chez un autre prestataire.")
    return faults


def _named_holder(branch: Branch, name: str, by: User) -> Holder:
    """A holder known by name only; the function and the number come later."""
    return add_holder(branch=branch, name=name, function="", employee_number="", by=by)


def _draft(order: Order) -> Order:
    """The order, locked, still a draft."""
    fresh = locked(order)
    if fresh.state != OrderState.DRAFT:
        raise ValidationError(
            _("Cette commande n'est plus un brouillon : son contenu ne change plus.")
        )
    return fresh


def _repeated(line: OrderLine, offers: dict[int, Offer]) -> LineDraft | None:
    """The same line with today's offers; None when one of them is gone."""
    chosen: dict[str, Offer | None] = {}
    for name in ("device", "plan", "accessory"):
        old_id = getattr(line, f"{name}_id")
        if old_id and old_id not in offers:
            return None
        chosen[name] = offers.get(old_id)
    return LineDraft(
        kind=OrderKind(line.kind),
        device=chosen["device"],
        plan=chosen["plan"],
        accessory=chosen["accessory"],
        quantity=line.quantity,
        service_line=line.service_line,
        sim_kind=line.sim_kind,
        own_imei=line.own_imei,
        holder=line.holder,
        cost_centre=line.cost_centre,
        address=line.address,
    )
