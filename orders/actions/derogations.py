"""Ask for a derogation from where it is missed: an order line, or one that is about to end."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalogue.models import Offer
from derogations.actions.drafts import add_place, open_request
from derogations.kinds import HeadDecision
from derogations.models import Derogation
from derogations.regions import REGIONS
from members.models import User
from members.permissions import require
from members.powers import DerogationKind
from members.roles import May
from orders import events
from orders.answers import Answer
from orders.kinds import OrderState
from orders.models import Order, OrderLine, Reliance
from orders.queries.dependents import numbers_resting_on
from orders.queries.derogations import ASKED, HOLDING, nearest_zero_cost, standing_requests
from orders.queries.facts import lines_to_judge, order_facts, priced_lines
from orders.rules import judge
from portal.audit import record
from portal.commands import action
from portal.workflow import locked

RENEWED = (
    *("need", "insufficiency", "consequence", "network_nature", "ticket_reference"),
    *("ticket_answer", "second_rank_serves", "requirement", "first_rank_gap", "first_rank_answer"),
    *("compatibility", "device_model", "device_amount", "nearest_zero_cost", "nearest_why_not"),
    *("user_function", "budget", "is_quantity_limited", "one_off_amount", "monthly_amount"),
)
"""What a renewal takes over; dates, proof and papers are asked anew (F-29)."""


@action
def ask_derogation(*, order_line: OrderLine, kind: str, by: User) -> Derogation:
    """« Demander la dérogation »: one request, filled, for this line and its like (F-22, R-20).

    ``kind`` is the one wanted where several would do (D-10). Lines of the order with the same
    articles and needs join it: one request for their whole quantity. Raises ValidationError when
    the line needs none, or already has a request under way.
    """
    hat = require(by, May.ORDER, on=order_line.order)
    order = locked(order_line.order)
    if order.state not in (OrderState.DRAFT, OrderState.AWAITING_DEROGATION):
        raise ValidationError(_("Cette commande n'attend aucune dérogation."))
    lines = _lacking(order, by)
    if order_line.pk not in lines:
        raise ValidationError(_("Cette ligne n'a besoin d'aucune autre dérogation."))
    under_way = standing_requests(order_line)
    if under_way:
        raise ValidationError(
            _("La demande %(number)s est déjà en cours pour cette ligne.")
            % {"number": under_way[0].number}
        )
    line, needs = lines[order_line.pk]
    like = [one for one, other in lines.values() if _same(one, line) and other == needs]
    like = [one for one in like if one.pk == line.pk or not standing_requests(one)]
    kinds = {kind if kind in need else need[0] for need in needs}
    derogation = _open(order, like, kinds, by)
    Reliance.objects.bulk_create(
        Reliance(order_line=one, derogation=derogation, recorded_by=by) for one in like
    )
    positions = [one.position for one in like]
    record(
        events.DEROGATION_ASKED,
        by=by,
        on=order,
        hat=hat,
        derogation=derogation.number,
        positions=positions,
    )
    return derogation


@action
def renew_derogation(*, derogation: Derogation, by: User) -> Derogation:
    """Open the request that follows a derogation, filled with what it said (F-29).

    It is wanted the day after the other ends, for the lines that rest on it; proofs and papers are
    asked anew. Raises ValidationError when nothing is to renew, or when a renewal is under way.
    """
    hat = require(by, May.ASK_DEROGATION, on=derogation)
    if derogation.state not in HOLDING or derogation.ends_on is None:
        raise ValidationError(_("Seule une dérogation en vigueur, qui a une fin, se renouvelle."))
    locked(derogation)
    under_way = derogation.renewals.filter(state__in=ASKED).first()
    if under_way:
        raise ValidationError(
            _("Le renouvellement %(number)s est déjà en cours.") % {"number": under_way.number}
        )
    kept: dict[str, Any] = {name: getattr(derogation, name) for name in RENEWED}
    opened = open_request(
        branch=derogation.branch,
        provider=derogation.provider,
        contract=derogation.contract,
        kinds=[head.kind for head in derogation.heads.filter(decision=HeadDecision.SIGNED)],
        offer=derogation.offer,
        quantity=derogation.quantity,
        service_numbers=numbers_resting_on(derogation),
        by=by,
        wanted_on=derogation.ends_on + timedelta(days=1),
        renews=derogation,
        **kept,
    )
    for place in derogation.places.all():
        add_place(
            derogation=opened,
            address=place.address,
            municipality=place.municipality,
            administrative_region=place.administrative_region,
            by=by,
        )
    record(events.RENEWAL_ASKED, by=by, on=derogation, hat=hat, request=opened.number)
    return opened


def _lacking(order: Order, by: User) -> dict[int, tuple[OrderLine, tuple[tuple[str, ...], ...]]]:
    """The lines that lack a derogation, each with the kinds of each need."""
    lines = lines_to_judge(order)
    verdict = judge(order_facts(order, by=by, attested=True, lines=lines))
    found = {}
    for line, answers in zip(lines, verdict.lines, strict=True):
        needs = tuple(_kinds(answers))
        if needs:
            found[line.pk] = (line, needs)
    return found


def _kinds(answers: Sequence[Answer]) -> list[tuple[str, ...]]:
    return [answer.kinds for answer in answers if answer.outcome == "needs"]


def _same(one: OrderLine, other: OrderLine) -> bool:
    """Whether two lines ask for the same articles."""
    names = ("kind", "device_id", "plan_id", "accessory_id")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _open(order: Order, lines: Sequence[OrderLine], kinds: set[str], by: User) -> Derogation:
    """The request, filled with what the order says: costs, need, device, places (F-22, F-28)."""
    line = lines[0]
    priced = priced_lines([line])[0]
    values: dict[str, Any] = {
        "one_off_amount": priced.one_off_amount,
        "monthly_amount": priced.monthly_amount,
        "external_reference": order.number,
        "need": _need(order, lines),
    }
    if DerogationKind.NON_ZERO_COST in kinds:
        nearest = nearest_zero_cost(order)
        values["nearest_zero_cost"] = nearest.name if nearest else ""
        values["user_function"] = line.holder.function if line.holder else ""
    derogation = open_request(
        branch=order.branch,
        provider=order.rank.provider,
        contract=order.rank.contract,
        kinds=kinds,
        offer=_article(line),
        quantity=sum(one.quantity for one in lines),
        service_numbers=[one.service_line.number for one in lines if one.service_line],
        by=by,
        **values,
    )
    if DerogationKind.NETWORK in kinds:
        _add_places(derogation, lines, by)
    return derogation


def _need(order: Order, lines: Sequence[OrderLine]) -> str:
    """What is ordered, in words, functions only: the representative says the rest."""
    line = lines[0]
    articles = [offer.name for offer in (line.device, line.plan, line.accessory) if offer]
    functions = dict.fromkeys(one.holder.function for one in lines if one.holder)
    told = {
        "kind": line.get_kind_display(),
        "articles": ", ".join(articles) or _("sans article"),
        "order": order.number,
    }
    text = _("%(kind)s : %(articles)s (commande %(order)s).") % told
    held = ", ".join(function for function in functions if function)
    return f"{text} " + _("Pour : %(functions)s.") % {"functions": held} if held else text


def _add_places(derogation: Derogation, lines: Sequence[OrderLine], by: User) -> None:
    """Where the lines are delivered, in the member's region: a start, to be corrected (F-33)."""
    region = derogation.branch.organisation.administrative_region
    addresses = {line.address.pk: line.address for line in lines if line.address}
    for address in addresses.values() if region in REGIONS else ():
        add_place(
            derogation=derogation,
            address=address.street,
            municipality=address.city,
            administrative_region=region,
            by=by,
        )


def _article(line: OrderLine) -> Offer | None:
    """The article that the request is about: the device, else the plan, else the accessory."""
    return line.device or line.plan or line.accessory
