"""What an invoice's page says of its controls: passed, found, or with nothing to compare."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from billing.compared import not_compared
from billing.kinds import Severity
from billing.models import Finding
from members.roles import Role
from tests.billing.factories import FindingFactory, InvoiceFactory, InvoiceVersionFactory
from tests.billing.pages.world import signed_in

START = date(2020, 1, 1)
WHOLE = {
    "start": START,
    "others": [(date(2019, 12, 1), START)],
    "stated": {"line_count", "due_amount"},
    "said": {"issued_on", "invoice_number", "previous_balance_amount"},
    "is_typed": False,
}
UNSAID = "le fichier du prestataire ne le dit pas"


def test_a_version_that_states_everything_after_another_lets_all_compare():
    assert not_compared(**WHOLE) == {}


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"stated": {"due_amount"}}, {"A03": UNSAID}),
        ({"stated": {"line_count"}}, {"A04": UNSAID}),
        ({"said": set()}, dict.fromkeys(("A07", "A08", "A10"), UNSAID)),
        (
            {"others": []},
            {
                "A08": "aucune autre facture de ce compte",
                "A09": "aucun mois précédent",
                "A10": "aucun mois précédent",
            },
        ),
        ({"others": [(date(2019, 11, 1), date(2019, 12, 1))]}, {"A10": "le mois précédent manque"}),
        (
            {"said": {"issued_on", "invoice_number"}, "is_typed": True},
            {"A10": "la facture saisie ne le dit pas"},
        ),
    ],
)
def test_a_control_without_its_figure_says_why_it_compared_nothing(changes, reasons):
    assert not_compared(**{**WHOLE, **changes}) == reasons


def controls(client, bills, invoice=None):
    """Rule → what the page says of its control."""
    user = bills.person(Role.FACTU)
    invoice = invoice or bills.invoice
    page = signed_in(client, user).get(bills.url("invoice_detail", invoice.pk)).content.decode()
    page = page.replace("\u00a0", " ")
    told = re.findall(r'<span class="badge[^>]*>([^<]*)</span>\s+([AB]\d\d) ', page)
    return {rule: words for words, rule in told}, page


@pytest.mark.django_db
def test_a_control_that_compared_nothing_is_not_told_as_passed(client, bills):
    told, page = controls(client, bills)
    assert {rule for rule, words in told.items() if words == "Non comparé"} == {
        *("A07", "A08", "A09", "A10"),  # a number, but no date, no balance and no other month
    }
    assert told["A04"] == told["B01"] == "Réussi"
    assert "(aucun mois précédent)" in page
    Finding.objects.all().delete()
    _told, page = controls(client, bills)
    assert "tous les contrôles passent" not in page
    assert "Aucun constat ; contrôles qui n'avaient rien à comparer : <strong>4" in page


@pytest.mark.django_db
def test_a_month_is_compared_with_the_one_before_whenever_it_came(client, bills):
    bounds = {"account": bills.account, "branch": bills.root}
    later = InvoiceFactory(**bounds, period=DateRange(date(2020, 2, 1), date(2020, 3, 1)))
    InvoiceVersionFactory(
        invoice=later, previous_balance_amount=Decimal(1), due_on=START, shown=True
    )
    assert controls(client, bills, later)[0]["A10"] == "Réussi"
    assert controls(client, bills)[0]["A09"] == "Non comparé"
    earlier = InvoiceFactory(**bounds, period=DateRange(date(2019, 12, 1), START))
    InvoiceVersionFactory(invoice=earlier, shown=True)
    assert controls(client, bills)[0]["A09"] == "Réussi"


@pytest.mark.django_db
def test_what_many_findings_of_a_rule_hide_is_still_counted(client, bills):
    version = bills.told().current
    rules = {**{f"4186{n:06}": ("B02", Severity.INFORMS) for n in range(500)}}
    rules |= {"4187000001": ("B03", Severity.INFORMS), "4187000002": ("B04", Severity.BLOCKS)}
    Finding.objects.bulk_create(
        Finding(version=version, branch=bills.root, rule=rule, severity=severity, number=number)
        for number, (rule, severity) in rules.items()
    )
    told, page = controls(client, bills)
    assert (told["B02"], told["B03"]) == ("Constats : 501", "Constats : 1")
    assert "418 700-0002" in page  # what blocks is read first


@pytest.mark.django_db
def test_a_period_that_no_file_tells_is_not_announced_as_a_package_that_lacks_a_part(client, bills):
    """A06 watches both: a package is refused whole, so what it finds on an invoice is the other."""
    FindingFactory(version=bills.told().current, branch=bills.root, rule="A06", severity="I")
    told, page = controls(client, bills)
    assert told["A06"] == "Constats : 1"
    assert "A06 Paquet complet et période dite" in page
