"""What the worker does for requests: the paper, the mails, the recalls, the sweeps."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core import mail
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from derogations import tasks
from derogations.actions.messages import write_as_signer, write_message
from derogations.actions.requests import return_request, submit_request
from derogations.kinds import DerogationState
from derogations.models import Derogation, Reminder, Version
from derogations.queries.inbox import request_items
from derogations.queries.recipients import posts_in_order, recalls_due, signers_awaited
from members.roles import Role
from portal.clock import today
from portal.models import QueuedTask
from tests.derogations.factories import (
    DerogationFactory,
    RefusalFactory,
    ReminderFactory,
    SignatureFactory,
    WithdrawalFactory,
)
from tests.members.factories import DelegationFactory, UserFactory, respondent_user
from tests.posting import post_mails

pytestmark = pytest.mark.django_db


def backdate(derogation, days) -> None:
    Version.objects.filter(pk=derogation.version_id).update(
        submitted_at=timezone.now() - timedelta(days=days)
    )


def recipients() -> set[str]:
    """Whom the promised mails reached."""
    post_mails()
    return {address for message in mail.outbox for address in message.to}


def tell_reminders() -> None:
    """Run what promises the first words and the recalls, then the mails."""
    for row in Reminder.objects.order_by("pk"):
        if not QueuedTask.objects.filter(kwargs__about="reminder", kwargs__pk=row.pk).exists():
            tasks.send_reminder(reminder_id=row.pk)
    post_mails()


def test_the_paper_is_rendered_once_and_its_signers_told(asking):
    row = submit_request(derogation=asking.draft(), by=asking.alice)
    tasks.render_version(version_id=row.version.pk)
    version = Version.objects.get(pk=row.version.pk)
    assert len(version.pdf_sha256) == 64
    tasks.render_version(version_id=row.version.pk)
    told = QueuedTask.objects.filter(task_name="derogations.tell_signers")
    assert told.count() == 1


def test_a_signer_gets_the_link_to_its_own_page_without_the_text(asking):
    row = asking.submitted()
    tasks.tell_signers(version_id=row.version.pk)
    tell_reminders()
    (message,) = mail.outbox
    assert message.to == [asking.denis.email]
    assert f"/signature/{row.number}/" in message.body
    assert asking.line.clause in message.body
    assert row.need not in message.body


def test_nobody_can_sign_so_the_interlocutor_is_told_and_finds_it_in_the_inbox(asking):
    intrl = respondent_user(Role.INTRL, asking.root)
    row = asking.submitted(quantity=5000)
    tasks.tell_unsignable(version_id=row.version.pk)
    assert recipients() == {intrl.email}
    assert "résolution" in mail.outbox[0].body
    assert [item.title for item in request_items(intrl)] == [
        f"Personne ne peut signer la demande {row.number}"
    ]


def test_a_version_that_was_replaced_is_told_to_nobody(asking):
    row = asking.submitted()
    return_request(derogation=row, comments={"need": "?"}, by=asking.denis)
    tasks.tell_signers(version_id=row.version.pk)
    tell_reminders()
    assert mail.outbox == []


def test_a_return_is_told_to_the_requester_and_waits_in_the_inbox(asking):
    row = asking.submitted()
    earlier = SignatureFactory(version=row.version).user
    return_request(derogation=row, comments={"need": "?"}, by=asking.denis)
    tasks.tell_returned(derogation_id=row.pk)
    assert recipients() == {asking.alice.email, earlier.email}
    (item,) = request_items(asking.alice)
    assert item.urgent
    assert row.number in item.title


def test_words_reach_the_others_each_by_their_own_page(asking):
    row = asking.submitted()
    said = write_message(derogation=row, text="Bonjour", by=asking.alice)
    tasks.send_message(message_id=said.pk)
    assert recipients() == {asking.denis.email}
    assert "/signature/" in mail.outbox[0].body
    mail.outbox.clear()
    answer = write_as_signer(derogation=row, text="Merci", by=asking.denis)
    tasks.send_message(message_id=answer.pk)
    assert recipients() == {asking.alice.email}
    assert "/organismes/" in mail.outbox[0].body
    assert "Merci" not in mail.outbox[0].body


def test_decisions_are_told_to_whom_they_concern(asking):
    row = asking.submitted()
    earlier = SignatureFactory(version=row.version)
    refusal = RefusalFactory(version=row.version)
    tasks.tell_refusal(refusal_id=refusal.pk)
    assert recipients() == {asking.alice.email, earlier.user.email}
    mail.outbox.clear()
    absent = UserFactory()
    signed = SignatureFactory(version=row.version, slot=2, acting_for=absent.person)
    tasks.tell_signature(signature_id=signed.pk)
    assert recipients() == {asking.alice.email, absent.email}
    mail.outbox.clear()
    withdrawal = WithdrawalFactory()
    tasks.tell_withdrawal(withdrawal_id=withdrawal.pk)
    assert withdrawal.derogation.created_by.email in recipients()


def test_recalls_follow_the_working_days_and_are_sent_once(asking):
    with time_machine.travel("2026-11-05 12:00-05:00", tick=True):
        row = asking.submitted()
        Version.objects.filter(pk=row.version_id).update(submitted_at="2026-11-02T12:00-05:00")
        tasks.remind()
        tasks.remind()
    reminder = Reminder.objects.get()
    assert (reminder.person, reminder.working_days) == (asking.denis.person, 2)
    tasks.send_reminder(reminder_id=reminder.pk)
    assert recipients() == {asking.denis.email}
    with time_machine.travel("2026-11-13 12:00-05:00", tick=True):
        tasks.remind()
    assert set(Reminder.objects.values_list("working_days", flat=True)) == {2, 8}


def test_a_request_steps_up_to_the_next_post_where_the_plan_says_so(asking):
    plan = asking.line.plan
    plan.steps_up = True
    plan.save()
    higher = UserFactory()
    DelegationFactory(
        plan=plan,
        holder=higher.person,
        beyond_fiscal_year=True,
        ceiling_amount=Decimal(900_000),
    )
    row = asking.submitted()
    tasks.tell_signers(version_id=row.version.pk)
    tell_reminders()
    assert recipients() == {asking.denis.email}
    backdate(row, 8)  # five working days, or six
    (recall,) = recalls_due()
    assert recall.people == [asking.denis.person]
    backdate(row, 20)
    (recall,) = recalls_due()
    assert set(recall.people) == {asking.denis.person, higher.person}


def test_the_nearest_post_is_the_lowest_ceiling_that_suffices(asking):
    DelegationFactory(plan=asking.line.plan, beyond_fiscal_year=True, ceiling_amount=None)
    lower = DelegationFactory(
        plan=asking.line.plan, beyond_fiscal_year=True, ceiling_amount=Decimal(2000)
    )
    DelegationFactory(plan=asking.line.plan, beyond_fiscal_year=True, ceiling_amount=Decimal(5))
    posts = posts_in_order(signers_awaited(asking.submitted()))
    assert [post[0].delegation.ceiling_amount for post in posts] == [
        lower.ceiling_amount,
        asking.line.ceiling_amount,
        None,
    ]


def test_who_signed_is_not_recalled(asking):
    row = asking.submitted()
    backdate(row, 20)
    SignatureFactory(version=row.version, user=asking.denis)
    assert recalls_due() == []


def test_a_recall_of_a_version_that_was_voided_is_not_sent(asking):
    row = asking.submitted()
    reminder = ReminderFactory(version=row.version, person=asking.denis.person)
    return_request(derogation=row, comments={"need": "?"}, by=asking.denis)
    tasks.send_reminder(reminder_id=reminder.pk)
    assert recipients() == set()


def test_a_derogation_expires_the_day_after_its_last(asking):
    last = DerogationFactory(frozen=True, state=DerogationState.SIGNED, ends_on=today())
    past = DerogationFactory(
        frozen=True, state=DerogationState.EXHAUSTED, ends_on=today() - timedelta(days=1)
    )
    tasks.expire()
    last.refresh_from_db()
    past.refresh_from_db()
    assert (last.state, past.state) == (DerogationState.SIGNED, DerogationState.EXPIRED)
    stop = QueuedTask.objects.get(task_name="orders.stop_on_derogation")
    assert stop.kwargs == {"derogation_id": past.pk}


def test_a_version_unsigned_at_its_end_comes_back_whole(asking):
    row = asking.submitted()
    Version.objects.filter(pk=row.version_id).update(expires_at=timezone.now())
    tasks.expire()
    row.refresh_from_db()
    assert row.state == DerogationState.RETURNED
    assert row.version.voided_at is not None
    assert submit_request(derogation=row, by=asking.alice).version.number == 2


def test_a_draft_left_ninety_days_is_cancelled(asking):
    kept, left = asking.draft(), asking.draft()
    Derogation.objects.filter(pk=left.pk).update(edited_at=timezone.now() - timedelta(days=91))
    Derogation.objects.filter(pk=kept.pk).update(edited_at=timezone.now() - timedelta(days=89))
    tasks.expire()
    assert set(Derogation.objects.values_list("pk", "state")) == {
        (kept.pk, "draft"),
        (left.pk, "cancelled"),
    }


def test_a_plan_that_ended_recalls_nobody(asking):
    row = asking.submitted()
    backdate(row, 20)
    asking.line.valid = DateRange(asking.line.valid.lower, today())
    asking.line.save()
    assert recalls_due() == []
