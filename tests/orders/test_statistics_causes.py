"""What derogations do to the contract, by cause and by region month after month (F-36)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from derogations.kinds import NetworkNature
from members.powers import DerogationKind
from members.roles import StaffRole
from orders.queries.statistics import effect_on_contract
from portal.clock import database_clock, today
from tests.catalogue.factories import OfferFactory
from tests.members.factories import staff_user
from tests.orders.factories import (
    DrawFactory,
    OrderLineFactory,
    ServiceLineFactory,
    signed_derogation,
)

pytestmark = pytest.mark.django_db
NETWORK, DEVICE = DerogationKind.NETWORK, DerogationKind.NON_ZERO_COST


def effect():
    return effect_on_contract(staff_user(StaffRole.AGENT), since=today(), day=today())


def drawn_line(world, offer, kinds, **fields):
    """A line in service that drew on a derogation of those kinds."""
    rank = offer.version.rank
    derogation = signed_derogation(rank, world.root, kinds=kinds, **fields)
    order_line = OrderLineFactory(order__branch=world.root, order__rank=rank, device=None)
    draw = DrawFactory(order_line=order_line, derogation=derogation, kinds=list(kinds))
    plan = OfferFactory(version=offer.version, plan=True, monthly_amount=Decimal(30))
    line = ServiceLineFactory(
        branch=world.root,
        provider=rank.provider,
        version__order_line=order_line,
        version__plan=plan,
    )
    return line, draw


def test_each_cause_counts_its_lines_at_both_ranks(world):
    drawn_line(world, world.rogers_phone, [NETWORK], network_nature=NetworkNature.COVERAGE)
    drawn_line(world, world.rogers_phone, [NETWORK, DEVICE], network_nature=NetworkNature.COVERAGE)
    drawn_line(world, world.dear, [DEVICE])
    ServiceLineFactory(branch=world.root, provider=world.rogers_phone.version.rank.provider)
    _line, back = drawn_line(world, world.dear, [DEVICE])
    type(back).objects.filter(pk=back.pk).update(
        released_at=database_clock(), release_reason="Rendue"
    )
    causes = {share.label: share for share in effect().causes}
    assert {label: share.second_lines for label, share in causes.items()} == {
        "Couverture": 2,
        str(DEVICE.label): 2,
        "Second rang, sans dérogation prise au portail": 1,
    }
    assert causes["Couverture"].line_share == 40
    assert causes["Couverture"].second_amount == 60


def test_without_any_line_there_is_no_cause(world):
    assert effect().causes == []
    assert effect().region_months == []


def test_each_region_has_its_share_month_by_month(client, world):
    world.organisation.administrative_region = "Outaouais"
    world.organisation.save()
    second = world.rogers_phone.version.rank.provider
    since = today().replace(day=1) - timedelta(days=1)
    ServiceLineFactory(branch=world.root, provider=second, version__valid=DateRange(since, None))
    ServiceLineFactory(
        branch=world.root,
        provider=world.phone.version.rank.provider,
        version__valid=DateRange(today(), None),
    )
    (row,) = effect().region_months
    assert row.region == "Outaouais"
    assert row.line_shares == [0] * 11 + [100, 50]
    client.force_login(staff_user(StaffRole.AGENT))
    shown = client.get(reverse("orders:derogation_statistics")).content.decode()
    assert "Part des lignes au second rang (%), par région et par mois" in shown
    assert '<td class="num">50,0</td>' in shown
