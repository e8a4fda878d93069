"""The life of an invitation (F-05): 14 days, once, dead with its inviter."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse

from members.actions.invitations import (
    attach_account,
    invite,
    open_invited_account,
    revoke_invitation,
)
from members.actions.respondents import end_role, hand_over_interlocutor
from members.links import digest_of, token_of
from members.models import Invitation, Person, Respondent, User
from members.permissions import Refused, can
from members.roles import May, Role
from members.tasks import send_invitation
from portal.clock import database_clock
from portal.models import QueuedTask
from tests.members.factories import (
    OrganisationFactory,
    PersonFactory,
    RespondentFactory,
    UserFactory,
    respondent_user,
)

pytestmark = pytest.mark.django_db
GOOD = "Une phrase assez longue 42"


@pytest.fixture
def root():
    return OrganisationFactory().branches.get()


@pytest.fixture
def intrl(root):
    return respondent_user(Role.INTRL, root)


@pytest.fixture
def respondent(root):
    return RespondentFactory(branch=root, role=Role.RCELL)


@pytest.fixture
def invitation(respondent, intrl):
    return invite(respondent=respondent, email="Nouvelle@example.test", by=intrl)


def link(invitation):
    return reverse("members:invitation_accept", args=[token_of(invitation.nonce)])


def test_the_token_is_kept_nowhere(invitation):
    token = token_of(invitation.nonce)
    assert invitation.token_sha256 == digest_of(token)
    assert token not in str(QueuedTask.objects.values_list("kwargs", flat=True))
    assert invitation.expires_at - database_clock() <= timedelta(days=14)


def test_the_mail_carries_the_link_once(invitation):
    send_invitation(invitation_id=invitation.pk)
    send_invitation(invitation_id=invitation.pk)
    (message,) = mail.outbox
    assert message.to == ["nouvelle@example.test"]
    assert token_of(invitation.nonce) in message.body
    assert message.extra_headers["Message-ID"].startswith(f"<invitation-{invitation.pk}@")


def test_a_dead_link_is_not_mailed(invitation, intrl):
    revoke_invitation(invitation=invitation, reason="Erreur", by=intrl)
    send_invitation(invitation_id=invitation.pk)
    assert not mail.outbox


def test_the_link_opens_an_account_that_holds_the_role(invitation, root, client):
    page = client.get(link(invitation))
    assert "nouvelle@example.test" in page.content.decode()
    answer = client.post(link(invitation), {"password": GOOD, "again": GOOD})
    assert answer.status_code == 302
    user = User.objects.get(email="nouvelle@example.test")
    assert can(user, May.ORDER, on=root)
    assert client.get(reverse("members:my_account")).status_code == 200
    client.logout()
    assert client.get(link(invitation)).status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "court", "again": "court"}, "12"),
        ({"password": "motdepasse1234", "again": "autre chose 1234"}, "diffèrent"),
        ({"password": "nouvelle@example.test", "again": "nouvelle@example.test"}, "courriel"),
    ],
)
def test_a_weak_or_mistyped_password_is_told(invitation, client, typed, said):
    page = client.post(link(invitation), typed)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not User.objects.filter(email="nouvelle@example.test").exists()


def test_an_expired_a_revoked_and_an_unknown_link_look_alike(invitation, intrl, client):
    unknown = client.get(reverse("members:invitation_accept", args=["f" * 64]))
    Invitation.objects.update(expires_at=database_clock() - timedelta(seconds=1))
    expired = client.get(link(invitation))
    Invitation.objects.update(expires_at=database_clock() + timedelta(days=1))
    assert client.get(link(invitation)).status_code == 200
    revoke_invitation(invitation=invitation, reason="Erreur", by=intrl)
    revoked = client.get(link(invitation))
    assert {a.status_code for a in (unknown, expired, revoked)} == {404}
    assert unknown.content == expired.content == revoked.content


def test_the_link_dies_with_its_inviter_s_role(invitation, intrl):
    successor = UserFactory().person
    hand_over_interlocutor(respondent=intrl.person.respondents.get(), successor=successor, by=intrl)
    invitation.refresh_from_db()
    assert invitation.revoked_at
    with pytest.raises(Http404):
        open_invited_account(invitation=invitation, password=GOOD, by=None)


def test_the_link_dies_even_when_nobody_revoked_it(invitation, intrl):
    Respondent.objects.filter(person=intrl.person).update(
        retracted_at=database_clock(), retracted_by=intrl
    )
    with pytest.raises(Http404):
        open_invited_account(invitation=invitation, password=GOOD, by=None)


def test_the_link_dies_with_the_designation(invitation, respondent, intrl):
    end_role(respondent=respondent, by=intrl, reason="Finalement non")
    invitation.refresh_from_db()
    assert invitation.revoked_at


def test_a_new_invitation_replaces_the_one_before(invitation, respondent, intrl):
    second = invite(respondent=respondent, email="autre@example.test", by=intrl)
    invitation.refresh_from_db()
    assert invitation.revoked_at
    assert not second.revoked_at


def test_who_has_an_account_signs_in_and_attaches(invitation, root, client):
    user = UserFactory(email="nouvelle@example.test")
    own = user.person
    page = client.get(link(invitation))
    assert "Se connecter" in page.content.decode()
    client.force_login(user)
    assert client.get(link(invitation)).status_code == 200
    assert client.post(link(invitation)).status_code == 302
    fresh = User.objects.get(pk=user.pk)
    assert fresh.person == own
    assert can(fresh, May.ORDER, on=root)
    assert not Person.objects.filter(pk=invitation.person_id).exists()


def test_another_account_cannot_take_the_invitation(invitation, client):
    stranger = UserFactory()
    with pytest.raises(ValidationError, match="adressée"):
        attach_account(invitation=invitation, by=stranger)
    client.force_login(stranger)
    page = client.post(link(invitation))
    assert "autre courriel" in page.content.decode()
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_only_who_designates_invites_and_revokes(invitation, respondent, root):
    rcell = respondent_user(Role.RCELL, root)
    with pytest.raises(Refused):
        invite(respondent=respondent, email="x@example.test", by=rcell)
    with pytest.raises(Refused):
        revoke_invitation(invitation=invitation, reason="Non", by=rcell)


def test_who_has_an_account_is_not_invited(root, intrl):
    row = RespondentFactory(branch=root, person=UserFactory().person)
    with pytest.raises(ValidationError, match="déjà un compte"):
        invite(respondent=row, email="x@example.test", by=intrl)


def test_a_person_with_an_account_elsewhere_is_not_swallowed(root, intrl):
    person = PersonFactory()
    row = RespondentFactory(branch=root, person=person)
    invitation = invite(respondent=row, email="b@example.test", by=intrl)
    UserFactory(person=person, email="a@example.test")
    taker = UserFactory(email="b@example.test")
    with pytest.raises(ValidationError, match="autre adresse"):
        attach_account(invitation=invitation, by=taker)
