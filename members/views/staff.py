"""ITQ's pages over organisations, interlocutors, staff and lost second factors (D-05, F-03)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions.designations import designate_interlocutor
from members.actions.factors import ask_factor_reset, complete_factor_reset
from members.actions.organisations import (
    add_subdivision,
    change_organisation,
    create_organisation,
)
from members.actions.staff import end_appointment, open_staff_account
from members.forms.organisations import (
    FactorResetForm,
    OrganisationChangeForm,
    OrganisationFilters,
    OrganisationForm,
    StaffForm,
    SubdivisionForm,
)
from members.forms.people import InterlocutorForm
from members.models import Organisation
from members.permissions import WHOLE_GROUP, can, require, require_member
from members.queries.organisations import organisations_seen
from members.queries.people import appointments, factor_resets
from members.requests import SignedInRequest
from members.roles import StaffMay
from members.views.acts import Act, act_page, acted, pressed
from portal.lists import Column, ListDefinition, Listing
from portal.models import Fold

WATCHED = ("intrl", "rcell", "manda", "factu", "dero")


def vacant_labels(organisation: Organisation) -> str:
    """The vacant roles of an organisation's root, by their codes."""
    lacking = [code.upper() for code in WATCHED if not getattr(organisation, f"has_{code}")]
    return ", ".join(lacking)


ORGANISATION_LIST = ListDefinition(
    name="organismes",
    columns=(
        Column("nom", gettext_lazy("Organisme"), lambda o: o.name, (Fold("name"),)),
        Column("genre", gettext_lazy("Genre"), lambda o: o.get_kind_display(), ("kind",)),
        Column("statut", gettext_lazy("Statut"), lambda o: o.get_status_display(), ("status",)),
        Column("vacants", gettext_lazy("Rôles vacants"), vacant_labels),
        Column(
            "subdivisions",
            gettext_lazy("Subdivisions"),
            lambda o: o.branch_count,
            ("branch_count",),
            numeric=True,
        ),
        Column("neq", gettext_lazy("NEQ"), lambda o: o.neq, listed=False),
        Column("population", gettext_lazy("Population"), lambda o: o.population, listed=False),
    ),
    search=("name", "neq", "administrative_region"),
    filters=OrganisationFilters,
    default_sort="nom",
)


def require_staff(request: SignedInRequest, may: StaffMay = StaffMay.OPEN_CONSOLE) -> None:
    """ITQ's pages are for its staff: 403 for the others."""
    require(request.user, may, on=WHOLE_GROUP)


@require_safe
def staff_organisation_list(request: SignedInRequest) -> HttpResponse:
    """Every organisation with its vacant roles; those without an interlocutor are ITQ's (F-03)."""
    require_staff(request)
    listing = Listing(request, ORGANISATION_LIST, organisations_seen(request.user))
    return listing.export() or render(  # type: ignore[return-value]
        request,
        "members/staff_organisation_list.html",
        {
            "listing": listing,
            "may_create": can(request.user, StaffMay.MANAGE_MEMBERS, on=None),
            "rows": [{"o": row, "vacant": vacant_labels(row)} for row in listing.page],
        },
    )


@require_http_methods(["GET", "POST"])
def staff_organisation_create(request: SignedInRequest) -> HttpResponse:
    """Record an organisation, in joining."""
    require_staff(request, StaffMay.MANAGE_MEMBERS)
    form = OrganisationForm(request.POST or None)
    created: list[Organisation] = []
    if acted(
        request,
        form,
        lambda: created.append(create_organisation(by=request.user, **form.cleaned_data)),
    ):
        return redirect("members:staff_organisation_detail", member=created[0].slug)
    act = Act(
        title=_("Inscrire un organisme"),
        label=_("Inscrire l'organisme"),
        back=reverse("members:staff_organisation_list"),
        note=_("Ensuite, désignez son interlocuteur sur désignation écrite."),
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def staff_organisation_detail(request: SignedInRequest, member: str) -> HttpResponse:
    """What ITQ knows of an organisation, and changes."""
    require_staff(request, StaffMay.MANAGE_MEMBERS)
    organisation = require_member(request.user, member)
    fields = OrganisationChangeForm.base_fields
    form = OrganisationChangeForm(
        request.POST or None, initial={name: getattr(organisation, name) for name in fields}
    )
    if acted(
        request,
        form,
        lambda: change_organisation(
            organisation=organisation, by=request.user, **form.cleaned_data
        ),
    ):
        messages.success(request, _("Organisme mis à jour."))
        return redirect("members:staff_organisation_detail", member=member)
    act = Act(
        title=_("Fiche d'ITQ, %(member)s") % {"member": organisation},
        label=_("Enregistrer"),
        back=reverse("members:staff_organisation_list"),
        organisation=organisation,
    )
    return act_page(
        request,
        form,
        act,
        template="members/staff_organisation_detail.html",
        branches=organisation.branches.all(),
        may_designate=can(request.user, StaffMay.DESIGNATE_INTRL, on=None),
    )


@require_http_methods(["GET", "POST"])
def staff_subdivision_add(request: SignedInRequest, member: str) -> HttpResponse:
    """Add a billing subdivision."""
    require_staff(request, StaffMay.MANAGE_MEMBERS)
    organisation = require_member(request.user, member)
    form = SubdivisionForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: add_subdivision(organisation=organisation, by=request.user, **form.cleaned_data),
    ):
        return redirect("members:staff_organisation_detail", member=member)
    act = Act(
        title=_("Ajouter une subdivision de facturation"),
        label=_("Ajouter"),
        back=reverse("members:staff_organisation_detail", args=[member]),
        organisation=organisation,
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def staff_interlocutor_designate(request: SignedInRequest, member: str) -> HttpResponse:
    """Designate an INTRL on written designation; the one in force is relieved (R-01)."""
    require_staff(request, StaffMay.DESIGNATE_INTRL)
    organisation = require_member(request.user, member)
    form = InterlocutorForm(request.POST or None, request.FILES or None, organisation=organisation)
    if acted(request, form, lambda: designate_interlocutor(by=request.user, **form.cleaned_data)):
        messages.success(request, _("Interlocuteur désigné : l'invitation part par courriel."))
        return redirect("members:respondent_list", member=member)
    act = Act(
        title=_("Désigner l'interlocuteur"),
        label=_("Désigner l'interlocuteur"),
        back=reverse("members:staff_organisation_list"),
        organisation=organisation,
        lead=_("Sur désignation écrite de l'organisme, jointe ici."),
        consequences=(
            _("S'il y a un interlocuteur en fonction, il est relevé au même instant."),
            _("La personne désignée reçoit une invitation valable 14 jours."),
        ),
    )
    return act_page(request, form, act)


@require_safe
def staff_list(request: SignedInRequest) -> HttpResponse:
    """ITQ's agents and administrators, by date."""
    require_staff(request, StaffMay.APPOINT_STAFF)
    context = {"appointments": appointments()}
    return render(request, "members/staff_list.html", context)


@require_http_methods(["GET", "POST"])
def staff_appoint(request: SignedInRequest) -> HttpResponse:
    """Open the account of an agent or administrator; a mail lets them choose a password."""
    require_staff(request, StaffMay.APPOINT_STAFF)
    form = StaffForm(request.POST or None)
    if acted(request, form, lambda: open_staff_account(by=request.user, **form.cleaned_data)):
        messages.success(
            request, _("Compte ouvert : la personne choisit son mot de passe par courriel.")
        )
        return redirect("members:staff_list")
    act = Act(
        title=_("Nommer une personne d'ITQ"),
        label=_("Nommer"),
        back=reverse("members:staff_list"),
        note=_("La personne choisit son mot de passe par « Mot de passe oublié »."),
    )
    return act_page(request, form, act)


@require_POST
def staff_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a function at ITQ, now."""
    require_staff(request, StaffMay.APPOINT_STAFF)
    appointment = get_object_or_404(appointments(), pk=pk)
    return pressed(
        request,
        lambda: end_appointment(appointment=appointment, by=request.user),
        _("Fonction terminée."),
        reverse("members:staff_list"),
    )


@require_http_methods(["GET", "POST"])
def factor_reset_list(request: SignedInRequest) -> HttpResponse:
    """Lost second factors: one agent calls back and asks, another lifts (signing.md §3.4)."""
    require_staff(request, StaffMay.ATTEST_INTERLOCUTOR)
    form = FactorResetForm(request.POST or None)
    if acted(request, form, lambda: ask_factor_reset(by=request.user, **form.cleaned_data)):
        messages.success(request, _("Demande inscrite : une autre personne d'ITQ la confirme."))
        return redirect("members:factor_reset_list")
    act = Act(
        title=_("Seconds facteurs perdus"),
        label=_("Inscrire le rappel"),
        back=reverse("portal:home"),
        lead=_(
            "Pour un interlocuteur ou une personne d'ITQ : rappelez-la à un numéro connu, "
            "inscrivez-le, puis une autre personne d'ITQ lève le facteur."
        ),
    )
    return act_page(
        request,
        form,
        act,
        template="members/factor_reset_list.html",
        resets=factor_resets(),
    )


@require_POST
def factor_reset_complete(request: SignedInRequest, pk: int) -> HttpResponse:
    """The second agent lifts the factor."""
    require_staff(request, StaffMay.ATTEST_INTERLOCUTOR)
    reset = get_object_or_404(factor_resets(), pk=pk)
    return pressed(
        request,
        lambda: complete_factor_reset(reset=reset, by=request.user),
        _("Second facteur levé ; la personne en est avisée."),
        reverse("members:factor_reset_list"),
    )
