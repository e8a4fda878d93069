"""Put a line in service, and change it by a dated act (F-40, D-13)."""

import copy
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from catalogue.models import Offer
from members.models import Branch, CostCentre, Provider, ProviderAccount, User
from members.permissions import has_second_factor, require
from members.roles import May
from orders import events, identifiers
from orders.fleet_changes import NothingChanges, Placement, ends_on, place
from orders.kinds import LineStatus, Origin
from orders.models import Holder, LineVersion, OrderLine, ServiceLine
from portal.audit import record
from portal.clock import database_clock, today
from portal.commands import action
from portal.queue import later
from portal.workflow import locked


class LineState(TypedDict, total=False):
    """What a line is, beside its number and its branch; a name left out stays as it is.

    ``device`` and ``plan`` bring their labels, their ends of subsidy and of commitment, unless
    these are given too; a label given alone is a thing that no list names any more.
    """

    account: ProviderAccount | None
    status: LineStatus
    sim_kind: str
    sim_number: str
    device: Offer | None
    device_label: str
    imei: str
    subsidy_ends_on: date | None
    commitment_ends_on: date | None
    plan: Offer | None
    plan_label: str
    is_flexible: bool
    holder: Holder | None
    cost_centre: CostCentre | None


class LineChanges(LineState, total=False):
    """What a dated act may change."""

    branch: Branch
    number: str


@action
def open_line(
    *,
    order_line: OrderLine,
    branch: Branch,
    number: str,
    starts_on: date,
    by: User,
    origin: Origin = Origin.ORDER,
    **state: Unpack[LineState],
) -> ServiceLine:
    """The activation of an order line puts a line in service from ``starts_on`` (F-26, F-40).

    Raises ValidationError: a number already in service, a day to come, an ill-written number, card
    or IMEI, an account of another provider, a holder or a cost centre of another branch.
    """
    hat = require(by, May.RECORD_MILESTONE, on=branch)
    place(on=starts_on, since=starts_on, today=today())
    line = ServiceLine(branch=branch, provider=order_line.order.rank.provider, origin=origin)
    version = LineVersion(service_line=line, branch=branch, status=LineStatus.ACTIVE)
    _apply(version, {**state, "number": number}, on=starts_on)
    line.number = version.number
    line.save()
    version.service_line, version.order_line = line, order_line
    _write(version, on=starts_on, by=by, reason="")
    record(
        events.LINE_OPENED, by=by, on=line, hat=hat, starts_on=str(starts_on), number=line.number
    )
    return line


@action
def adopt_line(
    *,
    branch: Branch,
    provider: Provider,
    number: str,
    starts_on: date,
    reason: str,
    by: User,
    **state: Unpack[LineState],
) -> ServiceLine:
    """RCELL puts in service a line that runs at the provider and that no order opened (F-41).

    As for a take-over of the fleet, one line at a time; raises ValidationError as ``open_line``.
    """
    hat = require(by, May.KEEP_LINES, on=branch)
    place(on=starts_on, since=starts_on, today=today())
    line = ServiceLine(branch=branch, provider=provider, origin=Origin.TAKE_OVER)
    version = LineVersion(service_line=line, branch=branch, status=LineStatus.ACTIVE)
    _apply(version, {**state, "number": number}, on=starts_on)
    line.number = version.number
    line.save()
    version.service_line = line
    _write(version, on=starts_on, by=by, reason=reason)
    record(
        events.LINE_OPENED, by=by, on=line, hat=hat, starts_on=str(starts_on), number=line.number
    )
    return line


@action
def change_line(
    *,
    service_line: ServiceLine,
    on: date,
    by: User,
    reason: str,
    order_line: OrderLine | None = None,
    **changes: Unpack[LineChanges],
) -> LineVersion:
    """A dated act: close the version in force on ``on`` and open the next (D-13, F-40).

    On the very day the version began its values are replaced. ``order_line`` names the activation
    that changes the line: it asks RECORD_MILESTONE, other acts KEEP_LINES, and a second factor for
    a number or a card (F-87). Raises ValidationError; NothingChanges when the line has these
    values already.
    """
    permission = May.RECORD_MILESTONE if order_line else May.KEEP_LINES
    hat = require(by, permission, on=service_line)
    if "branch" in changes:
        require(by, permission, on=changes["branch"])
    line = locked(service_line)
    current = line.versions.select_related("branch").get(valid__upper_inf=True)
    placement = place(on=on, since=current.valid.lower, today=today())
    version = copy.copy(current)
    version.service_line = line
    _apply(version, changes, on=on)
    told = _differences(current, version)
    if order_line is None:
        _judge_act(told, by)
    if placement is Placement.FOLLOWS:
        _close(current, on)
        version.pk, version.order_line, version._state.adding = None, None, True
    version.order_line = order_line or version.order_line
    _write(version, on=on, by=by, reason=reason)
    record(events.LINE_CHANGED, by=by, on=line, hat=hat, since=str(on), reason=reason, changes=told)
    if told.keys() & {"branch", "cost_centre"}:
        later("billing.restate_line", service_line_id=line.pk)
    return version


@action
def change_lines(
    *,
    service_lines: Collection[ServiceLine],
    on: date,
    by: User,
    reason: str,
    **changes: Unpack[LineChanges],
) -> int:
    """The same dated act on several lines, whole or not at all (D-13); return how many changed.

    A line that has these values already is left alone. Raises ValidationError, with one sentence
    per line that cannot change; NothingChanges when none would.
    """
    _hats = [require(by, May.KEEP_LINES, on=line) for line in service_lines]
    faults: list[str] = []
    changed = 0
    for line in sorted(service_lines, key=lambda line: line.pk):
        try:
            change_line(service_line=line, on=on, by=by, reason=reason, **changes)
            changed += 1
        except NothingChanges:
            continue
        except ValidationError as error:
            faults += [f"{line} : {sentence}" for sentence in error.messages]
    if faults:
        raise ValidationError(faults)
    if not changed:
        raise NothingChanges
    return changed


def _judge_act(told: Mapping[str, object], by: User) -> None:
    """A person's own act changes something; a card or a number asks a second factor (F-87)."""
    if not told:
        raise NothingChanges
    risky = told.keys() & {"number", "sim_kind", "sim_number"}
    if risky and not has_second_factor(by):
        reason = _(
            "Changer un numéro ou une carte demande un second facteur : ajoutez-en un à la page "
            "« Mon compte », puis recommencez."
        )
        raise ValidationError(dict.fromkeys(risky, reason))


def _apply(version: LineVersion, changes: Mapping[str, Any], *, on: date) -> None:
    """Give ``version`` its new values, with what follows from them, and check them together."""
    values = _completed(version, changes, on)
    faults: dict[str, list[str]] = {}
    for name in _READERS.keys() & values.keys():
        try:
            values[name] = _READERS[name](values[name])
        except ValidationError as error:
            faults[name] = error.messages
    organisation_id = version.branch.organisation_id
    for name, value in values.items():
        setattr(version, name, value)
    faults |= _misplaced(version, set(values), organisation_id)
    if faults:
        raise ValidationError(faults)


_READERS = {
    "number": identifiers.phone_number,
    "imei": identifiers.imei,
    "sim_number": identifiers.card_number,
}


def _completed(version: LineVersion, changes: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The changes, with the labels and the ends that a device and a plan bring (R-16, F-27)."""
    values: dict[str, Any] = dict(changes)
    device, plan = values.get("device"), values.get("plan")
    if "device_label" in values and "device" not in values:
        values["device"] = None
    elif "device" in values:
        values.setdefault("device_label", device.name if device else "")
        months = device.commitment_months if device and device.is_subsidised else 0
        values.setdefault("subsidy_ends_on", ends_on(on, months))
    if "plan_label" in values and "plan" not in values:
        values["plan"] = None
    elif "plan" in values:
        values.setdefault("plan_label", plan.name if plan else "")
        values.setdefault("is_flexible", plan.is_flexible if plan else False)
    ends = [ends_on(on, offer.commitment_months) for offer in (device, plan) if offer]
    known = [day for day in (version.commitment_ends_on, *ends) if day]
    if ends and known:
        values.setdefault("commitment_ends_on", max(known))
    return values


def _misplaced(
    version: LineVersion, changed: set[str], organisation_id: int
) -> dict[str, list[str]]:
    """What a line is charged to and who holds it belong to its branch: a sentence by field."""
    faults: dict[str, str] = {}
    account, cost_centre, holder = version.account, version.cost_centre, version.holder
    if version.branch.organisation_id != organisation_id:
        faults["branch"] = _("Une ligne ne passe pas d'un organisme à un autre de cette façon.")
    if account and account.provider_id != version.service_line.provider_id:
        faults["account"] = _("Ce compte est chez un autre prestataire que la ligne.")
    elif account and account.branch.organisation_id != organisation_id:
        faults["account"] = _("Ce compte est celui d'un autre organisme.")
    if cost_centre and cost_centre.branch_id != version.branch_id:
        faults["cost_centre"] = _("Choisissez un centre de coûts de la subdivision de la ligne.")
    if holder and "holder" in changed and holder.branch_id != version.branch_id:
        faults["holder"] = _("Choisissez un détenteur de la subdivision de la ligne.")
    elif holder and "holder" in changed and not holder.is_active:
        faults["holder"] = _("Ce détenteur est retiré : remettez-le en fonction d'abord.")
    return {name: [sentence] for name, sentence in faults.items()}


def _close(version: LineVersion, on: date) -> None:
    """End the version in force: its last day is the eve of ``on``."""
    version.valid = DateRange(version.valid.lower, on)
    version.save(update_fields=["valid"])


def _write(version: LineVersion, *, on: date, by: User, reason: str) -> None:
    """Save the version in force from ``on``, and the line's current number and branch.

    Raises ValidationError when the number is in service elsewhere.
    """
    version.valid = DateRange(on, None)
    version.reason, version.recorded_by, version.recorded_at = reason, by, database_clock()
    try:
        with transaction.atomic():
            version.save()
    except IntegrityError as error:
        if "one_line_per_number_at_a_time" not in str(error):
            raise
        told = _(
            "Le numéro %(number)s est déjà en service dans une autre ligne à cette date : "
            "vérifiez-le auprès du prestataire."
        ) % {"number": identifiers.shown_number(version.number)}
        raise ValidationError({"number": told}) from error
    line = version.service_line
    if (line.number, line.branch_id) != (version.number, version.branch_id):
        line.number, line.branch = version.number, version.branch
        line.save(update_fields=["number", "branch"])


_RELATIONS = {"branch", "account", "device", "plan", "holder", "cost_centre"}


def _differences(before: LineVersion, after: LineVersion) -> dict[str, list[object]]:
    """Field by field, what the journal keeps: plain values, identifiers for related rows."""
    told = {}
    for name in ("branch", "number", *LineState.__annotations__):
        attribute = f"{name}_id" if name in _RELATIONS else name
        old, new = getattr(before, attribute), getattr(after, attribute)
        if old != new:
            told[name] = [_plain(old), _plain(new)]
    return told


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
