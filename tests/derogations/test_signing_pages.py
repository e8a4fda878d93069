"""The signer's pages: opened by the grant and the plan alone, without any role."""

import pytest
from django.test import Client
from django.urls import reverse

from derogations.models import Challenge, Refusal, Signature, SigningGrant, Withdrawal
from members.models import Delegation
from portal.models import AuditEvent
from tests.derogations.signing_world import (
    PASSWORD,
    by_code,
    code_now,
    second_signer,
    sign,
    signer_account,
    signing_world,
)

pytestmark = pytest.mark.django_db


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(name: str, *args) -> str:
    return reverse(f"derogations:{name}", args=args)


def test_a_signer_without_a_role_opens_the_granted_request_and_no_other():
    world = signing_world()
    other = signing_world()
    client = client_of(world.signer)
    shown = client.get(page("signature_request", world.derogation.number))
    assert shown.status_code == 200
    assert "en vertu de la ligne 4.2 du plan du" in shown.content.decode()
    assert client.get(page("signature_request", other.derogation.number)).status_code == 404
    assert client.get(page("signature_request", "D-1999-00001")).status_code == 404


@pytest.mark.parametrize("missing", ["grant", "line"])
def test_the_gate_asks_for_both_the_grant_and_the_plan(missing):
    world = signing_world()
    if missing == "grant":
        SigningGrant.objects.all().delete()
    else:
        Delegation.objects.update(confirmed_at=None, confirmed_by=None)
    client = client_of(world.signer)
    assert client.get(page("signature_request", world.derogation.number)).status_code == 404
    assert world.derogation.number not in client.get(page("signature_list")).content.decode()


def test_reading_writes_nothing():
    world = signing_world()
    client = client_of(world.signer)
    client.get(page("signature_request", world.derogation.number))
    assert not Challenge.objects.exists()


def test_the_inbox_and_the_list_show_what_awaits():
    world = signing_world()
    client = client_of(world.signer)
    for url in (reverse("portal:home"), page("signature_list")):
        assert world.derogation.number in client.get(url).content.decode()


def open_gesture(client: Client, number: str, **chosen: object) -> str:
    """From the request's page to the page of the gesture; ``chosen``: heads, or a power."""
    answer = client.post(page("signature_request", number), chosen)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def test_two_pages_lead_to_a_signature_without_a_script():
    world = signing_world()
    client = client_of(world.signer)
    gesture = open_gesture(client, world.derogation.number)
    shown = client.get(gesture).content.decode()
    assert "Je signe ce document" in shown
    assert "checked" not in shown
    answer = client.post(gesture, {"declared": "on", "password": PASSWORD, "code": code_now()})
    assert answer.status_code == 302
    assert Signature.objects.get().user == world.signer
    after = client.get(answer["Location"])
    assert "Signé par" in after.content.decode()


def test_an_unticked_box_signs_nothing():
    world = signing_world()
    client = client_of(world.signer)
    gesture = open_gesture(client, world.derogation.number)
    answer = client.post(gesture, {"password": PASSWORD, "code": code_now()})
    assert answer.status_code == 422
    assert not Signature.objects.exists()


def test_a_refused_attempt_is_journalled_and_the_page_says_why():
    world = signing_world()
    other = second_signer(world)
    client = client_of(other)
    gesture = open_gesture(client, world.derogation.number)
    sign(world)
    world.project()
    answer = client.post(gesture, {"declared": "on", "password": PASSWORD, "code": code_now()})
    assert answer.status_code == 409
    assert str(world.signer.person) in answer.content.decode()
    event = AuditEvent.objects.get(code="signature.attempt_refused")
    assert (event.actor_id, event.data["code"]) == (other.pk, "E9")


def test_a_line_that_ended_before_the_commit_is_forbidden():
    world = signing_world()
    client = client_of(world.signer)
    gesture = open_gesture(client, world.derogation.number)
    Delegation.objects.update(confirmed_at=None, confirmed_by=None)
    world.project()
    answer = client.post(gesture, {"declared": "on", "password": PASSWORD, "code": code_now()})
    assert answer.status_code == 403
    assert AuditEvent.objects.filter(code="signature.attempt_refused").exists()


def test_a_challenge_of_another_session_is_forbidden_and_journalled():
    world = signing_world()
    gesture = open_gesture(client_of(world.signer), world.derogation.number)
    answer = client_of(world.signer).post(
        gesture, {"declared": "on", "password": PASSWORD, "code": code_now()}
    )
    assert answer.status_code == 403
    assert AuditEvent.objects.get(code="signature.attempt_refused").data["code"] == (
        "foreign_challenge"
    )


def test_a_first_time_signer_is_led_to_a_passkey():
    world = signing_world()
    newcomer = second_signer(world)
    newcomer.authenticator_set.all().delete()
    shown = client_of(newcomer).get(page("signature_request", world.derogation.number))
    assert page("signature_enrol", world.derogation.number) in shown.content.decode()
    assert "Passer à la signature" not in shown.content.decode()


def test_a_refusal_tells_its_reason_and_the_next_step():
    world = signing_world()
    client = client_of(world.signer)
    url = page("signature_refuse", world.derogation.number)
    assert client.get(url).status_code == 200
    assert client.post(url, {"reason": "budget", "text": "Trop cher"}).status_code == 422
    answer = client.post(
        url, {"reason": "budget", "text": "Trop cher", "next_step": "Attendre avril"}
    )
    assert answer.status_code == 302
    assert Refusal.objects.get().person == world.signer.person
    shown = client.get(answer["Location"]).content.decode()
    assert "Attendre avril" in shown


def test_a_question_returns_the_request():
    world = signing_world()
    client = client_of(world.signer)
    url = page("signature_question", world.derogation.number)
    assert client.get(url).status_code == 200
    assert client.post(url, {"need": "À quelle heure ?"}).status_code == 302
    world.derogation.refresh_from_db()
    assert world.derogation.state == "returned"


@pytest.mark.parametrize("lost", ["line", "ceiling", "recorder"])
def test_a_question_asks_for_the_power_too_while_the_grant_lasts(lost):
    world = signing_world()
    client = client_of(world.signer)
    open_gesture(client, world.derogation.number)  # the page stays open to who opened a challenge
    if lost == "line":
        Delegation.objects.update(confirmed_at=None, confirmed_by=None)
    elif lost == "ceiling":
        Delegation.objects.update(ceiling_amount=1)
    else:
        Delegation.objects.update(recorded_by=world.signer)
    url = page("signature_question", world.derogation.number)
    answer = client.post(url, {"need": "À quelle heure ?"})
    assert answer.status_code == 403
    world.derogation.refresh_from_db()
    assert world.derogation.state == "submitted"


def test_a_withdrawal_is_a_signed_act_of_its_own():
    world = signing_world()
    answer = by_code()
    sign(world, answer=answer)
    world.project()
    client = client_of(world.signer)
    url = page("signature_withdraw", world.derogation.number)
    assert client.get(url).status_code == 200
    confirm = client.post(url)["Location"]
    assert "je retire la dérogation" in client.get(confirm).content.decode()
    told = {"declared": "on", "password": PASSWORD, "code": answer.code, "reason": "Plus besoin"}
    assert client.post(confirm, told).status_code == 422  # that code has signed
    Signature.objects.get()
    assert not Withdrawal.objects.exists()


def test_strangers_see_none_of_it():
    world = signing_world()
    client = client_of(signer_account())
    number = world.derogation.number
    for name in ("request", "document", "refuse", "question", "withdraw", "enrol"):
        assert client.get(page(f"signature_{name}", number)).status_code == 404, name
