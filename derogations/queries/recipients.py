"""Who is told of what happens to a request: accounts that are active."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from derogations.eligibility import due_powers, open_powers, turn_of, who_signed
from derogations.grants import SigningGrant
from derogations.kinds import DerogationState
from derogations.models import Derogation, Message, ReminderDelay, Signature, Version
from derogations.queries.requests import places_lacking, requests_submitted, signers_awaited
from derogations.slots import post_due
from derogations.working_days import DEFAULT_DELAYS, DRAFT_LIFE, delays_reached
from members.models import Person, Respondent, User
from members.queries.delegations import StandingPower, plan_on
from members.queries.messages import interlocutors_over
from members.roles import Role
from portal.clock import database_clock, day_of, today


@dataclass(frozen=True, slots=True)
class Recall:
    """People to recall now to a version, for a delay that is reached."""

    version: Version
    working_days: int
    people: list[Person]


def accounts(people: set[int] | set[int | None]) -> QuerySet[User]:
    """The active accounts of those people, or of whom they were merged into (D-07)."""
    known = {pk for pk in people if pk is not None}
    merged = Person.objects.filter(pk__in=known, merged_into__isnull=False)
    mine = Q(person__in=known) | Q(person__in=merged.values("merged_into"))
    return User.objects.filter(mine, is_active=True).order_by("pk")


def posts_in_order(powers: list[StandingPower]) -> list[list[StandingPower]]:
    """The powers by post, from the nearest: the lowest ceiling that suffices comes first (F-20)."""
    posts: dict[int, list[StandingPower]] = {}
    for power in powers:
        posts.setdefault(power.delegation.pk, []).append(power)

    def height(post: list[StandingPower]) -> tuple[bool, Decimal, str]:
        line = post[0].delegation
        return line.ceiling_amount is None, line.ceiling_amount or Decimal(0), line.clause

    return sorted(posts.values(), key=height)


def first_told(derogation: Derogation) -> list[StandingPower]:
    """Who is told now, once each: every post, or where requests step up the nearest ones.

    As many posts as hold the signatures still to give: the second signer does not wait (D-20),
    unless posts sign one after the other (F-16).
    """
    powers, post = powers_due(derogation)
    posts = posts_in_order(powers)
    plan = plan_on(derogation.branch.organisation, today())
    if plan and plan.steps_up:
        posts = _nearest(posts, 1 if post else still_needed(derogation))
    return list({power.person.pk: power for post in posts for power in post}.values())


def still_needed(derogation: Derogation) -> int:
    """How many signatures the version that awaits still needs."""
    version = derogation.version
    assert version is not None
    return max(0, sum(version.steps) - len(who_signed(version)))


def uninvited(derogation: Derogation) -> list[StandingPower]:
    """Those whom INTRL must invite: told now without an account, or whose turn comes later."""
    version = derogation.version
    assert version is not None
    if version.step_posts:
        return without_account(_unsigned(derogation))
    return without_account(first_told(derogation))


def signers_lacking(derogation: Derogation) -> list[str]:
    """The post of each signature that nobody can give, "" for any post (signing.md §2)."""
    version = derogation.version
    assert version is not None
    return places_lacking(version.asked, _unsigned(derogation), len(who_signed(version)))


def reachable(powers: list[StandingPower]) -> list[Person]:
    """Those of them who have an account."""
    held = _with_account(powers)
    return [power.person for power in powers if power.person.pk in held]


def without_account(powers: list[StandingPower]) -> list[StandingPower]:
    """Those of them whom INTRL must invite first (E3 asks no role, but an account)."""
    held = _with_account(powers)
    return [power for power in powers if power.person.pk not in held]


def told_not_signed(version: Version) -> set[int]:
    """The people who were told of a version and did not sign it."""
    return set(version.reminders.values_list("person", flat=True)) - who_signed(version)


def _with_account(powers: list[StandingPower]) -> set[int | None]:
    people = {power.person.pk for power in powers}
    return set(accounts(people).values_list("person", flat=True))


def powers_due(derogation: Derogation) -> tuple[list[StandingPower], str]:
    """The powers by which the next signature may come, and the post whose turn it is (F-16)."""
    version = derogation.version
    assert version is not None
    signed = who_signed(version)
    powers = due_powers(version, signers_awaited(derogation), signed)
    return powers, post_due(version.asked, len(signed))


def _unsigned(derogation: Derogation) -> list[StandingPower]:
    """The powers by which a signature of a request may still come."""
    version = derogation.version
    assert version is not None
    return open_powers(version.asked, signers_awaited(derogation), who_signed(version))


def _nearest(posts: list[list[StandingPower]], needed: int) -> list[list[StandingPower]]:
    """The first posts that together hold ``needed`` accounts; one at least."""
    kept: list[list[StandingPower]] = []
    for post in posts:
        kept.append(post)
        if len({person.pk for row in kept for person in reachable(row)}) >= needed:
            break
    return kept


def recalls_due() -> list[Recall]:
    """Every recall whose delay is reached and that was not sent (F-20)."""
    day = today()
    delays = list(ReminderDelay.objects.values_list("working_days", "steps_up")) or list(
        DEFAULT_DELAYS
    )
    found = []
    for derogation in requests_submitted():
        assert derogation.version is not None
        reached = delays_reached(_awaited_since(derogation.version), day, delays)
        if reached and (recall := _recall(derogation, derogation.version, reached)):
            found.append(recall)
    return found


def _awaited_since(version: Version) -> date:
    """The day of the submission; in a series, of the signature that brought the turn (F-16)."""
    since = version.submitted_at
    if version.step_posts:
        given = Signature.objects.filter(version=version, voided_at__isnull=True)
        since = max([since, *given.values_list("signed_at", flat=True)])
    return day_of(since)


def _recall(
    derogation: Derogation, version: Version, reached: list[tuple[int, bool]]
) -> Recall | None:
    """The latest delay reached, to those whom it concerns and whom it has not reached."""
    working_days, _steps_up = reached[-1]
    recalled = version.reminders.filter(working_days__gte=working_days, turn=turn_of(version))
    told = set(recalled.values_list("person", flat=True))
    powers, post = powers_due(derogation)
    posts = posts_in_order(powers)
    plan = plan_on(derogation.branch.organisation, today())
    if plan and plan.steps_up:
        first = len(_nearest(posts, 1 if post else still_needed(derogation)))
        further = [one for one in posts[first:] if reachable(one)]
        posts = posts[:first] + further[: sum(steps_up for _days, steps_up in reached)]
    people = {power.person.pk: power.person for post in posts for power in post}
    kept = [person for pk, person in people.items() if pk not in told]
    return Recall(version, working_days, kept) if kept else None


def requesters_of(derogation: Derogation) -> QuerySet[User]:
    """The one who asked, and who edited last."""
    return accounts({derogation.requester_id, derogation.last_editor_id})


def interlocutors_of(derogation: Derogation) -> QuerySet[User]:
    """INTRL of the request's branch."""
    return accounts(set(interlocutors_over(derogation.branch_id).values_list("person", flat=True)))


def earlier_signers(version: Version) -> QuerySet[User]:
    """Everyone who signed that version, whatever became of the signature (F-19)."""
    return accounts(set(version.signatures.values_list("person", flat=True)))


def talkers_of(message: Message) -> QuerySet[User]:
    """Whom a message reaches, its author apart: who asks, may sign, signed or wrote."""
    derogation = message.derogation
    signers = SigningGrant.objects.filter(content_object=derogation).values("user")
    signed = Signature.objects.filter(version__derogation=derogation).values("user")
    people = {derogation.requester_id, derogation.last_editor_id}
    talking = Q(pk__in=signers) | Q(pk__in=signed) | Q(person__in=people)
    wrote = Q(pk__in=derogation.messages.values("written_by"))
    found = User.objects.filter(talking | wrote, is_active=True)
    return found.exclude(pk=message.written_by_id)


def renewers_of(derogation: Derogation) -> QuerySet[User]:
    """Who asked for it; once they left, the cellular representatives of its branch or root."""
    asked = requesters_of(derogation)
    if asked.exists():
        return asked
    over = Q(branch=derogation.branch_id) | Q(
        branch__is_root=True, branch__organisation=derogation.branch.organisation_id
    )
    holders = Respondent.objects.effective().filter(over, role=Role.RCELL)
    return accounts(set(holders.values_list("person", flat=True)))


def versions_lapsed() -> QuerySet[Derogation]:
    """Requests that nobody signed before the end of their version (E9)."""
    return Derogation.objects.filter(
        state=DerogationState.SUBMITTED,
        version__voided_at__isnull=True,
        version__expires_at__lte=database_clock(),
    )


def drafts_abandoned() -> QuerySet[Derogation]:
    """Drafts that nobody touched for 90 days (F-28)."""
    return Derogation.objects.filter(
        state=DerogationState.DRAFT, edited_at__lt=database_clock() - DRAFT_LIFE
    )


def draft_kept_until(derogation: Derogation) -> date:
    """The last day on which an untouched draft is kept."""
    return day_of(derogation.edited_at + DRAFT_LIFE)
