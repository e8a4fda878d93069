"""A member's invoices: the list with its trend, one invoice, its cost centres, its document."""

from decimal import Decimal
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from billing.forms.filters import InvoiceFilters
from billing.kinds import Detail
from billing.months import month_of
from billing.queries.breakdowns import by_branch, by_category, by_centre
from billing.queries.invoices import (
    MonthAmount,
    findings_on,
    found_by_rule,
    invoices_of,
    latest_month,
    periods_beside,
    releases_of,
    trend_of,
)
from billing.queries.lines import dearest_lines, numbers_at
from billing.views.invoice_parts import (
    DEAR_COLUMNS,
    MOST_SHOWN,
    act_forms,
    control_rows,
    dear_rows,
    detail_label,
    due_told,
    evidence_rows,
    finding_rows,
    owing_shown,
    part_rows,
    release_entries,
    total_rows,
    why_not_compared,
)
from billing.views.tabs import TONES, bill_page, dollars, drawn, month_label
from billing.words import state_label
from members.models import Organisation
from members.permissions import can, require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from portal.clock import last_day, today
from portal.files import attachment
from portal.lists import Column, ListDefinition, Listing

TAB = "billing:invoice_list"
INVOICE_LIST = ListDefinition(
    name="factures",
    columns=(
        Column(
            "compte",
            gettext_lazy("Compte"),
            lambda i: str(i.account),
            ("account__provider__name", "account__number"),
        ),
        Column(
            "prestataire",
            gettext_lazy("Prestataire"),
            lambda i: str(i.account.provider),
            listed=False,
        ),
        Column("du", gettext_lazy("Du"), lambda i: i.period.lower, listed=False),
        Column("periode", gettext_lazy("Au"), lambda i: last_day(i.period.upper), ("period",)),
        Column("subdivision", gettext_lazy("Subdivision"), lambda i: str(i.branch), ("branch",)),
        Column(
            "numero",
            gettext_lazy("Numéro de facture"),
            lambda i: i.current.invoice_number,
            listed=False,
        ),
        Column(
            "facture",
            gettext_lazy("Facturé"),
            lambda i: i.billed_amount,
            ("billed_amount",),
            True,
        ),
        Column(
            "du_montant",
            gettext_lazy("Montant dû"),
            lambda i: i.current.due_amount,
            ("current__due_amount",),
            True,
        ),
        Column(
            "echeance", gettext_lazy("Échéance"), lambda i: i.current.due_on, ("current__due_on",)
        ),
        Column(
            "bloquants",
            gettext_lazy("Contrôles bloquants"),
            lambda i: i.blocker_count,
            numeric=True,
            listed=False,
        ),
        Column(
            "en_jeu",
            gettext_lazy("En jeu"),
            lambda i: i.stake_amount,
            (Coalesce("stake_amount", Value(Decimal(0))),),
            True,
        ),
        Column(
            "etat",
            gettext_lazy("État"),
            lambda i: state_label(i.state, i.paid_amount),
            ("state",),
        ),
        Column(
            "detail",
            gettext_lazy("Détail"),
            lambda i: detail_label(i.current, is_under_way=i.awaits_use),
            listed=False,
        ),
    ),
    search=("account__number", "current__invoice_number", "branch__name"),
    filters=InvoiceFilters,
    default_sort="-periode",
)


@require_safe
def invoice_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """Every invoice of the branches whose bills I see, and thirteen months drawn."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.SEE_INVOICES, organisation)
    rows = invoices_of(request.user, organisation)
    listing = Listing(request, INVOICE_LIST, rows, {"branches": branches})
    if export := listing.export():
        return export
    for invoice in listing.page.object_list:
        invoice.member, invoice.tone = member, TONES[invoice.state]
        invoice.stands = state_label(invoice.state, invoice.paid_amount)
        invoice.is_late = _is_late(invoice)
    last = latest_month(rows)
    return render(
        request,
        "billing/invoice_list.html",
        bill_page(
            request,
            organisation,
            TAB,
            listing=listing,
            may_type=bool(can_type(request, branches)),
            **trend_context(trend_of(rows, last) if last else []),
        ),
    )


@require_safe
def invoice_detail(request: SignedInRequest, member: str, invoice: int) -> HttpResponse:
    """One invoice: what it asks, what was found, how it falls, and what to do next."""
    organisation, found = fetch_invoice(request, member, invoice)
    return render(
        request, "billing/invoice_detail.html", invoice_context(request, organisation, found)
    )


@require_safe
def invoice_centres(request: SignedInRequest, member: str, invoice: int) -> HttpResponse:
    """How an invoice falls by subdivision and cost centre."""
    organisation, found = fetch_invoice(request, member, invoice)
    parts = by_centre(found)
    page = invoice_page(
        request,
        organisation,
        found,
        "billing:invoice_centres",
        branch_rows=part_rows(by_branch(parts)),
        centre_rows=part_rows(parts),
    )
    return render(request, "billing/invoice_centres.html", page)


@require_safe
def invoice_document(request: SignedInRequest, member: str, invoice: int) -> HttpResponseBase:
    """The provider's own document, where one was given."""
    _organisation, found = fetch_invoice(request, member, invoice)
    if found.current.document is None:
        raise Http404
    return attachment(found.current.document)


def fetch_invoice(request: SignedInRequest, member: str, invoice: int) -> tuple[Organisation, Any]:
    """The invoice that an address names, through the gate; 404 otherwise."""
    organisation = require_member(request.user, member)
    found = get_object_or_404(invoices_of(request.user, organisation), pk=invoice)
    found.current.invoice = found
    return organisation, found


def can_type(request: SignedInRequest, branches: list[Any]) -> bool:
    """Whether an invoice may be typed on one of these branches."""
    return any(can(request.user, May.IMPORT_BILLS, on=branch) for branch in branches)


def invoice_context(
    request: SignedInRequest, organisation: Organisation, invoice: Any, **given: Any
) -> dict[str, Any]:
    """The whole page of an invoice; ``given`` replaces a form that was refused."""
    findings, counted = findings_on(invoice, MOST_SHOWN), found_by_rule(invoice)
    nameless = [found for found in findings if not found.number]
    bearers = numbers_at(invoice.current, {r for found in nameless for r in evidence_rows(found)})
    releases = releases_of(invoice)
    account = invoices_of(request.user, organisation).filter(account=invoice.account_id)
    trend = trend_context(trend_of(account, month_of(invoice.period)))
    version = invoice.current
    reasons = why_not_compared(version, invoice.period, periods_beside(invoice))
    controls = control_rows(counted, version, reasons)
    return invoice_page(
        request,
        organisation,
        invoice,
        "billing:invoice_detail",
        totals=total_rows(version),
        findings=finding_rows(findings, organisation.slug, invoice, bearers),
        findings_cut=sum(count for count, _worst in counted.values()) > MOST_SHOWN,
        controls=controls,
        uncompared=sum(1 for control in controls if control["why"]),
        dear_columns=DEAR_COLUMNS,
        dearest=dear_rows(dearest_lines(request.user, invoice), organisation.slug, invoice.pk),
        categories=part_rows(by_category(invoice)),
        releases=release_entries(releases),
        has_file=version.charge_import_id is not None,
        is_late=_is_late(invoice),
        owing=owing_shown(invoice),
        due_told=due_told(version),
        refused_form=given.pop("refused_form", None),
        **{**act_forms(request.user, invoice, releases), **given},
        **trend,
    )


def invoice_page(
    request: SignedInRequest, organisation: Organisation, invoice: Any, view: str, **more: object
) -> dict[str, Any]:
    """What every page of one invoice has: its name, its own tabs, what is held of its detail."""
    version = invoice.current
    return bill_page(
        request,
        organisation,
        TAB,
        invoice=invoice,
        current=version,
        tone=TONES[invoice.state],
        stands=state_label(invoice.state, invoice.paid_amount),
        month=month_label(month_of(invoice.period)),
        ends_on=last_day(invoice.period.upper),
        is_typed=version.detail == Detail.NONE,
        awaits_use=invoice.awaits_use,
        lacks_use=version.detail == Detail.CHARGES and not invoice.awaits_use,
        parts=[
            {"label": label, "name": name, "current": name == view}
            for name, label in (
                ("billing:invoice_detail", _("Sommaire")),
                ("billing:invoice_centres", _("Subdivisions et centres de coûts")),
                ("billing:invoice_lines", _("Lignes")),
            )
        ],
        **more,
    )


def trend_context(trend: list[MonthAmount]) -> dict[str, Any]:
    """Thirteen months, drawn and in a table."""
    return {
        "trend": [(month_label(one.month), one.charges, one.billed) for one in trend],
        "trend_chart": drawn([(one.month, one.billed) for one in trend], dollars),
    }


def _is_late(invoice: Any) -> bool:
    due = invoice.current.due_on
    return bool(due and due < today() and invoice.state != "paid")
