"""Reads over contracts: what binds a member on a day, and whether it may order."""

from datetime import date

from django.db.models.functions import JSONObject

from members.joining import Joining, Rule, Verdict, joining_verdict
from members.models import Contract, JoiningRule, Membership, Organisation

RULE = ("mode", "population_under", "years_over", "source")


def rule_on(day: date) -> Rule:
    """The joining rule in force on ``day``; it blocks when ITQ recorded none (R-03)."""
    row = JoiningRule.objects.filter(valid__contains=day).values(*RULE).first()
    return Rule(**row) if row else Rule()


def membership_verdict(organisation: Organisation, contract: Contract, day: date) -> Verdict:
    """May ``organisation`` order under ``contract`` on ``day`` (R-03)? One query.

    Asked about an object already held, so that no gate stands here. Without a membership the rule
    has nothing to judge.
    """
    told = JSONObject(**{name: name for name in RULE})
    rules = JoiningRule.objects.filter(valid__contains=day).values(told=told)
    row = (
        Membership.objects.filter(organisation=organisation, contract=contract, valid__contains=day)
        .annotate(rule=rules[:1])
        .first()
    )
    rule = Rule(**row.rule) if row and row.rule else Rule()
    return joining_verdict(_joining(organisation, row), rule)


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
