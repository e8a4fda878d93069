"""A person whom a line names is invited to sign, without any role (E3, F-05)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.urls import reverse

from members.actions.delegations import (
    confirm_delegation,
    correct_delegation,
    end_delegation,
    record_delegation,
)
from members.actions.factors import reset_signer_factor
from members.actions.interims import confirm_interim, end_interim
from members.actions.invitations import (
    attach_account,
    invite_signer,
    open_invited_account,
    revoke_invitation,
)
from members.actions.people import attest_identity, attest_signer
from members.actions.plans import end_plan
from members.links import token_of
from members.models import Invitation, Person, User
from members.permissions import Refused
from members.powers import LineFacts
from members.queries.plan_inbox import plan_items
from members.roles import Role
from members.tasks import send_invitation
from portal.clock import today
from portal.models import AuditEvent
from tests.members.factories import (
    DelegationFactory,
    DelegationPlanFactory,
    InterimFactory,
    InvitationFactory,
    PersonFactory,
    UserFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db
GOOD = "Une phrase assez longue 42"


@pytest.fixture
def line():
    return DelegationFactory(clause="4.2", post="Directrice générale")


@pytest.fixture
def intrl(line):
    return respondent_user(Role.INTRL, line.branch)


@pytest.fixture
def invitation(line, intrl):
    return invite_signer(delegation=line, person=line.holder, email="Eve@example.test", by=intrl)


def link(invitation) -> str:
    return reverse("members:invitation_accept", args=[token_of(invitation.nonce)])


def unconfirmed(intrl, line, **values):
    return DelegationFactory(
        plan=line.plan, recorded_by=intrl, confirmed_at=None, confirmed_by=None, **values
    )


def facts(line) -> LineFacts:
    return LineFacts(
        clause="99.1", post=line.post, kinds=list(line.kinds), since=line.valid.lower,
        last_day=None,
        ceiling_amount=line.ceiling_amount, beyond_fiscal_year=False,
        needs_credit_certificate=False,
    )  # fmt: skip


def test_the_link_names_the_line_and_no_role(invitation, line):
    assert (invitation.role, invitation.delegation) == (None, line)
    assert str(invitation) == "eve@example.test (Signataire, 4.2 Directrice générale)"
    send_invitation(invitation_id=invitation.pk)
    (message,) = mail.outbox
    assert message.to == ["eve@example.test"]
    assert "4.2" in message.body
    assert "rôle" not in message.body


def test_accepting_opens_the_account_of_that_very_person_and_leads_to_what_awaits(
    invitation, line, client
):
    assert "Directrice générale" in client.get(link(invitation)).content.decode()
    answer = client.post(link(invitation), {"password": GOOD, "again": GOOD})
    assert answer["Location"] == reverse("derogations:signature_list") + "?ouvrir=1"
    assert User.objects.get(email="eve@example.test").person == line.holder
    assert client.get(answer["Location"]).status_code == 200
    client.logout()
    assert client.get(link(invitation)).status_code == 404


def test_a_person_with_an_account_at_that_address_attaches_it(invitation, line, client):
    user = UserFactory(email="eve@example.test")
    client.force_login(user)
    assert "4.2" in client.get(link(invitation)).content.decode()
    assert client.post(link(invitation)).status_code == 302
    line.refresh_from_db()
    assert line.holder == user.person


def test_neither_a_role_nor_a_line_or_both_is_refused_by_the_database(line):
    for values in ({"role": None}, {"delegation": line, "role": Role.RCELL}):
        with pytest.raises(IntegrityError), transaction.atomic():
            InvitationFactory(branch=line.branch, **values)


@pytest.mark.parametrize("who", ["rcell", "manda", "other_intrl"])
def test_only_who_records_the_plan_invites(who, line):
    branch = DelegationFactory().branch if who == "other_intrl" else line.branch
    role = {"rcell": Role.RCELL, "manda": Role.MANDA, "other_intrl": Role.INTRL}[who]
    by = respondent_user(role, branch)
    with pytest.raises((Refused, Http404)):
        invite_signer(delegation=line, person=line.holder, email="x@example.test", by=by)
    assert not Invitation.objects.exists()


def test_only_someone_whom_a_confirmed_line_names_and_without_account(line, intrl):
    waiting = unconfirmed(intrl, line)
    past = DelegationFactory(plan=line.plan)
    past.valid = type(past.valid)(past.valid.lower, today())
    past.save()
    for row, person in ((line, PersonFactory()), (waiting, waiting.holder), (past, past.holder)):
        with pytest.raises(ValidationError, match="ligne confirmée"):
            invite_signer(delegation=row, person=person, email="x@example.test", by=intrl)
    UserFactory(person=line.holder)
    with pytest.raises(ValidationError, match="déjà un compte"):
        invite_signer(delegation=line, person=line.holder, email="x@example.test", by=intrl)


def test_nobody_invites_oneself_nor_takes_a_line_one_recorded_or_confirmed(line, intrl):
    with pytest.raises(Refused, match="soi-même"):
        invite_signer(delegation=line, person=line.holder, email=intrl.email, by=intrl)
    for keeper in (line.recorded_by, line.confirmed_by):
        row = invite_signer(delegation=line, person=line.holder, email=keeper.email, by=intrl)
        with pytest.raises(Refused, match="ne signe pas"):
            attach_account(invitation=row, by=keeper)
    line.refresh_from_db()
    assert line.holder not in {line.recorded_by.person, line.confirmed_by.person}


def test_who_records_a_line_or_sends_its_link_never_attests_the_signer(line, intrl):
    """One person would be the recorder, the mailbox and the witness: ITQ attests (R-21, E2)."""
    recorded = DelegationFactory(plan=line.plan, recorded_by=intrl)
    invite_signer(delegation=line, person=line.holder, email="Eve@example.test", by=intrl)
    named = InterimFactory(delegation=DelegationFactory(plan=line.plan), recorded_by=intrl)
    for row, person in (
        (recorded, recorded.holder),
        (line, line.holder),
        (named.delegation, named.person),
    ):
        with pytest.raises(Refused, match="à ITQ"):
            attest_signer(delegation=row, person=person, method="Pièce vue", by=intrl)
        agent = staff_user()
        attest_signer(delegation=row, person=person, method="Visioconférence", by=agent)
        person.refresh_from_db()
        assert person.identity_attested_by == agent


def test_an_attestation_by_who_then_records_the_line_or_invites_is_made_again(line, intrl):
    attest_signer(delegation=line, person=line.holder, method="Pièce vue", by=intrl)
    record_delegation(
        plan=line.plan,
        branch=line.branch,
        holder=line.holder,
        facts=facts(line),
        by=staff_user(),
        reason="Lettre du greffe",
    )
    line.holder.refresh_from_db()
    assert line.holder.identity_attested_by == intrl
    invitation = invite_signer(
        delegation=line, person=line.holder, email="Eve@example.test", by=intrl
    )
    open_invited_account(invitation=invitation, password=GOOD, by=None)
    line.holder.refresh_from_db()
    assert line.holder.identity_attested_at is None
    dero = respondent_user(Role.DERO, line.branch)
    attest_identity(respondent=dero.person.respondents.get(), method="Pièce vue", by=intrl)
    dero.person.refresh_from_db()
    record_delegation(
        plan=line.plan,
        branch=line.branch,
        holder=dero.person,
        facts=replace(facts(line), clause="99.2"),
        by=intrl,
    )
    dero.person.refresh_from_db()
    assert dero.person.identity_attested_at is None
    with pytest.raises(Refused, match="à ITQ"):
        attest_identity(respondent=dero.person.respondents.get(), method="Pièce", by=intrl)


def test_itq_finds_the_signers_to_attest_on_its_home_page(line, intrl):
    """One INTRL records every line of a member: without ITQ nobody there would ever sign."""
    agent, named = staff_user(), InterimFactory(delegation=line)

    def told(user) -> list[str]:
        return [item.title for item in plan_items(user) if "identité" in item.title]

    assert told(agent) == []  # nobody has an account yet
    for person in (line.holder, named.person):
        UserFactory(person=person)
    assert told(agent) == [
        f"Attester l'identité de {person}, signataire" for person in (line.holder, named.person)
    ]
    assert told(intrl) == []
    attest_signer(delegation=line, person=line.holder, method="Visioconférence", by=agent)
    assert len(told(agent)) == 1


def test_who_confirms_a_line_reads_the_e_mail_that_its_signer_will_have(line, client):
    manda = respondent_user(Role.MANDA, line.branch)
    row = DelegationFactory(
        plan=line.plan, confirmed_at=None, confirmed_by=None, holder__email="privee@example.test"
    )
    client.force_login(manda)
    address = reverse("members:delegation_confirm", args=[line.branch.organisation.slug, row.pk])
    assert "privee@example.test" in client.get(address).content.decode()


def test_a_second_link_replaces_the_first_and_either_is_revoked_by_hand(invitation, line, intrl):
    second = invite_signer(delegation=line, person=line.holder, email="b@example.test", by=intrl)
    invitation.refresh_from_db()
    assert invitation.revoked_at
    with pytest.raises(Refused):
        revoke_invitation(
            invitation=second, reason="Non", by=respondent_user(Role.RCELL, line.branch)
        )
    assert revoke_invitation(invitation=second, reason="Erreur", by=intrl).revoked_at


def test_the_link_dies_with_the_line_its_correction_or_its_version(line, intrl):
    def sent(row):
        return invite_signer(delegation=row, person=row.holder, email="x@example.test", by=intrl)

    ended, corrected, repealed = line, DelegationFactory(plan=line.plan), DelegationFactory()
    respondent = respondent_user(Role.INTRL, repealed.branch)
    links = [sent(ended), sent(corrected)]
    links.append(
        invite_signer(
            delegation=repealed, person=repealed.holder, email="x@example.test", by=respondent
        )
    )
    end_delegation(delegation=ended, on=today(), reason="Départ", by=intrl)
    correct_delegation(
        delegation=corrected, holder=corrected.holder, facts=facts(corrected), reason="x", by=intrl
    )
    end_plan(plan=repealed.plan, on=today(), reason="Abrogé", by=respondent)
    for row in links:
        row.refresh_from_db()
        assert row.revoked_at


def test_a_line_that_ends_later_keeps_its_link_until_then(invitation, line, intrl):
    last = today() + timedelta(days=3)
    ended = end_delegation(delegation=line, on=last, reason="Départ", by=intrl)
    invitation.refresh_from_db()
    assert (invitation.delegation, invitation.revoked_at) == (ended, None)
    assert invitation.expires_at.date() <= last
    assert open_invited_account(invitation=invitation, password=GOOD, by=None).person == line.holder


def test_an_interim_s_link_dies_with_the_interim(line, intrl):
    interim = InterimFactory(delegation=line)
    row = invite_signer(delegation=line, person=interim.person, email="i@example.test", by=intrl)
    end_interim(interim=interim, reason="Retour", by=intrl)
    row.refresh_from_db()
    assert row.revoked_at


def test_a_line_that_nobody_revoked_but_that_stands_no_more_opens_nothing(invitation, line):
    line.confirmed_at = line.confirmed_by = None
    line.save()
    with pytest.raises(Http404):
        open_invited_account(invitation=invitation, password=GOOD, by=None)


def test_confirming_a_line_invites_who_has_an_email_and_no_account(line, intrl):
    manda = respondent_user(Role.MANDA, line.branch)
    row = unconfirmed(intrl, line, holder=PersonFactory(email="eve@example.test"))
    interim = InterimFactory(delegation=row, person=PersonFactory(email=""), recorded_by=intrl)
    held = unconfirmed(intrl, line, holder=UserFactory().person)
    for each in (row, held):
        confirm_delegation(delegation=each, by=manda)
    sent = Invitation.objects.get()
    assert (sent.email, sent.invited_by, sent.delegation) == ("eve@example.test", intrl, row)
    assert AuditEvent.objects.get(code="invitation.created").actor_id == manda.pk
    assert interim.person.email == ""


def test_confirming_an_interim_invites_that_person_once(line, intrl):
    manda = respondent_user(Role.MANDA, line.branch)
    UserFactory(person=line.holder)
    interim = InterimFactory(
        delegation=line, recorded_by=intrl, confirmed_at=None, confirmed_by=None
    )
    confirm_interim(interim=interim, by=manda)
    assert Invitation.objects.get().person == interim.person


def test_nobody_is_invited_in_the_name_of_a_recorder_who_left(line):
    manda = respondent_user(Role.MANDA, line.branch)
    row = unconfirmed(UserFactory(), line)
    confirm_delegation(delegation=row, by=manda)
    assert not Invitation.objects.exists()


def test_the_line_s_page_says_who_has_no_account_and_leads_to_the_invitation(line, intrl, client):
    client.force_login(intrl)
    slug = line.plan.organisation.slug
    url = reverse("members:delegation_detail", args=[slug, line.pk])
    invite_url = reverse("members:signer_invite", args=[slug, line.pk, line.holder_id])
    assert invite_url in client.get(url).content.decode()
    assert client.get(invite_url).status_code == 200
    assert client.post(invite_url, {"email": "pas une adresse"}).status_code == 422
    assert client.post(invite_url, {"email": "eve@example.test"}).status_code == 302
    assert "Invitation envoyée" in client.get(url).content.decode()
    listed = client.get(reverse("members:invitation_list", args=[slug])).content.decode()
    assert "Signataire, 4.2" in listed


def test_intrl_lifts_the_factor_of_a_signer_without_role(line, intrl, client):
    account = UserFactory(person=line.holder)
    client.force_login(intrl)
    slug = line.plan.organisation.slug
    url = reverse("members:signer_factor_reset", args=[slug, line.pk, account.pk])
    shown = client.get(reverse("members:delegation_detail", args=[slug, line.pk]))
    assert url in shown.content.decode()
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "Téléphone perdu"}).status_code == 302
    assert not Authenticator.objects.filter(user=account).exists()
    assert AuditEvent.objects.get(code="factor_reset.completed").object_id == account.pk


@pytest.mark.parametrize("role", [Role.INTRL, Role.MANDA, Role.DERO])
def test_the_line_s_page_offers_to_attest_and_to_lift_to_an_interlocutor_alone(line, role, client):
    account = UserFactory(person=line.holder)
    Person.objects.filter(pk=line.holder_id).update(identity_attested_at=None)
    client.force_login(respondent_user(role, line.branch))
    slug = line.plan.organisation.slug
    shown = client.get(reverse("members:delegation_detail", args=[slug, line.pk])).content.decode()
    attest = reverse("members:signer_attest", args=[slug, line.pk, line.holder_id])
    lift = reverse("members:signer_factor_reset", args=[slug, line.pk, account.pk])
    assert (attest in shown) == (lift in shown) == (role == Role.INTRL)


def test_two_agents_lift_the_factor_of_oneself_of_staff_and_of_who_signs_elsewhere(line, intrl):
    elsewhere = DelegationFactory()
    accounts = [intrl, staff_user(), UserFactory(person=elsewhere.holder)]
    plan = DelegationPlanFactory(organisation=line.plan.organisation)
    for account in accounts:
        row = DelegationFactory(plan=plan, holder=Person.objects.get(pk=account.person_id))
        with pytest.raises(Refused, match="Deux agents"):
            reset_signer_factor(delegation=row, account=account, reason="Perdu", by=intrl)
    with pytest.raises(ValidationError, match="ne nomme pas"):
        reset_signer_factor(delegation=line, account=UserFactory(), reason="Perdu", by=intrl)
    rcell = respondent_user(Role.RCELL, line.branch)
    with pytest.raises(Refused):
        reset_signer_factor(
            delegation=line, account=UserFactory(person=line.holder), reason="Perdu", by=rcell
        )
