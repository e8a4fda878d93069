"""INTRL's page: ITQ's mandate over the bills, and whether verifying and paying are separate."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.actions.payments import set_payment_rule
from billing.forms.settlements import MandateForm, SeparationForm
from billing.queries.mandates import mandates_of
from billing.queries.payments import payment_rules_of
from billing.views.tabs import act_once, bill_page
from members.actions.mandates import give_billing_mandate, revoke_billing_mandate
from members.models import Organisation
from members.permissions import require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from portal.clock import database_clock, midnight

TAB = "billing:mandate"


@require_safe
def mandate(request: SignedInRequest, member: str) -> HttpResponse:
    """The mandates in force and past, and the rule on payments (R-44, G06)."""
    organisation = require_member(request.user, member)
    return render(request, "billing/mandate.html", _page(request, organisation))


@require_POST
def mandate_give(request: SignedInRequest, member: str) -> HttpResponse:
    """Let ITQ import and open the bills of a branch."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.GIVE_BILLING_MANDATE, organisation)
    form = MandateForm(request.POST, branches=branches, prefix="mandate")

    def act() -> None:
        told = form.values
        last = told["until"]
        until = midnight(last + timedelta(days=1)) if last else None
        give_billing_mandate(branch=told["branch"], until=until, by=request.user)
        messages.success(request, _("Mandat donné : ITQ peut importer et ouvrir vos factures."))

    return _answer(request, organisation, form, act, "mandate_form")


@require_POST
def mandate_revoke(request: SignedInRequest, member: str, mandate: int) -> HttpResponse:
    """Take a mandate back, now."""
    organisation = require_member(request.user, member)
    found = get_object_or_404(mandates_of(request.user, organisation), pk=mandate)
    try:
        revoke_billing_mandate(mandate=found, by=request.user)
        messages.success(request, _("Mandat retiré : ITQ n'ouvre plus vos factures."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("billing:mandate", member)


@require_POST
def payment_separation(request: SignedInRequest, member: str) -> HttpResponse:
    """Say whether two people are needed to release and to pay."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.NAME_PAYER, organisation)
    form = SeparationForm(request.POST, branches=branches, prefix="rule")

    def act() -> None:
        set_payment_rule(by=request.user, **form.values)
        messages.success(request, _("Règle de paiement inscrite."))

    return _answer(request, organisation, form, act, "rule_form")


def _answer(
    request: SignedInRequest, organisation: Organisation, form: Any, act: Any, name: str
) -> HttpResponse:
    """Back to the page, or the page with what was refused."""
    url = reverse("billing:mandate", args=[organisation.slug])
    if answer := act_once(request, form, act, url):
        return answer
    page = _page(request, organisation, refused_form=form, **{name: form})
    return render(request, "billing/mandate.html", page, status=422)


def _page(request: SignedInRequest, organisation: Organisation, **given: Any) -> dict[str, Any]:
    """The page; ``given`` replaces a form that was refused."""
    branches = require_branches(request.user, May.GIVE_BILLING_MANDATE, organisation)
    now = database_clock()
    mandates = [
        (one, one.period.upper is None or one.period.upper > now)
        for one in mandates_of(request.user, organisation)
    ]
    rules = payment_rules_of(request.user, organisation)
    context = {
        "mandates": mandates,
        "rules": [(branch, rules.get(branch.pk)) for branch in branches],
        "mandate_form": MandateForm(branches=branches, prefix="mandate"),
        "rule_form": SeparationForm(
            branches=branches,
            prefix="rule",
            initial={"is_separated": any(rule.is_separated for rule in rules.values())},
        ),
        "refused_form": None,
    }
    return bill_page(request, organisation, TAB, **{**context, **given})
