"""The signer's seat: every lock in its fixed order, the clock, then E1 to E10 (signing.md §3.5).

Order of the locks: derogation, challenge, branch, person, account, its factors, lines
by number, interim, absence, membership. Whatever ends one of them writes the same rows, so it falls
strictly before or after. The branch is what signers of different lines share: like requests of a
branch are signed one after the other, so that each counts the one before (E6).
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from derogations.attempts import CONFLICT, UNPROVED, AttemptRefused, refused_for
from derogations.challenges import digest_of, session_digest, terms_of
from derogations.declarations import declaration_of, power_key
from derogations.eligibility import (
    identity_grounds,
    judge_powers,
    judge_signer,
    membership_grounds,
)
from derogations.grounds import FACTOR, Verdict, state_ground, version_ground
from derogations.kinds import HeadDecision, SigningAct
from derogations.models import Challenge, Derogation, Signature, Version, Withdrawal
from derogations.proofs import (
    Answer,
    Proof,
    ProofRejected,
    is_held,
    prove,
    use_code,
    used_code_text,
)
from derogations.states import WITHDRAW
from members.models import (
    Absence,
    Branch,
    Delegation,
    Interim,
    Membership,
    Person,
    User,
)
from members.permissions import Unseen, granted
from members.queries.delegations import StandingPower
from members.roles import PersonalMay
from portal.clock import database_clock
from portal.workflow import locked


@dataclass(frozen=True, slots=True)
class Seat:
    """A signer who may act at ``at``, with every row that could refuse it held."""

    derogation: Derogation
    version: Version
    person: Person
    powers: tuple[StandingPower, ...]
    power: StandingPower
    at: datetime


class AlreadyGiven(Exception):
    """The very same gesture was written a moment ago: the same answer is due."""

    def __init__(self, act: Any) -> None:
        super().__init__(act.pk)
        self.act = act


@dataclass(frozen=True, slots=True)
class Gesture:
    """A seat taken through a challenge that was answered; ``kept`` goes with the act for ever."""

    seat: Seat
    challenge: Challenge
    proof: Proof
    kept: dict[str, object]


def require_power(*, version: Version, by: User) -> Seat:
    """The gate of a signer's acts without a challenge: locks, then E1 to E10.

    Raises Unseen to whom the plan and the grants know nothing of, AttemptRefused otherwise.
    """
    person, derogation = _person_of(by), locked(version.derogation)
    hold_rows(derogation, person, by)
    at = database_clock()
    fresh = _fresh(version, derogation)
    verdict = judge_signer(fresh, person, by, at)
    _require_seen(verdict, derogation, by)
    if not verdict.allowed:
        raise refused_for(verdict.grounds)
    return Seat(derogation, fresh, person, verdict.powers, verdict.powers[0], at)


def require_withdrawer(*, derogation: Derogation, by: User) -> Seat:
    """The gate of a withdrawal: E1 to E5, E7, E8 and E10 on a derogation that was signed (R-22)."""
    person, fresh = _person_of(by), locked(derogation)
    hold_rows(fresh, person, by)
    at = database_clock()
    assert fresh.version is not None
    version = _fresh(fresh.version, fresh)
    powers, lacking = judge_powers(version, person, at, amount=False)
    if not powers:
        raise Unseen
    grounds = [*lacking, *identity_grounds(person, by), *membership_grounds(fresh, at)]
    if fresh.state not in WITHDRAW.sources:
        grounds.append(state_ground(fresh))
    if grounds:
        raise refused_for(grounds)
    return Seat(fresh, version, person, powers, powers[0], at)


def require_gesture(*, challenge: Challenge, answer: Answer, session_key: str, by: User) -> Gesture:
    """The gate of a signature or withdrawal: own challenge, proof, locks, then E1 to E10 again.

    Raises AttemptRefused, that the view journals once this transaction is rolled back (D-04), and
    AlreadyGiven when this very gesture was written a moment ago (a double click).
    """
    _require_own(challenge, session_key, by)
    declared = declaration_of(challenge)
    terms = terms_of(challenge, declared)
    proof = _proved(challenge, answer, by, digest_of(terms))
    kept = {**proof.evidence, "terms": terms, "declaration": declared}
    locked(challenge.version.derogation)
    fresh = locked(challenge)
    _require_new(fresh, kept)
    if fresh.act == SigningAct.WITHDRAW:
        seat = require_withdrawer(derogation=challenge.version.derogation, by=by)
    else:
        seat = _signing_seat(fresh, by)
    if fresh.expires_at <= seat.at:
        raise _expired()
    if not is_held(proof, by):
        raise AttemptRefused(
            FACTOR,
            _("La clé ou l'application qui a servi n'est plus à votre compte : recommencez."),
        )
    return Gesture(_on_its_line(seat, fresh), fresh, proof, kept)


def chosen_power(powers: tuple[StandingPower, ...], key: str) -> StandingPower:
    """The power that a form names, or the first when it names none."""
    for power in powers:
        if key in ("", power_key(power)):
            return power
    raise ValidationError(_("Ce pouvoir n'est plus en vigueur : choisissez-en un autre."))


def consume(gesture: Gesture, by: User) -> None:
    """Use up the challenge, then the code; raises AttemptRefused when either has served."""
    used = Challenge.objects.filter(
        pk=gesture.challenge.pk, consumed_at__isnull=True, expires_at__gt=gesture.seat.at
    ).update(consumed_at=gesture.seat.at)
    if not used:
        raise replayed()
    counter = gesture.proof.evidence.get("counter")
    if counter is not None and _has_served(counter, by):
        raise AttemptRefused("proof", used_code_text(), UNPROVED)
    try:
        use_code(gesture.proof, by)
    except ProofRejected as error:
        raise AttemptRefused("proof", str(error), UNPROVED) from error


def relied_on(power: StandingPower) -> dict[str, object]:
    """The fields of a row that rests on this power."""
    return {
        "delegation": power.delegation,
        "own_delegation": power.own_delegation,
        "interim": power.interim,
        "absence": power.absence,
        "capacity": power.capacity,
        "acting_for": power.acting_for,
        "person_name": str(power.person),
        "acting_for_name": power.acting_for_name,
    }


def _has_served(counter: object, by: User) -> bool:
    """Whether a code of these thirty seconds signed something already."""
    return any(
        model.objects.filter(user=by, proof__counter=counter).exists()
        for model in (Signature, Withdrawal)
    )


def _person_of(user: User) -> Person:
    """Who the account is of; an account of nobody sees nothing."""
    if user.person is None:
        raise Unseen
    return user.person


def hold_rows(derogation: Derogation, person: Person, by: User) -> None:
    """Lock, in this order, the branch, then every row whose end would take the power away."""
    mine = Q(holder=person) | Q(pk__in=Interim.objects.filter(person=person).values("delegation"))
    away = Absence.objects.filter(Q(substitute=person) | Q(person=person))
    absent = away.filter(substitute=person).values("person")
    theirs = Q(holder__in=absent) | Q(
        pk__in=Interim.objects.filter(person__in=absent).values("delegation")
    )
    lines = Delegation.objects.filter(mine | theirs)
    interims = Interim.objects.filter(delegation__in=lines.values("pk"))
    organisation = derogation.branch.organisation_id
    _hold(Branch.objects.filter(pk=derogation.branch_id))
    _hold(Person.objects.filter(pk=person.pk))
    _hold(User._base_manager.filter(pk=by.pk))
    _hold(Authenticator.objects.filter(user=by))
    _hold(lines)
    _hold(interims)
    _hold(away)
    _hold(Membership.objects.filter(organisation=organisation, contract=derogation.contract_id))


def _hold(rows: QuerySet[Any]) -> None:
    """Lock rows by number; a row that points at them may still be written."""
    held = rows.order_by("pk").select_for_update(of=("self",), no_key=True)
    list(held.values_list("pk", flat=True))


def _fresh(version: Version, derogation: Derogation) -> Version:
    """The version as the database holds it, on the derogation that is locked."""
    fresh = Version.objects.select_related("pdf").get(pk=version.pk)
    fresh.derogation = derogation
    return fresh


def _require_seen(verdict: Verdict, derogation: Derogation, by: User) -> None:
    """Who stands on no line, was granted nothing and did nothing here sees nothing (D-04)."""
    if verdict.powers or "E3" not in verdict.codes:
        return
    opened = granted(
        by, PersonalMay.SIGN_DEROGATION, Derogation.objects.filter(pk=derogation.pk)
    ).exists()
    asked = Challenge.objects.filter(version__derogation=derogation, person=by.person_id)
    if not (opened or asked.exists()):
        raise Unseen


def _require_own(challenge: Challenge, session_key: str, by: User) -> None:
    """A challenge serves its own person, account and session."""
    mine = challenge.user_id == by.pk and challenge.person_id == by.person_id
    if not mine or challenge.session_sha256 != session_digest(session_key):
        raise AttemptRefused(
            "foreign_challenge",
            _("Cette page de signature a été ouverte par une autre session : rouvrez la demande."),
        )


def _proved(challenge: Challenge, answer: Answer, by: User, digest: bytes) -> Proof:
    """The proof, or its refusal; a challenge that served has nothing more to prove."""
    try:
        return prove(answer, by, digest)
    except ProofRejected as error:
        if Challenge.objects.filter(pk=challenge.pk, consumed_at__isnull=False).exists():
            raise replayed() from error
        raise AttemptRefused("proof", str(error), UNPROVED) from error


def _require_new(challenge: Challenge, kept: dict[str, object]) -> None:
    """A challenge that served is answered again only for the very same gesture."""
    if challenge.consumed_at is None:
        return
    for model in (Signature, Withdrawal):
        given = model.objects.filter(challenge=challenge).first()
        if given is not None and given.proof == kept:
            raise AlreadyGiven(given)
    raise replayed()


def replayed() -> AttemptRefused:
    """The challenge has served."""
    return AttemptRefused(
        "replay", _("Cette signature a déjà été donnée : rouvrez la demande."), CONFLICT
    )


def _expired() -> AttemptRefused:
    return AttemptRefused(
        "expired_challenge",
        _("Dix minutes sont passées depuis l'ouverture de la page : rouvrez la demande."),
        CONFLICT,
    )


def _signing_seat(challenge: Challenge, by: User) -> Seat:
    """E1 to E10 again, on what the challenge was bound to: version, hashes, heads."""
    seat = require_power(version=challenge.version, by=by)
    version = seat.version
    content = hashlib.sha256(version.content.encode()).hexdigest()
    bound = (challenge.content_sha256, challenge.pdf_sha256)
    if bound != (content, version.pdf_sha256) or version.content_sha256 != content:
        raise refused_for([version_ground(version)])
    pending = pending_kinds(seat.derogation)
    if not set(challenge.kinds) <= pending:
        raise refused_for([version_ground(version)])
    return seat


def pending_kinds(derogation: Derogation) -> set[str]:
    """The heads that nobody decided yet."""
    heads = derogation.heads.filter(decision=HeadDecision.PENDING)
    return set(heads.values_list("kind", flat=True))


def _on_its_line(seat: Seat, challenge: Challenge) -> Seat:
    """The power that the challenge named, among those that stand at the instant."""
    named = power_key(challenge)
    for power in seat.powers:
        if power_key(power) == named:
            return replace(seat, power=power)
    raise AttemptRefused(
        "E4",
        _("Le pouvoir invoqué n'est plus en vigueur : rouvrez la demande pour en voir un autre."),
    )
