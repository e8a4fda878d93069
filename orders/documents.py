"""What the papers of an order say."""

from django.db.models import Prefetch
from django.utils import timezone

from members.queries.holdings import open_accounts, usual_account
from orders import attestation
from orders.models import Draw, Order
from portal.documents import render_pdf
from portal.files import store
from portal.models import StoredFile


def render_sheet(order: Order) -> StoredFile:
    """The order's sheet as a stored, tagged PDF; raises RenderFailed."""
    held = Draw.objects.filter(released_at__isnull=True).select_related("derogation")
    lines = order.lines.select_related(
        "device", "plan", "accessory", "holder", "cost_centre", "address", "service_line"
    ).prefetch_related(Prefetch("draws", held, to_attr="held_draws"))
    accounts = open_accounts(order.branch, order.rank.provider)
    content = render_pdf(
        "documents/order_sheet.html",
        {
            "order": order,
            "lines": list(lines.order_by("position")),
            "organisation": order.branch.organisation,
            "rank": order.rank,
            "account": usual_account(accounts, order.branch),
            "attestation": attestation.WORDINGS[order.attestation_version],
            "fictitious": order.branch.organisation.is_fictitious,
            "produced_at": timezone.now(),
        },
    )
    return store(content, name=f"{order.number}.pdf", content_type="application/pdf")
