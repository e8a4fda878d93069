"""The demonstration's fleet goes through the actions, like anybody's."""

import pytest

from members.demonstration import load as load_members
from orders.demonstration.fleet import CITY, SCHOOL, load_fleet
from orders.models import DeliveryAddress, FleetImport, LineVersion, ServiceLine

pytestmark = pytest.mark.django_db


def test_the_demonstration_takes_a_fleet_over(settings):
    settings.DEMONSTRATION = True
    load_members()
    load_fleet()
    lines = ServiceLine.objects.all()
    assert lines.filter(branch__organisation__name=CITY).count() == 40
    assert lines.filter(branch__organisation__name=SCHOOL).count() == 18
    assert set(FleetImport.objects.values_list("state", flat=True)) == {"applied"}
    assert LineVersion.objects.count() > lines.count()
    for member in (CITY, SCHOOL):
        addresses = DeliveryAddress.objects.filter(branch__organisation__name=member)
        assert sorted(a.confirmed_at is None for a in addresses) == [False, True]
