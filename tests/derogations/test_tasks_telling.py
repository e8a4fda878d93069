"""Who is told of a request, when, once, and by the page that each may open."""

from datetime import timedelta
from decimal import Decimal

import pgtrigger
import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db.backends.postgresql.psycopg_any import DateRange

from derogations import tasks
from derogations.actions.messages import write_message
from derogations.actions.reminders import remind_signers
from derogations.kinds import DerogationState
from derogations.models import Reminder, Signature, Version
from derogations.queries.inbox import request_items
from derogations.queries.recipients import (
    first_told,
    recalls_due,
    signers_lacking,
    uninvited,
)
from members.models import Delegation
from members.roles import Role
from orders.tasks import tell_renewals
from portal.audit import SYSTEM
from portal.clock import database_clock, today
from portal.models import QueuedTask
from portal.queue import run_queued
from tests.derogations.factories import (
    DerogationFactory,
    RefusalFactory,
    SignatureFactory,
    WithdrawalFactory,
)
from tests.derogations.signing_world import second_signer, sign, signing_world
from tests.members.factories import (
    AbsenceFactory,
    DelegationFactory,
    InterimFactory,
    PersonFactory,
    UserFactory,
    respondent_user,
)

pytestmark = pytest.mark.django_db
WORK = ("derogations.tell", "derogations.send_", "derogations.project")


def delivered() -> list[EmailMessage]:
    """Run everything that was promised to tell; the mails that left since the last call."""
    while True:
        waiting = QueuedTask.objects.filter(done_at=None, dead_at=None, attempts=0)
        rows = [row.pk for row in waiting.order_by("pk") if row.task_name.startswith(WORK)]
        if not rows:
            break
        for pk in rows:
            run_queued(pk)
    left = list(mail.outbox)
    mail.outbox.clear()
    return left


def worker() -> set[str]:
    """The same: who received one."""
    return {address for message in delivered() for address in message.to}


def bodies() -> str:
    return "\n".join(message.body for message in mail.outbox)


def test_who_gains_a_grant_after_the_submission_is_told_once():
    world = signing_world()
    assert worker() == {world.signer.email}
    interim = InterimFactory(delegation=world.line, person=UserFactory().person)
    late = interim.person.accounts.get()
    for _time in range(2):
        world.project()
        assert worker() == ({late.email} if not _time else set())
    interim.ended_at, interim.ended_by = database_clock(), UserFactory()
    interim.save()
    world.project()
    InterimFactory(delegation=world.line, person=late.person)
    world.project()
    assert worker() == set()


def test_a_substitute_is_told_when_the_absence_begins():
    world = signing_world()
    deputy = UserFactory()
    DelegationFactory(plan=world.line.plan, holder=deputy.person, beyond_fiscal_year=True)
    world.project()
    worker()
    AbsenceFactory(branch=world.line.branch, person=world.signer.person, substitute=deputy.person)
    world.project()
    assert worker() == set()  # already told by the line of her own


def test_the_remedy_to_nobody_can_sign_is_told():
    world = signing_world(total_amount=Decimal(90_000))
    intrl = respondent_user(Role.INTRL, world.line.branch)
    world.project()
    assert worker() == {intrl.email}
    higher = UserFactory()
    DelegationFactory(
        plan=world.line.plan, holder=higher.person, ceiling_amount=None, beyond_fiscal_year=True
    )
    world.project()
    assert worker() == {higher.email}


def stepped(**values):
    """Two must sign, and requests step up: the nearest posts hold two accounts."""
    world = signing_world(steps=[2], **values)
    plan = world.line.plan
    plan.steps_up = True
    plan.save()
    return world


def test_as_many_posts_are_told_as_signatures_are_needed():
    world = stepped()
    second = second_signer(world, ceiling_amount=Decimal(50_000))
    third = second_signer(world, ceiling_amount=None)
    told = {power.person for power in first_told(world.derogation)}
    assert told == {world.signer.person, second.person}
    assert worker() == {world.signer.email, second.email}
    sign(world)
    assert third.email not in worker()


def test_after_each_signature_those_still_awaited_are_told_again():
    world = signing_world(steps=[1, 1])
    second = second_signer(world)
    worker()
    sign(world)
    tasks_run = worker()
    assert second.email in tasks_run
    assert world.signer.email not in tasks_run


def test_the_mail_after_a_signature_says_who_signed_and_leads_to_the_signer_s_page():
    world = signing_world(steps=[2])
    second = second_signer(world)
    worker()
    signature = sign(world)
    tasks.tell_signature(signature_id=signature.pk)
    for row in QueuedTask.objects.filter(kwargs__about="next"):
        run_queued(row.pk)
    assert str(world.signer.person) in bodies()
    assert f"/signature/{world.derogation.number}/" in bodies()
    assert [message.to for message in mail.outbox] == [[second.email]]


def test_fewer_eligible_people_than_signatures_is_said_to_intrl():
    world = signing_world(steps=[1, 2])
    intrl = respondent_user(Role.INTRL, world.line.branch)
    assert signers_lacking(world.derogation) == ["", ""]
    for _time in range(4):
        for row in QueuedTask.objects.filter(done_at=None, task_name__startswith="derogations"):
            run_queued(row.pk)
    assert "Il en manque 2" in bodies()
    (item,) = request_items(intrl)
    assert world.derogation.number in item.title
    second_signer(world)
    second_signer(world)
    assert signers_lacking(world.derogation) == []
    assert request_items(intrl) == []


def in_series():
    """The chief signs first, then the director; requests of the plan do not step up."""
    world = signing_world(steps=[1, 1], step_posts=["Chef", "Direction"])
    Delegation.objects.filter(pk=world.line.pk).update(post="Direction")
    return world, second_signer(world, post="Chef")


def test_in_series_each_is_told_and_recalled_at_its_turn():
    """F-16, F-20: the delays of who comes second begin at the signature that comes first."""
    world, chief = in_series()
    assert worker() == {chief.email}
    Version.objects.update(submitted_at=database_clock() - timedelta(days=9))
    (recall,) = recalls_due()
    assert recall.people == [chief.person]
    sign(world, chief)
    assert world.signer.email in worker()
    assert recalls_due() == []


def test_a_post_that_nobody_bears_is_named_to_intrl():
    world, _chief = in_series()
    intrl = respondent_user(Role.INTRL, world.line.branch)
    delivered()
    assert request_items(intrl) == []
    Delegation.objects.filter(pk=world.line.pk).update(post="Chef")
    world.project()
    (message,) = [one for one in delivered() if one.to == [intrl.email]]
    assert f"{world.derogation.number} : il faut la signature de Direction." in message.body
    (item,) = request_items(intrl)
    assert (item.title[:21], item.detail[-10:]) == ("Trop peu de personnes", "Direction.")


def test_each_loss_of_a_signer_is_told_to_intrl_once():
    """Nobody is left, then again after a mend: each is told, a sweep tells nothing more (F-13)."""
    world = signing_world()
    intrl = respondent_user(Role.INTRL, world.line.branch)
    told = []
    for valid in ("ended", "stands", "ended"):
        day = today() if valid == "ended" else None
        Delegation.objects.filter(pk=world.line.pk).update(valid=DateRange(None, day))
        world.project()
        world.project()
        told.append(intrl.email in worker())
    assert told == [True, False, True]


def test_a_recall_leaves_only_for_who_may_still_sign():
    world = signing_world(steps=[2])
    second = second_signer(world)
    Version.objects.update(submitted_at=database_clock() - timedelta(days=9))
    (recall,) = recalls_due()
    made = remind_signers(version=recall.version, people=recall.people, working_days=3, by=SYSTEM)
    sign(world)
    for row in made:
        tasks.send_reminder(reminder_id=row.pk)
    for row in QueuedTask.objects.filter(kwargs__about="reminder"):
        run_queued(row.pk)
    assert [message.to for message in mail.outbox] == [[second.email]]


def test_who_was_recalled_for_one_post_is_recalled_for_the_place_that_follows():
    """F-16, F-20: an interim whose post another signed is still awaited at the free place."""
    world = signing_world(steps=[1, 1], step_posts=["Chef"])
    chief = second_signer(world, post="Chef")
    InterimFactory(
        delegation=Delegation.objects.get(holder=chief.person), person=world.signer.person
    )
    for given in range(2):
        Version.objects.update(submitted_at=database_clock() - timedelta(days=9))
        (recall,) = recalls_due()
        assert world.signer.person in recall.people
        remind_signers(
            version=recall.version,
            people=recall.people,
            working_days=recall.working_days,
            by=SYSTEM,
        )
        assert recalls_due() == []
        if not given:
            sign(world, chief)
            with pgtrigger.ignore("derogations.Signature:signature_frozen"):
                Signature.objects.update(signed_at=database_clock() - timedelta(days=9))


def test_a_step_up_passes_over_a_post_without_an_account():
    world = stepped()
    second_signer(world)
    DelegationFactory(
        plan=world.line.plan,
        holder=PersonFactory(),
        ceiling_amount=Decimal(80_000),
        beyond_fiscal_year=True,
    )
    higher = second_signer(world, ceiling_amount=None)
    Version.objects.update(submitted_at=database_clock() - timedelta(days=30))
    (recall,) = recalls_due()
    assert higher.person in recall.people


def test_whose_turn_comes_later_without_an_account_is_named_to_intrl_at_once():
    world, _chief = in_series()
    respondent_user(Role.INTRL, world.line.branch)
    named = PersonFactory()
    Delegation.objects.filter(pk=world.line.pk).update(holder=named)
    tasks.tell_signers(version_id=world.version.pk)
    assert [power.person for power in uninvited(world.derogation)] == [named]
    assert QueuedTask.objects.filter(kwargs__about="uninvited").exists()


def test_a_person_without_an_account_is_named_to_intrl_once_then_told_when_it_opens():
    world = signing_world()
    intrl = respondent_user(Role.INTRL, world.line.branch)
    line = DelegationFactory(
        plan=world.line.plan, holder=PersonFactory(), clause="7.1", beyond_fiscal_year=True
    )
    tasks.tell_signers(version_id=world.version.pk)
    tasks.tell_signers(version_id=world.version.pk)
    assert QueuedTask.objects.filter(kwargs__about="uninvited").count() == 1
    row = QueuedTask.objects.get(kwargs__about="uninvited")
    run_queued(row.pk)
    (message,) = mail.outbox
    assert message.to == [intrl.email]
    assert message.subject.startswith("Personne sans compte")
    assert f"/delegations/lignes/{line.pk}/invitation/{line.holder_id}/" in message.body
    assert str(world.signer.person) not in message.body
    worker()
    opened = UserFactory(person=line.holder)
    world.project()
    assert worker() == {opened.email}


def test_a_mail_to_who_may_no_longer_sign_does_not_leave():
    world = signing_world()
    tasks.tell_signers(version_id=world.version.pk)
    reminder = Reminder.objects.get()
    tasks.send_reminder(reminder_id=reminder.pk)
    world.line.valid = DateRange(world.line.valid.lower, today())
    world.line.save()
    assert worker() == set()
    assert recalls_due() == []


def test_decisions_lead_each_to_the_page_that_each_may_open(asking):
    row = asking.submitted()
    SignatureFactory(version=row.version, user=asking.denis)
    absent = UserFactory()
    refusal = RefusalFactory(version=row.version, acting_for=absent.person)
    tasks.tell_refusal(refusal_id=refusal.pk)
    for queued in QueuedTask.objects.filter(kwargs__about="refusal"):
        run_queued(queued.pk)
    links = {message.to[0]: message.body for message in mail.outbox}
    assert set(links) == {asking.alice.email, asking.denis.email, absent.email}
    assert "/organismes/" in links[asking.alice.email]
    for signer in (asking.denis, absent):
        assert f"/signature/{row.number}/" in links[signer.email]
        assert "/organismes/" not in links[signer.email]


def test_a_withdrawal_is_told_to_signers_and_to_who_was_acted_for():
    absent = UserFactory()
    withdrawal = WithdrawalFactory(acting_for=absent.person)
    tasks.tell_withdrawal(withdrawal_id=withdrawal.pk)
    assert absent.email in worker()


def test_who_signed_hears_of_the_words_that_follow(asking):
    row = asking.submitted()
    worker()
    earlier = SignatureFactory(version=row.version).user
    said = write_message(derogation=row, text="Bonjour", by=asking.alice)
    tasks.send_message(message_id=said.pk)
    assert worker() == {asking.denis.email, earlier.email}


def test_a_derogation_that_ends_within_sixty_days_is_told_once_to_who_asked():
    ends = today() + timedelta(days=59)
    row = DerogationFactory(
        frozen=True, state=DerogationState.SIGNED, ends_on=ends, service_numbers=["4185550101"]
    )
    DerogationFactory(
        frozen=True,
        state=DerogationState.SIGNED,
        ends_on=today() + timedelta(days=61),
        service_numbers=["4185550102"],
    )
    tell_renewals()
    tell_renewals()
    assert QueuedTask.objects.filter(task_name="derogations.tell_renewal").count() == 1
    assert worker() == {row.created_by.email}
    tell_renewals()
    assert worker() == set()


def test_once_the_requester_left_the_representatives_are_told_of_the_renewal(asking):
    DerogationFactory(
        frozen=True,
        state=DerogationState.SIGNED,
        branch=asking.root,
        created_by=asking.alice,
        ends_on=today() + timedelta(days=10),
        service_numbers=["4185550101"],
    )
    successor = respondent_user(Role.RCELL, asking.root)
    type(asking.alice).objects.filter(pk=asking.alice.pk).update(is_active=False)
    worker()
    tell_renewals()
    assert worker() == {successor.email}
