"""What the day sets for a request: the plan's basis and steps, taxes, proofs, forms; one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    CharField,
    F,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Cast, JSONObject

from catalogue.models import TaxRate
from derogations.completeness import DEFAULT_RULES
from derogations.models import Derogation, ProofRule, ProviderForm
from members.models import ContractRank, DelegationPlan, SigningRule
from members.powers import DerogationKind, TaxBasis
from members.signing_steps import ONE, Step, steps_asked
from portal.clock import today


@dataclass(frozen=True, slots=True)
class BlankForm:
    """A provider's current form, to fill and join (R-14)."""

    pk: int
    kind: DerogationKind
    name: str
    sha256: str
    fills: bool
    """Whether the portal knows which of its fields hold what the request says."""


@dataclass(frozen=True, slots=True)
class DaySettings:
    """What pages and submission compare a request with, as of a day.

    ``rules`` are, for each kind, sets of proofs one of which is enough; a kind that ITQ never ruled
    has the default (F-33). ``step_rules`` are the plan's, from the lowest amount (F-16).
    """

    plan_id: int | None
    tax_basis: TaxBasis
    tax_rates: tuple[tuple[str, Decimal], ...]
    step_rules: tuple[SigningRule, ...]
    contract_number: str
    rules: dict[str, list[list[str]]]
    forms: list[BlankForm]

    def steps(self, amount: Decimal | None) -> tuple[Step, ...]:
        """Who signs at each step for that amount; one person while it is unknown (D-20)."""
        if amount is None:
            return ONE
        return steps_asked(rule for rule in self.step_rules if rule.from_amount <= amount)


def day_settings(derogation: Derogation) -> DaySettings:
    """The day's settings for a request already fetched through the gate. One query."""
    day = today()
    kinds = [head.kind for head in derogation.heads.all()]
    rows: QuerySet[Any, Any] = (
        Derogation.objects.filter(pk=derogation.pk)
        .order_by()
        .values(**_plan(day), **_proofs(day, kinds), **_contract(day))
    )
    row: dict[str, Any] = rows.get()
    return DaySettings(
        plan_id=row["plan"],
        tax_basis=TaxBasis(row["basis"]) if row["basis"] else TaxBasis.BEFORE_TAX,
        tax_rates=tuple((rate["label"], Decimal(rate["rate"])) for rate in row["taxes"]),
        step_rules=tuple(
            SigningRule(**{**rule, "from_amount": Decimal(rule["from_amount"])})
            for rule in row["steps_asked"]
            if rule["kind"] in kinds
        ),
        contract_number=row["held_as"] or "",
        rules=_rules(kinds, row["ruled"], row["proofs"]),
        forms=[_form(form) for form in row["forms"]],
    )


def _plan(day: date) -> dict[str, Any]:
    """The latest version of the plan approved by that day, and its signing rules."""

    def latest(organisation: Any) -> QuerySet[DelegationPlan]:
        plans = DelegationPlan.objects.filter(organisation=organisation, approved_on__lte=day)
        return plans.order_by("-approved_on", "-version")

    mine = latest(OuterRef("branch__organisation"))
    rules = SigningRule.objects.filter(
        plan=Subquery(latest(OuterRef(OuterRef("branch__organisation"))).values("pk")[:1])
    ).order_by("from_amount")
    told = JSONObject(
        kind="kind",
        from_amount=Cast("from_amount", CharField()),
        needed="needed",
        posts="posts",
        confirmed_at="confirmed_at",
        removed_at="removed_at",
    )
    return {
        "plan": Subquery(mine.values("pk")[:1]),
        "basis": Subquery(mine.values("tax_basis")[:1]),
        "steps_asked": ArraySubquery(rules.values(told=told)),
    }


def _proofs(day: date, kinds: list[str]) -> dict[str, Any]:
    """The dated rules of proof and the provider's forms, for those kinds."""
    rules = ProofRule.objects.filter(kind__in=kinds)
    forms = ProviderForm.objects.filter(
        provider=OuterRef("provider"), kind__in=kinds, valid__contains=day
    ).order_by("kind", "-pk")
    form = JSONObject(
        pk="pk", kind="kind", name="file__name", sha256="file__sha256", field_map="field_map"
    )
    return {
        "ruled": ArraySubquery(rules.values("kind")),
        "proofs": ArraySubquery(
            rules.filter(valid__contains=day).values(told=JSONObject(kind="kind", any_of="any_of"))
        ),
        "forms": ArraySubquery(forms.values(told=form)),
    }


def _contract(day: date) -> dict[str, Any]:
    """The number under which the provider holds the contract, and the taxes of the day."""
    ranks = ContractRank.objects.filter(
        contract=OuterRef("contract"), provider=OuterRef("provider")
    ).order_by("rank")
    rates = TaxRate.objects.filter(valid__contains=day).order_by("code")
    told = JSONObject(label="label", rate=Cast(F("rate"), CharField()))
    return {
        "held_as": Subquery(ranks.values("number")[:1]),
        "taxes": ArraySubquery(rates.values(told=told)),
    }


def _rules(
    kinds: list[str], ruled: Iterable[str], rules: Iterable[dict[str, Any]]
) -> dict[str, list[list[str]]]:
    """ITQ's rules by kind, or the default where it never set one."""
    found: dict[str, list[list[str]]] = {kind: [] for kind in kinds}
    for rule in rules:
        found[rule["kind"]].append(rule["any_of"])
    for kind in set(kinds) - set(ruled):
        found[kind] = [list(proofs) for proofs in DEFAULT_RULES.get(kind, ())]
    return found


def _form(form: dict[str, Any]) -> BlankForm:
    """A form as its page names it."""
    return BlankForm(
        pk=form["pk"],
        kind=DerogationKind(form["kind"]),
        name=form["name"],
        sha256=form["sha256"],
        fills=bool(form["field_map"]),
    )
