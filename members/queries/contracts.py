"""Reads over contracts: what binds a member on a day, and whether it may order."""

from datetime import date

from members.joining import Joining, Rule, Verdict, joining_verdict
from members.models import Contract, JoiningRule, Membership, Organisation


def rule_on(day: date) -> Rule:
    """The joining rule in force on ``day``; off when ITQ recorded none."""
    row = JoiningRule.objects.filter(valid__contains=day).first()
    if row is None:
        return Rule(mode="off")
    return Rule(row.mode, row.population_under, row.years_over, row.source)


def membership_verdict(organisation: Organisation, contract: Contract, day: date) -> Verdict:
    """May ``organisation`` order under ``contract`` on ``day`` (R-03)? Two queries.

    Asked about an object already held, so that no gate stands here.
    """
    row = Membership.objects.filter(
        organisation=organisation, contract=contract, valid__contains=day
    ).first()
    return joining_verdict(_joining(organisation, row), rule_on(day))


def membership_verdicts(organisation: Organisation, day: date) -> list[tuple[Contract, Verdict]]:
    """The verdict for each contract that runs on ``day``. Three queries."""
    rule = rule_on(day)
    rows = Membership.objects.filter(organisation=organisation, valid__contains=day)
    held = {row.contract_id: row for row in rows}
    contracts = Contract.objects.filter(valid__contains=day).order_by("title", "pk")
    return [
        (contract, joining_verdict(_joining(organisation, held.get(contract.pk)), rule))
        for contract in contracts
    ]


def _joining(organisation: Organisation, row: Membership | None) -> Joining:
    """The plain values that the verdict judges."""
    left = organisation.status == Organisation.Status.LEFT
    if row is None:
        return Joining(has_left=left, has_membership=False)
    return Joining(
        has_left=left,
        has_membership=True,
        agreement_on=row.agreement_on,
        confirmed=row.confirmed_at is not None,
        authorisation=row.authorisation,
        taken_over=row.taken_over,
    )
