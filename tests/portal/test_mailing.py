"""A mail that its server does not take is tried for a day, then is a dead letter (X-21)."""

import smtplib
from datetime import timedelta

import pytest
from celery import shared_task
from django.core import mail
from django.core.mail import EmailMessage

from portal.mailing import post
from portal.models import ClockTimestamp, QueuedTask
from portal.queue import later, replay, run_queued, was_promised

pytestmark = pytest.mark.django_db
SOON = timedelta(seconds=20)


@shared_task(name="tests.post")
def leave(to: str) -> None:
    post(EmailMessage("Bonjour", "…", to=[to], headers={"Message-ID": f"<{to}>"}))


@pytest.fixture
def server(monkeypatch):
    """A server that refuses what it is told to; it keeps the message-ids that it was given."""
    given = []

    def send_messages(self, messages):
        given.extend(message.extra_headers["Message-ID"] for message in messages)
        if refused:
            raise refused[0]
        mail.outbox.extend(messages)

    refused: list[Exception] = []
    monkeypatch.setattr(
        "django.core.mail.backends.locmem.EmailBackend.send_messages", send_messages
    )
    return given, refused


def aged(row, age: timedelta) -> None:
    QueuedTask.objects.filter(pk=row.pk).update(
        created_at=ClockTimestamp() - age, due_at=ClockTimestamp() - SOON
    )


def waits(row) -> float:
    row.refresh_from_db()
    fresh = QueuedTask.objects.annotate(now=ClockTimestamp()).get(pk=row.pk)
    return (fresh.due_at - fresh.now).total_seconds()


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"a@example.test": (550, b"no")}),
        smtplib.SMTPServerDisconnected("gone"),
        ConnectionRefusedError(),
        TimeoutError(),
    ],
)
def test_what_a_server_refuses_waits_longer_each_time_and_counts_no_attempt(server, error):
    given, refused = server
    refused.append(error)
    row = later("tests.post", to="a@example.test")
    for age, least, most in ((0, 10, 16), (600, 590, 610), (7200, 1790, 1801)):
        aged(row, timedelta(seconds=age))
        run_queued(row.pk)
        assert least < waits(row) < most
        assert (row.attempts, row.dead_at) == (0, None)
    refused.clear()
    aged(row, timedelta(hours=23))
    run_queued(row.pk)
    row.refresh_from_db()
    assert row.done_at
    assert set(given) == {"<a@example.test>"}
    assert len(mail.outbox) == 1


def test_after_a_day_it_is_a_dead_letter_that_a_person_sends_again(server):
    _given, refused = server
    refused.append(OSError("down"))
    row = later("tests.post", to="a@example.test")
    aged(row, timedelta(hours=24))
    run_queued(row.pk)
    row.refresh_from_db()
    assert row.dead_at
    assert "down" in row.last_error
    replay(row.pk)
    run_queued(row.pk)
    row.refresh_from_db()
    assert (row.dead_at, row.done_at) == (None, None)
    refused.clear()
    aged(row, timedelta(0))
    run_queued(row.pk)
    assert len(mail.outbox) == 1


def test_a_fault_of_the_mail_s_own_is_poison_as_before(server):
    row = later("tests.post", unknown=1)
    run_queued(row.pk)
    row.refresh_from_db()
    assert row.attempts == 1


def test_a_promise_is_known_by_part_of_what_it_names():
    later("tests.post", to="a@example.test", about="x")
    assert was_promised("tests.post", about="x")
    assert not was_promised("tests.post", about="y")
    assert not was_promised("tests.other", about="x")
