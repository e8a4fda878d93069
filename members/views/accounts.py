"""Billing accounts at the providers and their managers; ITQ's confirmations (R-17, D-05)."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions.accounts import (
    ask_account,
    close_account,
    confirm_account,
    name_account_manager,
    record_account,
)
from members.forms.holdings import (
    AccountForm,
    AccountManagerForm,
    AskAccountForm,
    CloseAccountForm,
)
from members.models import Branch, Organisation
from members.permissions import require, require_member
from members.queries.holdings import account_managers, accounts_held, accounts_to_confirm
from members.queries.people import branches_where, require_branches, require_somewhere
from members.requests import SignedInRequest
from members.roles import May
from members.views.acts import Act, act_page, acted, pressed
from members.views.pages import member_page


@require_safe
def account_list(request: SignedInRequest, member: str) -> HttpResponse:
    """The member's accounts by provider and branch, and the account managers."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.SEE_MEMBER, organisation)
    recorded = branches_where(request.user, May.RECORD_ACCOUNT, organisation)
    return member_page(
        request,
        "members/account_list.html",
        organisation,
        accounts=accounts_held(request.user, organisation),
        managers=account_managers(request.user, organisation),
        may_record=recorded.exists(),
    )


@require_http_methods(["GET", "POST"])
def account_ask(request: SignedInRequest, member: str) -> HttpResponse:
    """« Ouvrir un compte » : note that the provider was asked (R-17)."""
    organisation, branches = _recording(request, member)
    form = AskAccountForm(request.POST or None, branches=branches, initial=request.GET.dict())
    if acted(request, form, lambda: ask_account(by=request.user, **form.cleaned_data)):
        messages.success(request, _("Demande inscrite. Inscrivez le numéro dès qu'il est connu."))
        return redirect("members:account_list", member=member)
    act = Act(
        title=_("Ouvrir un compte"),
        label=_("Inscrire la demande"),
        back=reverse("members:account_list", args=[member]),
        organisation=organisation,
        lead=_("Vous demandez le compte au prestataire ; le portail en garde la trace."),
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def account_record(request: SignedInRequest, member: str) -> HttpResponse:
    """Record an account's number; ITQ confirms it."""
    organisation, branches = _recording(request, member)
    form = AccountForm(request.POST or None, branches=branches, initial=request.GET.dict())
    if acted(request, form, lambda: record_account(by=request.user, **form.cleaned_data)):
        messages.success(request, _("Compte inscrit : ITQ le confirmera."))
        return redirect("members:account_list", member=member)
    act = Act(
        title=_("Inscrire un compte"),
        label=_("Inscrire le compte"),
        back=reverse("members:account_list", args=[member]),
        organisation=organisation,
        note=_("ITQ confirme le compte ; la liste du prestataire s'ouvre ensuite."),
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def account_close(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Date the end of an account."""
    organisation = require_member(request.user, member)
    account = get_object_or_404(accounts_held(request.user, organisation), pk=pk)
    require(request.user, May.RECORD_ACCOUNT, on=account)
    form = CloseAccountForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: close_account(account=account, by=request.user, **form.cleaned_data),
    ):
        return redirect("members:account_list", member=member)
    act = Act(
        title=_("Fermer le compte %(account)s") % {"account": account},
        label=_("Fermer le compte"),
        back=reverse("members:account_list", args=[member]),
        organisation=organisation,
        danger=True,
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def manager_name(request: SignedInRequest, member: str) -> HttpResponse:
    """Record the provider's account manager; the one before ends (R-06)."""
    organisation, branches = _recording(request, member)
    form = AccountManagerForm(request.POST or None, branches=branches)
    if acted(request, form, lambda: name_account_manager(by=request.user, **form.cleaned_data)):
        return redirect("members:account_list", member=member)
    act = Act(
        title=_("Inscrire un gestionnaire de compte"),
        label=_("Inscrire le gestionnaire"),
        back=reverse("members:account_list", args=[member]),
        organisation=organisation,
    )
    return act_page(request, form, act)


@require_safe
def staff_account_list(request: SignedInRequest) -> HttpResponse:
    """The accounts that await ITQ's confirmation."""
    require_somewhere(request.user, May.CONFIRM_ACCOUNT)
    context = {"accounts": accounts_to_confirm(request.user)}
    return render(request, "members/staff_account_list.html", context)


@require_POST
def account_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """ITQ confirms an account."""
    require_somewhere(request.user, May.CONFIRM_ACCOUNT)
    account = get_object_or_404(accounts_to_confirm(request.user), pk=pk)
    return pressed(
        request,
        lambda: confirm_account(account=account, by=request.user),
        _("Compte confirmé."),
        reverse("members:staff_account_list"),
    )


def _recording(request: SignedInRequest, member: str) -> tuple[Organisation, QuerySet[Branch]]:
    """The member and the branches whose accounts the person records."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.RECORD_ACCOUNT, organisation)
    return organisation, branches_where(request.user, May.RECORD_ACCOUNT, organisation)
