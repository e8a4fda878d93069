"""A line in service: opened, changed by dated acts, read on any day."""

from datetime import date, timedelta
from itertools import count, pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.permissions import Refused, Unseen
from members.roles import Role
from orders.actions.fleet import change_line, change_lines
from orders.fleet_changes import NothingChanges
from orders.models import LineVersion, ServiceLine
from portal.clock import today
from portal.models import AuditEvent
from tests.members.factories import (
    BranchFactory,
    CostCentreFactory,
    OrganisationFactory,
    ProviderAccountFactory,
    ProviderFactory,
    respondent_user,
)
from tests.orders.factories import HolderFactory, LineVersionFactory, ServiceLineFactory

pytestmark = pytest.mark.django_db
SINCE = date(2026, 1, 1)
SPAN = 120
NUMBERS = count()


@pytest.fixture
def root():
    return OrganisationFactory().branches.get()


@pytest.fixture
def alice(root):
    return respondent_user(Role.RCELL, root)


@pytest.fixture
def line(root):
    return ServiceLineFactory(branch=root, version__valid=DateRange(SINCE, None))


def act(line, by, on=None, **changes):
    changes = changes or {"sim_number": "8912230000123456789"}
    return change_line(
        service_line=line, on=on or SINCE + timedelta(days=10), by=by, reason="Essai", **changes
    )


def periods(line):
    return [version.valid for version in line.versions.order_by("valid")]


def test_a_dated_act_closes_the_version_in_force_and_opens_the_next(line, alice, root):
    holder = HolderFactory(branch=root)
    on = SINCE + timedelta(days=10)
    act(line, alice, on, holder=holder)
    assert periods(line) == [DateRange(SINCE, on), DateRange(on, None)]
    before, after = line.versions.order_by("valid")
    assert (before.holder, after.holder) == (None, holder)
    assert (after.number, after.recorded_by, after.reason) == (line.number, alice, "Essai")


def test_an_act_on_the_first_day_replaces_and_leaves_no_empty_period(line, alice):
    act(line, alice, SINCE, imei="490154203237518")
    assert periods(line) == [DateRange(SINCE, None)]
    assert line.versions.get().imei == "490154203237518"


def test_two_acts_on_one_day_leave_one_version(line, alice):
    act(line, alice, imei="490154203237518")
    act(line, alice, sim_number="8912230000123456789")
    assert len(periods(line)) == 2
    current = line.versions.get(valid__upper_inf=True)
    assert (current.imei, current.sim_number) == ("490154203237518", "8912230000123456789")


@pytest.mark.parametrize(
    ("on", "word"),
    [
        (SINCE - timedelta(days=1), "a déjà changé"),
        (date(9999, 1, 1), "jour venu"),
    ],
)
def test_an_act_falls_inside_the_version_in_force(line, alice, on, word):
    with pytest.raises(ValidationError, match=word):
        act(line, alice, on)
    assert periods(line) == [DateRange(SINCE, None)]


def test_an_act_that_changes_nothing_says_so(line, alice):
    with pytest.raises(NothingChanges):
        act(line, alice, number=line.number)
    assert not AuditEvent.objects.filter(code="line.changed").exists()


def test_the_journal_keeps_what_changed(line, alice, root):
    holder = HolderFactory(branch=root)
    act(line, alice, holder=holder, subsidy_ends_on=date(2027, 1, 1))
    event = AuditEvent.objects.get(code="line.changed")
    assert event.data["changes"] == {
        "holder": [None, holder.pk],
        "subsidy_ends_on": [None, "2027-01-01"],
    }
    assert (event.branch_id, event.object_id) == (root.pk, line.pk)


def test_a_new_number_is_the_line_s_number_and_frees_the_old_one(line, alice):
    old = line.number
    act(line, alice, number="(581) 555-0199")
    line.refresh_from_db()
    assert line.number == "5815550199"
    ServiceLineFactory(number=old, version__valid=DateRange(SINCE + timedelta(days=10), None))


def test_a_number_in_service_elsewhere_is_refused_in_words(line, alice):
    taken = ServiceLineFactory()
    with pytest.raises(ValidationError, match="déjà en service"):
        act(line, alice, number=taken.number)
    assert periods(line) == [DateRange(SINCE, None)]
    assert ServiceLine.objects.get(pk=line.pk).number == line.number


@pytest.mark.parametrize("field", ["service_line", "number"])
def test_the_database_refuses_two_versions_at_a_time(line, field):
    other = ServiceLineFactory(version=False)
    owner = line if field == "service_line" else other
    number = "4185559999" if field == "service_line" else line.number
    with pytest.raises(IntegrityError), transaction.atomic():
        LineVersionFactory(service_line=owner, number=number)


def test_a_cancelled_line_leaves_its_number_free(line):
    line.versions.update(status="cancelled")
    LineVersionFactory(service_line=ServiceLineFactory(version=False), number=line.number)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"number": "555"}, "dix chiffres"),
        ({"imei": "123456789012345"}, "IMEI"),
        ({"sim_number": "123"}, "22 chiffres"),
    ],
)
def test_ill_written_numbers_are_told(line, alice, changes, word):
    with pytest.raises(ValidationError, match=word):
        act(line, alice, **changes)


def test_every_fault_of_an_act_is_told_at_once(line, alice):
    with pytest.raises(ValidationError) as refused:
        act(line, alice, number="555", imei="1", holder=HolderFactory())
    assert set(refused.value.message_dict) == {"number", "imei", "holder"}


def test_a_card_or_a_number_asks_a_second_factor(line, root):
    bare = respondent_user(Role.RCELL, root, factor=False)
    for changes in ({"number": "581 555-0199"}, {"sim_number": "8912230000123456789"}):
        with pytest.raises(ValidationError, match="second facteur"):
            act(line, bare, **changes)
    act(line, bare, imei="490154203237518")


def test_what_belongs_to_another_branch_is_refused(line, alice, root):
    sister = BranchFactory(organisation=root.organisation)
    retired = HolderFactory(branch=root, is_active=False)
    for changes, word in (
        ({"holder": HolderFactory(branch=sister)}, "détenteur de la subdivision"),
        ({"holder": retired}, "retiré"),
        ({"cost_centre": CostCentreFactory(branch=sister)}, "centre de coûts"),
        ({"account": ProviderAccountFactory(branch=root, provider=rogers())}, "prestataire"),
        ({"account": ProviderAccountFactory()}, "autre organisme"),
    ):
        with pytest.raises(ValidationError, match=word):
            act(line, alice, **changes)


def rogers():
    return ProviderFactory(code="rogers", name="Rogers")


def test_a_line_moves_to_a_subdivision_with_its_holder_and_a_cost_centre_there(alice, root):
    holder, old = HolderFactory(branch=root), CostCentreFactory(branch=root)
    line = ServiceLineFactory(branch=root, version__holder=holder, version__cost_centre=old)
    below = BranchFactory(organisation=root.organisation)
    with pytest.raises(ValidationError, match="centre de coûts"):
        act(line, alice, branch=below)
    act(line, alice, branch=below, cost_centre=CostCentreFactory(branch=below))
    line.refresh_from_db()
    assert line.branch == below
    assert line.versions.get(valid__upper_inf=True).holder == holder
    assert set(line.versions.values_list("branch", flat=True)) == {root.pk, below.pk}


def test_one_keeps_the_lines_of_one_s_branch_only(line, root):
    below = BranchFactory(organisation=root.organisation)
    bob = respondent_user(Role.RCELL, below)
    with pytest.raises(Unseen):
        act(line, bob)
    theirs = ServiceLineFactory(branch=below)
    with pytest.raises(Unseen):
        act(theirs, bob, branch=root)
    for role in (Role.FACTU, Role.INTRL, Role.READER):
        with pytest.raises(Refused):
            act(line, respondent_user(role, root))


def test_several_lines_change_whole_or_not_at_all(alice, root):
    lines = ServiceLineFactory.create_batch(3, branch=root, version__valid=DateRange(SINCE, None))
    centre = CostCentreFactory(branch=root)
    act(lines[0], alice, SINCE + timedelta(days=30), imei="490154203237518")
    with pytest.raises(ValidationError) as refused:
        change_lines(
            service_lines=lines,
            on=SINCE + timedelta(days=20),
            by=alice,
            reason="Réorganisation",
            cost_centre=centre,
        )
    assert len(refused.value.messages) == 1
    assert str(lines[0]) in refused.value.messages[0]
    assert not LineVersion.objects.filter(cost_centre=centre).exists()
    assert (
        change_lines(service_lines=lines, on=today(), by=alice, reason="", cost_centre=centre) == 3
    )
    with pytest.raises(NothingChanges):
        change_lines(service_lines=lines, on=today(), by=alice, reason="", cost_centre=centre)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    acts=st.lists(
        st.tuples(st.integers(-5, SPAN), st.sampled_from("abcde")), min_size=1, max_size=8
    )
)
def test_any_sequence_of_acts_keeps_one_version_a_day(root, alice, acts):
    """Since the line began: no gap, no overlap, no empty period; the last accepted act is true."""
    line = ServiceLineFactory(branch=root, number=phone(), version__valid=DateRange(SINCE, None))
    accepted = None
    for offset, label in acts:
        try:
            act(line, alice, SINCE + timedelta(days=offset), device_label=label)
            accepted = label
        except ValidationError:
            continue
    spans = periods(line)
    assert spans[0].lower == SINCE
    assert spans[-1].upper is None
    assert all(span.lower < (span.upper or date.max) for span in spans)
    assert all(one.upper == two.lower for one, two in pairwise(spans))
    for offset in (0, SPAN // 2, SPAN):
        day = SINCE + timedelta(days=offset)
        assert line.versions.filter(valid__contains=day).count() == 1
    if accepted:
        assert line.versions.get(valid__upper_inf=True).device_label == accepted


def phone():
    return f"438555{next(NUMBERS):04}"
