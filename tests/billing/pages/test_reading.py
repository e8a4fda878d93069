"""The member's pages as each role reads them: from the list down to the row of the file."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from billing.kinds import Detail, ImportState, InvoiceState, Severity
from billing.models import Import, InvoiceVersion, LineTotal
from billing.views.tabs import dollars
from members.roles import Role, StaffRole
from portal.models import AuditEvent
from tests.billing.factories import (
    BillFileFactory,
    FindingFactory,
    InvoiceFactory,
    InvoiceVersionFactory,
    LineTotalFactory,
)
from tests.billing.pages.world import KNOWN, UNKNOWN, block, in_state, signed_in
from tests.members.factories import (
    BillingMandateFactory,
    BranchFactory,
    OrganisationFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db
MOST_QUERIES = 15


def shown(client, url, **query):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = client.get(url, query)
    assert answer.status_code == 200, answer.status_code
    assert len(queries) <= MOST_QUERIES, (len(queries), url)
    return answer.content.decode().replace("\u00a0", " ")


@pytest.fixture
def factu(client, bills):
    return signed_in(client, bills.person(Role.FACTU))


def test_a_factu_goes_from_home_to_the_row_of_the_file_in_four_clicks(factu, bills):
    """By home's item, then by the dearest lines; a doubtful row is one click from the invoice."""
    pages = ["/"]
    for wanted in (
        bills.url("invoice_detail", bills.invoice.pk),
        bills.url("line_detail", bills.invoice.pk, KNOWN),
        bills.url("charge_source", bills.invoice.pk, KNOWN, 2),
    ):
        page = factu.get(pages[-1]).content.decode()
        assert f'href="{wanted}"' in page, (pages[-1], wanted)
        pages.append(wanted)
    source = shown(factu, pages[-1])
    assert "Ligne 2 du fichier" in source
    assert "frais.csv" in source
    assert "version" in source


def test_the_list_shows_searches_filters_sorts_and_exports(factu, bills):
    page = shown(factu, bills.url("invoice_list"))
    assert "12345678" in page
    assert "114,98 $" in page
    assert "Facturé par mois" in page
    assert "12345678" in shown(factu, bills.url("invoice_list"), q="F-2020")
    assert "Aucune facture ne correspond" in shown(factu, bills.url("invoice_list"), q="rien")
    for query in (
        {"mois": "2020-01"},
        {"etat": "to_verify"},
        {"constats": "I"},
        {"prestataire": str(bills.account.provider_id)},
        {"tri": "-du_montant"},
    ):
        assert bills.url("invoice_detail", bills.invoice.pk) in shown(
            factu, bills.url("invoice_list"), **query
        )
    assert "Aucune facture ne correspond" in shown(factu, bills.url("invoice_list"), mois="2020-02")
    assert "Écrivez le mois ainsi" in shown(factu, bills.url("invoice_list"), mois="janvier")
    export = factu.get(bills.url("invoice_list"), {"format": "csv"})
    assert b"F-2020-01" in b"".join(export.streaming_content)
    assert factu.get(bills.url("invoice_list"), {"format": "xlsx"}).content[:2] == b"PK"


def test_an_empty_list_says_what_to_do(client):
    root = OrganisationFactory(slug="vide").branches.get()
    from_vide = signed_in(client, respondent_user(Role.FACTU, root))
    page = shown(from_vide, "/organismes/vide/factures/")
    assert "Une facture apparaît ici" in page


def test_an_invoice_shows_both_totals_findings_categories_and_trend(factu, bills):
    page = shown(factu, bills.url("invoice_detail", bills.invoice.pk))
    assert "Celui du prestataire" in page
    assert "0,02 $" in page  # 115,00 stated, 114,98 ours
    assert "B02 Ligne facturée absente du parc" in page
    assert (
        f'<a href="{bills.url("charge_source", bills.invoice.pk, UNKNOWN, 4)}">ligne 4</a>' in page
    )
    assert "Forfaits" in page
    assert "janvier 2020" in page
    assert "Tenir la facture pour vérifiée" in page


def test_an_invoice_shows_its_dearest_lines_the_dearest_first(factu, bills):
    page = shown(factu, bills.url("invoice_detail", bills.invoice.pk))
    dearest = page.split("Lignes les plus chères")[1]
    places = [dearest.index(told) for told in ("418 555-0101", "418 555-0199", "Frais du compte")]
    assert places == sorted(places)
    assert "50,00 $" in dearest


def test_a_finding_of_the_whole_invoice_leads_to_the_row_of_whichever_line(factu, bills):
    """A13 names no line: the row tells whose it is; a row that no charge bears is only told."""
    FindingFactory(
        version=bills.told().current,
        branch=bills.root,
        rule="A13",
        severity=Severity.INFORMS,
        evidence={"message": "Frais à classer.", "lines": [2, 5, 99]},
    )
    page = shown(factu, bills.url("invoice_detail", bills.invoice.pk))
    for number, row in ((KNOWN, 2), ("compte", 5)):
        url = bills.url("charge_source", bills.invoice.pk, number, row)
        assert f'<a href="{url}">ligne {row}</a>' in page
        assert f"Ligne {row} du fichier" in shown(factu, url)
    assert "ligne 99" in page
    assert "/99/" not in page


def test_an_invoice_falls_by_subdivision_and_cost_centre(factu, bills):
    page = shown(factu, bills.url("invoice_centres", bills.invoice.pk))
    assert "T-110 Voirie" in page
    assert "Sans centre de coûts" in page
    assert "90,00 $" in page  # the root's whole


def test_the_lines_of_an_invoice_are_listed_once_each(factu, bills):
    page = shown(factu, bills.url("invoice_lines", bills.invoice.pk))
    assert page.count('<th scope="row" class="fit">') == 3
    assert "50,00 $" in page
    assert "Frais du compte" in page
    only = shown(factu, bills.url("invoice_lines", bills.invoice.pk), parc="absente")
    assert "418 555-0199" in only
    assert "418 555-0101" not in only
    export = factu.get(bills.url("invoice_lines", bills.invoice.pk), {"format": "csv"})
    assert b"50,00" in b"".join(export.streaming_content)


def test_a_month_of_lines(factu, bills):
    assert "418 555-0101" in shown(factu, bills.url("line_list"))
    assert "Aucune ligne ne correspond" in shown(factu, bills.url("line_list"), mois="2019-05")
    assert "Écrivez le mois ainsi" in shown(factu, bills.url("line_list"), mois="hier")


def test_a_line_shows_its_charges_its_use_and_its_months(factu, bills):
    page = shown(factu, bills.url("line_detail", bills.invoice.pk, KNOWN))
    assert "Forfait 20 Go" in page
    assert "Boîte vocale" in page
    assert "Données" in page
    assert "Motif de la consultation" not in page  # FACTU sees use in aggregate only
    account = shown(factu, bills.url("line_detail", bills.invoice.pk, "compte"))
    assert "Frais de compte" in account


def test_a_line_or_a_row_that_is_not_there_is_missing(factu, bills):
    for name, *args in (
        ("line_detail", bills.invoice.pk, "4185550000"),
        ("charge_source", bills.invoice.pk, KNOWN, 99),
        ("invoice_detail", 0),
        ("invoice_document", bills.invoice.pk),
    ):
        assert factu.get(bills.url(name, *args)).status_code == 404


def test_a_representative_reads_lines_and_never_the_whole_invoice(client, bills):
    rcell = signed_in(client, bills.person(Role.RCELL))
    assert "418 555-0101" in shown(rcell, bills.url("line_list"))
    assert "Ouvrir le détail" in shown(rcell, bills.url("line_detail", bills.invoice.pk, KNOWN))
    assert rcell.get(bills.url("invoice_list")).status_code == 403
    assert rcell.get(bills.url("invoice_detail", bills.invoice.pk)).status_code == 404


def test_a_subdivision_sees_nothing_of_the_root_s_account(client, bills):
    rcell = signed_in(client, bills.person(Role.RCELL, bills.below))
    assert "Aucune ligne facturée" in shown(rcell, bills.url("line_list"))
    assert rcell.get(bills.url("line_detail", bills.invoice.pk, KNOWN)).status_code == 404


def test_a_subdivision_does_not_read_what_a_line_cost_while_it_was_another_s(client, bills):
    earlier = InvoiceVersionFactory(
        invoice=InvoiceFactory(
            branch=bills.root,
            account=bills.account,
            period=DateRange(date(2019, 12, 1), date(2020, 1, 1)),
        ),
        shown=True,
    )
    LineTotalFactory(version=earlier, branch=bills.root, number=KNOWN, amount=Decimal("987.65"))
    LineTotal.objects.filter(version=bills.told().current, number=KNOWN).update(branch=bills.below)
    url = bills.url("line_detail", bills.invoice.pk, KNOWN)
    below = shown(signed_in(client, bills.person(Role.RCELL, bills.below)), url)
    assert ("50,00" in below, "987,65" in below) == (True, False)
    assert "987,65" in shown(signed_in(client, bills.person(Role.FACTU)), url)


def test_use_detail_is_opened_with_a_reason_that_is_recorded(client, bills):
    rcell = signed_in(client, bills.person(Role.RCELL))
    url = bills.url("line_use", bills.invoice.pk, KNOWN)
    refused = rcell.post(url, {"use-reason": ""})
    assert refused.status_code == 422
    assert not AuditEvent.objects.filter(code="line_use.read").exists()
    opened = rcell.post(url, {"use-reason": "Plainte du détenteur"})
    assert opened.status_code == 200
    assert "2020-01-02 08:15" in opened.content.decode()
    event = AuditEvent.objects.get(code="line_use.read")
    assert event.data["reason"] == "Plainte du détenteur"


def test_a_factu_may_not_open_use_detail(factu, bills):
    url = bills.url("line_use", bills.invoice.pk, KNOWN)
    assert factu.post(url, {"use-reason": "Voir"}).status_code == 403


def test_itq_opens_charges_under_a_mandate_with_a_reason(client, bills):
    staff = signed_in(client, staff_user(StaffRole.AGENT))
    url = bills.url("line_detail", bills.invoice.pk, KNOWN)
    assert staff.get(url).status_code == 404
    BillingMandateFactory(branch=bills.root)
    closed = shown(staff, url)
    assert "Boîte vocale" not in closed
    opened = staff.post(
        bills.url("line_charges", bills.invoice.pk, KNOWN), {"charges-reason": "Contestation"}
    )
    assert "Boîte vocale" in opened.content.decode()
    assert AuditEvent.objects.get(code="line_charges.read").data["reason"] == "Contestation"
    link = bills.url("charge_source", bills.invoice.pk, KNOWN, 3)
    assert f'href="{link}"' in opened.content.decode()


def test_itq_under_a_mandate_follows_a_charge_to_its_row_and_says_why_there(client, bills):
    """From the line that it opened, or straight from a finding: each reading is written (R-44)."""
    BillingMandateFactory(branch=bills.root)
    staff = signed_in(client, staff_user(StaffRole.AGENT))
    link = bills.url("charge_source", bills.invoice.pk, KNOWN, 3)
    asked = shown(staff, link)
    assert f'action="{link}"' in asked
    assert "Boîte vocale" not in asked
    refused = staff.post(link, {"charges-reason": " "})
    assert refused.status_code == 422
    assert "Boîte vocale" not in refused.content.decode()
    assert staff.post(link[:-2] + "99/", {"charges-reason": "Contestation"}).status_code == 404
    assert not AuditEvent.objects.filter(code="line_charges.read").exists()
    told = staff.post(link, {"charges-reason": "Contestation"})
    assert told.status_code == 200
    assert "Boîte vocale" in told.content.decode()
    assert AuditEvent.objects.get(code="line_charges.read").data["reason"] == "Contestation"


def test_use_is_shown_in_aggregate(client, bills):
    reader = signed_in(client, bills.person(Role.READER))
    page = shown(reader, bills.url("use_overview"))
    assert "2,0 Go" in page
    assert "T-110 Voirie" in page
    assert "Aucune utilisation ce mois-là" in shown(
        reader, bills.url("use_overview"), mois="2019-05"
    )


def without_use(bills):
    """The invoice as its charges alone make it."""
    version = bills.told().current
    use = version.usage_import
    InvoiceVersion.objects.filter(pk=version.pk).update(detail=Detail.CHARGES, usage_import=None)
    return use


def test_use_under_way_is_told(factu, bills):
    use = without_use(bills)
    pages = [("invoice_detail", bills.invoice.pk), ("use_overview",), ("invoice_list",)]
    for state in (ImportState.RECEIVED, ImportState.PREPARED):
        Import.objects.filter(pk=use.pk).update(state=state)
        for name, *args in pages:
            assert "Détail d'utilisation en cours" in shown(factu, bills.url(name, *args))
    export = factu.get(bills.url("invoice_list"), {"format": "csv"})
    assert "détail d'utilisation en cours" in b"".join(export.streaming_content).decode()


def test_use_of_another_file_that_waits_is_under_way_too(factu, bills):
    use = without_use(bills)
    Import.objects.filter(pk=use.pk).update(
        bill_file=BillFileFactory(branch=bills.root), state=ImportState.PREPARED
    )
    url = bills.url("invoice_detail", bills.invoice.pk)
    assert "Détail d'utilisation en cours" in shown(factu, url)
    Import.objects.filter(pk=use.pk).update(branch=BranchFactory())
    assert "Détail d'utilisation en cours" not in shown(factu, url)


def test_use_that_never_came_is_not_under_way(factu, bills):
    use = without_use(bills)
    Import.objects.filter(pk=use.pk).update(state=ImportState.REFUSED, refusal="Coupé.")
    for name, *args in (("invoice_detail", bills.invoice.pk), ("invoice_list",)):
        page = shown(factu, bills.url(name, *args))
        assert "Détail d'utilisation en cours" not in page
        assert "Sans détail d'utilisation" in page
    line = shown(factu, bills.url("line_detail", bills.invoice.pk, UNKNOWN))
    assert "Aucune utilisation sur cette facture" in line


def test_the_state_of_the_month_puts_each_dollar_somewhere(factu, bills):
    page = shown(factu, bills.url("month_statement"))
    assert "état du mois, janvier 2020" in page.lower()
    assert "114,98 $" in page
    assert "Aucune facture ce mois-là" in shown(factu, bills.url("month_statement"), mois="2019-05")
    assert factu.get(bills.url("month_statement"), {"subdivision": "0"}).status_code == 404


def test_the_checklist_says_what_is_missing(factu, bills):
    page = shown(factu, bills.url("expected_files"))
    assert "Factures qui manquent encore" in page
    assert "12345678" in page


def test_a_blocked_or_late_invoice_says_so(factu, bills):
    block(bills)
    page = shown(factu, bills.url("invoice_detail", bills.invoice.pk))
    assert "Un contrôle bloque la libération" in page
    assert "Passée" in page


def test_a_line_that_is_not_billed_leads_to_the_fleet(factu, bills):
    FindingFactory(version=bills.told().current, branch=bills.root, rule="B03", number=KNOWN)
    page = shown(factu, bills.url("invoice_detail", bills.invoice.pk))
    assert f"/organismes/val-fictif/lignes/?q={KNOWN}" in page


def test_the_values_of_a_chart_are_short():
    told = [dollars(Decimal(amount)) for amount in ("0", "394.95", "1384.93", "250000")]
    assert told == ["", "394", "1,4\u00a0k", "250\u00a0k"]


def test_home_tells_what_awaits(client, bills):
    factu = signed_in(client, bills.person(Role.FACTU))
    home = factu.get("/").content.decode()
    assert "Vérifier la facture" in home
    assert "Lignes facturées absentes du parc" in home
    in_state(bills, InvoiceState.VERIFIED)
    assert "Libérer la facture" in factu.get("/").content.decode()


def test_many_invoices_stand_in_one_line_at_home(client, bills):
    for month in range(1, 6):
        period = type(bills.invoice.period)(
            bills.invoice.period.lower.replace(year=2018, month=month, day=1),
            bills.invoice.period.lower.replace(year=2018, month=month, day=28),
        )
        invoice = InvoiceFactory(branch=bills.root, account=bills.account, period=period)
        InvoiceVersionFactory(invoice=invoice, shown=True)
    home = signed_in(client, bills.person(Role.FACTU)).get("/").content.decode()
    assert "Factures à vérifier" in home
    assert "?etat=to_verify" in home


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.FACTU, "invoice_list"),
        (Role.INTRL, "invoice_list"),
        (Role.MANDA, "invoice_list"),
        (Role.RCELL, "line_list"),
        (Role.PAYER, "payment_list"),
        (Role.READER, "use_overview"),
    ],
)
def test_the_menu_opens_on_what_one_may_see(client, bills, role, page):
    home = signed_in(client, bills.person(role)).get("/").content.decode()
    found = re.search(r'<a href="([^"]+)"[^>]*>Factures</a>', home)
    assert found
    assert found.group(1) == bills.url(page)
