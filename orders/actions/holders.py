"""RCELL keeps the holders and the delivery addresses of a branch; INTRL confirms an address."""

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

from members.models import Branch, User
from members.permissions import require
from members.roles import May
from orders import events
from orders.kinds import LineStatus
from orders.models import DeliveryAddress, Holder
from portal.audit import record
from portal.clock import database_clock
from portal.commands import action
from portal.workflow import locked


@action
def add_holder(
    *, branch: Branch, name: str, function: str, employee_number: str, by: User
) -> Holder:
    """A person, or a shared post, that carries lines of the branch (D-13)."""
    hat = require(by, May.KEEP_LINES, on=branch)
    holder = Holder.objects.create(
        branch=branch, name=name, function=function, employee_number=employee_number
    )
    record(events.HOLDER_ADDED, by=by, on=holder, hat=hat)
    return holder


@action
def change_holder(
    *, holder: Holder, name: str, function: str, employee_number: str, by: User
) -> Holder:
    """Correct what is known of a holder; lines keep the link (D-13)."""
    hat = require(by, May.KEEP_LINES, on=holder)
    fresh = locked(holder)
    after = {"name": name, "function": function, "employee_number": employee_number}
    changed = [field for field, value in after.items() if getattr(fresh, field) != value]
    for field in changed:
        setattr(fresh, field, after[field])
    if changed:
        fresh.save(update_fields=changed)
        record(events.HOLDER_CHANGED, by=by, on=fresh, hat=hat, fields=changed)
    return fresh


@action
def retire_holder(*, holder: Holder, by: User) -> Holder:
    """A holder who left is offered no more (D-13).

    Raises ValidationError while lines in service are still in that person's name.
    """
    hat = require(by, May.KEEP_LINES, on=holder)
    fresh = locked(holder)
    carried = fresh.line_versions.filter(valid__upper_inf=True).exclude(status=LineStatus.CANCELLED)
    if count := carried.count():
        raise ValidationError(
            ngettext(
                "%(holder)s porte encore %(count)s ligne : donnez-lui d'abord un autre détenteur.",
                "%(holder)s porte encore %(count)s lignes : donnez-leur d'abord un autre "
                "détenteur.",
                count,
            )
            % {"holder": fresh, "count": count}
        )
    fresh.is_active = False
    fresh.save(update_fields=["is_active"])
    record(events.HOLDER_RETIRED, by=by, on=fresh, hat=hat)
    return fresh


@action
def restore_holder(*, holder: Holder, by: User) -> Holder:
    """A holder who came back, or was retired by mistake (D-13)."""
    hat = require(by, May.KEEP_LINES, on=holder)
    fresh = locked(holder)
    fresh.is_active = True
    fresh.save(update_fields=["is_active"])
    record(events.HOLDER_RESTORED, by=by, on=fresh, hat=hat)
    return fresh


@action
def add_address(
    *, branch: Branch, label: str, street: str, city: str, postal_code: str, by: User
) -> DeliveryAddress:
    """A place of delivery; until INTRL confirms it, a submission asks a second factor (F-87).

    An address is never edited: another place is another address, to confirm again.
    """
    hat = require(by, May.KEEP_LINES, on=branch)
    address = DeliveryAddress.objects.create(
        branch=branch, label=label, street=street, city=city, postal_code=postal_code
    )
    record(events.ADDRESS_ADDED, by=by, on=address, hat=hat)
    return address


@action
def retire_address(*, address: DeliveryAddress, by: User) -> DeliveryAddress:
    """A place where nothing is delivered any more; past orders keep it (D-13)."""
    hat = require(by, May.KEEP_LINES, on=address)
    fresh = locked(address)
    if fresh.retired_at is None:
        fresh.retired_at = database_clock()
        fresh.save(update_fields=["retired_at"])
        record(events.ADDRESS_RETIRED, by=by, on=fresh, hat=hat)
    return fresh


@action
def confirm_address(*, address: DeliveryAddress, by: User) -> DeliveryAddress:
    """INTRL says that an address is the member's own (F-87, permissions.md §2)."""
    hat = require(by, May.CONFIRM_ADDRESS, on=address)
    fresh = locked(address)
    if fresh.confirmed_at is None:
        fresh.confirmed_at, fresh.confirmed_by = database_clock(), by
        fresh.save(update_fields=["confirmed_at", "confirmed_by"])
        record(events.ADDRESS_CONFIRMED, by=by, on=fresh, hat=hat)
    return fresh
