"""Interims of a line, named in writing (F-11)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions.interims import confirm_interim, end_interim, name_interim
from members.forms.delegations import InterimForm
from members.forms.people import ReasonForm
from members.models import Interim, Organisation
from members.permissions import require, require_member
from members.queries.people import people_of
from members.queries.plans import interims_of
from members.requests import SignedInRequest
from members.roles import May
from members.views.acts import Act, act_page, acted, pressed
from members.views.delegations import fetch as fetch_line
from members.views.delegations import line_url
from portal.files import attachment


def _fetch(request: SignedInRequest, member: str, pk: int) -> tuple[Organisation, Interim]:
    """The interim that an address names, through the gate; 404 otherwise."""
    organisation = require_member(request.user, member)
    return organisation, get_object_or_404(interims_of(request.user, organisation), pk=pk)


@require_http_methods(["GET", "POST"])
def interim_name(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Record who holds a post for some days, with the writing."""
    organisation, line = fetch_line(request, member, pk)
    require(request.user, May.RECORD_DELEGATION, on=line)
    form = InterimForm(
        request.POST or None,
        request.FILES or None,
        people=people_of(request.user, organisation),
    )
    if acted(request, form, lambda: name_interim(delegation=line, by=request.user, **form.said)):
        messages.success(
            request, _("Intérim inscrit : il attend qu'une autre personne le confirme.")
        )
        return redirect(line_url(member, pk))
    act = Act(
        title=_("Nommer un intérimaire : %(line)s") % {"line": line},
        label=_("Inscrire l'intérim"),
        back=line_url(member, pk),
        organisation=organisation,
        lead=_("Un intérimaire est désigné par écrit. L'intérim prend fin de lui-même."),
    )
    return act_page(request, form, act)


@require_safe
def interim_act(request: SignedInRequest, member: str, pk: int) -> HttpResponseBase:
    """Download the writing that names an interim."""
    _organisation, interim = _fetch(request, member, pk)
    if interim.act_file is None:
        raise Http404
    return attachment(interim.act_file)


@require_POST
def interim_confirm(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """A second person confirms an interim (R-02)."""
    _organisation, interim = _fetch(request, member, pk)
    return pressed(
        request,
        lambda: confirm_interim(interim=interim, by=request.user),
        _("Intérim confirmé : il vaut à ses dates."),
        line_url(member, interim.delegation_id),
    )


@require_http_methods(["GET", "POST"])
def interim_end(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """End an interim now."""
    organisation, interim = _fetch(request, member, pk)
    require(request.user, May.RECORD_DELEGATION, on=interim)
    form = ReasonForm(request.POST or None)
    back = line_url(member, interim.delegation_id)
    if acted(
        request,
        form,
        lambda: end_interim(interim=interim, by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("Intérim terminé ; les demandes ouvertes suivent."))
        return redirect(back)
    act = Act(
        title=_("Mettre fin à l'intérim de %(person)s") % {"person": interim.person},
        label=_("Mettre fin"),
        back=back,
        organisation=organisation,
        danger=True,
    )
    return act_page(request, form, act)
