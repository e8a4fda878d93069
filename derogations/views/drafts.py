"""Write a request: open it, record an earlier one, then one page a part (F-28, F-29)."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from catalogue.queries.lists import ranks_in_phase
from derogations.actions.drafts import (
    edit_request,
    open_request,
    set_kinds,
    set_service_numbers,
)
from derogations.actions.earlier import record_earlier
from derogations.completeness import PARTS, SERVICE_NUMBERS, parts_of
from derogations.forms.requests import (
    EarlierForm,
    KindsForm,
    PartForm,
    RequestNewForm,
    ServiceNumbersForm,
)
from derogations.models import Derogation
from derogations.queries.delays import usual_delays
from derogations.queries.requests import (
    asking_branches,
    open_comments,
    open_fields,
)
from derogations.views.part_page import FormPage, address_of, editable, one_form
from members.models import Organisation
from members.permissions import require_member
from members.queries.people import people_of
from members.requests import SignedInRequest
from portal.clock import today
from portal.forms import show_refusal
from portal.idempotency import posted_once

if TYPE_CHECKING:
    from django.db.models import QuerySet


@require_http_methods(["GET", "POST"])
def request_new(request: SignedInRequest, member: str) -> HttpResponse:
    """Open a request alone; the usual delay is shown first (F-35)."""
    organisation = require_member(request.user, member)
    form = RequestNewForm(
        request.POST or None,
        initial=_from_address(request),
        **_choices(request, organisation),
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data

        def opened() -> str:
            derogation = open_request(
                branch=typed["branch"],
                provider=typed["rank"].provider,
                contract=typed["rank"].contract,
                kinds=typed["kinds"],
                need=typed["need"],
                quantity=typed["quantity"],
                service_numbers=typed["numbers"],
                by=request.user,
            )
            return address_of(derogation)

        return redirect(posted_once(request, opened))
    context = {"organisation": organisation, "form": form, "delays": usual_delays()}
    status = 422 if form.errors else 200
    return render(request, "derogations/request_new.html", context, status=status)


@require_http_methods(["GET", "POST"])
def request_earlier(request: SignedInRequest, member: str) -> HttpResponse:
    """Record a derogation signed before the portal, with its scan."""
    organisation = require_member(request.user, member)
    form = EarlierForm(
        request.POST or None,
        request.FILES or None,
        initial=_from_address(request),
        **_choices(request, organisation),
    )
    if request.method == "POST" and form.is_valid():

        def recorded() -> str:
            typed = dict(form.cleaned_data)
            rank = typed.pop("rank")
            row = record_earlier(
                provider=rank.provider,
                contract=rank.contract,
                service_numbers=typed.pop("numbers"),
                by=request.user,
                **typed,
            )
            messages.success(request, _("Dérogation antérieure versée au dossier."))
            return address_of(row)

        try:
            return redirect(posted_once(request, recorded))
        except ValidationError as error:
            show_refusal(form, error)
    context = {"organisation": organisation, "form": form}
    status = 422 if form.errors else 200
    return render(request, "derogations/request_earlier.html", context, status=status)


@require_http_methods(["GET", "POST"])
def request_kinds(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Choose the kinds again (R-20)."""
    derogation = editable(request, member, number)
    kinds = [head.kind for head in derogation.heads.all()]
    form = KindsForm(request.POST or None, initial={"kinds": kinds})
    page = FormPage(_("Genre de dérogation"), _("Enregistrer"))
    return one_form(
        request,
        derogation,
        form,
        page,
        lambda typed: set_kinds(derogation=derogation, kinds=typed["kinds"], by=request.user),
    )


@require_http_methods(["GET", "POST"])
def request_edit(request: SignedInRequest, member: str, number: str, part: str) -> HttpResponse:
    """One part of a request; after a return, only the fields that were commented (F-30)."""
    derogation = editable(request, member, number)
    if part not in parts_of([head.kind for head in derogation.heads.all()]):
        raise Http404
    title, names = PARTS[part]
    page = FormPage(title, _("Enregistrer"), note=_("La demande reste un brouillon."))
    if names == (SERVICE_NUMBERS,):
        return _numbers_form(request, derogation, page)
    opened = open_fields(derogation, open_comments(derogation))
    fields = [name for name in names if opened is None or name in opened]
    if part in ("lieux", "pieces") or not fields:
        raise Http404
    form = PartForm(
        request.POST or None,
        initial=PartForm.values_of(derogation, fields),
        names=fields,
        people=people_of(request.user, derogation.branch.organisation),
    )
    return one_form(
        request,
        derogation,
        form,
        page,
        lambda typed: edit_request(derogation=derogation, values=typed, by=request.user),
    )


def _numbers_form(request: SignedInRequest, derogation: Derogation, page: FormPage) -> HttpResponse:
    """The lines that the request is for."""
    form = ServiceNumbersForm(
        request.POST or None, initial={"numbers": "\n".join(derogation.service_numbers)}
    )
    return one_form(
        request,
        derogation,
        form,
        page,
        lambda typed: set_service_numbers(
            derogation=derogation, numbers=typed["numbers"], by=request.user
        ),
    )


def _choices(request: SignedInRequest, organisation: Organisation) -> dict[str, "QuerySet"]:  # type: ignore[type-arg]
    """The branches for which I may ask, and the providers of contracts in phase; 404 without."""
    branches = asking_branches(request.user, organisation)
    if not branches.exists():
        raise Http404
    return {"branches": branches, "ranks": ranks_in_phase(today())}


def _from_address(request: SignedInRequest) -> dict[str, object]:
    """What a link fills: the lines, their branch, their provider, the kinds (F-28).

    Without a provider it is the second rank, which needs a derogation (R-13).
    """
    asked = request.GET
    ranks = ranks_in_phase(today())
    provider = asked.get("provider", "")
    wanted = ranks.filter(provider=int(provider)) if provider.isdecimal() else ranks
    numbers = asked.getlist("numbers")
    filled: dict[str, object] = {
        "rank": wanted.first() if provider.isdecimal() else ranks.filter(rank__gt=1).first(),
        "numbers": "\n".join(numbers),
        "quantity": max(1, len(numbers)),
    }
    told = {name: asked[name] for name in ("branch", "need") if name in asked}
    return {**filled, **told, **({"kinds": asked.getlist("kinds")} if "kinds" in asked else {})}
