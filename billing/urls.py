"""The bills' addresses, gathered: the member's pages, then ITQ's."""

from billing.urls_invoices import invoice_patterns
from billing.urls_staff import staff_patterns

app_name = "billing"
urlpatterns = [*invoice_patterns, *staff_patterns]
