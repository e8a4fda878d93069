"""Who stands on the delegation plan at an instant: the law of the plan, and what a person sees."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Prefetch, Q, QuerySet

from members.models import (
    Absence,
    Branch,
    Delegation,
    DelegationPlan,
    Interim,
    Organisation,
    Person,
)
from members.powers import Capacity, DerogationKind
from portal.clock import day_of


@dataclass(frozen=True, slots=True)
class StandingPower:
    """A line that a person may rely on, and how that person comes to it (F-11 to F-13).

    A substitute acts for the absent person and stands on ``own_delegation`` too.
    """

    delegation: Delegation
    person: Person
    capacity: Capacity
    interim: Interim | None = None
    absence: Absence | None = None
    acting_for: Person | None = None
    own_delegation: Delegation | None = None

    @property
    def acting_for_name(self) -> str:
        """The absent person for whom a substitute acts; empty for everyone else."""
        return str(self.acting_for or "")

    @property
    def lines(self) -> tuple[Delegation, ...]:
        """Every line whose limits bind: a substitute's own ceiling counts too (F-12)."""
        return tuple(line for line in (self.delegation, self.own_delegation) if line is not None)

    @property
    def kinds(self) -> list[str]:
        """The kinds that every line covers, in the order of the three."""
        return [k for k in DerogationKind.values if all(k in line.kinds for line in self.lines)]

    @property
    def ceiling_amount(self) -> Decimal | None:
        """The lowest ceiling of its lines; None when no act sets one."""
        set_ones = [n.ceiling_amount for n in self.lines if n.ceiling_amount is not None]
        return min(set_ones, default=None)


@dataclass(frozen=True, slots=True)
class StandingPlan:
    """The lines and substituted absences in force over some branches at one instant, read once."""

    lines: tuple[Delegation, ...]
    absences: tuple[Absence, ...]
    at: datetime

    def powers(self, branch: Branch, kinds: Iterable[str]) -> list[StandingPower]:
        """What ``standing_powers`` answers at that instant, without a query."""
        asked = set(kinds)
        return _powers(
            [row for row in self.lines if _reaches(row.branch, branch) and asked <= set(row.kinds)],
            [row for row in self.absences if _reaches(row.branch, branch)],
        )


def plan_on(organisation: Organisation, day: date) -> DelegationPlan | None:
    """The latest version approved by that day; None before the first."""
    rows = DelegationPlan.objects.filter(organisation=organisation, approved_on__lte=day)
    return rows.order_by("-approved_on", "-version").first()


def standing_powers(branch: Branch, kinds: Iterable[str], at: datetime) -> list[StandingPower]:
    """Who stands at that instant on a line that covers every one of ``kinds`` (E3, E4, E5, E8).

    The lines are the branch's own and its root's; the day is Montréal's. Three queries. An absent
    person stays able to sign; the substitute is named only where one stands on such a line too.
    """
    scope = scope_of(branch)
    lines = Delegation.objects.filter(branch__in=scope, kinds__contains=list(kinds))
    return powers_on(lines, scope, day=day_of(at), known_at=at)


def standing_plan(branches: QuerySet[Branch], at: datetime) -> StandingPlan:
    """The plan that binds these branches, their own lines and their roots'. Three queries."""
    scope = Branch.objects.filter(
        Q(pk__in=branches.values("pk"))
        | Q(organisation__in=branches.values("organisation"), is_root=True)
    )
    lines = Delegation.objects.filter(branch__in=scope)
    return StandingPlan(
        tuple(_lines_in_force(lines, day_of(at), at)), tuple(_away(scope, day_of(at), at)), at
    )


def scope_of(branch: Branch) -> QuerySet[Branch]:
    """The branches whose lines bind ``branch``: itself and its root."""
    return Branch.objects.filter(
        Q(pk=branch.pk) | Q(organisation=branch.organisation_id, is_root=True)
    )


def organisations_signing(person_id: int) -> set[int]:
    """The ids of the members in whose plan a person stands, or stands in for someone."""
    lines = Delegation.objects.filter(Q(holder=person_id) | Q(interims__person=person_id))
    absences = Absence.objects.filter(substitute=person_id)
    found = {*lines.values_list("branch__organisation", flat=True).distinct()}
    return found | {*absences.values_list("branch__organisation", flat=True).distinct()}


def powers_on(
    lines: QuerySet[Delegation], scope: QuerySet[Branch], *, day: date, known_at: datetime
) -> list[StandingPower]:
    """The powers of ``lines`` on a day, by what the portal held for true at an instant."""
    return _powers(_lines_in_force(lines, day, known_at), _away(scope, day, known_at))


def covers(own: Delegation, line: Delegation) -> bool:
    """Whether a line gives at least what another gives: kinds, branch, ceiling, years (F-12)."""
    reaches = own.branch.is_root or own.branch_id == line.branch_id
    enough = own.ceiling_amount is None or (
        line.ceiling_amount is not None and own.ceiling_amount >= line.ceiling_amount
    )
    years = own.beyond_fiscal_year or not line.beyond_fiscal_year
    return reaches and enough and years and set(line.kinds) <= set(own.kinds)


def lines_held(person: Person, organisation: Organisation, days: DateRange) -> list[Delegation]:
    """The confirmed lines on which a person stands, as holder or interim, on each of those days."""
    interims = Interim.objects.filter(
        person=person, ended_at__isnull=True, confirmed_at__isnull=False, valid__contains=days
    )
    held = Q(holder=person) | Q(pk__in=interims.values("delegation"))
    lines = Delegation.objects.standing().filter(held, confirmed_at__isnull=False)
    here = lines.filter(branch__organisation=organisation, valid__contains=days)
    return list(here.select_related("branch", "plan").order_by("clause", "pk"))


def lines_touched(person: Person, branch: Branch, days: DateRange) -> list[Delegation]:
    """The confirmed lines that an absence on those days leaves: on the branch and below a root."""
    interims = Interim.objects.filter(
        person=person, ended_at__isnull=True, confirmed_at__isnull=False, valid__overlap=days
    )
    held = Q(holder=person) | Q(pk__in=interims.values("delegation"))
    lines = Delegation.objects.standing().filter(held, confirmed_at__isnull=False)
    reach = Q(branch__organisation=branch.organisation_id) if branch.is_root else Q(branch=branch)
    here = lines.filter(reach, valid__overlap=days)
    return list(here.select_related("branch", "plan").order_by("clause", "pk"))


def _lines_in_force(
    lines: QuerySet[Delegation], day: date, known_at: datetime
) -> QuerySet[Delegation]:
    """Confirmed lines, with the interims confirmed and in force (E4)."""
    interims = Interim.objects.filter(
        _open(known_at), confirmed_at__lte=known_at, valid__contains=day
    )
    return (
        lines.filter(recorded__contains=known_at, confirmed_at__lte=known_at, valid__contains=day)
        .select_related("plan", "branch", "holder", "recorded_by")
        .prefetch_related(
            Prefetch(
                "interims",
                interims.select_related("person", "recorded_by"),
                to_attr="interims_in_force",
            )
        )
        .order_by("clause", "pk")
    )


def _away(scope: QuerySet[Branch], day: date, known_at: datetime) -> QuerySet[Absence]:
    """The absences under way of which a substitute is named (E8)."""
    absences = Absence.objects.filter(
        _open(known_at), branch__in=scope, valid__contains=day, substitute__isnull=False
    )
    return absences.select_related("person", "substitute", "branch", "recorded_by").order_by("pk")


def _powers(lines: Iterable[Delegation], absences: Iterable[Absence]) -> list[StandingPower]:
    """Holders and interims of the lines, then their substitutes."""
    direct = [power for line in lines for power in _direct(line)]
    return direct + [power for absence in absences for power in _substituted(absence, direct)]


def _reaches(bound: Branch, branch: Branch) -> bool:
    """Whether what binds ``bound`` binds ``branch``: the same, or the root of its member."""
    same_member = bound.organisation_id == branch.organisation_id
    return bound.pk == branch.pk or (bound.is_root and same_member)


def _direct(line: Delegation) -> Iterator[StandingPower]:
    """The holder of a line, then its interims."""
    if line.holder is not None:
        yield StandingPower(line, line.holder, Capacity.HOLDER)
    for interim in line.interims_in_force:  # type: ignore[attr-defined]
        yield StandingPower(line, interim.person, Capacity.INTERIM, interim=interim)


def _substituted(absence: Absence, direct: list[StandingPower]) -> Iterator[StandingPower]:
    """What the substitute may sign for the absent person, by each line of his own (E8)."""
    assert absence.substitute is not None
    own = [power for power in direct if power.person == absence.substitute]
    for power in direct:
        if power.person != absence.person:
            continue
        for mine in own:
            yield StandingPower(
                power.delegation,
                absence.substitute,
                Capacity.SUBSTITUTE,
                interim=power.interim,
                absence=absence,
                acting_for=absence.person,
                own_delegation=mine.delegation,
            )


def _open(known_at: datetime) -> Q:
    """Rows recorded by that instant and not ended then."""
    return Q(recorded_at__lte=known_at) & (Q(ended_at__isnull=True) | Q(ended_at__gt=known_at))
