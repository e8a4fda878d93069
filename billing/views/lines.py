"""The lines of invoices: of one invoice, of a month, one line, and the row a charge came from."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.actions.readings import open_charges, open_use_detail
from billing.bills import SUMS, counted
from billing.forms.filters import LineFilters, MonthLineFilters
from billing.forms.invoices import UseReasonForm
from billing.models import Charge, LineTotal
from billing.months import month_of
from billing.queries.invoices import latest_month, use_under_way
from billing.queries.lines import (
    MOST_ROWS,
    by_line,
    charges_at,
    charges_of,
    line_trend,
    lines_in_month,
    lines_on,
    shown_invoices,
    usage_of,
    use_of,
)
from billing.views.invoice_parts import ACCOUNT, line_url, written_number
from billing.views.invoices import fetch_invoice, invoice_page
from billing.views.tabs import (
    bill_page,
    dollars,
    drawn,
    month_asked,
    month_context,
    month_label,
)
from billing.words import category_label, quantity_label, use_label
from members.models import Organisation
from members.permissions import can, require_member, rights_of
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from orders.identifiers import searched
from portal.clock import last_day, today
from portal.lists import Column, ListDefinition, Listing

TAB = "billing:line_list"
COLUMNS = (
    Column("numero", gettext_lazy("Ligne"), lambda t: written_number(t.number), ("number",)),
    Column("abonne", gettext_lazy("Abonné"), lambda t: t.subscriber, ("subscriber",)),
    Column(
        "compte",
        gettext_lazy("Compte"),
        lambda t: str(t.version.invoice.account),
        listed=False,
    ),
    Column("subdivision", gettext_lazy("Subdivision"), lambda t: str(t.branch), ("branch",)),
    Column(
        "centre",
        gettext_lazy("Centre de coûts"),
        lambda t: str(t.cost_centre or ""),
        ("cost_centre__code",),
    ),
    Column("frais", gettext_lazy("Frais"), lambda t: t.counted, ("counted",), True),
    Column("avant", gettext_lazy("Avant taxes"), lambda t: t.charged, ("charged",), True),
    Column("taxes", gettext_lazy("Taxes"), lambda t: t.taxed, ("taxed",), True),
    Column(
        "parc",
        gettext_lazy("Au parc"),
        lambda t: _("oui") if t.service_line_id else _("non"),
        listed=False,
    ),
)
LINE_LIST = ListDefinition(
    name="lignes-facturees",
    columns=COLUMNS,
    search=("number", "subscriber"),
    filters=LineFilters,
    default_sort="numero",
)


MONTH_LIST = replace(LINE_LIST, filters=MonthLineFilters)


@require_safe
def invoice_lines(request: SignedInRequest, member: str, invoice: int) -> HttpResponseBase:
    """Every line of an invoice, with what it costs."""
    organisation, found = fetch_invoice(request, member, invoice)
    branches = require_branches(request.user, May.SEE_INVOICES, organisation)
    listing = _listing(request, LINE_LIST, lines_on(request.user, found), branches)
    if export := listing.export():
        return export
    _mark(listing, member)
    page = invoice_page(request, organisation, found, "billing:invoice_lines", listing=listing)
    return render(request, "billing/invoice_lines.html", page)


@require_safe
def line_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """The lines billed in a month on the branches whose charges I see, whichever account."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.SEE_CHARGES, organisation)
    month = month_asked(request, latest_month(shown_invoices(organisation)))
    rows = lines_in_month(request.user, organisation, month or today().replace(day=1))
    listing = _listing(request, MONTH_LIST, rows, branches)
    if export := listing.export():
        return export
    _mark(listing, member)
    page = bill_page(request, organisation, TAB, listing=listing, **month_context(month))
    return render(request, "billing/line_list.html", page)


@require_safe
def line_detail(request: SignedInRequest, member: str, invoice: int, number: str) -> HttpResponse:
    """A line on an invoice: its charges, each with the row of the file, and its use in all."""
    organisation, found, totals = _fetch(request, member, invoice, number)
    page = _line_page(request, organisation, found, totals)
    return render(request, "billing/line_detail.html", page)


@require_POST
def line_charges(request: SignedInRequest, member: str, invoice: int, number: str) -> HttpResponse:
    """ITQ, under the member's mandate, opens a line's charges: the reading is written (R-44)."""
    organisation, found, totals = _fetch(request, member, invoice, number)
    form = UseReasonForm(request.POST, prefix="charges")
    if form.is_valid():
        open_charges(line_total=totals[0], by=request.user, **form.cleaned_data)
    page = _line_page(
        request, organisation, found, totals, opened=form.is_valid(), charges_form=form
    )
    status = 422 if form.errors else 200
    return render(request, "billing/line_detail.html", page, status=status)


@require_POST
def line_use(request: SignedInRequest, member: str, invoice: int, number: str) -> HttpResponse:
    """Open a line's use, record by record: the reading and its reason are written."""
    organisation, found, totals = _fetch(request, member, invoice, number)
    used = use_of(found.current, totals[0].number)
    if not used:
        raise Http404
    form = UseReasonForm(request.POST, prefix="use")
    records: list[dict[str, Any]] = []
    if form.is_valid():
        open_use_detail(line_use=used[0], by=request.user, **form.cleaned_data)
        records = _records(usage_of(found.current, totals[0].number))
    page = _line_page(
        request,
        organisation,
        found,
        totals,
        use_form=form,
        records=records[:MOST_ROWS],
        records_cut=len(records) > MOST_ROWS,
        is_use_open=form.is_valid(),
    )
    status = 422 if form.errors else 200
    return render(request, "billing/line_detail.html", page, status=status)


@require_http_methods(["GET", "POST"])
def charge_source(
    request: SignedInRequest, member: str, invoice: int, number: str, row: int
) -> HttpResponse:
    """The row of the provider's file from which a charge was read.

    Under the member's mandate, ITQ gives its reason here; the reading is written (R-44).
    """
    organisation, found, totals = _fetch(request, member, invoice, number)
    first = totals[0]
    charges = charges_at(found.current, first.number, row)
    if not charges:
        raise Http404
    form = UseReasonForm(request.POST if request.method == "POST" else None, prefix="charges")
    if form.is_valid():
        open_charges(line_total=first, by=request.user, **form.cleaned_data)
    source = found.current.charge_import
    page = bill_page(
        request,
        organisation,
        TAB,
        written=written_number(first.number),
        line_url=line_url(member, found.pk, first.number),
        row=row,
        source=source,
        bill_file=source.bill_file,
        profile=source.profile_version,
        charges=[_charge(charge, member, found.pk) for charge in charges],
        is_opened=form.is_valid() or not _is_under_mandate(request, first),
        form=form,
    )
    status = 422 if form.errors else 200
    return render(request, "billing/charge_source.html", page, status=status)


def _fetch(
    request: SignedInRequest, member: str, invoice: int, number: str
) -> tuple[Organisation, Any, list[LineTotal]]:
    """The line that an address names, through the gate of its branch or of its invoice."""
    organisation = require_member(request.user, member)
    rows = shown_invoices(organisation).select_related(
        "branch",
        "account__provider",
        "current__charge_import__bill_file",
        "current__charge_import__profile_version__profile",
        "current__usage_import",
        "current__invoice__account",
    )
    found = get_object_or_404(rows.annotate(awaits_use=use_under_way()), pk=invoice)
    asked = "" if number == ACCOUNT else number
    totals = list(
        lines_on(request.user, found)
        .filter(number=asked)
        .select_related("branch", "cost_centre", "service_line", "version__invoice")
        .order_by("-amount", "category")
    )
    if not totals:
        raise Http404
    return organisation, found, totals


def _line_page(
    request: SignedInRequest,
    organisation: Organisation,
    invoice: Any,
    totals: list[LineTotal],
    **given: Any,
) -> dict[str, Any]:
    """The page of a line; ``given`` is what an act opened or refused."""
    first, version = totals[0], invoice.current
    mandated = _is_under_mandate(request, first)
    opened = given.pop("opened", False) or not mandated
    charges = charges_of(version, first.number) if opened else []
    trend = line_trend(request.user, invoice, first.number)
    context = {
        "invoice": invoice,
        "current": version,
        "month": month_label(month_of(invoice.period)),
        "ends_on": last_day(invoice.period.upper),
        "first": first,
        "written": written_number(first.number),
        "may_see_invoice": can(request.user, May.SEE_INVOICES, on=invoice),
        "categories": [(category_label(one.category), one) for one in totals],
        "charged": sum(one.amount for one in totals),
        "trend": [(month_label(month), amount) for month, amount in trend],
        "trend_chart": drawn(trend, dollars),
        "charges": [_charge(c, organisation.slug, invoice.pk) for c in charges[:MOST_ROWS]],
        "charges_cut": len(charges) > MOST_ROWS,
        "is_opened": opened,
        "charges_form": UseReasonForm(prefix="charges"),
        **_use_context(request, first, version),
    }
    return bill_page(request, organisation, TAB, **{**context, **given})


def _use_context(request: SignedInRequest, first: LineTotal, version: Any) -> dict[str, Any]:
    """A line's use in aggregate for who may, and the form that opens its detail."""
    sees = can(request.user, May.SEE_USE, on=first)
    used = use_of(version, first.number) if sees else []
    may_open = bool(used) and can(request.user, May.SEE_USE_DETAIL, on=used[0])
    return {
        "sees_use": sees,
        "used": [
            (use_label(u.kind, u.roaming), quantity_label(u.quantity, u.unit), u) for u in used
        ],
        "use_form": UseReasonForm(prefix="use") if may_open else None,
        "records": [],
        "records_cut": False,
        "is_use_open": False,
    }


def _is_under_mandate(request: SignedInRequest, row: LineTotal) -> bool:
    """Whether no role in the member opens the charges: ITQ reads under its mandate (R-44)."""
    places = (row.branch_id, row.version.invoice.branch_id)
    return not any(
        right.organisation and right.opens(May.SEE_CHARGES, place)
        for right in rights_of(request.user)
        for place in places
    )


def _charge(charge: Charge, member: str, invoice: int) -> dict[str, Any]:
    """A charge as the page writes it: a tax or a balance is not read as a price before taxes."""
    counts = counted(charge.category, {name: getattr(charge, name) for name in SUMS.values()})
    taxes = [amount for name, amount in counts.items() if name != "amount" and amount is not None]
    return {
        "charge": charge,
        "counts": counts,
        "taxes": sum(taxes) if taxes else None,
        "label": charge.label or charge.code or category_label(charge.category),
        "category": category_label(charge.category),
        "number": charge.number or ACCOUNT,
        "member": member,
        "invoice": invoice,
        "raw": charge.raw or "",
    }


def _records(rows: list[Any]) -> list[dict[str, Any]]:
    """Use records as the page writes them."""
    return [
        {
            "at": f"{row.occurred_at:%Y-%m-%d %H:%M}",
            "label": use_label(row.kind, row.roaming),
            "quantity": quantity_label(row.quantity, row.unit or ""),
            "amount": row.amount,
            "place": row.place or "",
            "line": row.line,
        }
        for row in rows
    ]


def _listing(
    request: SignedInRequest, definition: ListDefinition, rows: Any, branches: list[Any]
) -> Listing:
    """The list of lines, whichever set it shows."""
    listing = Listing(request, definition, by_line(rows), {"branches": branches})
    listing.query = searched(listing.query)
    return listing


def _mark(listing: Listing, member: str) -> None:
    for row in listing.page.object_list:
        row.written = written_number(row.number)
        row.url = line_url(member, row.version.invoice_id, row.number)
