"""An invoice typed by hand, with the provider's PDF: « saisie, sans détail »."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing.actions.typed import TypedTotals, type_invoice
from billing.forms.invoices import TypedInvoiceForm
from billing.views.tabs import act_once, bill_page
from members.models import ProviderAccount
from members.permissions import require_member, visible
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May

TAB = "billing:invoice_list"


@require_http_methods(["GET", "POST"])
def invoice_type(request: SignedInRequest, member: str) -> HttpResponse:
    """Type the totals of one account's period."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.IMPORT_BILLS, organisation)
    accounts = visible(
        request.user,
        May.IMPORT_BILLS,
        ProviderAccount.objects.filter(branch__organisation=organisation).exclude(number=""),
    ).select_related("provider", "branch")
    form = TypedInvoiceForm(request.POST or None, request.FILES or None, accounts=accounts)
    url = reverse("billing:invoice_list", args=[member])

    def act() -> None:
        told = form.told
        amounts = {name: told.pop(name) for name in TypedTotals.__dataclass_fields__}
        type_invoice(totals=TypedTotals(**amounts), by=request.user, **told)
        messages.success(request, _("Facture saisie, sans détail. Il reste à la vérifier."))

    if request.method == "POST" and (answer := act_once(request, form, act, url)):
        return answer
    page = bill_page(
        request,
        organisation,
        TAB,
        form=form,
        url=url,
        has_accounts=bool(form.fields["account"].queryset),  # type: ignore[attr-defined]
    )
    return render(request, "billing/invoice_type.html", page, status=422 if form.errors else 200)
