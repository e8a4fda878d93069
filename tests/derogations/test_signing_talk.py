"""What a signer without any role reads, writes and asks; what stays open once it is decided."""

import hashlib
import io
import json
import zipfile

import pytest
from django.urls import reverse

from derogations.actions.drafts import add_place, edit_request, set_service_numbers
from derogations.actions.messages import write_as_signer, write_message
from derogations.actions.requests import return_request, submit_request
from derogations.evidence import MANIFEST, WITHDRAWN
from derogations.kinds import DerogationState, HeadDecision, RefusalReason
from derogations.models import (
    Derogation,
    FieldComment,
    Message,
    Seal,
    Signature,
    SigningGrant,
)
from derogations.queries.signing import acted_on
from members.permissions import Unseen
from members.powers import DerogationKind
from members.roles import Role
from portal.files import store
from tests.derogations.factories import DerogationFactory, SignatureFactory, WithdrawalFactory
from tests.derogations.signing_world import (
    PASSWORD,
    code_now,
    second_signer,
    sign,
    signer_account,
    signing_world,
)
from tests.derogations.test_signing_pages import client_of, open_gesture, page
from tests.members.factories import UserFactory, respondent_user

pytestmark = pytest.mark.django_db
SIGNED = DerogationState.SIGNED


def shown(client, number: str) -> str:
    return client.get(page("signature_request", number)).content.decode()


def archive(**files: bytes) -> bytes:
    """A bundle of a few files with its manifest."""
    made = io.BytesIO()
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    with zipfile.ZipFile(made, "w") as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)
        bundle.writestr(MANIFEST, json.dumps({"format": "x", "number": "D", "sha256": hashes}))
    return made.getvalue()


def sealed(world) -> Seal:
    """The worker sealed the version."""
    seal, _made = Seal.objects.get_or_create(version=world.version, defaults={"token": "f" * 32})
    seal.file = store(b"%PDF-1.7 scelle", name="s.pdf", content_type="application/pdf")
    seal.evidence = store(
        archive(**{"contenu.json": b"{}"}), name="p.zip", content_type="application/zip"
    )
    seal.sealed_at = world.version.submitted_at
    seal.journal_position = 1
    seal.save()
    return seal


def test_the_signer_s_page_shows_the_messages_and_takes_one():
    world = signing_world()
    rcell = respondent_user(Role.RCELL, world.line.branch)
    write_message(derogation=world.derogation, text="La centrale ferme lundi.", by=rcell)
    client, number = client_of(world.signer), world.derogation.number
    assert "La centrale ferme lundi." in shown(client, number)
    url = page("signature_message", number)
    assert client.post(url, {"message-text": " "}).status_code == 422
    refused = client.post(url, {"message-text": ""})
    assert "Écrivez votre message." in refused.content.decode()
    assert client.post(url, {"message-text": "Merci."}).status_code == 302
    assert Message.objects.last().written_by == world.signer
    assert client_of(signer_account()).post(url, {"message-text": "x"}).status_code == 404


def test_who_signed_keeps_reading_and_writing_without_a_role_and_takes_the_sealed_document():
    world = signing_world()
    client, number = client_of(world.signer), world.derogation.number
    assert client.get(page("signature_sealed", number)).status_code == 404
    sign(world)
    world.project()
    sealed(world)
    assert page("signature_sealed", number) in shown(client, number)
    document = client.get(page("signature_sealed", number))
    assert b"".join(document.streaming_content) == b"%PDF-1.7 scelle"
    write_as_signer(derogation=world.derogation, text="Voici", by=world.signer)
    stranger = signer_account()
    assert client_of(stranger).get(page("signature_sealed", number)).status_code == 404
    with pytest.raises(Unseen):
        write_as_signer(derogation=world.derogation, text="x", by=stranger)


def test_a_power_without_the_grant_lets_nobody_talk():
    """Both halves of the gate (D-02): the grant, and a line of the plan."""
    world = signing_world()
    SigningGrant.objects.all().delete()
    with pytest.raises(Unseen):
        write_as_signer(derogation=world.derogation, text="x", by=world.signer)


def test_the_person_for_whom_another_signed_opens_the_page():
    world = signing_world()
    absent = UserFactory()
    assert client_of(absent).get(
        page("signature_request", world.derogation.number)
    ).status_code == (404)
    SignatureFactory(
        version=world.version,
        user=world.signer,
        person=world.signer.person,
        acting_for=absent.person,
    )
    assert str(world.signer.person) in shown(client_of(absent), world.derogation.number)


def test_a_withdrawal_shows_its_author_and_reason_on_both_pages():
    world = signing_world()
    sign(world)
    Derogation.objects.filter(pk=world.derogation.pk).update(state=DerogationState.WITHDRAWN)
    WithdrawalFactory(
        derogation=world.derogation,
        person=world.signer.person,
        user=world.signer,
        delegation=world.line,
        reason="Le besoin a disparu",
    )
    rcell = respondent_user(Role.RCELL, world.line.branch)
    slug, number = world.organisation.slug, world.derogation.number
    request_url = reverse("derogations:request_detail", args=[slug, number])
    for user, url in (
        (rcell, request_url),
        (world.signer, page("signature_request", number)),
    ):
        told = client_of(user).get(url).content.decode()
        assert "Le besoin a disparu" in told
        assert str(world.signer.person) in told


def test_the_evidence_of_a_withdrawn_derogation_holds_the_withdrawal_and_its_proof():
    world = signing_world()
    sign(world)
    seal = sealed(world)
    rcell = respondent_user(Role.RCELL, world.line.branch)
    url = reverse(
        "derogations:evidence_download", args=[world.organisation.slug, world.derogation.number]
    )
    before = b"".join(client_of(rcell).post(url).streaming_content)
    assert WITHDRAWN not in zipfile.ZipFile(io.BytesIO(before)).namelist()
    Derogation.objects.filter(pk=world.derogation.pk).update(state=DerogationState.WITHDRAWN)
    WithdrawalFactory(
        derogation=world.derogation, delegation=world.line, reason="Erreur", proof={"level": "code"}
    )
    after = zipfile.ZipFile(io.BytesIO(b"".join(client_of(rcell).post(url).streaming_content)))
    told = json.loads(after.read(WITHDRAWN))
    assert (told["reason"], told["proof"]) == ("Erreur", {"level": "code"})
    manifest = json.loads(after.read(MANIFEST))["sha256"]
    assert manifest[WITHDRAWN] == hashlib.sha256(after.read(WITHDRAWN)).hexdigest()
    assert manifest["contenu.json"] == hashlib.sha256(b"{}").hexdigest()
    seal.refresh_from_db()
    assert zipfile.ZipFile(io.BytesIO(before)).read("contenu.json") == b"{}"


def test_a_question_names_several_fields_places_papers_and_numbers():
    world = signing_world()
    client = client_of(world.signer)
    url = page("signature_question", world.derogation.number)
    asked = client.get(url).content.decode()
    for name in ("need", "places", "attachments", "service_numbers"):
        assert f'name="{name}"' in asked
    assert world.derogation.need in asked
    assert client.post(url, {"need": " ", "places": ""}).status_code == 422
    assert "dans un champ au moins" in client.post(url, {}).content.decode()
    told = {"need": "À quelle heure ?", "places": "Quel rang ?", "attachments": "La carte ?"}
    assert client.post(url, told).status_code == 302
    assert set(FieldComment.objects.values_list("field", flat=True)) == set(told)


def test_only_what_was_commented_opens_to_the_requester(asking):
    row = asking.submitted()
    return_request(
        derogation=row, comments={"need": "?", "service_numbers": "Lesquels ?"}, by=asking.denis
    )
    set_service_numbers(derogation=row, numbers=["4185550101"], by=asking.alice)
    edit_request(derogation=row, values={"need": "Mieux dit."}, by=asking.alice)
    with pytest.raises(Exception, match="fermés"):
        edit_request(derogation=row, values={"insufficiency": "x"}, by=asking.alice)
    with pytest.raises(Exception, match="fermés"):
        add_place(
            derogation=row, address="1", municipality="x", administrative_region="Outaouais",
            by=asking.alice,
        )  # fmt: skip


def test_the_proofs_that_a_request_does_not_bring_are_named_to_the_signer():
    world = signing_world()
    told = shown(client_of(world.signer), world.derogation.number)
    assert "Preuves que la demande n'apporte pas" in told.replace("&#x27;", "'")
    assert "Un essai fait sur place" in told
    assert (
        "Un lieu, avec sa municipalité"
        not in told.partition("n'apporte pas")[2].partition("</div>")[0]
    )


def test_like_cases_of_the_member_are_told_in_full():
    world = signing_world()
    like = DerogationFactory(
        frozen=True,
        branch=world.derogation.branch,
        state=DerogationState.REFUSED,
        need="Joindre le garage municipal.",
    )
    like.heads.update(
        decision=HeadDecision.REFUSED,
        refusal_reason=RefusalReason.choices[0][0],
        refusal_text="Un répéteur suffit.",
        next_step="Commander un répéteur.",
    )
    told = shown(client_of(world.signer), world.derogation.number)
    for words in ("Joindre le garage municipal.", "Un répéteur suffit.", "Commander un répéteur."):
        assert words in told


def test_what_is_missing_to_a_refused_head_is_in_the_summary_and_422():
    world = signing_world(kinds=[DerogationKind.NETWORK, DerogationKind.TECHNOLOGICAL])
    client = client_of(world.signer)
    answer = client.post(
        page("signature_request", world.derogation.number), {"kinds": [DerogationKind.NETWORK]}
    )
    gesture = answer["Location"]
    told = {"declared": "on", "password": PASSWORD, "code": code_now()}
    refused = client.post(gesture, told)
    assert refused.status_code == 422
    text = refused.content.decode()
    summary = text[text.index("error-summary") : text.index("</ul>", text.index("error-summary"))]
    assert "#id_technological-reason" in summary
    assert "#id_technological-next_step" in summary
    assert not Signature.objects.exists()


def test_one_of_two_signers_reads_on_while_the_other_signs():
    world = signing_world(steps=[2])
    second = second_signer(world)
    sign(world)
    world.project()
    client = client_of(world.signer)
    assert "Signé par" in shown(client, world.derogation.number)
    assert open_gesture(client_of(second), world.derogation.number)


def test_a_signature_of_an_earlier_version_keeps_the_page_too(asking):
    row = asking.submitted()
    SignatureFactory(version=row.version, user=asking.denis, person=asking.denis.person)
    return_request(derogation=row, comments={"need": "?"}, by=asking.denis)
    asking.line.confirmed_at = asking.line.confirmed_by = None
    asking.line.save()
    assert client_of(asking.denis).get(page("signature_request", row.number)).status_code == 200


def test_who_acted_then_left_the_plan_reads_nothing_that_is_asked_since(asking):
    """Bound to the version acted on: neither the next one's text, nor a word in the file."""
    row = asking.submitted()
    SignatureFactory(version=row.version, user=asking.denis, person=asking.denis.person)
    return_request(derogation=row, comments={"need": "?"}, by=asking.denis)
    asking.line.confirmed_at = asking.line.confirmed_by = None
    asking.line.save()
    client, url = client_of(asking.denis), page("signature_request", row.number)
    told = client.get(url).content.decode()
    assert page("signature_message", row.number) not in told
    with pytest.raises(Unseen):
        write_as_signer(derogation=row, text="Encore moi", by=asking.denis)
    edit_request(derogation=row, values={"need": "Un secret."}, by=asking.alice)
    submit_request(derogation=row, by=asking.alice)
    assert client.get(url).status_code == 404
    assert not acted_on(asking.denis, row)


def test_too_few_people_for_the_signatures_is_said_on_the_request_s_page():
    world = signing_world(steps=[2])
    rcell = respondent_user(Role.RCELL, world.line.branch)
    url = reverse(
        "derogations:request_detail", args=[world.organisation.slug, world.derogation.number]
    )
    client = client_of(rcell)
    assert "Trop peu de personnes" in client.get(url).content.decode()
    second_signer(world)
    assert "Trop peu de personnes" not in client.get(url).content.decode()
