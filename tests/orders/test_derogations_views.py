"""Pages of what lines rest on: asked and chosen from the order, dependents, what is lacking."""

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from derogations.kinds import DerogationState
from derogations.models import Derogation
from members.permissions import Refused
from members.powers import DerogationKind
from members.roles import Role, StaffRole
from orders.actions.submission import submit_order
from orders.kinds import Origin
from orders.models import Draw, LineVersion, Reliance
from orders.queries.dependents import (
    ending_soon,
    inbox_items,
    irregular_lines,
    lack_of,
    lines_resting_on,
    orders_resting_on,
)
from orders.queries.statistics import effect_on_contract, month_ends
from portal.clock import database_clock, today
from tests.catalogue.factories import OfferFactory
from tests.derogations.factories import CoverageTestFactory, PlaceFactory, WithdrawalFactory
from tests.members.factories import BranchFactory, respondent_user, staff_user
from tests.orders.factories import (
    DrawFactory,
    OrderLineFactory,
    ServiceLineFactory,
    signed_derogation,
)

pytestmark = pytest.mark.django_db
DEAR = [DerogationKind.NON_ZERO_COST]


@pytest.fixture
def client(client, world):
    client.force_login(world.alice)
    return client


def page(client, name, *arguments, **query):
    return client.get(reverse(f"orders:{name}", args=arguments), query)


def text(answer) -> str:
    """The page on one line, every space alike."""
    return " ".join(answer.content.decode().split())


def shown_as(line) -> str:
    """A line's number as ``text`` writes it."""
    return " ".join(str(line).split())


def dear_order(world):
    return world.draft(world.line(device=world.dear))


def second_rank_line(world, **fields):
    """A line in service at the second rank, taken over."""
    return ServiceLineFactory(
        branch=world.root, provider=world.rogers_phone.version.rank.provider, **fields
    )


def test_the_line_that_needs_one_opens_its_request_already_filled(client, world):
    order = dear_order(world)
    shown = text(page(client, "order_detail", "val-fictif", order.number))
    assert "Demander la dérogation" in shown
    answer = client.post(
        reverse("orders:line_derogation_ask", args=["val-fictif", order.number, 1]),
        {"kind": "non_zero_cost_device"},
    )
    request = Derogation.objects.get()
    assert answer.url == reverse("derogations:request_detail", args=["val-fictif", request.number])
    assert Reliance.objects.get().order_line == order.lines.get()
    again = text(page(client, "order_detail", "val-fictif", order.number))
    assert request.number in again
    assert "Demander la dérogation<" not in again


def test_a_need_that_two_kinds_meet_has_a_button_for_each(client, world):
    order = world.draft(world.line(device=world.rogers_phone, plan=world.rogers_plan))
    shown = text(page(client, "order_detail", "val-fictif", order.number))
    assert "Demander la dérogation : réseau" in shown
    assert "Demander la dérogation : technologique" in shown


def test_the_page_says_on_which_derogation_a_line_rests(client, world):
    derogation = signed_derogation(world.dear.version.rank, world.root, kinds=DEAR, quantity=3)
    order = dear_order(world)
    shown = text(page(client, "order_detail", "val-fictif", order.number))
    number = f'<span class="nowrap">{derogation.number}</span>'
    assert f"Couvert par {number} ; il en reste 3" in shown
    submit_order(order=order, by=world.alice, attested=True)
    assert "Repose sur" in text(page(client, "order_detail", "val-fictif", order.number))


def test_where_two_would_do_the_page_lets_rcell_choose(client, world):
    rank = world.dear.version.rank
    soon, late = (
        signed_derogation(
            rank, world.root, kinds=DEAR, quantity=3, ends_on=today() + timedelta(days=days)
        )
        for days in (10, 20)
    )
    order = dear_order(world)
    assert "Choisir la dérogation" in text(page(client, "order_detail", "val-fictif", order.number))
    url = reverse("orders:line_derogation_choose", args=["val-fictif", order.number, 1])
    client.post(url, {"choix-1-derogation": late.pk})
    submit_order(order=order, by=world.alice, attested=True)
    assert Draw.objects.get().derogation == late
    assert client.post(url, {"choix-1-derogation": "x"}).status_code == 404
    assert soon.draws.count() == 0


def test_what_cannot_be_chosen_is_told_on_the_order_s_page(client, world):
    spent = signed_derogation(
        world.dear.version.rank, world.root, kinds=DEAR, state=DerogationState.EXPIRED
    )
    order = dear_order(world)
    url = reverse("orders:line_derogation_choose", args=["val-fictif", order.number, 1])
    answer = client.post(url, {"choix-1-derogation": spent.pk}, follow=True)
    assert "ne couvre pas cette ligne" in text(answer)


def test_a_waiting_order_says_what_it_waits_for_and_offers_to_ask(client, world):
    order = submit_order(order=dear_order(world), by=world.alice, attested=True)
    shown = text(page(client, "order_detail", "val-fictif", order.number))
    assert "Cette commande attend une dérogation" in shown
    assert "Demander la dérogation" in shown


@pytest.mark.parametrize("state", ["draft", "waiting", "submitted"])
def test_each_page_stays_in_its_budget(client, world, django_assert_max_num_queries, state):
    quantity = 1 if state == "waiting" else 9
    derogation = signed_derogation(
        world.dear.version.rank, world.root, kinds=DEAR, quantity=quantity
    )
    lines = [world.line(device=world.dear, holder=holder) for holder in world.holders]
    order = world.draft(*lines)
    if state != "draft":
        submit_order(order=order, by=world.alice, attested=True)
    for name, key in (
        ("order_detail", order.number),
        ("derogation_dependents", derogation.number),
    ):
        page(client, name, "val-fictif", key)
        with django_assert_max_num_queries(15):
            page(client, name, "val-fictif", key)


def test_itq_s_page_stays_in_its_budget(client, django_assert_max_num_queries, world):
    client.force_login(staff_user(StaffRole.AGENT))
    page(client, "derogation_statistics")
    with django_assert_max_num_queries(15):
        page(client, "derogation_statistics")


def test_the_dependents_of_a_derogation_are_its_orders_and_its_lines(client, world):
    rank = world.rogers_phone.version.rank
    named = second_rank_line(world)
    derogation = signed_derogation(
        rank, world.root, quantity=5, ends_on=today(), service_numbers=[named.number]
    )
    order_line = OrderLineFactory(order__branch=world.root, order__rank=rank, device=None)
    DrawFactory(order_line=order_line, derogation=derogation, quantity=2)
    held = second_rank_line(world, version__order_line=order_line)
    free = second_rank_line(world)
    answer = page(client, "derogation_dependents", "val-fictif", derogation.number)
    shown = text(answer)
    assert order_line.order.number in shown
    assert shown_as(held) in shown
    assert shown_as(named) in shown
    assert shown_as(free) not in shown
    assert "Demander le renouvellement" in shown
    sheet = page(
        client, "derogation_dependents", "val-fictif", derogation.number, format="csv"
    ).getvalue()
    assert str(held).encode() in sheet


def test_the_dependents_of_another_member_are_not_found(client, world):
    other = signed_derogation(
        world.rogers_phone.version.rank, second_rank_line_elsewhere(), quantity=5
    )
    answer = page(client, "derogation_dependents", "val-fictif", other.number)
    assert answer.status_code == 404


def second_rank_line_elsewhere():
    return OrderLineFactory().order.branch


def test_a_line_without_derogation_is_listed_and_blocks_nothing(client, world):
    missing = second_rank_line(world)
    referred = second_rank_line(world, earlier_derogation="Lettre de 2019")
    dear = ServiceLineFactory(
        branch=world.root,
        provider=world.phone.version.rank.provider,
        origin=Origin.ORDER,
        version__device=world.dear,
    )
    free = ServiceLineFactory(branch=world.root, provider=world.phone.version.rank.provider)
    shown = text(page(client, "irregular_line_list", "val-fictif"))
    for line in (missing, referred, dear):
        assert shown_as(line) in shown
    assert shown_as(free) not in shown
    assert "Lettre de 2019" in shown
    reasons = irregular_lines(world.alice, world.organisation).values_list("number", "lack")
    assert dict(reasons) == {
        missing.number: "missing",
        referred.number: "reference",
        dear.number: "missing",
    }
    assert "régulariser" in text(page(client, "line_detail", "val-fictif", missing.pk))
    assert [item.kind for item in inbox_items(world.alice)] == ["Lignes à régulariser"]


def rests(world, *, state=DerogationState.SIGNED, ends_in=30, began=-100, commitment=50):
    """A line drawn under a derogation; days from today."""
    rank = world.rogers_phone.version.rank
    derogation = signed_derogation(
        rank, world.root, state=state, ends_on=today() + timedelta(days=ends_in)
    )
    order_line = OrderLineFactory(order__branch=world.root, order__rank=rank, device=None)
    DrawFactory(order_line=order_line, derogation=derogation)
    second_rank_line(
        world,
        version__order_line=order_line,
        version__valid=DateRange(today() + timedelta(days=began), None),
        version__commitment_ends_on=today() + timedelta(days=commitment),
    )
    return derogation


@pytest.mark.parametrize(
    ("how", "regular"),
    [
        ({}, True),
        ({"commitment": -10}, True),
        ({"state": DerogationState.EXHAUSTED}, True),
        ({"state": DerogationState.EXPIRED, "ends_in": -1}, True),
        ({"ends_in": -1}, True),
        ({"state": DerogationState.EXPIRED, "ends_in": -1, "commitment": 0}, False),
        ({"state": DerogationState.EXPIRED, "ends_in": -200}, False),
    ],
)
def test_a_line_activated_in_time_stays_regular_until_its_commitment_ends(world, how, regular):
    rests(world, **how)
    lacking = list(irregular_lines(world.alice, world.organisation))
    assert [version.lack for version in lacking] == ([] if regular else ["lapsed"])


@pytest.mark.parametrize(("days_ago", "regular"), [(50, True), (150, False)])
def test_a_withdrawal_leaves_regular_what_was_activated_before_it(world, days_ago, regular):
    derogation = rests(world, state=DerogationState.WITHDRAWN)
    WithdrawalFactory(
        derogation=derogation, withdrawn_at=database_clock() - timedelta(days=days_ago)
    )
    assert irregular_lines(world.alice, world.organisation).exists() is not regular


def test_what_rests_on_a_derogation_is_told_to_its_member_alone(world):
    derogation, line = rests(world), second_rank_line(world)
    version = LineVersion.objects.get(service_line=line)
    stranger = respondent_user(Role.RCELL, BranchFactory())
    for user, sees in ((world.alice, True), (stranger, False)):
        told = (
            orders_resting_on(user, derogation),
            lines_resting_on(user, derogation),
            irregular_lines(user, world.organisation),
            lack_of(user, version),
            ending_soon(user),
            inbox_items(user),
        )
        assert [bool(rows) for rows in told] == [sees] * len(told)


def test_an_earlier_derogation_puts_the_lines_it_names_in_order(world):
    line = second_rank_line(world)
    assert irregular_lines(world.alice, world.organisation).exists()
    signed_derogation(
        world.rogers_phone.version.rank,
        world.root,
        origin="earlier",
        service_numbers=[line.number],
        ends_on=today(),
    )
    assert not irregular_lines(world.alice, world.organisation).exists()


def test_a_renewal_is_asked_sixty_days_before_the_end(client, world):
    derogation = rests(world, ends_in=59)
    rests(world, ends_in=60)
    assert list(ending_soon(world.alice)) == [derogation]
    assert [i.kind for i in inbox_items(world.alice)] == ["Dérogation qui finit"]
    answer = client.post(reverse("orders:derogation_renew", args=["val-fictif", derogation.number]))
    renewal = derogation.renewals.get()
    assert answer.url == reverse("derogations:request_detail", args=["val-fictif", renewal.number])
    assert len(renewal.service_numbers) == 1
    assert not ending_soon(world.alice).exists()


def shares(user):
    return effect_on_contract(user, since=today(), day=today()).months


def test_months_end_on_their_last_day():
    days = month_ends(date(2028, 3, 15))
    assert (len(days), days[0], days[-2]) == (13, date(2027, 3, 31), date(2028, 2, 29))


def test_itq_sees_the_share_of_the_second_rank(client, world):
    agent = staff_user(StaffRole.AGENT)
    plan = OfferFactory(version=world.rogers_phone.version, plan=True)
    for provider, offer in (
        *[(world.phone.version.rank.provider, world.plan)] * 3,
        (world.rogers_phone.version.rank.provider, plan),
    ):
        ServiceLineFactory(branch=world.root, provider=provider, version__plan=offer)
    months = shares(agent)
    assert len(months) == 13
    assert (months[-1].lines, months[-1].second_lines, months[-1].line_share) == (4, 1, 25)
    assert months[-1].amount_share == 25
    with pytest.raises(Refused):
        shares(respondent_user(Role.RCELL, world.root))
    rests(world)
    client.force_login(agent)
    shown = text(client.get(reverse("orders:derogation_statistics")))
    assert "Ville de Val-Fictif" in shown
    assert "<svg" in shown
    assert "Réseau" in shown


def test_the_month_before_a_line_came_it_is_not_counted(world):
    agent = staff_user(StaffRole.AGENT)
    second_rank_line(world, version__valid=DateRange(today(), None))
    months = shares(agent)
    assert [month.second_lines for month in months] == [0] * 12 + [1]


def test_itq_exports_places_and_conformity(client, world):
    derogation = rests(world)
    Derogation.objects.filter(pk=derogation.pk).update(signed_at=database_clock())
    CoverageTestFactory(place=PlaceFactory(derogation=derogation), signal_dbm=-119)
    client.force_login(staff_user(StaffRole.AGENT))
    assert "Saint-Fictif" in text(page(client, "unserved_place_list"))
    assert b"-119" in page(client, "unserved_place_list", format="csv").getvalue()
    assert derogation.number in text(page(client, "conformity_list"))
    sheet = page(client, "conformity_list", format="csv").getvalue().decode()
    assert f"{derogation.number};Ville de Val-Fictif" in sheet
    assert page(client, "conformity_list", format="xlsx").content.startswith(b"PK")


def test_no_line_is_shown_twice(client, world):
    derogation = rests(world)
    DrawFactory(order_line=OrderLineFactory(order__branch=world.root), derogation=derogation)
    versions = LineVersion.objects.count()
    answer = page(client, "derogation_dependents", "val-fictif", derogation.number)
    assert answer.context["listing"].count == versions == 1
