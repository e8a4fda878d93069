"""The signing gesture: what it writes, and each way in which it is turned away (signing.md §4)."""

import hashlib

import pytest
import rfc8785
from fido2.utils import websafe_decode

from derogations.attempts import AttemptRefused
from derogations.challenges import digest_of, terms_of
from derogations.declarations import declaration_of
from derogations.kinds import DerogationState, HeadDecision, SignatureLevel
from derogations.models import Challenge, Seal, Signature, SigningGrant
from derogations.proofs import Proof, ProofRejected, use_code
from members.permissions import Unseen
from members.powers import Capacity
from portal.models import AuditEvent, QueuedTask
from tests.derogations.signing_world import (
    SESSION,
    SoftwareKey,
    by_code,
    challenge_for,
    code_now,
    fresh,
    second_signer,
    sign,
    signer_account,
    signing_world,
)

pytestmark = pytest.mark.django_db


def refused(call, *, code: str, status: int) -> AttemptRefused:
    """The refusal of an attempt that writes no signature."""
    before = Signature.objects.count()
    with pytest.raises(AttemptRefused) as caught:
        call()
    assert (caught.value.code, caught.value.status) == (code, status), caught.value
    assert Signature.objects.count() == before
    return caught.value


def test_a_holder_signs_with_a_password_and_a_code():
    world = signing_world()
    signature = sign(world)
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED
    assert world.derogation.signed_at == signature.signed_at
    assert signature.level == SignatureLevel.PASSWORD_TOTP
    assert signature.capacity == Capacity.HOLDER
    assert (signature.step, signature.slot) == (1, 1)
    assert {h.decision for h in world.derogation.heads.all()} == {HeadDecision.SIGNED}
    assert Seal.objects.get(version=world.version).file is None
    promised = set(QueuedTask.objects.values_list("task_name", flat=True))
    assert {"derogations.seal", "orders.draw_on_derogation"} <= promised
    codes = list(AuditEvent.objects.order_by("pk").values_list("code", flat=True))
    assert codes[-2:] == ["signature.given", "derogation.signed"]


def test_a_code_proved_in_its_half_minute_serves_once_even_if_that_ends_meanwhile():
    user = signer_account()
    proof = Proof(SignatureLevel.PASSWORD_TOTP, {}, code_now(-1))
    use_code(proof, user)
    with pytest.raises(ProofRejected, match="a déjà servi"):
        use_code(proof, user)


def test_a_passkey_signs_the_terms_themselves():
    world = signing_world()
    key = SoftwareKey(world.signer)
    challenge = fresh(challenge_for(world))
    digest = digest_of(terms_of(challenge, declaration_of(challenge)))
    signature = sign(world, challenge=challenge, answer=key.answer(digest))
    assert signature.level == SignatureLevel.PASSKEY
    terms = signature.proof["terms"]
    assert hashlib.sha256(rfc8785.dumps(terms)).digest() == digest
    assert terms["content_sha256"] == world.version.content_sha256
    assert (
        terms["declaration_sha256"]
        == hashlib.sha256(signature.proof["declaration"].encode()).hexdigest()
    )
    key.credential.public_key.verify(
        websafe_decode(signature.proof["authenticator_data"])
        + hashlib.sha256(websafe_decode(signature.proof["client_data_json"])).digest(),
        websafe_decode(signature.proof["signature"]),
    )


@pytest.mark.parametrize(
    "fault", ["other challenge", "unverified", "unverified at enrolment", "other origin", "rubbish"]
)
def test_a_key_s_answer_to_anything_else_is_refused(fault):
    world = signing_world()
    key = SoftwareKey(
        world.signer,
        verified=fault != "unverified",
        enrolled_verified=fault != "unverified at enrolment",
    )
    challenge = fresh(challenge_for(world))
    digest = digest_of(terms_of(challenge, declaration_of(challenge)))
    if fault == "other challenge":
        digest = digest_of({**terms_of(challenge, declaration_of(challenge)), "nonce": "0" * 32})
    answer = key.answer(digest, "https://ailleurs.test" if fault == "other origin" else "")
    if fault == "rubbish":
        answer = type(answer)("{}")
    refused(lambda: sign(world, challenge=challenge, answer=answer), code="proof", status=422)
    challenge.refresh_from_db()
    assert challenge.consumed_at is None


def test_a_wrong_password_or_code_proves_nobody():
    world = signing_world()
    for answer in (by_code(shift=5), type(by_code())("autre chose", by_code().code)):
        refused(lambda answer=answer: sign(world, answer=answer), code="proof", status=422)


def test_a_code_that_signed_does_not_sign_again():
    world = signing_world()
    other, answer = world.another(), by_code()
    sign(world, answer=answer)
    refused(lambda: sign(world, derogation=other, answer=answer), code="proof", status=422)


def test_the_same_gesture_sent_twice_is_one_signature():
    world = signing_world()
    challenge, answer = challenge_for(world), by_code()
    first = sign(world, challenge=challenge, answer=answer)
    assert sign(world, challenge=challenge, answer=answer) == first
    assert Signature.objects.count() == 1


def test_a_challenge_that_served_is_refused():
    world = signing_world()
    key = SoftwareKey(world.signer)
    challenge = fresh(challenge_for(world))
    sign(world, challenge=challenge)
    digest = digest_of(terms_of(challenge, declaration_of(challenge)))
    refused(
        lambda: sign(world, challenge=challenge, answer=key.answer(digest)),
        code="replay",
        status=409,
    )


def test_a_challenge_older_than_ten_minutes_is_refused():
    world = signing_world()
    challenge = challenge_for(world)
    Challenge.objects.filter(pk=challenge.pk).update(expires_at=challenge.created_at)
    refused(lambda: sign(world, challenge=challenge), code="expired_challenge", status=409)


@pytest.mark.parametrize("foreign", ["account", "session"])
def test_a_challenge_of_another_account_or_session_is_refused(foreign):
    world = signing_world()
    challenge = challenge_for(world)
    by = second_signer(world) if foreign == "account" else world.signer
    session = "autre" if foreign == "session" else SESSION
    refused(
        lambda: sign(world, by, challenge=challenge, session_key=session),
        code="foreign_challenge",
        status=403,
    )


def test_a_signer_who_comes_second_is_told_who_signed_and_when():
    world = signing_world()
    other = second_signer(world)
    challenge = challenge_for(world, other)
    first = sign(world)
    told = refused(lambda: sign(world, other, challenge=challenge), code="E9", status=409)
    assert str(first.person) in told.sentence
    assert "<" not in told.sentence


def test_somebody_on_no_line_sees_nothing():
    world = signing_world()
    with pytest.raises(Unseen):
        challenge_for(world, signer_account())


def test_grants_go_to_those_who_may_sign_and_leave_with_the_state():
    world = signing_world()
    second_signer(world)
    signer_account()
    assert SigningGrant.objects.filter(content_object=world.derogation).count() == 2
    sign(world)
    world.project()
    assert not SigningGrant.objects.exists()
