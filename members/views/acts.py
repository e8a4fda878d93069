"""How an act's page answers: a form, its refusal on the form, or the page to go to next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from members.models import Organisation
from portal.forms import show_refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Act:
    """What the page of an act says: title, button, way back, and what will follow.

    ``parent`` names the page to go back to where no member's name leads to it: ITQ's own.
    """

    title: "StrOrPromise"
    label: "StrOrPromise"
    back: str
    organisation: Organisation | None = None
    parent: "StrOrPromise" = ""
    lead: "StrOrPromise" = ""
    note: "StrOrPromise" = ""
    consequences: "Sequence[StrOrPromise]" = ()
    danger: bool = False


def acted(request: HttpRequest, form: forms.Form, act: Callable[[], object]) -> bool:
    """Do the act of a valid POST; its ValidationError is shown on the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act()
    except ValidationError as error:
        show_refusal(form, error)
        return False
    return True


def pressed(
    request: HttpRequest, act: Callable[[], object], said: "StrOrPromise", back: str
) -> HttpResponse:
    """A button without a form: do the act, or say why it could not be done; go back."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect(back)


def act_page(
    request: HttpRequest,
    form: forms.Form,
    act: Act,
    *,
    template: str = "members/act.html",
    **context: object,
) -> HttpResponse:
    """The page of an act: 422 when what was typed is to be mended."""
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, "act": act, **context}, status=status)
