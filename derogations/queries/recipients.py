"""Who is told of what happens to a request: accounts that are active."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from derogations.grants import SigningGrant
from derogations.kinds import DerogationState
from derogations.models import Derogation, Message, Reminder, ReminderDelay, Signature, Version
from derogations.queries.requests import requests_submitted, signers_awaited
from derogations.working_days import DEFAULT_DELAYS, DRAFT_LIFE, delays_reached
from members.models import Person, User
from members.queries.delegations import StandingPower, plan_on
from members.queries.messages import interlocutors_over
from portal.clock import database_clock, day_of, today


@dataclass(frozen=True, slots=True)
class Recall:
    """People to recall now to a version, for a delay that is reached."""

    version: Version
    working_days: int
    people: list[Person]


def accounts(people: set[int]) -> QuerySet[User]:
    """The active accounts of those people."""
    return User.objects.filter(person__in=people, is_active=True).order_by("pk")


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
    """Who is told of a submission: the nearest post where requests step up, else every one."""
    powers = signers_awaited(derogation)
    plan = plan_on(derogation.branch.organisation, today())
    posts = posts_in_order(powers)
    kept = posts[0] if plan and plan.steps_up and posts else powers
    return list({power.person.pk: power for power in kept}.values())


def recalls_due() -> list[Recall]:
    """Every recall whose delay is reached and that was not sent (F-20)."""
    day = today()
    delays = list(ReminderDelay.objects.values_list("working_days", "steps_up")) or list(
        DEFAULT_DELAYS
    )
    found = []
    for derogation in requests_submitted():
        assert derogation.version is not None
        submitted_on = day_of(derogation.version.submitted_at)
        reached = delays_reached(submitted_on, day, delays)
        if reached and (recall := _recall(derogation, derogation.version, reached)):
            found.append(recall)
    return found


def _recall(
    derogation: Derogation, version: Version, reached: list[tuple[int, bool]]
) -> Recall | None:
    """The latest delay reached, to those whom it concerns and whom it has not reached."""
    working_days, _steps_up = reached[-1]
    told = {
        *Reminder.objects.filter(version=version, working_days__gte=working_days).values_list(
            "person", flat=True
        ),
        *Signature.objects.filter(version=version, voided_at__isnull=True).values_list(
            "person", flat=True
        ),
    }
    posts = posts_in_order(signers_awaited(derogation))
    plan = plan_on(derogation.branch.organisation, today())
    if plan and plan.steps_up:
        posts = posts[: 1 + sum(steps_up for _days, steps_up in reached)]
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


def talkers_of(message: Message) -> list[tuple[User, bool]]:
    """Whom a message reaches, its author apart: (account, whether as a signer)."""
    derogation = message.derogation
    signers = set(
        SigningGrant.objects.filter(content_object=derogation).values_list("user", flat=True)
    )
    people = {derogation.requester_id, derogation.last_editor_id}
    written = User.objects.filter(pk__in=derogation.messages.values("written_by"))
    people |= {pk for pk in written.values_list("person", flat=True) if pk}
    asking = {user.pk: user for user in accounts(people)}
    signing = {user.pk: user for user in User.objects.filter(pk__in=signers, is_active=True)}
    found = {**{pk: (user, True) for pk, user in signing.items()}}
    found |= {pk: (user, False) for pk, user in asking.items() if pk not in signing}
    return [pair for pk, pair in found.items() if pk != message.written_by_id]


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
