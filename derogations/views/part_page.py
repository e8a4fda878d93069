"""A page of a draft that is one form, or one act: fetched, saved, back to the request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from derogations.models import Derogation
from derogations.queries.requests import EDITABLE_STATES
from derogations.views.requests import fetch_derogation, require_asking
from members.requests import SignedInRequest
from portal.forms import show_refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page that is one form: what it is called, what its button does."""

    title: "StrOrPromise"
    label: "StrOrPromise"
    note: "StrOrPromise" = ""
    lead: "StrOrPromise" = ""


def editable(request: SignedInRequest, member: str, number: str) -> Derogation:
    """A request that I may write; 404 once it is frozen."""
    derogation = fetch_derogation(request, member, number)
    require_asking(request, derogation)
    if derogation.state not in EDITABLE_STATES:
        raise Http404
    return derogation


def one_form(
    request: SignedInRequest,
    derogation: Derogation,
    form: forms.Form,
    page: FormPage,
    save: Callable[[dict[str, Any]], object],
    **context: object,
) -> HttpResponse:
    """Show a form, or save it and go back to the request."""
    if request.method == "POST" and form.is_valid():
        try:
            save(form.cleaned_data)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            return redirect(address_of(derogation))
    shown = {
        "organisation": derogation.branch.organisation,
        "derogation": derogation,
        "form": form,
        "page": page,
        "blank_forms": [],
        "back": address_of(derogation),
        **context,
    }
    status = 422 if form.errors else 200
    return render(request, "derogations/request_part.html", shown, status=status)


def act_once(
    request: HttpRequest, derogation: Derogation, act: Callable[[], object]
) -> HttpResponse:
    """One act without a form; its refusal is told on the request's page."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(address_of(derogation))


def address_of(derogation: Derogation) -> str:
    """The page of one derogation."""
    return reverse(
        "derogations:request_detail", args=[derogation.branch.organisation.slug, derogation.number]
    )
