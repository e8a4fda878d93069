"""What a line's page says of each row adds up: a tax or a balance is no price before taxes."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.models import Charge, Invoice, LineTotal
from tests.billing.imports.test_clean import published
from tests.billing.imports.world import LINES, specimen

NUMBER = LINES["123456789"][0]
CELL = re.compile(r'<td class="num">(.*?)</td>')
FACT = re.compile(r"<dt>(.*?)</dt><dd>(.*?)</dd>")


def figure(text):
    """« 1 234,50 $ » as a Decimal; « – » adds nothing."""
    bare = re.sub(r"[\s$–]", "", text).replace(",", ".").replace("\u2212", "-")
    return Decimal(bare or 0)


def page_of(client, world, name, *args):
    client.force_login(world.factu, "allauth.account.auth_backends.AuthenticationBackend")
    slug = world.root.organisation.slug
    return client.get(reverse(f"billing:{name}", args=[slug, *args])).content.decode()


@pytest.mark.parametrize("profile", ["rogers_current_charges", "telus_iq_invoice"])
def test_the_columns_of_a_line_add_up_to_its_totals(world, tmp_path, client, profile):
    """At Rogers TPS and TVQ are rows of their own; TELUS IQ has one column of taxes."""
    published(world, specimen(tmp_path / f"{profile}.csv", profile).path)
    invoice = Invoice.objects.get(account__number="123456789")
    page = page_of(client, world, "line_detail", invoice.pk, NUMBER)
    table = page[page.index('id="frais-caption"') :].split("</table>")[0]
    assert [h for h in ("Montant au fichier", "Avant taxes", "Taxes") if f">{h}</th>" in table]
    rows = [[figure(cell) for cell in CELL.findall(row)[:3]] for row in table.split("<tr>")[2:]]
    of_line = LineTotal.objects.get(version=invoice.current, number=NUMBER, line_amount__gt=0)
    given, before, taxes = (sum(column) for column in zip(*rows, strict=True))
    assert (before, taxes) == (of_line.line_amount, of_line.line_tax_amount)
    assert given == before + taxes
    assert taxes


def test_the_page_of_a_tax_s_row_does_not_say_it_before_taxes(world, tmp_path, client):
    published(world, specimen(tmp_path / "rogers_taxes.csv", "rogers_current_charges").path)
    invoice = Invoice.objects.get(account__number="123456789")
    tax = Charge.objects.get(account="123456789", number=NUMBER, category="tax_tps")
    page = page_of(client, world, "charge_source", invoice.pk, NUMBER, tax.line)
    (section,) = [told for told in page.split("<section") if "<dd>TPS</dd>" in told]
    facts = dict(FACT.findall(section))
    assert figure(facts["Montant au fichier"]) == figure(facts["TPS"]) == tax.amount
    assert (facts["Avant taxes"], facts["TVQ"]) == ("–", "–")
