"""The pages of requests, as people walk through them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from derogations.actions.drafts import edit_request
from derogations.actions.requests import return_request, submit_request
from derogations.kinds import AttachmentKind, DerogationState
from derogations.models import Derogation
from members.roles import Role
from portal.clock import today
from tests.derogations.asking_world import DEVICE, NETWORK
from tests.derogations.factories import (
    AttachmentFactory,
    DerogationFactory,
    HeadFactory,
    ProviderFormFactory,
    RefusalFactory,
    ReplyTemplateFactory,
    SignatureFactory,
    submitted_derogation,
)
from tests.members.factories import (
    ContractPhaseFactory,
    OrganisationFactory,
    PersonFactory,
    respondent_user,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 carte"


@pytest.fixture
def client(asking):
    return signed_in(asking.alice)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(derogation, name="request_detail", **keys) -> str:
    slug = derogation.branch.organisation.slug
    return reverse(
        f"derogations:{name}", kwargs={"member": slug, "number": derogation.number, **keys}
    )


def text(response) -> str:
    """The page with plain spaces, whatever the typography asked."""
    return response.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def test_a_request_is_opened_alone(asking, client):
    ContractPhaseFactory(contract=asking.rank.contract)
    url = reverse("derogations:request_new", args=[asking.root.organisation.slug])
    assert "Délai usuel" in text(client.get(url))
    told = {
        "branch": asking.root.pk,
        "rank": asking.rank.pk,
        "kinds": [NETWORK, DEVICE],
        "need": "Joindre le chalet",
        "quantity": 2,
    }
    response = client.post(url, told)
    row = Derogation.objects.get()
    assert response.url == page(row)
    assert (row.quantity, row.heads.count(), row.offer) == (2, 2, None)


def test_a_request_without_kind_says_so_on_the_form(asking, client):
    ContractPhaseFactory(contract=asking.rank.contract)
    url = reverse("derogations:request_new", args=[asking.root.organisation.slug])
    response = client.post(url, {"need": "x", "quantity": 1})
    assert response.status_code == 422
    assert "Choisissez au moins un genre." in text(response)


@pytest.mark.parametrize("part", ["besoin", "couts", "reseau", "appareil", "lignes"])
def test_each_part_has_its_page(asking, client, part):
    row = asking.draft(NETWORK, DEVICE)
    assert client.get(page(row, "request_edit", part=part)).status_code == 200


def test_a_part_that_the_kinds_do_not_ask_has_none(asking, client):
    row = asking.draft()
    assert client.get(page(row, "request_edit", part="appareil")).status_code == 404
    assert client.get(page(row, "request_edit", part="inconnue")).status_code == 404


def test_a_part_is_written(asking, client):
    row = asking.draft(NETWORK, DEVICE)
    someone = respondent_user(Role.MANDA, asking.root).person
    told = {
        "device_model": "Modèle solide",
        "device_amount": "329.00",
        "nearest_zero_cost": "Modèle simple",
        "nearest_why_not": "Il ne résiste pas à l'eau.",
        "user_function": "Contremaître",
        "beneficiary": someone.pk,
    }
    response = client.post(page(row, "request_edit", part="appareil"), told)
    assert response.status_code == 302, text(response)
    row.refresh_from_db()
    assert (row.device_model, str(row.device_amount)) == ("Modèle solide", "329.00")
    assert row.beneficiary == someone


def test_a_negative_amount_is_refused_on_its_field(asking, client):
    row = asking.draft()
    told = {"wanted_on": today(), "ends_on": today(), "monthly_amount": "-4"}
    response = client.post(page(row, "request_edit", part="couts"), told)
    assert response.status_code == 422
    assert "jamais négatif" in text(response)


def test_lines_are_typed_one_a_row(asking, client):
    row = asking.draft()
    url = page(row, "request_edit", part="lignes")
    assert client.post(url, {"numbers": "418 555-0101\nabc"}).status_code == 422
    client.post(url, {"numbers": "418 555-0101\n(418) 555-0102"})
    row.refresh_from_db()
    assert row.service_numbers == ["4185550101", "4185550102"]


def test_places_and_tests_are_added_corrected_and_removed(asking, client):
    row = asking.draft()
    place = row.places.get()
    told = {
        "address": "2, rang du Lac",
        "municipality": "Saint-Fictif",
        "administrative_region": "Outaouais",
    }
    client.post(page(row, "place_add"), told)
    assert row.places.count() == 2
    client.post(page(row, "place_edit", place=place.pk), {**told, "address": "3, rang du Lac"})
    place.refresh_from_db()
    assert place.address == "3, rang du Lac"
    test = {
        "provider": asking.rank.provider.pk,
        "tested_on": today(),
        "device": "Modèle",
        "signal_dbm": -110,
        "result": "weak",
    }
    client.post(page(row, "test_add", place=place.pk), test)
    made = place.tests.get()
    assert "-110" in text(client.get(page(row)))
    client.post(page(row, "test_remove", test=made.pk))
    client.post(page(row, "place_remove", place=place.pk))
    assert row.places.count() == 1


def test_a_paper_is_typed_by_its_content_and_served_as_an_attachment(asking, client):
    row = asking.draft()
    url = page(row, "attachment_add")
    script = SimpleUploadedFile("carte.pdf", b"<script>alert(1)</script>", "application/pdf")
    assert client.post(url, {"kind": "coverage_map", "upload": script}).status_code == 422
    paper = SimpleUploadedFile("carte.pdf", PDF, "application/pdf")
    client.post(url, {"kind": AttachmentKind.COVERAGE_MAP, "upload": paper})
    kept = row.attachments.get()
    answer = client.get(page(row, "attachment_file", paper=kept.pk))
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content) == PDF
    client.post(page(row, "attachment_remove", paper=kept.pk))
    kept.refresh_from_db()
    assert kept.removed_at is not None


def test_the_page_before_submission_names_the_posts(asking, client):
    body = text(client.get(page(asking.draft(), "request_submit")))
    assert "Directrice des finances" in body
    assert str(asking.denis.person) in body
    assert "1 × (0,00" in body
    assert "Cas semblables" in body


def test_the_page_says_when_nobody_can_sign(asking, client):
    body = text(client.get(page(asking.draft(quantity=5000), "request_submit")))
    assert "Personne ne peut signer" in body


def test_what_is_missing_is_told_before_and_refused_after(asking, client):
    row = asking.draft(need="")
    url = page(row, "request_submit")
    assert "« Besoin »" in text(client.get(url))
    response = client.post(url)
    assert response.status_code == 422
    assert "« Besoin »" in text(response)


def test_a_submission_goes_to_its_signers(asking, client):
    row = asking.draft()
    assert client.post(page(row, "request_submit")).url == page(row)
    row.refresh_from_db()
    assert row.state == DerogationState.SUBMITTED
    assert client.get(page(row, "request_submit")).status_code == 404
    body = text(client.get(page(row)))
    assert "Signataires attendus" in body
    assert str(asking.denis.person) in body


def test_a_return_shows_its_comment_and_opens_its_field_alone(asking, client):
    row = asking.submitted()
    return_request(derogation=row, comments={"need": "Précisez les heures."}, by=asking.denis)
    body = text(client.get(page(row)))
    assert "Précisez les heures." in body
    edit = text(client.get(page(row, "request_edit", part="besoin")))
    assert 'name="need"' in edit
    assert 'name="quantity"' not in edit
    assert client.get(page(row, "request_edit", part="couts")).status_code == 404


def test_what_changed_is_shown_with_its_author(asking, client):
    row = asking.submitted()
    return_request(derogation=row, comments={"need": "Précisez."}, by=asking.denis)
    edit_request(derogation=row, values={"need": "De nuit, au lac."}, by=asking.alice)
    submit_request(derogation=row, by=asking.alice)
    body = text(client.get(page(row, "request_version", version=2)))
    assert "De nuit, au lac." in body
    assert "Joindre la centrale au lac." in body
    assert str(asking.alice.person) in body
    assert client.get(page(row, "request_version", version=3)).status_code == 404


def test_the_frozen_paper_is_downloaded_once_it_is_ready(asking, client):
    row = asking.submitted()
    answer = client.get(page(row, "request_document", version=1))
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"".join(answer.streaming_content) == row.version.content.encode()
    again = submit_request(derogation=asking.draft(), by=asking.alice)
    assert client.get(page(again, "request_document", version=1)).status_code == 404


def test_who_signed_for_whom_and_who_refused_is_said(asking, client):
    absent = PersonFactory(given_name="Aline", family_name="Absente")
    row = submitted_derogation(branch=asking.root)
    SignatureFactory(
        version=row.version,
        user=asking.denis,
        delegation=asking.line,
        capacity="substitute",
        acting_for=absent,
    )
    RefusalFactory(version=row.version, next_step="Joignez la carte.")
    body = text(client.get(page(row)))
    assert f"{asking.denis.person} pour Aline Absente" in body
    assert asking.line.clause in body
    assert "Joignez la carte." in body


def test_cancelling_asks_why(asking, client):
    row = asking.draft()
    assert client.post(page(row, "request_cancel"), {"cancel-reason": ""}).status_code == 422
    client.post(page(row, "request_cancel"), {"cancel-reason": "Plus besoin"})
    row.refresh_from_db()
    assert row.state == DerogationState.CANCELLED


def test_a_message_is_kept_and_a_ready_answer_fills_it(asking, client):
    row = asking.draft()
    reply = ReplyTemplateFactory(text="Merci de joindre la carte.")
    assert reply.text in text(client.get(page(row) + f"?reponse={reply.pk}"))
    client.post(page(row, "message_write"), {"message-text": "Bonjour"})
    assert "Bonjour" in text(client.get(page(row)))
    assert client.post(page(row, "message_write"), {"message-text": ""}).status_code == 422


def test_the_provider_s_form_is_offered_to_fill(asking, client):
    row = asking.draft()
    form = ProviderFormFactory(provider=asking.rank.provider, kind=NETWORK)
    body = text(client.get(page(row)))
    assert page(row, "provider_form_file", form=form.pk) in body
    other = ProviderFormFactory(kind=DEVICE)
    assert client.get(page(row, "provider_form_file", form=other.pk)).status_code == 404


def test_the_list_is_searched_filtered_and_exported(asking, client):
    DerogationFactory(branch=asking.root, number="D-2020-90001", need="Tour du Nord")
    HeadFactory(
        derogation=DerogationFactory(branch=asking.root, number="D-2020-90002"), kind=DEVICE
    )
    url = reverse("derogations:request_list", args=[asking.root.organisation.slug])
    assert "D-2020-90001" in text(client.get(url, {"q": "tour nord"}))
    narrowed = text(client.get(url, {"genre": DEVICE}))
    assert "D-2020-90002" in narrowed
    assert "D-2020-90001" not in narrowed
    sheet = b"".join(client.get(url, {"format": "csv"}).streaming_content).decode("utf-8-sig")
    assert "Tour du Nord" in sheet


def test_another_member_s_request_does_not_exist(asking, client):
    other = DerogationFactory(branch=OrganisationFactory().branches.get())
    assert client.get(page(other)).status_code == 404
    paper = AttachmentFactory(derogation=other)
    own = asking.draft()
    assert client.get(page(own, "attachment_file", paper=paper.pk)).status_code == 404


def test_an_earlier_derogation_is_recorded_with_its_scan(asking, client):
    ContractPhaseFactory(contract=asking.rank.contract)
    url = reverse("derogations:request_earlier", args=[asking.root.organisation.slug])
    told = {
        "branch": asking.root.pk,
        "rank": asking.rank.pk,
        "kinds": [NETWORK],
        "need": "Chalet",
        "quantity": 1,
        "signed_on": "2025-01-10",
        "ends_on": "2030-01-10",
        "scan": SimpleUploadedFile("d.pdf", PDF, "application/pdf"),
    }
    response = client.post(url, told)
    assert response.status_code == 302, text(response)
    row = Derogation.objects.get()
    assert "jamais scellé" in text(client.get(page(row)))
