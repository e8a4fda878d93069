"""Races around the signature, in real threads, each outcome counted (signing.md §4)."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import connection

from derogations.attempts import AttemptRefused
from derogations.challenges import digest_of, terms_of
from derogations.declarations import declaration_of
from derogations.models import Challenge, Seal, Signature
from members.actions.delegations import end_delegation
from members.models import Delegation
from members.roles import Role
from portal.clock import today
from portal.models import AuditEvent
from tests.derogations.signing_world import (
    SigningWorld,
    SoftwareKey,
    challenge_for,
    fresh,
    second_signer,
    sign,
    signing_world,
)
from tests.members.factories import respondent_user

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
    return outcome(told, Signature.objects.filter(version__derogation=other).count() < 2)


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


RACES: dict[str, tuple[Callable[[], str], frozenset[str]]] = {
    "two signers": (two_signers, frozenset({"409 E9 + signed"})),
    "double click": (double_click, frozenset({"signed + signed"})),
    "ended line": (ended_line, frozenset({"403 E3 + ended", "ended + signed"})),
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
