"""Races in a short run, and a commit cut after each of its statements (signing.md §4)."""

from typing import Any

import pytest
from django.db import connection

from derogations.challenges import digest_of, terms_of
from derogations.declarations import declaration_of
from derogations.kinds import DerogationState
from derogations.models import Challenge, Derogation, Head, Refusal, Seal, Signature
from portal.models import AuditEvent, QueuedTask
from tests.derogations.races import RACES, run_race
from tests.derogations.signing_world import SoftwareKey, challenge_for, sign, signing_world

SHORT = 10
KEPT = (Signature, Seal, Refusal, AuditEvent, QueuedTask)


class Cut(Exception):
    """The process died here."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(RACES))
def test_a_race_has_only_its_right_outcomes(name):
    counts = run_race(name, SHORT)
    print(name, dict(counts))
    assert set(counts) <= RACES[name][1], counts


def state_of(world) -> dict[str, Any]:
    """Everything that the commit writes."""
    return {
        **{model.__name__: model.objects.count() for model in KEPT},
        "state": Derogation.objects.get(pk=world.derogation.pk).state,
        "heads": sorted(Head.objects.values_list("decision", flat=True)),
        "consumed": Challenge.objects.filter(consumed_at__isnull=False).count(),
    }


def cut_after(statements: int):
    """A wrapper that lets some statements through, then dies."""
    done = 0

    def wrapper(execute, sql, params, many, context):
        nonlocal done
        if done == statements:
            raise Cut
        done += 1
        return execute(sql, params, many, context)

    return wrapper


@pytest.mark.django_db(transaction=True)
def test_a_commit_cut_after_any_statement_leaves_nothing():
    world = signing_world()
    challenge, key = challenge_for(world), SoftwareKey(world.signer)
    answer = key.answer(digest_of(terms_of(challenge, declaration_of(challenge))))
    before, statements = state_of(world), 0
    while True:
        try:
            with connection.execute_wrapper(cut_after(statements)):
                sign(world, challenge=challenge, answer=answer)
        except Cut:
            assert state_of(world) == before, f"after {statements} statements"
            statements += 1
        else:
            break
    assert statements > 20
    assert Signature.objects.count() == 1
    assert Derogation.objects.get().state == DerogationState.SIGNED
