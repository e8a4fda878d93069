"""A role that ends, or a grant that goes, acts on the very next request of an open session."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.urls import reverse

from members.grants import BranchGrant
from members.models import Respondent, StaffAppointment, User
from portal.clock import database_clock
from tests.matrix.expected import Persona
from tests.personas import LONG_AGO, PERSONAS, World

pytestmark = pytest.mark.django_db


def visit(world: World, persona: Persona, name: str, **named: str) -> int:
    """The status of one page in the persona's open session."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[persona.name]
    return client.get(reverse(name, kwargs=named)).status_code


def one(name: str) -> Persona:
    return next(persona for persona in PERSONAS if persona.name == name)


def over() -> DateTimeTZRange:
    return DateTimeTZRange(LONG_AGO, database_clock() - timedelta(seconds=1))


def test_a_role_that_ended_closes_the_member_at_once(world: World):
    rcell, page = one("rcell of A"), {"name": "orders:order_list", "member": world.slug("A")}
    assert visit(world, rcell, **page) == 200
    user = world.users[rcell.name]
    Respondent.objects.filter(person=user.person_id).update(period=over())
    assert BranchGrant.objects.filter(user=user).exists()
    assert visit(world, rcell, **page) == 404


def test_a_grant_that_went_closes_its_page_at_once(world: World):
    rcell, page = one("rcell of A"), {"name": "orders:holder_add", "member": world.slug("A")}
    assert visit(world, rcell, **page) == 200
    BranchGrant.objects.filter(user=world.users[rcell.name]).delete()
    assert visit(world, rcell, **page) == 403


def test_an_appointment_that_ended_closes_itq_s_pages_at_once(world: World):
    agent = one("agent")
    assert visit(world, agent, "members:staff_organisation_list") == 200
    StaffAppointment.objects.filter(person=world.users[agent.name].person_id).update(period=over())
    assert visit(world, agent, "members:staff_organisation_list") == 403


def test_an_account_made_inactive_is_signed_out_at_once(world: World):
    rcell = one("rcell of A")
    User.objects.filter(pk=world.users[rcell.name].pk).update(is_active=False)
    assert visit(world, rcell, "portal:home") == 302
