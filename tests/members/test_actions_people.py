"""Identity, second factors, staff and organisations (signing.md §3.4, D-05)."""

import re
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.urls import reverse

from members.actions.factors import ask_factor_reset, complete_factor_reset, reset_factor
from members.actions.organisations import (
    add_subdivision,
    change_organisation,
    create_organisation,
)
from members.actions.people import attest_identity, rename_self
from members.actions.staff import appoint_staff, end_appointment, open_staff_account
from members.models import Organisation, StaffAppointment, User
from members.permissions import Refused, can
from members.roles import Role, StaffMay, StaffRole
from members.tasks import send_factor_reset_notice
from portal.audit import SYSTEM
from portal.models import AuditEvent, QueuedTask
from tests.members.factories import (
    OrganisationFactory,
    RespondentFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def root():
    return OrganisationFactory().branches.get()


@pytest.fixture
def intrl(root):
    return respondent_user(Role.INTRL, root)


def row_of(user):
    return user.person.respondents.get()


def test_an_interlocutor_attests_their_people_and_itq_attests_the_interlocutor(root, intrl):
    dero = respondent_user(Role.DERO, root)
    attest_identity(respondent=row_of(dero), method="Carte vue", by=intrl)
    dero.person.refresh_from_db()
    assert dero.person.identity_attested_by == intrl
    with pytest.raises(Refused):
        attest_identity(respondent=row_of(intrl), method="Moi", by=intrl)
    agent = staff_user()
    attest_identity(respondent=row_of(intrl), method="Visioconférence", by=agent)
    with pytest.raises(Refused):
        attest_identity(respondent=row_of(dero), method="x", by=agent)


def test_an_interlocutor_lifts_a_lost_factor_and_the_person_is_told(root, intrl):
    dero = respondent_user(Role.DERO, root)
    reset_factor(respondent=row_of(dero), account=dero, reason="Téléphone perdu", by=intrl)
    assert not Authenticator.objects.filter(user=dero).exists()
    task = QueuedTask.objects.get(task_name="members.send_factor_reset_notice")
    send_factor_reset_notice(**task.kwargs)
    (message,) = mail.outbox
    assert message.to == [dero.email]
    assert "second facteur" in message.body
    with pytest.raises(ValidationError, match="n'a pas"):
        reset_factor(respondent=row_of(dero), account=dero, reason="Encore", by=intrl)


def test_an_interlocutor_cannot_lift_beyond_their_word(root, intrl):
    two_hats = respondent_user(Role.DERO, root)
    RespondentFactory(person=two_hats.person, branch=OrganisationFactory().branches.get())
    held = two_hats.person.respondents.get(branch=root)
    with pytest.raises(Refused, match="Deux agents"):
        reset_factor(respondent=held, account=two_hats, reason="x", by=intrl)
    with pytest.raises(Refused):
        reset_factor(respondent=row_of(intrl), account=intrl, reason="x", by=intrl)
    assert Authenticator.objects.filter(user__in=(two_hats, intrl)).count() == 2


def test_two_agents_lift_an_interlocutor_s_factor(intrl):
    first, second = staff_user(), staff_user()
    reset = ask_factor_reset(email=intrl.email, callback_note="Rappel au 418…", by=first)
    with pytest.raises(ValidationError, match="déjà demandée"):
        ask_factor_reset(email=intrl.email, callback_note="Encore", by=second)
    with pytest.raises(Refused, match="autre personne"):
        complete_factor_reset(reset=reset, by=first)
    complete_factor_reset(reset=reset, by=second)
    assert not Authenticator.objects.filter(user=intrl).exists()
    with pytest.raises(ValidationError):
        complete_factor_reset(reset=reset, by=staff_user())
    with pytest.raises(ValidationError, match="Aucun compte"):
        ask_factor_reset(email="personne@example.test", callback_note="x", by=first)


def test_an_agent_s_own_factor_is_lifted_by_two_others():
    first, second = staff_user(), staff_user()
    with pytest.raises(Refused):
        ask_factor_reset(email=first.email, callback_note="x", by=first)
    reset = ask_factor_reset(email=first.email, callback_note="x", by=second)
    with pytest.raises(Refused):
        complete_factor_reset(reset=reset, by=first)


def test_everyone_renames_only_themselves_and_a_new_name_is_attested_again(root, intrl):
    dero = respondent_user(Role.DERO, root)
    attest_identity(respondent=row_of(dero), method="Carte vue", by=intrl)
    name = {"given_name": dero.person.given_name, "family_name": dero.person.family_name}
    assert rename_self(**name, function="Greffière", by=dero).identity_attested_at
    rename_self(**{**name, "given_name": "Ève"}, function="Greffière", by=dero)
    dero.person.refresh_from_db()
    assert str(dero.person) == f"Ève {name['family_name']}"
    assert (dero.person.identity_attested_at, dero.person.identity_attested_by) == (None, None)
    attest_identity(respondent=row_of(dero), method="Acte de changement de nom", by=intrl)
    assert AuditEvent.objects.filter(code="identity.doubted").count() == 1


def test_the_first_administrator_comes_from_the_command_line(client):
    told = StringIO()
    call_command("create_administrator", "Admin@example.test", stdout=told)
    user = User.objects.get(email="admin@example.test")
    assert StaffAppointment.objects.in_force().get(person=user.person).role == StaffRole.ADMIN
    link = re.search(r"http://\S+", told.getvalue()).group()
    page = client.get(link.removeprefix("http://localhost:8000"), follow=True)
    assert page.status_code == 200
    assert 'type="password"' in page.content.decode()


def test_only_an_administrator_appoints_and_nobody_ends_their_own():
    admin, agent = staff_user(StaffRole.ADMIN), staff_user(StaffRole.AGENT)
    with pytest.raises(Refused):
        open_staff_account(
            email="a@example.test", given_name="A", family_name="B", role="agent", by=agent
        )
    with pytest.raises(ValidationError, match="existe déjà"):
        open_staff_account(
            email=agent.email, given_name="A", family_name="B", role="agent", by=admin
        )
    with pytest.raises(ValidationError, match="déjà une fonction"):
        appoint_staff(person=agent.person, role=StaffRole.ADMIN, by=SYSTEM)
    with pytest.raises(ValidationError, match="autre"):
        end_appointment(appointment=admin.person.appointments.get(), by=admin)
    end_appointment(appointment=agent.person.appointments.get(), by=admin)
    assert not can(User.objects.get(pk=agent.pk), StaffMay.OPEN_CONSOLE, on=None)


def test_itq_records_an_organisation_and_its_subdivisions():
    admin = staff_user(StaffRole.ADMIN)
    made = [
        create_organisation(name=name, kind="municipality", payment_system="own", by=admin)
        for name in ("Ville d'Éx", "Ville d Ex")
    ]
    assert [m.slug for m in made] == ["ville-dex", "ville-d-ex"]
    with pytest.raises(ValidationError, match="déjà inscrit"):
        create_organisation(name="VILLE D'EX", kind="school", payment_system="ugo", by=admin)
    add_subdivision(organisation=made[0], name="Police", by=admin)
    with pytest.raises(ValidationError, match="de ce nom"):
        add_subdivision(organisation=made[0], name="police", by=admin)
    changed = change_organisation(organisation=made[0], population=12, by=admin)
    assert changed.population == 12
    with pytest.raises(TypeError):
        change_organisation(organisation=made[0], slug="x", by=admin)
    with pytest.raises(Refused):
        add_subdivision(organisation=made[0], name="Parcs", by=staff_user(StaffRole.AGENT))
    assert Organisation.objects.count() == 2


def test_guesses_of_a_password_are_counted_in_the_database(client, intrl):
    url = reverse("account_login")
    said = [
        client.post(url, {"login": intrl.email, "password": f"faux-{n}"}).content.decode()
        for n in range(7)
    ]
    assert "Trop" in said[-1] or "trop" in said[-1]
    right = client.post(url, {"login": intrl.email, "password": "faux-8"})
    assert right.status_code in (200, 429)


def test_who_lacks_a_factor_is_told_where_to_add_one(client, root):
    user = respondent_user(Role.INTRL, root, factor=False)
    client.force_login(user)
    page = client.get(reverse("members:my_account")).content.decode()
    assert "Ajoutez un second facteur" in page
    assert reverse("mfa_index") in page
    home = client.get(reverse("portal:home")).content.decode()
    assert "Ajouter un second facteur" in home
    slug = root.organisation.slug
    refused = client.get(reverse("members:respondent_designate", args=[slug]))
    assert refused.status_code == 403
    assert "second facteur" in refused.content.decode()


def test_passkeys_ask_for_user_verification(settings):
    assert settings.MFA_WEBAUTHN_USER_VERIFICATION == "required"
