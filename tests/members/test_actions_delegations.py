"""Lines of the plan: recorded, confirmed by another person, corrected without erasing, ended."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from members.actions.delegations import (
    confirm_delegation,
    correct_delegation,
    end_delegation,
    record_delegation,
)
from members.actions.interims import confirm_interim, end_interim, name_interim
from members.models import Delegation, Interim, Person
from members.newcomers import NewPerson
from members.permissions import Refused, Unseen
from members.powers import LineFacts
from members.projection import project
from members.queries.plans import lines_to_confirm
from members.roles import Role
from portal.clock import database_clock, today
from portal.models import AuditEvent, QueuedTask
from portal.uploads import Upload
from tests.members.factories import (
    DelegationFactory,
    DelegationPlanFactory,
    InterimFactory,
    OrganisationFactory,
    PersonFactory,
    UserFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db
FACTS = LineFacts("4.2", "Directrice générale", ("network",), today(), Decimal("25000.00"))
PAPER = Upload(b"%PDF-1.4 note", "note.pdf", "application/pdf")


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def root(organisation):
    return organisation.branches.get()


@pytest.fixture
def plan(organisation):
    return DelegationPlanFactory(organisation=organisation)


@pytest.fixture
def intrl(root):
    return respondent_user(Role.INTRL, root)


@pytest.fixture
def manda(root):
    return respondent_user(Role.MANDA, root)


def recorded(plan, root, by, **changes):
    given = {"holder": PersonFactory(), "facts": FACTS, **changes}
    return record_delegation(plan=plan, branch=root, by=by, **given)


def promised(name="derogations.project_signing_grants"):
    return QueuedTask.objects.filter(task_name=name).count()


def in_force(line):
    return Delegation.objects.in_force(today()).filter(pk=line.pk).exists()


def named(line, intrl, person=None, days=5):
    return name_interim(
        delegation=line,
        person=person or PersonFactory(),
        since=today(),
        last_day=today() + timedelta(days=days),
        act_reference="Note 12",
        act_file=PAPER,
        by=intrl,
    )


def test_a_line_takes_effect_once_another_person_confirmed_it(plan, root, intrl, manda):
    line = recorded(plan, root, intrl)
    assert not in_force(line)
    assert list(lines_to_confirm(manda)) == [line]
    confirm_delegation(delegation=line, by=manda)
    assert in_force(line)
    assert not lines_to_confirm(manda).exists()
    assert promised() == 2
    with pytest.raises(ValidationError, match="déjà confirmée"):
        confirm_delegation(delegation=line, by=manda)


def test_neither_recorder_holder_nor_interim_confirms_by_person(plan, root, intrl, manda):
    agent, other = staff_user(), staff_user()
    line = recorded(plan, root, agent, holder=manda.person, reason="Courriel du 2026-11-02")
    interim = respondent_user(Role.MANDA_SUBSTITUTE, root)
    InterimFactory(delegation=line, person=interim.person, confirmed_at=None, confirmed_by=None)
    for party in (agent, manda, interim):
        assert line not in lines_to_confirm(party)
        with pytest.raises(Refused, match="Une autre personne"):
            confirm_delegation(delegation=line, by=party)
    second_account = UserFactory(person=manda.person)
    project([manda.person_id])
    with pytest.raises(Refused, match="Une autre personne"):
        confirm_delegation(delegation=line, by=second_account)
    assert list(lines_to_confirm(other)) == [line]
    confirm_delegation(delegation=line, by=other)
    assert Interim.objects.get().confirmed_by == other


def test_nobody_records_a_line_in_their_own_name(plan, root, intrl):
    with pytest.raises(Refused, match="soi-même"):
        recorded(plan, root, intrl, holder=intrl.person)
    assert not Delegation.objects.exists()


def test_itq_records_on_written_request_only(plan, root):
    with pytest.raises(ValidationError) as refused:
        recorded(plan, root, staff_user())
    assert "reason" in refused.value.message_dict
    line = recorded(plan, root, staff_user(), reason="Courriel du 2026-11-02")
    assert line.change_reason == "Courriel du 2026-11-02"


def test_a_plan_of_another_member_takes_no_line(root, intrl):
    with pytest.raises(Unseen):
        recorded(DelegationPlanFactory(), root, intrl)


def test_a_new_holder_is_made_once(plan, root, intrl):
    newcomer = NewPerson("Ève", "Roy", "Eve@example.test", "Directrice")
    line = recorded(plan, root, intrl, holder=newcomer)
    assert line.holder.email == "eve@example.test"
    with pytest.raises(ValidationError, match="dans la liste"):
        recorded(plan, root, intrl, holder=newcomer)
    assert Person.objects.filter(family_name="Roy").count() == 1


def test_the_same_line_is_not_recorded_twice(plan, root, intrl):
    line = recorded(plan, root, intrl)
    with pytest.raises(ValidationError, match="corrigez plutôt"):
        recorded(plan, root, intrl, holder=line.holder)


def test_a_line_has_a_kind_and_an_end_after_its_start(plan, root, intrl):
    for facts, field in (
        (LineFacts("4.2", "Poste", (), today()), "kinds"),
        (
            LineFacts("4.2", "P", ("network",), today(), last_day=today() - timedelta(1)),
            "last_day",
        ),
    ):
        with pytest.raises(ValidationError) as refused:
            recorded(plan, root, intrl, facts=facts)
        assert field in refused.value.message_dict


def test_the_last_day_of_a_line_still_empowers(plan, root, intrl, manda):
    line = recorded(
        plan, root, intrl, facts=LineFacts("1", "P", ("network",), today(), None, today())
    )
    confirm_delegation(delegation=line, by=manda)
    assert in_force(line)
    assert not Delegation.objects.in_force(today() + timedelta(days=1)).exists()


def test_a_correction_closes_the_line_and_its_successor_waits(plan, root, intrl, manda):
    old = DelegationFactory(plan=plan, recorded_by=intrl)
    interim = InterimFactory(delegation=old)
    facts = LineFacts("4.2", "Trésorier", ("network",), today(), Decimal("5000.00"))
    new = correct_delegation(
        delegation=old, holder=old.holder, facts=facts, reason="Erreur de plafond", by=intrl
    )
    old.refresh_from_db()
    assert old.recorded.upper is not None
    assert old.ceiling_amount == Decimal("25000.00")
    assert new.replaces == old
    assert not in_force(old)
    assert not in_force(new)
    assert promised("derogations.reexamine") == 1
    confirm_delegation(delegation=new, by=manda)
    assert in_force(new)
    carried = new.interims.get()
    assert (carried.person, carried.confirmed_by) == (interim.person, manda)
    with pytest.raises(ValidationError, match="corrigée depuis"):
        confirm_delegation(delegation=old, by=manda)


def test_a_correction_that_changes_nothing_is_refused(plan, root, intrl):
    line = recorded(plan, root, intrl)
    with pytest.raises(ValidationError, match="Rien n'a changé"):
        correct_delegation(
            delegation=line, holder=line.holder, facts=FACTS, reason="Pour voir", by=intrl
        )


def test_an_end_keeps_the_confirmation_and_what_was_before(plan, root, intrl):
    line = DelegationFactory(plan=plan)
    interim = InterimFactory(delegation=line)
    tomorrow = today() + timedelta(days=1)
    ended = end_delegation(delegation=line, on=tomorrow, reason="Départ", by=intrl)
    assert (ended.confirmed_at, ended.recorded_by) == (line.confirmed_at, line.recorded_by)
    assert in_force(ended)
    assert not Delegation.objects.in_force(tomorrow).exists()
    assert ended.interims.get().confirmed_at == interim.confirmed_at
    assert promised("derogations.reexamine") == 0
    with pytest.raises(ValidationError) as refused:
        end_delegation(delegation=ended, on=tomorrow, reason="Départ", by=intrl)
    assert "on" in refused.value.message_dict


def test_a_backdated_end_is_looked_at_again(plan, intrl):
    line = DelegationFactory(plan=plan)
    end_delegation(delegation=line, on=today() - timedelta(days=9), reason="Départ", by=intrl)
    assert promised("derogations.reexamine") == 1


def test_a_line_that_never_began_leaves_no_successor(plan, root, intrl):
    facts = LineFacts("1", "Poste", ("network",), today() + timedelta(days=3))
    line = recorded(plan, root, intrl, facts=facts)
    end_delegation(delegation=line, on=today(), reason="Inscrite par erreur", by=intrl)
    assert not Delegation.objects.filter(recorded__contains=database_clock()).exists()


def test_an_interim_is_named_in_writing_and_confirmed(plan, intrl, manda):
    line = DelegationFactory(plan=plan)
    interim = named(line, intrl)
    assert interim.act_file.sha256
    assert list(lines_to_confirm(manda)) == [line]
    with pytest.raises(Refused):
        confirm_interim(interim=interim, by=_confirmer(intrl))
    confirm_interim(interim=interim, by=manda)
    assert not lines_to_confirm(manda).exists()
    end_interim(interim=interim, reason="Retour", by=intrl)
    with pytest.raises(ValidationError, match="déjà terminé"):
        end_interim(interim=interim, reason="Retour", by=intrl)


def _confirmer(user):
    """The recorder, who got the mandatary's role since."""
    branch = user.person.respondents.get().branch
    return respondent_user(Role.MANDA, branch, person=user.person)


def test_an_interim_is_neither_the_holder_nor_the_recorder(plan, intrl):
    line = DelegationFactory(plan=plan)
    with pytest.raises(ValidationError, match="déjà titulaire"):
        named(line, intrl, person=line.holder)
    with pytest.raises(Refused, match="soi-même"):
        named(line, intrl, person=intrl.person)


def test_an_interim_keeps_within_its_line_and_is_named_once(plan, root, intrl):
    line = recorded(
        plan, root, intrl, facts=LineFacts("1", "P", ("network",), today(), None, today())
    )
    with pytest.raises(ValidationError, match="pas en vigueur"):
        named(line, intrl)
    interim = named(line, intrl, days=0)
    with pytest.raises(ValidationError, match="déjà l'intérim"):
        named(line, intrl, person=interim.person, days=0)


def test_every_act_is_in_the_journal(plan, root, intrl, manda):
    line = recorded(plan, root, intrl)
    confirm_delegation(delegation=line, by=manda)
    codes = AuditEvent.objects.filter(object_id=line.pk, object_type="members.delegation")
    assert list(codes.order_by("pk").values_list("code", flat=True)) == [
        "delegation.recorded",
        "delegation.confirmed",
    ]
