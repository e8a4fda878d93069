"""The plan as a person sees it: versions, lines, interims and absences, through the gate."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Lower, Upper

from members.models import (
    Absence,
    Branch,
    Delegation,
    DelegationPlan,
    Interim,
    Organisation,
    Person,
    SigningRule,
    User,
)
from members.permissions import can, explain, visible
from members.powers import DerogationKind
from members.queries.delegations import StandingPower, organisations_signing, powers_on
from members.roles import May
from portal.clock import database_clock, today
from portal.search import is_nothing


@dataclass(frozen=True, slots=True)
class BranchPowers:
    """Who may sign what for a branch, on a day."""

    branch: Branch
    powers: list[StandingPower]

    @property
    def lacking(self) -> list[DerogationKind]:
        """The kinds that nobody may sign."""
        signed = {kind for power in self.powers for kind in power.kinds}
        return [kind for kind in DerogationKind if kind.value not in signed]


def records_for_itq(user: User, branch: Branch) -> bool:
    """Whether ``user`` records there as ITQ's staff only: on written request."""
    rights = explain(user, May.RECORD_DELEGATION, branch)
    return bool(rights) and all(right.reach is None for right in rights)


def plans_of(user: User, organisation: Organisation) -> QuerySet[DelegationPlan]:
    """The versions of a member's plan, latest first, for whoever sees it on its root."""
    roots = visible(user, May.SEE_PLAN, organisation.branches.filter(is_root=True))
    rows = DelegationPlan.objects.filter(organisation__branches__in=roots)
    live = Q(lines__recorded__endswith__isnull=True)
    still = Q(lines__valid__endswith__isnull=True) | Q(lines__valid__endswith__gt=today())
    return (
        rows.annotate(
            line_count=Count("lines", filter=live, distinct=True),
            live_count=Count("lines", filter=live & still, distinct=True),
        )
        .select_related("act_file", "recorded_by__person", "organisation")
        .order_by("-version")
    )


def latest_plan(organisation: Organisation) -> DelegationPlan | None:
    """The version into which lines are recorded; what it holds is asked apart."""
    return DelegationPlan.objects.filter(organisation=organisation).order_by("-version").first()


def delegations_of(user: User, organisation: Organisation) -> QuerySet[Delegation]:
    """Every recorded line of the branches whose plan ``user`` sees, replaced ones included.

    ``stands`` says: replaced, unconfirmed, ended, to_come or in_force. ``since`` and ``until``
    are days, ``[)``.
    """
    rows = visible(user, May.SEE_PLAN, Delegation.objects.all())
    here = rows.filter(branch__organisation=organisation)
    return here.select_related("plan__organisation", "branch", "holder").annotate(
        since=Lower("valid"), until=Upper("valid"), stands=_standing(today())
    )


def standing_lines(rows: QuerySet[Delegation]) -> QuerySet[Delegation]:
    """Those that the portal holds for true now."""
    return rows.filter(recorded__endswith__isnull=True)


def interims_of(user: User, organisation: Organisation) -> QuerySet[Interim]:
    """The interims of the branches whose plan ``user`` sees."""
    rows = visible(user, May.SEE_PLAN, Interim.objects.all())
    here = rows.filter(branch__organisation=organisation)
    return here.select_related(
        "person", "delegation__branch__organisation", "branch", "act_file", "recorded_by__person"
    ).annotate(since=Lower("valid"), until=Upper("valid"))


def absences_of(user: User, organisation: Organisation) -> QuerySet[Absence]:
    """Absences under way or to come, on the branches whose plan ``user`` sees."""
    rows = visible(user, May.SEE_PLAN, Absence.objects.all())
    here = rows.filter(branch__organisation=organisation)
    return _still(here)


def own_absences(user: User) -> QuerySet[Absence]:
    """One's own absences under way or to come, in every member."""
    return _still(Absence.objects.filter(person=user.person_id, person__isnull=False))


def own_branches(user: User) -> QuerySet[Branch]:
    """The roots of the members in whose plan one stands: where one may declare an absence."""
    ids = organisations_signing(user.person_id) if user.person_id else set()
    roots = Branch.objects.filter(is_root=True, organisation__in=ids)
    return roots.select_related("organisation").order_by("name")


def posts_of(plan: DelegationPlan, *kinds: str) -> list[str]:
    """The posts that a line of the member's plan still empowers for kinds, in alphabetical order.

    A line of an earlier version empowers until it is ended.
    """
    lines = Delegation.objects.standing().filter(
        Q(valid__endswith__isnull=True) | Q(valid__endswith__gt=today()),
        plan__organisation=plan.organisation_id,
        kinds__contains=list(kinds),
    )
    return list(lines.order_by("post").values_list("post", flat=True).distinct())


def rules_of(plan: DelegationPlan, user: User) -> list[SigningRule]:
    """How many sign, by kind and amount, in a version that was read through the gate.

    ``mine`` when ``user`` may confirm the rule, or its removal; ``orphans`` are the posts that it
    names and no line bears any more.
    """
    mine = rules_to_confirm(user).order_by().values("pk")
    rows = plan.signing_rules.annotate(mine=Case(When(pk__in=mine, then=True), default=False))
    rules: list[Any] = list(rows.order_by("kind", "from_amount", "pk"))
    known = {kind: posts_of(plan, kind) for kind in {rule.kind for rule in rules if rule.posts}}
    for rule in rules:
        rule.orphans = [post for post in rule.posts if post not in known[rule.kind]]
    return rules


def rules_to_confirm(user: User) -> QuerySet[SigningRule]:
    """Rules of the last versions, or their removal, that another person than its author confirms.

    A rule whose replacement waits is confirmed with it.
    """
    roots = visible(user, May.CONFIRM_DELEGATION, Branch.objects.filter(is_root=True))
    if is_nothing(roots):
        return SigningRule.objects.none()
    newer = SigningRule.objects.filter(
        plan=OuterRef("plan"),
        kind=OuterRef("kind"),
        from_amount=OuterRef("from_amount"),
        removed_at__isnull=True,
    )
    later = DelegationPlan.objects.filter(
        organisation=OuterRef("plan__organisation"), version__gt=OuterRef("plan__version")
    )
    asked = Q(removed_at__isnull=True, confirmed_at__isnull=True) | (
        Q(removed_at__isnull=False) & ~Q(Exists(newer))
    )
    own = Q(removed_at__isnull=True, recorded_by__person=user.person_id) | Q(
        removed_by__isnull=False, removed_by__person=user.person_id
    )
    rows = SigningRule.objects.filter(asked, plan__organisation__branches__in=roots)
    return rows.exclude(own).exclude(Exists(later))


def signers_of(user: User, organisation: Organisation) -> QuerySet[Person]:
    """The people on the lines that ``user`` sees: who may be absent, who may stand in."""
    rows = visible(user, May.SEE_PLAN, Delegation.objects.standing())
    lines = rows.filter(branch__organisation=organisation)
    interims = Interim.objects.filter(delegation__in=lines, ended_at__isnull=True)
    return Person.objects.filter(
        Q(pk__in=lines.values("holder")) | Q(pk__in=interims.values("person"))
    )


def colleagues_of(user: User) -> QuerySet[Person]:
    """Who may stand in for ``user``: the others on the same branches' lines, or on the roots'."""
    own = user.person_id or 0  # an account without a person is not the holder of a vacant post
    standing = Delegation.objects.standing()
    mine = standing.filter(Q(holder=own) | Q(interims__person=own))
    roots = Branch.objects.filter(is_root=True, organisation__branches__delegations__in=mine)
    lines = standing.filter(Q(branch__in=mine.values("branch")) | Q(branch__in=roots))
    interims = Interim.objects.filter(delegation__in=lines, ended_at__isnull=True)
    people = Q(pk__in=lines.values("holder")) | Q(pk__in=interims.values("person"))
    return Person.objects.filter(people).exclude(pk=own)


def lines_to_confirm(user: User) -> QuerySet[Delegation]:
    """Lines that ``user`` may confirm: not as recorder, holder nor interim (R-02).

    A confirmed line with an interim to confirm is there too.
    """
    rows = visible(user, May.CONFIRM_DELEGATION, Delegation.objects.standing())
    parties = Interim.objects.filter(delegation=OuterRef("pk"), ended_at__isnull=True)
    own = parties.filter(Q(person=user.person_id) | Q(recorded_by__person=user.person_id))
    waiting = parties.filter(confirmed_at__isnull=True)
    return (
        rows.filter(Q(confirmed_at__isnull=True) | Exists(waiting))
        .exclude(holder=user.person_id, holder__isnull=False)
        .exclude(confirmed_at__isnull=True, recorded_by__person=user.person_id)
        .exclude(Exists(own))
    )


def lines_waiting(user: User, organisation: Organisation) -> QuerySet[Delegation]:
    """Lines that wait for somebody's confirmation, or whose interim does; ``mine`` when I may."""
    waiting = Interim.objects.filter(
        delegation=OuterRef("pk"), ended_at__isnull=True, confirmed_at__isnull=True
    )
    mine = lines_to_confirm(user).order_by().values("pk")
    rows = standing_lines(delegations_of(user, organisation))
    still = Q(valid__endswith__isnull=True) | Q(valid__endswith__gt=today())
    return rows.filter(still & (Q(confirmed_at__isnull=True) | Q(Exists(waiting)))).annotate(
        mine=Case(When(pk__in=mine, then=True), default=False)
    )


def powers_by_branch(user: User, organisation: Organisation, day: date) -> list[BranchPowers]:
    """Who may sign what on a day, for each branch that ``user`` sees, as the portal knows it now.

    A branch on whose own lines nobody stands signs by its root's, and is told with it.
    """
    every = organisation.branches.all()
    lines = Delegation.objects.filter(branch__in=every)
    powers = powers_on(lines, every, day=day, known_at=database_clock())
    own = {line.branch_id for power in powers for line in power.lines}
    told: list[BranchPowers] = []
    for branch in visible(user, May.SEE_PLAN, every):
        if not told or branch.pk in own:
            here = [power for power in powers if power.kinds and _binds(power, branch)]
            told.append(BranchPowers(branch, here))
    return told


def with_interims(rows: QuerySet[Delegation]) -> QuerySet[Delegation]:
    """Lines with their open interims, as ``open_interims``."""
    interims = Interim.objects.filter(ended_at__isnull=True).select_related("person")
    return rows.prefetch_related(Prefetch("interims", interims, to_attr="open_interims"))


def may_confirm(user: User, line: Delegation) -> bool:
    """Whether the button to confirm is shown."""
    return can(user, May.CONFIRM_DELEGATION, on=line) and (
        lines_to_confirm(user).filter(pk=line.pk).exists()
    )


def _binds(power: StandingPower, branch: Branch) -> bool:
    """Whether a power of the member reaches a branch: by its own lines and its root's."""
    places = [line.branch for line in power.lines]
    if power.absence is not None:
        places.append(power.absence.branch)
    return all(place.is_root or place == branch for place in places)


def _standing(day: date) -> Case:
    """What a recorded line is worth on a day."""
    return Case(
        When(recorded__endswith__isnull=False, then=Value("replaced")),
        When(valid__endswith__lte=day, then=Value("ended")),
        When(confirmed_at__isnull=True, then=Value("unconfirmed")),
        When(valid__startswith__gt=day, then=Value("to_come")),
        default=Value("in_force"),
    )


def _still(rows: QuerySet[Absence]) -> QuerySet[Absence]:
    """Absences that nobody ended and whose last day is not past."""
    lasting = Q(valid__endswith__isnull=True) | Q(valid__endswith__gt=today())
    still = rows.filter(lasting, ended_at__isnull=True)
    days = still.annotate(since=Lower("valid"), until=Upper("valid"))
    return days.select_related("person", "substitute", "branch__organisation").order_by(
        "since", "pk"
    )
