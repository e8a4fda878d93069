"""Requests: opened, filled, frozen, returned, cancelled."""

import hashlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from derogations.actions.attachments import add_attachment, remove_attachment
from derogations.actions.drafts import (
    add_test,
    edit_request,
    open_request,
    set_kinds,
    set_service_numbers,
)
from derogations.actions.earlier import record_earlier
from derogations.actions.messages import write_as_signer, write_message
from derogations.actions.requests import cancel_request, return_request, submit_request
from derogations.freezing import content_of
from derogations.kinds import AttachmentKind, DerogationState, HeadDecision
from derogations.models import Derogation, Version
from derogations.queries.requests import missing_in, open_comments, with_proof
from derogations.reading import changes_between
from members.permissions import Refused, Unseen
from members.roles import Role
from portal.clock import today
from portal.models import AuditEvent, QueuedTask
from portal.uploads import Upload
from portal.workflow import TransitionRefused
from tests.catalogue.factories import OfferFactory
from tests.derogations.asking_world import DEVICE, NETWORK
from tests.derogations.factories import ChallengeFactory, ProviderFormFactory, SignatureFactory
from tests.members.factories import (
    PersonFactory,
    SigningRuleFactory,
    UserFactory,
    respondent_user,
)

pytestmark = pytest.mark.django_db
PDF = Upload(b"%PDF-1.7 carte", "carte.pdf", "application/pdf")


def test_two_kinds_on_one_item_are_one_request_with_two_heads(asking):
    row = asking.draft(NETWORK, DEVICE)
    assert [head.kind for head in row.heads.all()] == [NETWORK, DEVICE]
    assert row.number.startswith("D-")
    assert row.requester == asking.alice.person


def test_an_article_fills_the_request(asking):
    phone = OfferFactory(version__rank=asking.rank, dear=True, name="Téléphone solide")
    row = open_request(
        branch=asking.root,
        provider=asking.rank.provider,
        contract=asking.rank.contract,
        kinds=[DEVICE],
        by=asking.alice,
        offer=phone,
        quantity=3,
    )
    assert (row.device_model, row.device_amount) == ("Téléphone solide", Decimal("329.00"))
    assert row.one_off_amount == Decimal("329.00")
    assert row.ends_on.year == today().year + 2
    assert row.quantity == 3


def test_only_a_representative_or_a_mandatary_asks(asking):
    for role in (Role.DERO, Role.FACTU, Role.INTRL):
        user = respondent_user(role, asking.root)
        with pytest.raises(Refused):
            open_request(
                branch=asking.root,
                provider=asking.rank.provider,
                contract=asking.rank.contract,
                kinds=[NETWORK],
                by=user,
            )


def test_a_request_without_kind_is_refused(asking):
    row = asking.draft()
    with pytest.raises(ValidationError):
        set_kinds(derogation=row, kinds=[], by=asking.alice)
    set_kinds(derogation=row, kinds=[DEVICE], by=asking.alice)
    assert [head.kind for head in row.heads.all()] == [DEVICE]


def test_what_is_missing_is_named_where_it_is_completed(asking):
    row = asking.draft(DEVICE, need="", device_model="")
    lacks = missing_in(row)
    assert {(lack.part, lack.field) for lack in lacks} >= {
        ("besoin", "need"),
        ("appareil", "device_model"),
    }
    with pytest.raises(ValidationError, match="Besoin"):
        submit_request(derogation=row, by=asking.alice)
    assert not Version.objects.exists()


def test_a_network_request_needs_one_proof_of_several(asking):
    row = asking.draft(ticket_answer="")
    assert [lack.field for lack in missing_in(row)] == ["ticket_answer"]
    add_test(
        place=row.places.get(),
        provider=asking.rank.provider,
        tested_on=today(),
        device="Modèle",
        result="weak",
        signal_dbm=-118,
        by=asking.alice,
    )
    assert missing_in(with_proof(Derogation.objects.filter(pk=row.pk)).get()) == []


def test_a_test_of_tomorrow_or_a_positive_signal_is_refused(asking):
    place = asking.draft().places.get()
    known = {"place": place, "provider": asking.rank.provider, "device": "M", "result": "weak"}
    with pytest.raises(ValidationError, match="pas encore venu"):
        add_test(**known, tested_on=today() + timedelta(days=1), by=asking.alice)
    with pytest.raises(ValidationError, match="signe"):
        add_test(**known, tested_on=today(), signal_dbm=118, by=asking.alice)


def test_the_provider_s_form_is_asked_where_one_is_in_force(asking):
    ProviderFormFactory(provider=asking.rank.provider, kind=NETWORK)
    row = asking.draft()
    assert [lack.field for lack in missing_in(row)] == ["attachments"]
    add_attachment(derogation=row, kind=AttachmentKind.PROVIDER_FORM, upload=PDF, by=asking.alice)
    submitted = submit_request(derogation=row, by=asking.alice)
    paper = content_of(submitted.version)["attachments"][0]
    assert paper["sha256"] == hashlib.sha256(PDF.content).hexdigest()


def test_submission_freezes_the_text_and_its_hash(asking):
    row = submit_request(derogation=asking.draft(quantity=2), by=asking.alice)
    version = row.version
    assert row.state == DerogationState.SUBMITTED
    assert hashlib.sha256(version.content.encode()).hexdigest() == version.content_sha256
    content = content_of(version)
    assert content["fields"]["monthly_amount"] == "40.00"
    assert content["amounts"]["total_amount"] == str(version.total_amount)
    assert version.total_amount == 2 * 40 * content["amounts"]["months"]
    assert version.steps == [1]
    assert version.expires_at - version.submitted_at >= timedelta(days=59, hours=23)
    assert str(row.requester) not in version.content
    task = QueuedTask.objects.get(task_name="derogations.render_version")
    assert task.kwargs == {"version_id": version.pk}


def test_submission_freezes_the_posts_that_sign_first(asking):
    """The rule may change afterwards: a request already submitted keeps its steps (F-16)."""
    rule = SigningRuleFactory(
        plan=asking.line.plan, from_amount=0, needed=3, posts=["Chef", "Direction"]
    )
    version = submit_request(derogation=asking.draft(), by=asking.alice).version
    rule.delete()
    assert (version.steps, version.step_posts) == ([1, 1, 1], ["Chef", "Direction"])
    assert content_of(version)["step_posts"] == ["Chef", "Direction"]
    assert [str(step) for step in version.asked] == ["Chef", "Direction", "1 signature"]


def test_the_beneficiary_is_never_in_the_frozen_text(asking):
    someone = PersonFactory(given_name="Xavière", family_name="Secrète")
    row = submit_request(derogation=asking.draft(beneficiary=someone), by=asking.alice)
    assert "Secrète" not in row.version.content


@pytest.mark.parametrize("field", ["content", "content_sha256", "total_amount"])
def test_the_database_refuses_to_change_a_frozen_version(asking, field):
    version = submit_request(derogation=asking.draft(), by=asking.alice).version
    with pytest.raises(DatabaseError), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(**{field: "1"})


def test_a_submitted_request_is_not_edited(asking):
    row = asking.submitted()
    with pytest.raises(ValidationError, match="Soumise"):
        edit_request(derogation=row, values={"need": "Autre"}, by=asking.alice)
    with pytest.raises(ValidationError, match="ne changent plus"):
        add_attachment(derogation=row, kind=AttachmentKind.OTHER, upload=PDF, by=asking.alice)


def test_a_signer_without_a_role_returns_with_a_comment_that_opens_its_field(asking):
    row = asking.submitted()
    signature = SignatureFactory(version=row.version)
    challenge = ChallengeFactory(version=row.version)
    returned = return_request(
        derogation=row, comments={"need": "Précisez les heures."}, by=asking.denis
    )
    assert returned.state == DerogationState.RETURNED
    signature.refresh_from_db()
    challenge.refresh_from_db()
    assert signature.voided_at is not None
    assert challenge.expires_at <= returned.version.voided_at
    with pytest.raises(ValidationError, match="fermés"):
        edit_request(derogation=returned, values={"ends_on": today()}, by=asking.alice)
    edit_request(derogation=returned, values={"need": "De 22 h à 6 h."}, by=asking.alice)


def test_a_person_without_a_grant_does_not_return(asking):
    row = asking.submitted()
    for user in (UserFactory(), asking.alice):
        with pytest.raises(Unseen):
            return_request(derogation=row, comments={"need": "?"}, by=user)


def test_a_return_says_something(asking):
    with pytest.raises(ValidationError, match="champ"):
        return_request(derogation=asking.submitted(), comments={"need": " "}, by=asking.denis)


def test_a_second_submission_is_a_new_version_and_shows_what_changed(asking):
    row = asking.submitted()
    return_request(derogation=row, comments={"need": "Précisez."}, by=asking.denis)
    edit_request(derogation=row, values={"need": "De nuit."}, by=asking.alice)
    again = submit_request(derogation=row, by=asking.alice)
    assert again.version.number == 2
    assert open_comments(again) == []
    first = again.versions.get(number=1)
    assert first.voided_at is not None
    changes = changes_between(content_of(first), content_of(again.version))
    assert [(c.field, c.before, c.after) for c in changes] == [
        ("need", "Joindre la centrale au lac.", "De nuit.")
    ]


def test_cancelling_voids_what_awaited(asking):
    row = cancel_request(derogation=asking.submitted(), reason="Plus besoin", by=asking.alice)
    assert row.state == DerogationState.CANCELLED
    assert row.version.voided_at is not None
    with pytest.raises(TransitionRefused):
        cancel_request(derogation=row, reason="Encore", by=asking.alice)


def test_papers_stay_within_the_quota_and_are_joined_once(asking, monkeypatch):
    row = asking.draft()
    paper = add_attachment(
        derogation=row, kind=AttachmentKind.COVERAGE_MAP, upload=PDF, by=asking.alice
    )
    with pytest.raises(ValidationError, match="déjà jointe"):
        add_attachment(derogation=row, kind=AttachmentKind.OTHER, upload=PDF, by=asking.alice)
    monkeypatch.setattr("derogations.actions.attachments.QUOTA", 20)
    other = Upload(b"%PDF-1.7 autre", "autre.pdf", "application/pdf")
    with pytest.raises(ValidationError, match="100 Mo"):
        add_attachment(derogation=row, kind=AttachmentKind.OTHER, upload=other, by=asking.alice)
    removed = remove_attachment(attachment=paper, by=asking.alice)
    assert removed.removed_at is not None
    assert row.attachments.count() == 1


def test_an_earlier_derogation_is_signed_and_has_no_version(asking):
    row = record_earlier(
        branch=asking.root,
        provider=asking.rank.provider,
        contract=asking.rank.contract,
        kinds=[NETWORK],
        signed_on=today() - timedelta(days=100),
        ends_on=today() + timedelta(days=100),
        scan=PDF,
        by=asking.alice,
        need="Chalet du lac",
    )
    assert (row.state, row.origin, row.version) == ("signed", "earlier", None)
    assert row.heads.get().decision == HeadDecision.SIGNED
    assert row.attachments.get().kind == AttachmentKind.SCAN
    assert AuditEvent.objects.filter(code="derogation.earlier_recorded").exists()
    assert QueuedTask.objects.filter(task_name="orders.draw_on_derogation").exists()


def test_an_earlier_derogation_was_signed_in_the_past(asking):
    with pytest.raises(ValidationError, match="pas encore venu"):
        record_earlier(
            branch=asking.root,
            provider=asking.rank.provider,
            contract=asking.rank.contract,
            kinds=[NETWORK],
            signed_on=today() + timedelta(days=1),
            ends_on=today() + timedelta(days=2),
            scan=PDF,
            by=asking.alice,
        )


def test_both_sides_write_in_the_file_and_nobody_else(asking):
    row = asking.submitted()
    write_message(derogation=row, text="La carte suit.", by=asking.alice)
    write_as_signer(derogation=row, text="Merci.", by=asking.denis)
    assert [m.text for m in row.messages.all()] == ["La carte suit.", "Merci."]
    stranger = UserFactory()
    with pytest.raises(Unseen):
        write_message(derogation=row, text="?", by=stranger)
    with pytest.raises(Unseen):
        write_as_signer(derogation=row, text="?", by=stranger)


def test_lines_are_a_snapshot_of_numbers_each_once(asking):
    row = set_service_numbers(
        derogation=asking.draft(), numbers=["4185550001", "4185550001"], by=asking.alice
    )
    assert row.service_numbers == ["4185550001"]
