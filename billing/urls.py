"""The bills' addresses, gathered: the member's pages, then ITQ's."""

from billing.urls_invoices import invoice_patterns

app_name = "billing"
urlpatterns = [*invoice_patterns]
