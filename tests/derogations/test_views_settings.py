"""ITQ's pages over what derogations obey."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from derogations.models import ProofRule, ProviderForm, ReminderDelay, ReplyTemplate
from members.roles import StaffRole
from portal.clock import today
from tests.derogations.asking_world import DEVICE, NETWORK
from tests.members.factories import ProviderFactory, staff_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(db):
    client = Client()
    client.force_login(
        staff_user(StaffRole.ADMIN), "allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def url(name, *args) -> str:
    return reverse(f"derogations:{name}", args=args)


def test_the_proofs_are_shown_by_default_then_fixed(client):
    assert "Valeur d'origine" in client.get(url("proof_rule_list")).content.decode().replace(
        "&#x27;", "'"
    )
    told = {"kind": NETWORK, "required": ["place"], "one_of": ["test"], "since": today()}
    assert client.post(url("proof_rule_new"), told).url == url("proof_rule_list")
    assert sorted(ProofRule.objects.values_list("any_of", flat=True)) == [["place"], ["test"]]
    assert client.post(url("proof_rule_new"), told).status_code == 422


def test_a_form_is_entered_and_downloaded(client):
    told = {
        "provider": ProviderFactory().pk,
        "kind": DEVICE,
        "upload": SimpleUploadedFile("f.pdf", b"%PDF-1.7 f", "application/pdf"),
        "since": today(),
    }
    client.post(url("provider_form_new"), told)
    form = ProviderForm.objects.get()
    assert "En vigueur" in client.get(url("provider_form_list")).content.decode()
    answer = client.get(url("staff_form_file", form.pk))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 f"


def test_a_ready_answer_is_written_then_changed(client):
    client.post(url("reply_template_new"), {"title": "Carte", "text": "…", "is_offered": "on"})
    row = ReplyTemplate.objects.get()
    assert "Carte" in client.get(url("reply_template_list")).content.decode()
    client.post(url("reply_template_edit", row.pk), {"title": "Carte", "text": "Autre"})
    row.refresh_from_db()
    assert (row.text, row.is_offered) == ("Autre", False)


def test_the_times_of_recall_are_typed_with_commas(client):
    page = url("reminder_delay_edit")
    assert 'value="2, 5, 8"' in client.get(page).content.decode()
    client.post(page, {"days": "3, 6", "steps_up_from": "6"})
    assert list(ReminderDelay.objects.values_list("working_days", "steps_up")) == [
        (3, False),
        (6, True),
    ]
    assert client.post(page, {"days": "deux"}).status_code == 422
    assert client.post(page, {"days": "2, 2"}).status_code == 422
