"""A withdrawal from end to end: page, challenge, gesture, and what it leaves (R-22, §3.8)."""

import pytest
from django.test import Client
from django.urls import reverse

from derogations import tasks
from derogations.challenges import digest_of, terms_of
from derogations.declarations import declaration_of
from derogations.kinds import DerogationState, SignatureLevel, SigningAct
from derogations.models import Challenge, Signature, Withdrawal
from derogations.verification import verify
from portal.files import read
from portal.models import AuditEvent, QueuedTask
from tests.derogations.sealing import seal_of, signed_world
from tests.derogations.signing_world import SoftwareKey, fresh

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
REASON = "Le premier rang dessert maintenant le lac."


@pytest.fixture
def world(sealing, paper, monkeypatch):
    """Signed with a key, and sealed; the document is a small page, to spare the renderer."""
    monkeypatch.setattr(tasks, "render_unsealed", lambda *args: paper)
    made = signed_world(paper)
    tasks.seal(version_id=made.derogation.version_id)
    return made


@pytest.fixture
def signer(world) -> Client:
    """The signer's browser."""
    client = Client()
    client.force_login(world.signer, BACKEND)
    return client


def page(world, name: str) -> str:
    return reverse(f"derogations:{name}", args=[world.derogation.number])


def opened(signer: Client, world) -> tuple[str, Challenge]:
    """From the page that says what a withdrawal does to the page of its gesture."""
    assert signer.get(page(world, "signature_withdraw")).status_code == 200
    address = signer.post(page(world, "signature_withdraw"))["Location"]
    return address, fresh(Challenge.objects.get(act=SigningAct.WITHDRAW))


def key_of(world) -> SoftwareKey:
    """The signer's key, enrolled again so that the test holds its private half."""
    world.signer.authenticator_set.filter(type="webauthn").delete()
    return SoftwareKey(world.signer)


def withdraw(signer: Client, world):
    """The whole gesture with a key; returns the answer of its last page."""
    key = key_of(world)
    address, challenge = opened(signer, world)
    answer = key.answer(digest_of(terms_of(challenge, declaration_of(challenge))))
    told = {"declared": "on", "credential": answer.credential, "reason": REASON}
    return signer.post(address, told)


def test_a_signer_withdraws_and_the_derogation_is_withdrawn(signer, world):
    answer = withdraw(signer, world)
    assert answer.status_code == 302, answer.content.decode()
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.WITHDRAWN
    row = Withdrawal.objects.get()
    assert (row.person, row.user, row.reason) == (world.signer.person, world.signer, REASON)
    assert (row.level, row.delegation) == (SignatureLevel.PASSKEY, world.line)
    assert row.proof["terms"]["act"] == SigningAct.WITHDRAW
    assert row.challenge.consumed_at == row.withdrawn_at
    event = AuditEvent.objects.get(code="derogation.withdrawn")
    assert (event.actor_id, event.data["reason"]) == (world.signer.pk, REASON)
    after = signer.get(answer["Location"]).content.decode()
    number = f'<span class="nowrap">{world.derogation.number}</span>'
    assert f"<span>La dérogation {number} est retirée.</span>" in after


def test_the_orders_that_rest_on_it_and_those_concerned_are_promised_word(signer, world):
    withdraw(signer, world)
    row = Withdrawal.objects.get()
    promised = {
        name: QueuedTask.objects.get(task_name=name).kwargs
        for name in ("orders.stop_on_derogation", "derogations.tell_withdrawal")
    }
    assert promised == {
        "orders.stop_on_derogation": {"derogation_id": world.derogation.pk},
        "derogations.tell_withdrawal": {"withdrawal_id": row.pk},
    }


def test_the_original_stays_untouched_and_still_proves_itself(signer, world, authority):
    signature = Signature.objects.values().get()
    seal, version = seal_of(world), world.version
    sealed, evidence = read(seal.file), read(seal.evidence)
    withdraw(signer, world)
    after = seal_of(world)
    assert (read(after.file), read(after.evidence)) == (sealed, evidence)
    assert (after.token, after.sealed_at) == (seal.token, seal.sealed_at)
    assert Signature.objects.values().get() == signature
    assert (world.version.content, world.version.voided_at) == (version.content, None)
    report = verify(sealed, authority.root.read_bytes())
    assert (report.is_valid, report.number) == (True, world.derogation.number)


def test_the_public_check_says_withdrawn_and_the_file_is_identical(signer, world, client):
    seal = seal_of(world)
    assert "retirée" not in client.get(f"/verifier/{seal.token}").content.decode()
    withdraw(signer, world)
    assert "Signature retirée depuis" in client.get(f"/verifier/{seal.token}").content.decode()


def test_nothing_is_withdrawn_without_a_reason_or_for_another_act(signer, world):
    key = key_of(world)
    address, challenge = opened(signer, world)
    told = {"declared": "on", "reason": " "}
    terms = terms_of(challenge, declaration_of(challenge))
    right = key.answer(digest_of(terms)).credential
    wrong = key.answer(digest_of({**terms, "act": SigningAct.SIGN})).credential
    assert signer.post(address, {**told, "credential": right}).status_code == 422
    answer = signer.post(address, {**told, "credential": wrong, "reason": REASON})
    assert answer.status_code == 422
    assert not Withdrawal.objects.exists()
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED


def test_the_same_gesture_sent_twice_is_one_withdrawal(signer, world):
    key = key_of(world)
    address, challenge = opened(signer, world)
    answer = key.answer(digest_of(terms_of(challenge, declaration_of(challenge))))
    told = {"declared": "on", "credential": answer.credential, "reason": REASON}
    assert [signer.post(address, told).status_code for _ in range(2)] == [302, 302]
    assert Withdrawal.objects.count() == 1
    assert QueuedTask.objects.filter(task_name="orders.stop_on_derogation").count() == 1
