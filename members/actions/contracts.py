"""Record who runs the group, its providers, contracts, phases and joining rule (R-18, R-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from members import events
from members.models import (
    AdministeringBody,
    Contract,
    ContractPhase,
    ContractRank,
    JoiningRule,
    Provider,
)
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay
from portal.audit import Actor, record
from portal.commands import action


@dataclass(frozen=True, slots=True)
class Ranked:
    """A provider's place in a contract."""

    provider: Provider
    rank: int
    number: str


@action
def record_administering_body(
    *,
    name: str,
    full_name: str,
    advisers_email: str,
    approval_email: str,
    since: date,
    by: Actor,
) -> AdministeringBody:
    """Its name and addresses are dated data: the one before ends where this one begins.

    Raises ValidationError when another already begins on or after that day.
    """
    hat = require(by, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    _end_before(AdministeringBody, since)
    body = AdministeringBody.objects.create(
        name=name,
        full_name=full_name,
        advisers_email=advisers_email,
        approval_email=approval_email,
        valid=DateRange(since, None),
    )
    record(events.ADMINISTERING_BODY_RECORDED, by=by, on=body, hat=hat, since=since.isoformat())
    return body


@action
def record_provider(*, code: str, name: str, by: Actor) -> Provider:
    """A provider is a row, never a constant (domain.md §1).

    Raises ValidationError when the code is already taken.
    """
    hat = require(by, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    if Provider.objects.filter(code=code).exists():
        raise ValidationError({"code": _("Ce code est déjà celui d'un prestataire inscrit.")})
    provider = Provider.objects.create(code=code, name=name)
    record(events.PROVIDER_RECORDED, by=by, on=provider, hat=hat, code=code)
    return provider


@action
def open_contract(
    *, title: str, since: date, until: date | None, ranks: Sequence[Ranked], by: Actor
) -> Contract:
    """Record a contract with its providers by rank and their contract numbers (R-13).

    Raises ValidationError when a number is already taken.
    """
    hat = require(by, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    numbers = [row.number for row in ranks]
    taken = ContractRank.objects.filter(number__in=numbers).first()
    if taken is not None or len(set(numbers)) < len(numbers):
        raise ValidationError(
            _("Le numéro de contrat %(number)s est déjà pris : vérifiez-le.")
            % {"number": taken.number if taken else numbers[0]}
        )
    contract = Contract.objects.create(title=title, valid=DateRange(since, until))
    for row in ranks:
        ContractRank.objects.create(
            contract=contract, provider=row.provider, rank=row.rank, number=row.number
        )
    record(events.CONTRACT_OPENED, by=by, on=contract, hat=hat, numbers=numbers)
    return contract


@action
def add_phase(
    *,
    contract: Contract,
    kind: ContractPhase.Kind,
    since: date,
    until: date | None,
    order_kinds: Sequence[str],
    act_reference: str,
    by: Actor,
    is_fictitious: bool = False,
) -> ContractPhase:
    """A dated phase with the order kinds it accepts (R-18).

    Raises ValidationError when it overlaps another phase of the contract.
    """
    hat = require(by, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    phase = ContractPhase(
        contract=contract,
        kind=kind,
        valid=DateRange(since, until),
        order_kinds=list(order_kinds),
        act_reference=act_reference,
        is_fictitious=is_fictitious,
    )
    try:
        with transaction.atomic():
            phase.save()
    except IntegrityError as error:
        raise ValidationError(
            _("Une phase de ce contrat couvre déjà ces dates : choisissez d'autres dates.")
        ) from error
    record(events.PHASE_ADDED, by=by, on=phase, hat=hat, kind=kind, order_kinds=list(order_kinds))
    return phase


@action
def set_joining_rule(
    *,
    mode: JoiningRule.Mode,
    source: str,
    since: date,
    by: Actor,
    population_under: int = 100_000,
    years_over: int = 5,
) -> JoiningRule:
    """The MAMH rule from ``since``; the one before ends there (R-03).

    Raises ValidationError when another already begins on or after that day.
    """
    hat = require(by, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP)
    _end_before(JoiningRule, since)
    rule = JoiningRule.objects.create(
        mode=mode,
        population_under=population_under,
        years_over=years_over,
        source=source,
        valid=DateRange(since, None),
    )
    record(events.JOINING_RULE_SET, by=by, on=rule, hat=hat, mode=mode, since=since.isoformat())
    return rule


def _end_before(model: type[AdministeringBody] | type[JoiningRule], since: date) -> None:
    """The row in force on ``since`` ends there; only what begins last may be followed."""
    rows = model.objects.select_for_update()
    if rows.filter(valid__startswith__gte=since).exists():
        raise ValidationError(
            {
                "since": _(
                    "Une inscription commence à cette date ou après : choisissez-en une autre."
                )
            }
        )
    before = rows.filter(valid__contains=since).first()
    if before is not None:
        before.valid = DateRange(before.valid.lower, since)
        before.save(update_fields=["valid"])
