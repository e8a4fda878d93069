"""Signatures whose line was said otherwise afterwards: flagged once, never undone."""

from datetime import timedelta

import pytest

from derogations.tasks import reexamine
from members.actions.delegations import correct_delegation, end_delegation
from members.powers import LineFacts
from members.roles import Role
from portal.clock import today
from portal.models import AuditEvent
from tests.derogations.factories import SignatureFactory
from tests.members.factories import DelegationFactory, respondent_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def line():
    return DelegationFactory()


@pytest.fixture
def intrl(line):
    return respondent_user(Role.INTRL, line.branch)


def flagged():
    return AuditEvent.objects.filter(code="signature.flagged").count()


def test_a_corrected_line_flags_what_was_signed_by_it_once(line, intrl):
    signature = SignatureFactory(delegation=line)
    SignatureFactory()
    facts = LineFacts("4", "Poste", ("network",), line.valid.lower)
    correct_delegation(delegation=line, holder=line.holder, facts=facts, reason="Faute", by=intrl)
    for _run in range(2):
        reexamine(delegation_id=line.pk)
    assert flagged() == 1
    signature.refresh_from_db()
    assert signature.voided_at is None


@pytest.mark.parametrize(("days", "flags"), [(1, 0), (-1, 1)])
def test_an_end_flags_only_what_was_signed_after_it(line, intrl, days, flags):
    SignatureFactory(delegation=line)
    on = today() + timedelta(days=days)
    end_delegation(delegation=line, on=on, reason="Départ", by=intrl)
    reexamine(delegation_id=line.pk)
    assert flagged() == flags
