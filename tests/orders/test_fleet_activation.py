"""What an activation does to the fleet; two acts at once; the one number."""

import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.backends.postgresql.psycopg_any import DateRange

from members.permissions import Refused
from members.roles import Role, StaffRole
from orders.actions.fleet import change_line, open_line
from orders.models import LineVersion, ServiceLine
from portal.models import AuditEvent
from tests.catalogue.factories import OfferFactory
from tests.members.factories import OrganisationFactory, respondent_user, staff_user
from tests.orders.factories import OrderLineFactory, ServiceLineFactory

SINCE = date(2026, 1, 31)
NUMBER = "418 555-0142"


@pytest.fixture
def root(db):
    return OrganisationFactory().branches.get()


@pytest.fixture
def alice(root):
    return respondent_user(Role.RCELL, root)


def phone(**fields):
    return OfferFactory(kind="device", is_subsidised=True, commitment_months=1, **fields)


def activate(root, by, number=NUMBER, **state):
    return open_line(
        order_line=OrderLineFactory(order__branch=root),
        branch=root,
        number=number,
        starts_on=SINCE,
        by=by,
        **state,
    )


def test_an_activation_opens_the_line_with_its_device_and_its_ends(root, alice):
    device = phone()
    line = activate(root, alice, device=device, imei="490154203237518")
    version = line.versions.get()
    assert (line.number, line.origin, line.branch) == ("4185550142", "order", root)
    assert version.valid == DateRange(SINCE, None)
    assert (version.device_label, version.order_line.order.branch) == (device.name, root)
    assert version.subsidy_ends_on == version.commitment_ends_on == date(2026, 2, 28)
    assert AuditEvent.objects.get(code="line.opened").object_id == line.pk


def test_an_end_that_is_given_is_kept(root, alice):
    line = activate(root, alice, device=phone(), subsidy_ends_on=None)
    assert line.versions.get().subsidy_ends_on is None


def test_a_new_device_brings_its_ends_and_leaves_the_holder(root, alice):
    line = activate(root, alice, plan=OfferFactory(kind="plan", is_flexible=True))
    replaced = change_line(
        service_line=line,
        on=SINCE + timedelta(days=1),
        by=alice,
        reason="Commande",
        order_line=OrderLineFactory(order__branch=root),
        device=phone(),
    )
    assert replaced.is_flexible
    assert replaced.subsidy_ends_on == date(2026, 3, 1)
    assert line.versions.count() == 2


def test_staff_may_record_an_activation_and_no_other_change(root, alice):
    agent = staff_user(StaffRole.AGENT)
    line = activate(root, agent)
    with pytest.raises(Refused):
        change_line(service_line=line, on=SINCE, by=agent, reason="", imei="490154203237518")


def test_a_number_in_service_is_not_activated_again(root, alice):
    activate(root, alice)
    with pytest.raises(ValidationError, match="déjà en service"):
        activate(root, alice)
    assert ServiceLine.objects.count() == LineVersion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_acts_at_once_leave_one_history(root, alice):
    """The second waits for the first, then sees what it wrote (X-10)."""
    line = ServiceLineFactory(branch=root, version__valid=DateRange(SINCE, None))
    told = []

    def act(label):
        try:
            change_line(
                service_line=line, on=date(2026, 3, 1), by=alice, reason="", device_label=label
            )
            told.append(label)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act, args=[f"Appareil {n}"]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, last = line.versions.order_by("valid")
    assert len(told) == 4
    assert (first.valid, last.valid) == (
        DateRange(SINCE, date(2026, 3, 1)),
        DateRange(date(2026, 3, 1), None),
    )
    assert last.device_label in told
