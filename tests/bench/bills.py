"""The pages of bills at full size, for the FACTU of the biggest member, beside the bare view."""

from django.urls import reverse

from billing.models import Charge, Invoice, LineTotal, LineUse, RowStorage
from billing.months import month_of
from tests.bench.bill_seed import LARGE_ACCOUNT, LARGE_PREFIX
from tests.bench.figures import Figures
from tests.bench.pages import BIGGEST, QUERY_BAR, RATIO_BAR, sign_in
from tests.bench.places import email_of, slug_of
from tests.bench.rivals import owner


def measure_bills(figures: Figures, port: int) -> None:
    """Sizes, then p50, ratio to the bare view and queries of each page."""
    _tell_sizes(figures)
    browser = sign_in(email_of("factu", BIGGEST, 0), port)
    for name, path in bill_pages().items():
        found = browser.measure(path)
        figures.tell(f"bills.{name}.p50", found.p50, "ms")
        figures.tell(f"bills.{name}.p95", found.p95, "ms")
        figures.tell(f"bills.{name}.ratio", found.ratio, f"× {found.bare:.2f} ms bare", RATIO_BAR)
        figures.tell(f"bills.{name}", found.queries, "queries", QUERY_BAR)


def bill_pages() -> dict[str, str]:
    """The pages of the biggest member's bills, by name: an ordinary invoice and its large one."""
    slug = slug_of(BIGGEST)
    shown = Invoice.objects.filter(branch__organisation=BIGGEST, current__isnull=False)
    own = shown.exclude(account__number=LARGE_ACCOUNT).select_related("current__charge_import")
    invoice = own.filter(branch__is_root=True).latest("period")
    large = shown.filter(account__number=LARGE_ACCOUNT).latest("period")
    number = LineTotal.objects.filter(version=invoice.current_id).exclude(number="")[0].number
    source = invoice.current.charge_import if invoice.current else None
    assert source
    rows = Charge.objects.filter(storage_id=source.storage_id, import_id=source.pk, number=number)
    month = f"mois={month_of(invoice.period):%Y-%m}"
    lists, lines, use, statement = (
        reverse(f"billing:{name}", args=[slug])
        for name in ("invoice_list", "line_list", "use_overview", "month_statement")
    )
    of_invoice, of_large = (
        reverse("billing:invoice_lines", args=[slug, one.pk]) for one in (invoice, large)
    )
    return {
        "invoice_list": lists,
        "invoice_list.month": f"{lists}?{month}",
        "invoice": reverse("billing:invoice_detail", args=[slug, invoice.pk]),
        "large_invoice": reverse("billing:invoice_detail", args=[slug, large.pk]),
        "centres": reverse("billing:invoice_centres", args=[slug, invoice.pk]),
        "lines": of_invoice,
        "large_lines": of_large,
        "large_lines.dearest": f"{of_large}?tri=-avant",
        "large_lines.last_page": f"{of_large}?page=9999",
        "large_lines.number": f"{of_large}?q={LARGE_PREFIX}2000777",
        "large_lines.subscriber": f"{of_large}?q=abonnement+777",
        "line": reverse("billing:line_detail", args=[slug, invoice.pk, number]),
        "source": reverse("billing:charge_source", args=[slug, invoice.pk, number, rows[0].line]),
        "month": f"{lines}?{month}",
        "month.dearest": f"{lines}?{month}&tri=-avant",
        "month.number": f"{lines}?{month}&q={number}",
        "use": use,
        "statement": f"{statement}?{month}",
    }


def _tell_sizes(figures: Figures) -> None:
    """How many rows there are, and how large the tables of use."""
    for model in (Invoice, LineTotal, LineUse):
        figures.tell(f"bills.size.{model.__name__}", model._default_manager.count(), "rows")
    tables = [one.table for one in RowStorage.objects.filter(kind="usage", dropped_at=None)]
    with owner() as link:
        told = link.execute(
            "SELECT sum(reltuples)::bigint, sum(pg_total_relation_size(oid)) / 1e9"
            " FROM pg_class WHERE relname = ANY(%s)",
            [tables],
        ).fetchone()
    assert told
    figures.tell("bills.size.use", told[0], "rows")
    figures.tell("bills.size.use_on_disk", float(told[1]), "GB")
