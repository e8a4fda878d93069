"""The council's resolution, where a signature lacks anybody: extract, clerk, page (R-24, D-25)."""

import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange

from derogations.kinds import DerogationState
from derogations.models import (
    Derogation,
    PaperSignature,
    Signature,
)
from derogations.queries.papers import papers_to_confirm
from members.models import Delegation
from members.permissions import Refused
from members.roles import Role
from portal.clock import today
from tests.derogations.paper_acts import adopted, attached, both_confirm, confirm, page_of, user_of
from tests.derogations.signing_world import (
    sign,
    signing_world,
)
from tests.members.factories import (
    staff_user,
)

pytestmark = pytest.mark.django_db


def test_the_council_decides_only_where_no_line_suffices():
    world = signing_world()
    clerk = user_of(world, Role.INTRL)
    with pytest.raises(ValidationError, match="ligne du plan suffit"):
        adopted(world, clerk)
    Delegation.objects.update(ceiling_amount=1)
    both_confirm(world, adopted(world, clerk))
    world.derogation.refresh_from_db()
    assert world.derogation.resolution_number == "2026-11-123"
    assert Signature.objects.get().delegation is None


def test_who_signed_may_certify_the_council_s_resolution():
    """A village's director general is its clerk too: the extract is no second signature (R-24)."""
    world = signing_world(steps=[2])
    sign(world)
    both_confirm(world, adopted(world, world.signer))
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED
    assert Signature.objects.filter(person=world.signer.person).count() == 2


def test_another_clerk_certifies_the_extract_in_the_place_of_the_first():
    world = signing_world(steps=[2])
    first, second = user_of(world, Role.INTRL), user_of(world, Role.FACTU)
    assert adopted(world, first).pk == adopted(world, second).pk
    assert PaperSignature.objects.get().person == second.person


def test_the_council_may_decide_once_the_only_line_ended_after_the_submission(client):
    """A paper that the departed signer left, confirmed once or not, hides nothing (R-24)."""
    world = signing_world()
    confirm(paper=attached(world), by=user_of(world, Role.MANDA))
    client.force_login(user_of(world, Role.RCELL))
    assert "Faire décider par le conseil" not in client.get(page_of(world)).content.decode()
    Delegation.objects.filter(pk=world.line.pk).update(valid=DateRange(None, today()))
    assert "Faire décider par le conseil" in client.get(page_of(world)).content.decode()
    both_confirm(world, adopted(world, user_of(world, Role.INTRL)))
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED


def test_the_council_decides_where_nobody_bears_the_post_that_must_sign(client):
    world = signing_world(steps=[1], step_posts=["Direction"])
    intrl = user_of(world, Role.INTRL)
    client.force_login(intrl)
    assert "Faire décider par le conseil" in client.get(page_of(world)).content.decode()
    paper = adopted(world, intrl)
    both_confirm(world, paper)
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED


def test_a_resolution_concludes_a_request_that_two_were_to_sign():
    world = signing_world(steps=[2])
    sign(world)
    clerk = user_of(world, Role.INTRL)
    paper = adopted(world, clerk)
    confirm(paper=paper, by=user_of(world, Role.MANDA))
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SUBMITTED
    confirm(paper=paper, by=staff_user())
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED
    assert Signature.objects.count() == 2


@pgtrigger.ignore("derogations.Derogation:request_frozen")
def rewrite(**changes) -> None:
    """Say that the frozen request was always so."""
    Derogation.objects.update(**changes)


@pytest.mark.parametrize("role", ["requester", "last_editor", "beneficiary"])
def test_whom_the_rule_bars_neither_certifies_an_extract_nor_confirms(role):
    """R-21 holds on paper: the requester, the last editor and the beneficiary stay out."""
    world = signing_world()
    manda = user_of(world, Role.MANDA)
    paper = attached(world)
    rewrite(**{role: manda.person})
    assert not papers_to_confirm(manda).exists()
    with pytest.raises(Refused, match="demandé ou modifié"):
        confirm(paper=paper, by=manda)
    Delegation.objects.update(ceiling_amount=1)
    with pytest.raises(ValidationError) as refused:
        adopted(world, manda)
    assert "clerk" in refused.value.message_dict
