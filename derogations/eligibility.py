"""Who may sign: E1 to E10, asked together at one instant of the database's clock (signing.md §2).

E3, E4, E5 and E8 come from the plan in SQL (``standing_powers``); the others are judged on rows
read at that instant. The same answer serves the page before submission, the grants, the signing
page and the commit.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone

from derogations import grounds as why
from derogations.amounts import Amounts
from derogations.freezing import amounts_of, content_of
from derogations.grounds import Facts, Ground, Verdict, line_grounds, power_grounds
from derogations.kinds import AttachmentKind, DerogationState, HeadDecision
from derogations.models import Derogation, PaperSignature, Signature, Version
from derogations.slots import may_take, places_left, post_due
from members.models import Person, User
from members.permissions import has_second_factor
from members.queries.contracts import membership_verdict
from members.queries.delegations import StandingPlan, StandingPower, standing_powers
from members.signing_steps import Step
from portal.clock import day_of
from portal.templatetags.portal import long_day

HUMAN = Coalesce("person__merged_into", "person")
"""Who signed: the human being, whatever row the frozen signature names (D-07, D-20)."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Who can sign, and what E6 says of the lines of the plan that this request does not suit."""

    powers: list[StandingPower]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What a page has already read of a person, at one instant; the commit reads it again."""

    plan: StandingPlan
    verified: bool
    factor: bool
    signed: tuple[int, ...]
    """Whose signature of the version stands (``persons_signed``)."""


def facts_of(derogation: Derogation, asked: Version | Amounts | None) -> Facts:
    """What a power is compared with: the heads still to decide, or all of them once decided.

    ``asked`` is the frozen version, or a draft's amounts (None: unknown).
    """
    heads = list(derogation.heads.all())
    pending = [head.kind for head in heads if head.decision == HeadDecision.PENDING]
    named = (derogation.requester_id, derogation.last_editor_id, *_beneficiaries(derogation))
    papers = _frozen_papers(asked) if isinstance(asked, Version) else _papers_of(derogation)
    return Facts(
        branch=derogation.branch,
        kinds=tuple(pending or [head.kind for head in heads]),
        amounts=amounts_of(asked) if isinstance(asked, Version) else asked,
        wanted_on=derogation.wanted_on,
        ends_on=derogation.ends_on,
        barred=frozenset(pk for pk in named if pk is not None),
        is_quantity_limited=derogation.is_quantity_limited,
        has_credit_certificate=AttachmentKind.CREDIT_CERTIFICATE in papers,
    )


def _beneficiaries(derogation: Derogation) -> tuple[int | None, ...]:
    """Who the request is for, and into whom that person was merged since (D-07)."""
    if derogation.beneficiary is None:
        return ()
    return (derogation.beneficiary_id, derogation.beneficiary.merged_into_id)


def eligible_signers(
    derogation: Derogation,
    facts: Version | Amounts | None,
    at: datetime,
    plan: StandingPlan | None = None,
) -> list[StandingPower]:
    """Whose power meets E3 to E8 for a request at that instant; empty: nobody can sign it.

    ``facts`` is the frozen version, or a draft's amounts (None: unknown); ``plan`` is one already
    read. Four queries without it; one more for a draft.
    """
    return outlook_of(derogation, facts, at, plan).powers


def outlook_of(
    derogation: Derogation,
    facts: Version | Amounts | None,
    at: datetime,
    plan: StandingPlan | None = None,
) -> Outlook:
    """The same, with what E6 says of the lines that this request does not suit."""
    told = facts_of(derogation, facts)
    powers = _standing(told, at, plan)
    lines = {line.pk: line for power in powers for line in power.lines}
    lacking = [ground for line in lines.values() for ground in line_grounds(line, told)]
    return Outlook(
        [power for power in powers if not power_grounds(power, told)],
        tuple(dict.fromkeys(ground.sentence for ground in lacking)),
    )


def judge_signer(version: Version, person: Person, user: User, at: datetime) -> Verdict:
    """E1 to E10 for one person, account and version at that instant; a dozen queries.

    ``powers`` are those that meet E3 to E8 and whose turn it is; those whose turn it is not, when
    that or another ground refuses them all.
    """
    signed = who_signed(version)
    return _verdict(
        version,
        at,
        judged=judge_powers(version, person, at),
        identity=identity_grounds(person, user),
        once=_once_grounds(person, signed),
        signed=signed,
    )


def judge_shown(version: Version, user: User, at: datetime, known: Known) -> Verdict:
    """E1 to E10 for a page, on what it has read at that instant; one query, the membership's."""
    assert user.person is not None
    active = user.is_active and known.verified
    return _verdict(
        version,
        at,
        judged=judge_powers(version, user.person, at, plan=known.plan),
        identity=why.identity_grounds(user.person, active=active, factor=known.factor),
        once=_once_grounds(user.person, known.signed),
        signed=known.signed,
        plan=known.plan,
    )


def _verdict(
    version: Version,
    at: datetime,
    *,
    judged: tuple[tuple[StandingPower, ...], tuple[Ground, ...]],
    identity: list[Ground],
    once: list[Ground],
    signed: Collection[int],
    plan: StandingPlan | None = None,
) -> Verdict:
    """What was read, judged together: whose turn it is is told to nobody who has signed."""
    powers, lacking = judged
    over = [*_version_grounds(version, at), *once]
    powers, early = (powers, []) if over else _in_turn(version, powers, signed, at, plan)
    told = (*identity, *lacking, *over, *early, *membership_grounds(version.derogation, at))
    return Verdict(powers, told)


def judge_powers(
    version: Version,
    person: Person,
    at: datetime,
    *,
    amount: bool = True,
    plan: StandingPlan | None = None,
) -> tuple[tuple[StandingPower, ...], tuple[Ground, ...]]:
    """E3 to E8: the powers that fit, or why none does; ``amount=False`` leaves E6 out.

    ``plan`` is the plan already read at that instant; asked in three queries otherwise.
    """
    facts = facts_of(version.derogation, version)
    held = [power for power in _standing(facts, at, plan) if power.person == person]
    if not held:
        return (), (why.no_power(),)
    judged = [(power, power_grounds(power, facts, limits=amount)) for power in held]
    fitting = tuple(power for power, lacking in judged if not lacking)
    if fitting:
        return fitting, ()
    return (), tuple(dict.fromkeys(ground for _power, lacking in judged for ground in lacking))


def identity_grounds(person: Person, user: User) -> list[Ground]:
    """E1 and E2, on the account as the database holds it now."""
    account = User.objects.get(pk=user.pk)
    verified = EmailAddress.objects.filter(user=user, verified=True).exists()
    active = account.is_active and verified and account.person_id == person.pk
    fresh = Person.objects.get(pk=person.pk)
    return why.identity_grounds(fresh, active=active, factor=has_second_factor(user))


def membership_grounds(derogation: Derogation, at: datetime) -> list[Ground]:
    """E10: the member's membership in force, as for an order (R-03)."""
    day = day_of(at)
    verdict = membership_verdict(derogation.branch.organisation, derogation.contract, day)
    return [] if verdict.may_order else [why.membership_ground(verdict.sentence)]


def _frozen_papers(version: Version) -> set[str]:
    """The kinds of paper under the signature."""
    return {paper["kind"] for paper in content_of(version).get("attachments", ())}


def _papers_of(derogation: Derogation) -> set[str]:
    """The kinds of paper joined to a draft."""
    return {paper.kind for paper in derogation.attachments.all() if paper.removed_at is None}


def _version_grounds(version: Version, at: datetime) -> list[Ground]:
    """E9: awaiting signature, this version current, its paper ready, not expired."""
    derogation = version.derogation
    if derogation.state != DerogationState.SUBMITTED:
        return [_state_ground(version)]
    if derogation.version_id != version.pk or version.voided_at is not None:
        return [why.version_ground(version)]
    if version.pdf_id is None:
        return [why.rendering_ground()]
    return [why.expired_ground()] if version.expires_at <= at else []


def _state_ground(version: Version) -> Ground:
    """Who signed and when, or the state that the request is in."""
    given = Signature.objects.filter(version=version.derogation.version, voided_at__isnull=True)
    last = given.last()
    if version.derogation.state == DerogationState.SIGNED and last:
        return why.signed_already(last.person_name, in_words(last.signed_at))
    return why.state_ground(version.derogation)


def in_words(at: datetime) -> str:
    """« 22 novembre 2026 à 14 h 05 », in Montréal."""
    return f"{long_day(at)} à {timezone.localtime(at):%H h %M}"


def who_signed(version: Version) -> set[int]:
    """The persons whose signature of a version stands."""
    given = Signature.objects.filter(version=version, voided_at__isnull=True)
    return set(given.annotate(human=HUMAN).values_list("human", flat=True))


def turn_of(version: Version) -> int:
    """How many signed before, where posts sign one after the other; nought elsewhere (F-16)."""
    return len(who_signed(version)) if version.step_posts else 0


def persons_signed() -> ArraySubquery:
    """The same for the current version of a derogation that is being read."""
    given = Signature.objects.filter(version=OuterRef("version"), voided_at__isnull=True)
    return ArraySubquery(given.order_by().annotate(human=HUMAN).values("human"))


def _once_grounds(person: Person, signed: Collection[int]) -> list[Ground]:
    """One effective signature per person and version (D-20)."""
    known = {person.pk, person.merged_into_id}
    return [] if known.isdisjoint(signed) else [why.once_ground()]


def open_powers(
    steps: Sequence[Step], powers: Iterable[StandingPower], signed: Collection[int] = ()
) -> list[StandingPower]:
    """Of the powers that reach a request, those by which a signature still to give may come.

    ``signed`` are the persons who signed. A series that names every post asks nobody else (F-16).
    """
    places = places_left(steps, len(signed))
    left = [power for power in powers if power.person.pk not in signed]
    return left if "" in places else [p for p in left if p.delegation.post in places]


def due_powers(
    version: Version, powers: Iterable[StandingPower], signed: Collection[int]
) -> list[StandingPower]:
    """The same of the next signature alone; any of them where no post is named (F-16)."""
    left = open_powers(version.asked, powers, signed)
    if not version.step_posts:
        return left
    places = places_left(version.asked, len(signed))
    able = {(power.person.pk, power.delegation.post) for power in left}
    return [p for p in left if may_take(places, able, p.person.pk, p.delegation.post)]


def _in_turn(
    version: Version,
    powers: tuple[StandingPower, ...],
    signed: Collection[int],
    at: datetime,
    plan: StandingPlan | None = None,
) -> tuple[tuple[StandingPower, ...], list[Ground]]:
    """Of a person's powers, those whose turn it is; all of them, and why, where none is."""
    if not powers or not version.step_posts:
        return powers, []
    due = due_powers(version, eligible_signers(version.derogation, version, at, plan), signed)
    if mine := tuple(power for power in powers if power in due):
        return mine, []
    post = post_due(version.asked, len(signed))
    is_theirs = post in ("", *(power.delegation.post for power in powers))
    return powers, [why.kept_ground() if is_theirs else why.turn_ground(post)]


def _standing(facts: Facts, at: datetime, plan: StandingPlan | None) -> list[StandingPower]:
    """Every power over the request's branch and kinds, by a plan already read where there is."""
    if plan is None:
        return standing_powers(facts.branch, facts.kinds, at)
    return plan.powers(facts.branch, facts.kinds)


def _paper_order(version: Version, paper: PaperSignature) -> list[Ground]:
    """F-16: in a series, a signature by hand is of a day that follows the one before."""
    if not version.step_posts:
        return []
    given = Signature.objects.filter(version=version, voided_at__isnull=True)
    days = [day_of(at) for at in given.values_list("signed_at", flat=True)]
    late = max(days, default=paper.signed_on)
    return [why.paper_order_ground(late)] if paper.signed_on < late else []


def judge_paper(
    version: Version, paper: PaperSignature, at: datetime
) -> tuple[tuple[StandingPower, ...], tuple[Ground, ...]]:
    """E3 to E10 on the day written, for the line that the paper names.

    E1 and E2 are about an account, which a person who signs by hand may not have (D-25). Who
    certifies the council's resolution signs nothing by that, whatever the person signed (R-24).
    """
    others = (*_version_grounds(version, at), *membership_grounds(version.derogation, at))
    if paper.delegation_id is None:
        return (), others
    signed = who_signed(version)
    powers, lacking = judge_powers(version, paper.person, at)
    named = tuple(power for power in powers if power.delegation.pk == paper.delegation_id)
    if not named and not lacking:
        lacking = (why.no_power(),)
    once = _once_grounds(paper.person, signed)
    named, early = (named, []) if once else _in_turn(version, named, signed, at)
    return named, (*lacking, *once, *early, *_paper_order(version, paper), *others)
