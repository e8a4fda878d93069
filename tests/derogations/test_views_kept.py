"""What is kept with a request's file: lines of an earlier one, who signed, copies, the account."""

import io

import pikepdf
import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from derogations import documents, tasks
from derogations.actions.messages import ask_annex, store_annex, write_message
from derogations.kinds import DerogationState, HeadDecision
from derogations.models import Annex, Derogation, Head
from derogations.queries.inbox import request_items
from members.models import Delegation
from members.permissions import Refused, Unseen
from members.powers import Capacity
from members.projection import project
from members.roles import Role
from portal.audit import SYSTEM
from portal.clock import database_clock
from portal.files import read, store
from portal.models import AuditEvent, QueuedTask
from tests.catalogue.factories import OfferFactory
from tests.derogations.asking_world import NETWORK
from tests.derogations.factories import MessageFactory, SignatureFactory
from tests.members.factories import (
    BranchFactory,
    ContractPhaseFactory,
    PersonFactory,
    ProviderAccountFactory,
    RespondentFactory,
    respondent_user,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 carte"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def client(asking):
    return signed_in(asking.alice)


def page(derogation, name="request_detail") -> str:
    slug = derogation.branch.organisation.slug
    return reverse(f"derogations:{name}", args=[slug, derogation.number])


def text(response) -> str:
    return response.content.decode().replace("\u00a0", " ").replace("\u202f", " ")


def earlier(asking, numbers: str) -> dict[str, object]:
    return {
        "branch": asking.root.pk,
        "rank": asking.rank.pk,
        "kinds": [NETWORK],
        "need": "Chalet",
        "quantity": 1,
        "signed_on": "2025-01-10",
        "ends_on": "2030-01-10",
        "numbers": numbers,
        "scan": SimpleUploadedFile("d.pdf", PDF, "application/pdf"),
    }


def test_an_earlier_derogation_names_the_lines_that_it_keeps_in_order(asking, client):
    ContractPhaseFactory(contract=asking.rank.contract)
    url = reverse("derogations:request_earlier", args=[asking.root.organisation.slug])
    filled = text(client.get(url, {"numbers": ["4185550101", "4185550102"]}))
    assert "4185550101\n4185550102</textarea>" in filled
    refused = client.post(url, earlier(asking, "4185550101\nabc"))
    assert refused.status_code == 422
    assert "« abc » n'est pas un numéro de ligne" in text(refused).replace("&#x27;", "'")
    too_many = "\n".join(str(4185550000 + n) for n in range(501))
    assert "Au plus 500 lignes" in text(client.post(url, earlier(asking, too_many)))
    client.post(url, earlier(asking, "418 555-0101\n4185550102\n418-555-0102"))
    row = Derogation.objects.get()
    assert (row.state, row.service_numbers) == (
        DerogationState.SIGNED,
        ["4185550101", "4185550102"],
    )


def test_a_request_opened_from_a_line_keeps_its_number_and_provider(asking, client):
    ContractPhaseFactory(contract=asking.rank.contract)
    url = reverse("derogations:request_new", args=[asking.root.organisation.slug])
    shown = client.get(url, {"numbers": "4185550101", "provider": asking.rank.provider_id})
    form = shown.context["form"]
    assert form.initial["rank"] == asking.rank
    assert form.initial["numbers"] == "4185550101"
    assert client.get(url, {"provider": "0"}).context["form"].initial["rank"] is None
    told = {"branch": asking.root.pk, "rank": asking.rank.pk, "kinds": [NETWORK], "need": "x"}
    client.post(url, {**told, "quantity": 1, "numbers": "418 555-0101"})
    assert Derogation.objects.get().service_numbers == ["4185550101"]


def test_the_list_s_export_says_who_signed_for_whom_and_under_which_line(asking, client):
    row = asking.submitted()
    line = Delegation.objects.get(pk=asking.line.pk)
    SignatureFactory(
        version=row.version,
        person=PersonFactory(given_name="Brigitte", family_name="Roy"),
        acting_for=line.holder,
        delegation=line,
        capacity=Capacity.SUBSTITUTE,
    )
    SignatureFactory(version=row.version, slot=2, voided_at=database_clock(), void_reason="x")
    url = reverse("derogations:request_list", args=[asking.root.organisation.slug])
    sheet = b"".join(client.get(url, {"format": "csv"}).streaming_content).decode("utf-8-sig")
    head, told = sheet.splitlines()
    for title in ("Signée par", "Pour", "Qualité", "Ligne du plan", "Signée le"):
        assert title in head
    assert "Brigitte Roy" in told
    assert str(line.holder) in told
    assert f"ligne {line.clause} du plan" in told.replace("\u00a0", " ")
    assert "Substitut" in told


def test_a_copy_of_the_messages_is_asked_rendered_and_downloaded(asking, client):
    row = asking.draft()
    with pytest.raises(ValidationError, match="Rien n'a encore été écrit"):
        ask_annex(derogation=row, by=asking.alice)
    write_message(derogation=row, text="La carte suit.\n\nMerci.", by=asking.alice)
    assert client.get(page(row, "annex_file")).status_code == 404
    client.post(page(row, "annex_ask"))
    client.post(page(row, "annex_ask"))
    (annex,) = Annex.objects.all()
    assert QueuedTask.objects.filter(task_name="derogations.render_annex").count() == 1
    assert "Une copie se prépare" in text(client.get(page(row)))
    tasks.render_annex(annex_id=annex.pk)
    tasks.render_annex(annex_id=annex.pk)
    assert AuditEvent.objects.filter(code="annex.produced").count() == 1
    shown = text(client.get(page(row)))
    assert "Copie des messages produite le" in shown
    assert "Refaire la copie" in shown
    answer = client.get(page(row, "annex_file"))
    content = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"].startswith("attachment")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert pdf.docinfo["/Title"] == f"Messages de la demande {row.number}"


def test_a_copy_holds_what_was_said_before_it_and_a_new_one_the_rest(asking):
    row = asking.draft()
    MessageFactory(derogation=row, text="Un")
    then = database_clock()
    MessageFactory(derogation=row, text="Deux")
    told = documents.annex_context(row, then)["talk"]
    assert [message.text for message in told] == ["Un"]
    for content in (b"un", b"deux"):
        annex = ask_annex(derogation=row, by=asking.alice)
        paper = store(content, name="m.pdf", content_type="application/pdf")
        store_annex(annex=annex, paper=paper, produced_at=database_clock(), by=SYSTEM)
    client = signed_in(asking.alice)
    assert b"".join(client.get(page(row, "annex_file")).streaming_content) == b"deux"
    assert [read(one.file) for one in Annex.objects.order_by("pk")] == [b"un", b"deux"]


def test_who_does_not_see_the_request_asks_for_no_copy(asking):
    row = asking.draft()
    MessageFactory(derogation=row)
    with pytest.raises(Unseen):
        ask_annex(derogation=row, by=respondent_user(Role.RCELL, BranchFactory()))
    with pytest.raises(Refused):
        ask_annex(derogation=row, by=respondent_user(Role.PAYER, asking.root))


def signed_by_need(asking, **values) -> Derogation:
    row = asking.submitted(**values)
    Head.objects.filter(derogation=row).update(decision=HeadDecision.SIGNED)
    Derogation.objects.filter(pk=row.pk).update(
        state=DerogationState.SIGNED, signed_at=database_clock()
    )
    return Derogation.objects.get(pk=row.pk)


def test_a_request_by_need_once_signed_proposes_to_open_the_account(asking, client):
    row = signed_by_need(asking)
    intrl = respondent_user(Role.INTRL, asking.root)
    (item,) = [item for item in request_items(intrl) if item.kind == "Compte"]
    assert item.title == "Ouvrir un compte chez Rogers"
    assert request_items(asking.alice) == []
    assert "L'interlocuteur l'ouvre" in text(client.get(page(row))).replace("&#x27;", "'")
    asked = reverse("members:account_ask", args=[asking.root.organisation.slug])
    theirs = signed_in(intrl)
    shown = text(theirs.get(page(row)))
    assert f'href="{asked}?branch={row.branch_id}&amp;provider={row.provider_id}"' in shown
    form = theirs.get(asked, {"branch": row.branch_id, "provider": row.provider_id})
    assert f'value="{row.provider_id}" selected' in text(form)
    ProviderAccountFactory(branch=asking.root, provider=row.provider, number="")
    assert [item for item in request_items(intrl) if item.kind == "Compte"] == []
    assert asked not in text(theirs.get(page(row)))


def test_a_request_for_an_article_proposes_no_account(asking):
    signed_by_need(asking, offer=OfferFactory())
    intrl = respondent_user(Role.INTRL, asking.root)
    assert [item for item in request_items(intrl) if item.kind == "Compte"] == []


def explained(kind: str, pk: int) -> str:
    return reverse("members:access_explain", args=[kind, pk])


def test_a_derogation_its_line_and_its_plan_say_why_they_are_seen(asking, client):
    row = asking.draft()
    for kind, on in (
        ("derogation", row),
        ("delegation", asking.line),
        ("plan", asking.line.plan),
    ):
        shown = text(client.get(explained(kind, on.pk)))
        assert "R-10" in shown, kind
        stranger = signed_in(respondent_user(Role.RCELL, BranchFactory()))
        assert stranger.get(explained(kind, on.pk)).status_code == 404, kind
    assert explained("derogation", row.pk) in text(client.get(page(row)))


def test_a_signer_reads_the_line_of_the_plan_behind_the_grant(asking):
    row = asking.submitted()
    EmailAddress.objects.get_or_create(
        user=asking.denis, email=asking.denis.email, defaults={"verified": True}
    )
    shown = text(signed_in(asking.denis).get(explained("derogation", row.pk)))
    assert f"La ligne {asking.line.clause} du plan nomme ce poste" in shown
    assert "Signer cette dérogation, ou la refuser" in shown
    assert "Plan de délégation, version" in shown
    unnamed = asking.draft()
    answer = signed_in(asking.denis).get(explained("derogation", unnamed.pk))
    assert answer.status_code == 404
    RespondentFactory(person=asking.denis.person, role=Role.MANDA, branch=asking.root)
    project([asking.denis.person_id])
    shown = text(signed_in(asking.denis).get(explained("derogation", unnamed.pk)))
    assert "Signer cette dérogation, ou la refuser" not in shown  # it is not granted yet
