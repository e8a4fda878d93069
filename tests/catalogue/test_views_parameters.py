"""ITQ sets the portal up on its pages: administering body, providers, joining rule."""

from datetime import date

import pytest
from django.urls import reverse

from members.joining import Rule
from members.models import AdministeringBody, JoiningRule, Provider
from members.queries import rule_on

BODY = {
    "name": "ITQ",
    "full_name": "Infrastructures technologiques Québec",
    "advisers_email": "conseillers@example.test",
    "approval_email": "approbation@example.test",
}
RULE = {"mode": "warn", "population_under": "50000", "years_over": "3", "source": "Loi, art. 1"}


@pytest.fixture
def admin(world, client):
    client.force_login(world.admin)
    return client


def page(name):
    return reverse(f"catalogue:{name}")


def test_the_page_tells_what_lacks_until_it_is_recorded(world, admin):
    shown = admin.get(page("parameter_list")).content.decode()
    assert "Aucun organisme administrateur en vigueur" in shown
    assert "MAMH en vigueur" in shown
    admin.post(page("body_new"), BODY | {"since": "2015-01-01"})
    admin.post(page("joining_rule_new"), RULE | {"since": "2015-01-01"})
    shown = admin.get(page("parameter_list")).content.decode()
    assert "en vigueur" not in shown
    assert "conseillers@example.test" in shown
    assert "Loi, art. 1" in shown


def test_a_body_ends_where_the_next_begins(world, admin):
    for name, since in (("CSPQ", "2015-01-01"), ("ITQ", "2020-09-01")):
        assert (
            admin.post(page("body_new"), BODY | {"name": name, "since": since}).status_code == 302
        )
    ends = dict(AdministeringBody.objects.values_list("name", "valid"))
    assert ends["CSPQ"].upper == ends["ITQ"].lower == date(2020, 9, 1)


def test_a_rule_is_fixed_from_a_day_and_the_one_before_ends(world, admin):
    for mode, since in (("block", "2015-01-01"), ("warn", "2026-01-01")):
        typed = RULE | {"mode": mode, "since": since}
        assert admin.post(page("joining_rule_new"), typed).status_code == 302
    assert rule_on(date(2025, 12, 31)).mode == "block"
    assert rule_on(date(2026, 1, 1)) == Rule("warn", 50_000, 3, "Loi, art. 1")


@pytest.mark.parametrize(
    ("name", "typed", "model"),
    [("body_new", BODY, AdministeringBody), ("joining_rule_new", RULE, JoiningRule)],
)
@pytest.mark.parametrize("since", ["2020-01-01", "2019-01-01"])
def test_what_begins_before_the_last_one_is_told_beside_the_day(
    world, admin, name, typed, model, since
):
    admin.post(page(name), typed | {"since": "2020-01-01"})
    late = admin.post(page(name), typed | {"since": since})
    assert late.status_code == 422
    assert "since" in late.context["form"].errors
    assert model.objects.count() == 1


def test_a_provider_is_recorded_then_offered_to_a_contract(world, admin):
    typed = {"code": "autre", "name": "Autre prestataire"}
    assert admin.post(page("provider_new"), typed).status_code == 302
    assert "Autre prestataire" in admin.get(page("contract_new")).content.decode()
    again = admin.post(page("provider_new"), typed)
    assert "code" in again.context["form"].errors
    assert Provider.objects.filter(code="autre").count() == 1


@pytest.mark.parametrize("who", ["agent", "alice"])
@pytest.mark.parametrize("name", ["body_new", "provider_new", "joining_rule_new"])
def test_these_pages_are_the_administrator_s(world, client, who, name):
    client.force_login(getattr(world, who))
    assert client.get(page(name)).status_code == 403
