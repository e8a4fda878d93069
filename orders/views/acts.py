"""What is done to an order after it is built: submitted, cancelled, sent, followed, closed."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from members.requests import SignedInRequest
from orders import attestation
from orders.actions.drafts import update_draft
from orders.actions.milestones import Activation, close_order, receive_order, record_milestone
from orders.actions.sending import (
    ask_new_link,
    record_placed_order,
    record_provider_entry,
    settle_sending,
)
from orders.actions.submission import cancel_order, reopen_order, submit_order
from orders.forms.orders import (
    MilestoneForm,
    PlacedForm,
    ProviderEntryForm,
    ReasonForm,
    SettleForm,
    SubmitForm,
)
from orders.kinds import MilestoneKind, OrderState
from orders.models import Order
from orders.queries.fleet import accounts_to_choose
from orders.queries.orders import order_lines
from orders.views.orders import fetch_order, milestone_forms, order_page
from portal.forms import show_refusal
from portal.idempotency import posted_once


@require_POST
def order_submit(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Submit a draft once, whatever the network does (X-09)."""
    order = fetch_order(request, member, number)
    form = SubmitForm(request.POST, wording=attestation.WORDINGS[attestation.CURRENT])

    def submit() -> None:
        submitted = submit_order(
            order=order,
            by=request.user,
            attested=True,
            reference=form.cleaned_data["reference"],
        )
        if submitted.state == OrderState.AWAITING_DEROGATION:
            messages.warning(
                request, _("Commande soumise ; elle attend une dérogation et ne part pas encore.")
            )
        else:
            messages.success(request, _("Commande enregistrée ; transmission en cours."))

    return _do(request, order, form, submit, "submit_form")


@require_POST
def order_update(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Give a draft's articles the terms of today's list."""
    order = fetch_order(request, member, number)

    def update() -> None:
        update_draft(order=order, by=request.user)
        messages.success(request, _("Le brouillon est à jour : relisez-en le total."))

    return _do(request, order, forms.Form({}), update, "")


@require_POST
def order_placed(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Record a draft that was placed at the provider already."""
    order = fetch_order(request, member, number)
    form = PlacedForm(
        request.POST, prefix="placed", wording=attestation.WORDINGS[attestation.CURRENT]
    )

    def record() -> None:
        record_placed_order(order=order, by=request.user, **form.cleaned_data)
        messages.success(request, _("Commande inscrite ; rien n'est transmis au prestataire."))

    return _do(request, order, form, record, "placed_form")


@require_POST
def order_cancel(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Cancel an order that is not sent."""
    order = fetch_order(request, member, number)
    form = ReasonForm(request.POST, prefix="cancel")

    def cancel() -> None:
        cancel_order(order=order, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Commande annulée."))

    return _do(request, order, form, cancel, "cancel_form")


@require_POST
def order_reopen(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Put an order that awaits a derogation back to draft."""
    order = fetch_order(request, member, number)
    form = ReasonForm(request.POST, prefix="reopen")

    def reopen() -> None:
        reopen_order(order=order, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("La commande est de nouveau un brouillon."))

    return _do(request, order, form, reopen, "reopen_form")


@require_POST
def order_provider_entry(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Say the confirmation number that the provider's portal gave."""
    order = fetch_order(request, member, number)
    form = ProviderEntryForm(request.POST)

    def enter() -> None:
        record_provider_entry(
            order=order, confirmation=form.cleaned_data["confirmation"], by=request.user
        )
        messages.success(request, _("Commande transmise."))

    return _do(request, order, form, enter, "entry_form")


@require_POST
def order_settle(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """ITQ settles an uncertain sending."""
    order = fetch_order(request, member, number)
    form = SettleForm(request.POST)

    def settle() -> None:
        settle_sending(order=order, by=request.user, **form.cleaned_data)
        messages.success(request, _("La transmission est tranchée."))

    return _do(request, order, form, settle, "settle_form")


@require_POST
def order_new_link(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Have a new link to the sheet sent to the provider."""
    order = fetch_order(request, member, number)

    def ask() -> None:
        ask_new_link(order=order, by=request.user)
        messages.success(request, _("Un nouveau lien part chez le prestataire."))

    return _do(request, order, forms.Form({}), ask, "")


@require_POST
def order_receive(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """The goods are in hand."""
    order = fetch_order(request, member, number)
    return _do(
        request, order, forms.Form({}), lambda: receive_order(order=order, by=request.user), ""
    )


@require_POST
def order_close(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Nothing more is awaited."""
    order = fetch_order(request, member, number)
    return _do(
        request, order, forms.Form({}), lambda: close_order(order=order, by=request.user), ""
    )


@require_POST
def milestone_record(
    request: SignedInRequest, member: str, number: str, position: int
) -> HttpResponse:
    """Record what the provider did for one line."""
    order = fetch_order(request, member, number)
    lines = order_lines(order)
    line = get_object_or_404(order.lines, position=position)
    accounts = accounts_to_choose(order)
    form = MilestoneForm(request.POST, line=line, accounts=accounts, prefix=f"m{position}")

    def note() -> None:
        told = form.cleaned_data
        record_milestone(
            order_line=line,
            kind=MilestoneKind(told["kind"]),
            reached_on=told["reached_on"],
            note=told["note"],
            activation=Activation(
                number=told.get("number", ""),
                account=told.get("account"),
                sim_number=told.get("sim_number", ""),
                imei=told.get("imei", ""),
            ),
            by=request.user,
        )
        messages.success(request, _("Jalon inscrit."))

    refused = [
        (other, form if shown.prefix == form.prefix else shown)
        for other, shown in milestone_forms(lines, accounts)
    ]
    return _do(request, order, form, note, "milestone_forms", refused)


def _do(
    request: SignedInRequest,
    order: Order,
    form: forms.Form,
    act: Callable[[], object],
    name: str,
    shown: object | None = None,
) -> HttpResponse:
    """Validate, act once, go back to the order; a refusal shows the page with its sentences."""
    url = reverse("orders:order_detail", args=[order.branch.organisation.slug, order.number])

    def answer() -> str:
        act()
        return url

    if form.is_valid():
        try:
            return redirect(posted_once(request, answer))
        except ValidationError as error:
            show_refusal(form, error)
    page = order_page(request, order, **({name: shown or form} if name else {}))
    return render(request, "orders/order_detail.html", {**page, "refused_form": form}, status=422)
