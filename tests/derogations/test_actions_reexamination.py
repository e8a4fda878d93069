"""Signatures whose line was said otherwise afterwards: flagged once, never undone, then closed."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from derogations.actions.reexamination import close_reexamination
from derogations.models import Reexamination
from derogations.queries.inbox import request_items
from derogations.tasks import reexamine
from members.actions.delegations import correct_delegation, end_delegation
from members.models import Delegation
from members.permissions import Refused, Unseen
from members.powers import LineFacts
from members.roles import Role, StaffRole
from portal.clock import today
from portal.models import AuditEvent
from tests.derogations.factories import (
    DerogationFactory,
    ReexaminationFactory,
    SignatureFactory,
    VersionFactory,
)
from tests.members.factories import DelegationFactory, respondent_user, staff_user

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def line():
    return DelegationFactory()


@pytest.fixture
def intrl(line):
    return respondent_user(Role.INTRL, line.branch)


@pytest.fixture
def flagged_one(line):
    """A derogation of the line's branch, with one signature to look at again."""
    derogation = DerogationFactory(branch=line.branch, frozen=True, state="exhausted")
    return ReexaminationFactory(signature__version=derogation.version, delegation=line)


def flagged():
    return AuditEvent.objects.filter(code="signature.flagged").count()


def corrected(line, intrl):
    facts = LineFacts("4", "Poste", ("network",), line.valid.lower)
    return correct_delegation(
        delegation=line, holder=line.holder, facts=facts, reason="Faute", by=intrl
    )


def test_a_corrected_line_flags_what_was_signed_by_it_once(line, intrl):
    signature = SignatureFactory(delegation=line)
    SignatureFactory()
    corrected(line, intrl)
    for _run in range(2):
        reexamine(delegation_id=line.pk)
    assert flagged() == 1
    assert Reexamination.objects.get().signature == signature
    signature.refresh_from_db()
    assert signature.voided_at is None


@pytest.mark.parametrize(("days", "flags"), [(1, 0), (-1, 1)])
def test_an_end_flags_only_what_was_signed_after_it(line, intrl, days, flags):
    SignatureFactory(delegation=line)
    on = today() + timedelta(days=days)
    end_delegation(delegation=line, on=on, reason="Départ", by=intrl)
    reexamine(delegation_id=line.pk)
    assert flagged() == flags


def test_a_substitute_s_own_line_corrected_flags_what_it_allowed(line, intrl):
    other = DelegationFactory(branch=line.branch)
    signature = SignatureFactory(delegation=other, own_delegation=line)
    corrected(line, intrl)
    reexamine(delegation_id=line.pk)
    assert Reexamination.objects.get().signature == signature


def test_a_signature_kept_on_a_replaced_row_is_flagged_when_its_successor_is_corrected(line, intrl):
    """A benign end to come replaces the row; the signature stays on the first one."""
    signature = SignatureFactory(delegation=line)
    end_delegation(
        delegation=line, on=today() + timedelta(days=30), reason="Départ à venir", by=intrl
    )
    reexamine(delegation_id=line.pk)
    assert flagged() == 0
    ended = Delegation.objects.get(replaces=line)
    corrected(ended, intrl)
    reexamine(delegation_id=ended.pk)
    row = Reexamination.objects.get()
    assert (row.signature, row.delegation) == (signature, ended)


def test_a_signature_that_was_voided_is_left_alone(line, intrl):
    SignatureFactory(delegation=line, voided_at=line.confirmed_at)
    corrected(line, intrl)
    reexamine(delegation_id=line.pk)
    assert flagged() == 0


def test_re_examined_says_who_when_and_why(flagged_one, intrl):
    derogation = flagged_one.signature.version.derogation
    assert close_reexamination(derogation=derogation, reason=" Acte relu. ", by=intrl) == 1
    flagged_one.refresh_from_db()
    assert (flagged_one.reason, flagged_one.closed_by) == ("Acte relu.", intrl)
    event = AuditEvent.objects.get(code="signature.reexamined")
    assert event.data["reason"] == "Acte relu."
    with pytest.raises(ValidationError, match="Aucune signature"):
        close_reexamination(derogation=derogation, reason="Encore", by=intrl)


def test_a_reason_is_needed(flagged_one, intrl):
    derogation = flagged_one.signature.version.derogation
    with pytest.raises(ValidationError, match="Écrivez"):
        close_reexamination(derogation=derogation, reason="  ", by=intrl)
    assert Reexamination.objects.get().closed_at is None


def test_the_signer_does_not_re_examine_alone(line, intrl):
    derogation = DerogationFactory(branch=line.branch, frozen=True, state="exhausted")
    ReexaminationFactory(signature__version=derogation.version, signature__user=intrl)
    with pytest.raises(Refused, match="Une autre personne"):
        close_reexamination(derogation=derogation, reason="Relu", by=intrl)
    assert list(request_items(intrl)) == []


def test_another_member_s_interlocutor_sees_nothing(flagged_one):
    stranger = respondent_user(Role.INTRL, DelegationFactory().branch)
    derogation = flagged_one.signature.version.derogation
    with pytest.raises(Unseen):
        close_reexamination(derogation=derogation, reason="Relu", by=stranger)


def test_the_inbox_of_those_who_keep_the_plan_shows_it_once(flagged_one, line, intrl):
    ReexaminationFactory(signature=flagged_one.signature)
    number = flagged_one.signature.version.derogation.number
    for user in (intrl, staff_user(StaffRole.AGENT)):
        (item,) = [row for row in request_items(user) if "Réexaminer" in row.title]
        assert number in item.title
        assert item.urgent
    assert not request_items(respondent_user(Role.FACTU, line.branch))


def test_the_list_and_the_page_tell_it_and_the_form_closes_it(client, flagged_one, line, intrl):
    derogation = flagged_one.signature.version.derogation
    DerogationFactory(branch=line.branch, number="D-2020-99999")
    client.force_login(intrl, BACKEND)
    member = line.branch.organisation.slug
    listed = client.get(
        reverse("derogations:request_list", args=[member]), {"reexamen": "oui"}
    ).content.decode()
    assert derogation.number in listed
    assert "À réexaminer</span>" in listed
    assert "D-2020-99999" not in listed
    page = reverse("derogations:request_detail", args=[member, derogation.number])
    assert "À réexaminer</span>" in client.get(page).content.decode()
    form = reverse("derogations:reexamination", args=[member, derogation.number])
    assert "Ligne corrigée" in client.get(form).content.decode()
    assert client.post(form, {"reason": ""}).status_code == 422
    answer = client.post(form, {"reason": "Acte relu."}, follow=True)
    assert "Réexamen inscrit" in answer.content.decode()
    assert "À réexaminer</span>" not in client.get(page).content.decode()
    assert client.get(form).status_code == 404


def test_only_the_versions_of_that_request_are_closed(flagged_one, line, intrl):
    other = VersionFactory(derogation__branch=line.branch)
    left = ReexaminationFactory(signature__version=other)
    derogation = flagged_one.signature.version.derogation
    close_reexamination(derogation=derogation, reason="Relu", by=intrl)
    left.refresh_from_db()
    assert left.closed_at is None
