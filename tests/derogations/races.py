"""Races around the signature, in real threads, each outcome counted (signing.md §4)."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from derogations.attempts import AttemptRefused
from derogations.challenges import digest_of, terms_of
from derogations.declarations import declaration_of, power_key
from derogations.eligibility import eligible_signers
from derogations.models import Challenge, Seal, Signature
from members.actions.absences import end_absence
from members.actions.delegations import end_delegation
from members.actions.factors import reset_signer_factor
from members.actions.interims import end_interim
from members.models import Delegation, Membership, User
from members.roles import Role
from portal.clock import database_clock, today
from portal.models import AuditEvent
from tests.derogations.signing_world import (
    SigningWorld,
    SoftwareKey,
    challenge_for,
    fresh,
    second_signer,
    sign,
    signer_account,
    signing_world,
)
from tests.members.factories import AbsenceFactory, InterimFactory, respondent_user

Act = Callable[[], str]


def at_once(*acts: Act) -> list[str]:
    """Start every act at the same instant, each on a connection of its own."""
    gate, told = threading.Barrier(len(acts)), [""] * len(acts)

    def run(number: int, act: Act) -> None:
        try:
            connection.ensure_connection()
            gate.wait()
            told[number] = act()
        except Exception as error:  # what happened is the outcome
            told[number] = repr(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def signing(world: SigningWorld, challenge: Challenge, key: SoftwareKey, **asked: Any) -> Act:
    """An act that signs with a key; its outcome in a word."""
    whole = fresh(challenge)
    answer = key.answer(digest_of(terms_of(whole, declaration_of(whole))))

    def act() -> str:
        try:
            given = sign(world, challenge.user, challenge=challenge, answer=answer, **asked)
        except AttemptRefused as refusal:
            return f"{refusal.status} {refusal.code}"
        return f"signed {given.pk}"

    return act


def two_signers() -> str:
    """One signature is enough: one signs, the other is told who did."""
    world = signing_world()
    users = (world.signer, second_signer(world))
    acts = [signing(world, challenge_for(world, user), SoftwareKey(user)) for user in users]
    told = sorted(at_once(*acts))
    whole = Signature.objects.filter(version=world.version).count() == 1
    return outcome(told, whole and Seal.objects.filter(version=world.version).count() == 1)


def double_click() -> str:
    """The same gesture twice: the same answer, one signature, one event."""
    world = signing_world()
    act = signing(world, challenge_for(world), SoftwareKey(world.signer))
    told = at_once(act, act)
    rows = Signature.objects.filter(version=world.version)
    events = AuditEvent.objects.filter(
        code="signature.given", object_id=world.derogation.pk
    ).count()
    return outcome(sorted(told), len(set(told)) == 1 and rows.count() == events == 1)


def ended_line() -> str:
    """The line ends while its holder signs: strictly before or strictly after."""
    world = signing_world()
    intrl = respondent_user(Role.INTRL, world.derogation.branch)

    def end() -> str:
        line = Delegation.objects.get(pk=world.line.pk)
        end_delegation(delegation=line, on=today(), reason="Départ", by=intrl)
        return "ended"

    told = at_once(signing(world, challenge_for(world), SoftwareKey(world.signer)), end)
    signature = Signature.objects.filter(version=world.version).first()
    line = Delegation.objects.get(pk=world.line.pk)
    before = signature is None or signature.signed_at < line.recorded.upper
    return outcome(sorted(told), before and line.recorded.upper is not None)


def shared_ceiling() -> str:
    """Two like requests that pass the ceiling together: the second needs a written reason."""
    world = signing_world(total_amount=15_000)
    other = world.another(total_amount=15_000)
    key = SoftwareKey(world.signer)
    acts = [
        signing(world, challenge_for(world, derogation=row), key)
        for row in (world.derogation, other)
    ]
    told = sorted(at_once(*acts))
    versions = (world.derogation.version_id, other.version_id)
    return outcome(told, Signature.objects.filter(version__in=versions).count() == 1)


def two_lines() -> str:
    """Like requests signed by the holders of two lines: the branch makes one wait for the other."""
    world = signing_world(total_amount=15_000)
    other, second = world.another(total_amount=15_000), second_signer(world)
    acts = [
        signing(world, challenge_for(world), SoftwareKey(world.signer)),
        signing(world, challenge_for(world, second, derogation=other), SoftwareKey(second)),
    ]
    told = sorted(at_once(*acts))
    versions = (world.derogation.version_id, other.version_id)
    return outcome(told, Signature.objects.filter(version__in=versions).count() == 1)


def ended(world: SigningWorld, signer: User, act: Callable[[], object], power: str = "") -> str:
    """Something ends while it lets somebody sign; ``act`` returns with the rows still held.

    The instant is read once they are: a signature dated after it would have read what ended.
    """
    at: list[datetime] = []

    def end() -> str:
        with transaction.atomic():
            act()
            at.append(database_clock())
        return "ended"

    told = at_once(
        signing(world, challenge_for(world, signer, power=power), SoftwareKey(signer)), end
    )
    signature = Signature.objects.filter(version=world.version).first()
    return outcome(sorted(told), signature is None or signature.signed_at < at[0])


def ended_interim() -> str:
    """The interim ends while its person signs."""
    world, user = signing_world(), signer_account()
    interim = InterimFactory(delegation=world.line, person=user.person)
    intrl = respondent_user(Role.INTRL, world.derogation.branch)
    return ended(
        world, user, lambda: end_interim(interim=interim, reason="Retour du titulaire", by=intrl)
    )


def ended_absence() -> str:
    """The absent person is back while the substitute signs; his own line suffices no more."""
    world = signing_world()
    user = second_signer(world)
    absence = AbsenceFactory(
        branch=world.derogation.branch, person=world.signer.person, substitute=user.person
    )
    intrl = respondent_user(Role.INTRL, world.derogation.branch)
    version = world.version
    (power,) = [
        power
        for power in eligible_signers(version.derogation, version, database_clock())
        if power.absence is not None
    ]
    return ended(
        world, user, lambda: end_absence(absence=absence, by=intrl), power=power_key(power)
    )


def closed_account() -> str:
    """The account is closed while it signs."""
    world = signing_world()
    account = User.objects.filter(pk=world.signer.pk)
    return ended(world, world.signer, lambda: account.update(is_active=False))


def lifted_factor() -> str:
    """INTRL lifts the lost factor of somebody who signs with it."""
    world = signing_world()
    intrl = respondent_user(Role.INTRL, world.derogation.branch)
    lost = {"account": world.signer, "reason": "Clé perdue", "by": intrl}
    return ended(world, world.signer, lambda: reset_signer_factor(delegation=world.line, **lost))


def ended_membership() -> str:
    """The membership is no longer confirmed while somebody signs."""
    world = signing_world()
    held = Membership.objects.filter(organisation=world.organisation)
    return ended(world, world.signer, lambda: held.update(confirmed_at=None, confirmed_by=None))


RACES: dict[str, tuple[Callable[[], str], frozenset[str]]] = {
    "two signers": (two_signers, frozenset({"409 E9 + signed"})),
    "double click": (double_click, frozenset({"signed + signed"})),
    "ended line": (ended_line, frozenset({"403 E3 + ended", "ended + signed"})),
    "ended interim": (ended_interim, frozenset({"403 E3 + ended", "ended + signed"})),
    "ended absence": (ended_absence, frozenset({"403 E4 + ended", "ended + signed"})),
    "closed account": (closed_account, frozenset({"403 E1 + ended", "ended + signed"})),
    "lifted factor": (
        lifted_factor,
        frozenset({"403 E2-factor + ended", "422 proof + ended", "ended + signed"}),
    ),
    "ended membership": (ended_membership, frozenset({"403 E10 + ended", "ended + signed"})),
    "two lines": (two_lines, frozenset({"409 E6 + signed"})),
    "shared ceiling": (shared_ceiling, frozenset({"409 E6 + signed"})),
}
"""Each race with the outcomes that are right."""


def outcome(told: list[str], whole: bool) -> str:
    """What happened, in words without numbers; « torn » when the rows do not agree."""
    words = " + ".join(word.split(" ")[0] if word.startswith("signed") else word for word in told)
    return words if whole else f"torn: {words}"


def run_race(name: str, times: int) -> Counter[str]:
    """The outcomes of a race, counted."""
    race, _right = RACES[name]
    return Counter(race() for _ in range(times))
