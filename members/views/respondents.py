"""The register of respondents: who holds what, and the acts over a role (F-02, F-07)."""

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions.designations import designate_someone
from members.actions.people import attest_identity
from members.actions.respondents import (
    confirm_designation,
    end_role,
    hand_over_interlocutor,
    retract_designation,
)
from members.designation import attesting, designating
from members.forms.people import (
    DesignationForm,
    EndForm,
    HandOverForm,
    MethodForm,
    ReasonForm,
    RespondentFilters,
)
from members.models import Organisation, Respondent
from members.permissions import require, require_member
from members.queries.acts import acts_over, givable_roles, may_hand_over
from members.queries.journal import history_of
from members.queries.people import (
    accounts_of,
    branches_where,
    invitations_of,
    open_invitations,
    people_of,
    require_branches,
    respondents_of,
)
from members.requests import SignedInRequest
from members.roles import May, Role
from members.views.acts import Act, act_page, acted, pressed
from members.views.pages import member_page
from portal.audit import EVENTS
from portal.files import attachment
from portal.lists import Column, ListDefinition, Listing
from portal.models import AuditEvent, Fold

STANDING_LABELS = dict(RespondentFilters.base_filters["etat"].extra["choices"])

RESPONDENT_LIST = ListDefinition(
    name="repondants",
    columns=(
        Column(
            "personne",
            gettext_lazy("Personne"),
            lambda r: str(r.person),
            (Fold("person__family_name"), Fold("person__given_name")),
        ),
        Column("role", gettext_lazy("Rôle"), lambda r: r.get_role_display(), ("role",)),
        Column("subdivision", gettext_lazy("Subdivision"), lambda r: str(r.branch), ("branch",)),
        Column("debut", gettext_lazy("Depuis"), lambda r: r.since, ("since",)),
        Column("fin", gettext_lazy("Jusqu'à"), lambda r: r.until, ("until",)),
        Column("etat", gettext_lazy("État"), lambda r: STANDING_LABELS[r.stands], ("stands",)),
        Column("courriel", gettext_lazy("Courriel"), lambda r: r.person.email, listed=False),
        Column("secteur", gettext_lazy("Secteur"), lambda r: r.sector, listed=False),
        Column("acte", gettext_lazy("Acte"), lambda r: r.act_reference, listed=False),
    ),
    search=("person__given_name", "person__family_name", "person__email", "sector"),
    filters=RespondentFilters,
    default_sort="personne",
)


def fetch(request: SignedInRequest, member: str, pk: int) -> tuple[Organisation, Respondent]:
    """The row that an address names, through the gate; 404 otherwise."""
    organisation = require_member(request.user, member)
    rows = respondents_of(request.user, organisation)
    return organisation, get_object_or_404(rows, pk=pk)


def detail_url(respondent: Respondent) -> str:
    """The page of one row of the register."""
    slug = respondent.branch.organisation.slug
    return reverse("members:respondent_detail", args=[slug, respondent.pk])


@require_safe
def respondent_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """Who holds, held or will hold which role; ``?au=`` shows a day (F-07)."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.SEE_MEMBER, organisation)
    listing = Listing(
        request,
        RESPONDENT_LIST,
        respondents_of(request.user, organisation),
        {"branches": branches_where(request.user, May.SEE_MEMBER, organisation)},
    )
    return listing.export() or member_page(
        request,
        "members/respondent_list.html",
        organisation,
        listing=listing,
        may_designate=bool(givable_roles(request.user, organisation)),
        day=request.GET.get("au", ""),
    )


@require_safe
def respondent_detail(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """One role held: its dates, acts, accounts and history, and what may be done to it."""
    organisation, respondent = fetch(request, member, pk)
    accounts = list(accounts_of(respondent.person))
    events = history_of(request.user, "members.respondent", respondent.pk, May.SEE_MEMBER)
    open_ones = open_invitations(invitations_of(request.user, organisation))
    return member_page(
        request,
        "members/respondent_detail.html",
        organisation,
        respondent=respondent,
        stands_label=STANDING_LABELS[respondent.stands],  # type: ignore[attr-defined]
        accounts=accounts,
        invitations=open_ones.filter(person=respondent.person),
        history=[history_entry(event) for event in events],
        acts=acts_over(request.user, respondent, has_account=bool(accounts)),
    )


def history_entry(event: AuditEvent) -> dict[str, object]:
    """One line of the history."""
    return {
        "label": EVENTS[event.code].label if event.code in EVENTS else event.code,
        "at": event.recorded_at,
        "by": event.actor_label,
        "note": event.data.get("reason", ""),
    }


@require_http_methods(["GET", "POST"])
def respondent_designate(request: SignedInRequest, member: str) -> HttpResponse:
    """Give a role to someone known or new; a new person is invited by e-mail (F-05)."""
    organisation = require_member(request.user, member)
    roles = givable_roles(request.user, organisation)
    may = May.DESIGNATE if Role.RCELL in roles else May.NAME_READER
    require_branches(request.user, may, organisation)
    form = DesignationForm(
        request.POST or None,
        roles=roles,
        branches=branches_where(request.user, may, organisation),
        people=people_of(request.user, organisation),
        initial={"role": request.GET.get("role", "")},
    )
    if acted(request, form, lambda: designate_someone(by=request.user, **form.cleaned_data)):
        return redirect("members:respondent_list", member=member)
    act = Act(
        title=_("Désigner un répondant"),
        label=_("Désigner"),
        back=reverse("members:respondent_list", args=[member]),
        organisation=organisation,
        lead=_(
            "Choisissez une personne déjà inscrite, ou inscrivez-en une nouvelle : elle recevra "
            "une invitation valable 14 jours."
        ),
        note=_(
            "Une désignation « Dérogation » prend effet une fois confirmée par une autre personne."
        ),
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def respondent_end(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """End a role, now or on a day to come."""
    organisation, respondent = fetch(request, member, pk)
    require(request.user, designating(Role(respondent.role)), on=respondent)
    form = EndForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: end_role(respondent=respondent, by=request.user, **form.cleaned_data),
    ):
        return redirect(detail_url(respondent))
    act = Act(
        title=_("Mettre fin au rôle de %(person)s") % {"person": respondent.person},
        label=_("Mettre fin au rôle"),
        back=detail_url(respondent),
        organisation=organisation,
        lead=f"{respondent.get_role_display()}, {respondent.branch}",
        consequences=(
            _("Ses droits cessent à la prochaine page qu'elle ouvre."),
            _("Le retrait de ses accès aux portails des prestataires s'ajoute à vos tâches."),
            _("Les invitations qu'elle a envoyées dans ce rôle sont révoquées."),
        ),
        danger=True,
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def respondent_hand_over(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Hand INTRL over to a successor in one dated act (R-01)."""
    organisation, respondent = fetch(request, member, pk)
    if not may_hand_over(request.user, respondent):
        require(request.user, designating(Role(respondent.role)), on=respondent)
    people = people_of(request.user, organisation).exclude(pk=respondent.person_id)
    people = people.filter(accounts__is_active=True).distinct()
    written = request.user.person_id != respondent.person_id
    form = HandOverForm(request.POST or None, request.FILES or None, people=people, written=written)
    if acted(
        request,
        form,
        lambda: hand_over_interlocutor(respondent=respondent, by=request.user, **form.cleaned_data),
    ):
        return redirect(detail_url(respondent) if written else "portal:home")
    lead = _("La remise se fait en un seul acte daté : sans intervalle ni chevauchement.")
    act = Act(
        title=_("Remettre le rôle d'interlocuteur"),
        label=_("Remettre le rôle"),
        back=detail_url(respondent),
        organisation=organisation,
        lead=f"{lead} {_('Elle se fait sur désignation écrite, jointe ici.')}" if written else lead,
        consequences=(
            _("%(person)s cesse d'être interlocuteur à cet instant.")
            % {"person": respondent.person},
            _("Les invitations encore ouvertes de l'interlocuteur actuel sont révoquées."),
        ),
        danger=True,
    )
    return act_page(request, form, act)


@require_safe
def respondent_act(request: SignedInRequest, member: str, pk: int) -> HttpResponseBase:
    """Download the act of designation, as ITQ received it."""
    _organisation, respondent = fetch(request, member, pk)
    if respondent.act_file is None:
        raise Http404
    return attachment(respondent.act_file)


@require_POST
def respondent_confirm(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Confirm that a DERO matches the act on file (R-02)."""
    _organisation, respondent = fetch(request, member, pk)
    return pressed(
        request,
        lambda: confirm_designation(respondent=respondent, by=request.user),
        _("Désignation confirmée : le rôle prend effet."),
        detail_url(respondent),
    )


@require_http_methods(["GET", "POST"])
def respondent_retract(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Cancel a designation to come."""
    organisation, respondent = fetch(request, member, pk)
    require(request.user, designating(Role(respondent.role)), on=respondent)
    form = ReasonForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: retract_designation(respondent=respondent, by=request.user, **form.cleaned_data),
    ):
        return redirect(detail_url(respondent))
    act = Act(
        title=_("Annuler la désignation de %(person)s") % {"person": respondent.person},
        label=_("Annuler la désignation"),
        back=detail_url(respondent),
        organisation=organisation,
        lead=_("Ce rôle n'a pas commencé ; la ligne reste au registre, marquée « annulée »."),
        danger=True,
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def respondent_attest(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Attest an identity: INTRL for the member's people, ITQ for an INTRL (signing.md §2)."""
    organisation, respondent = fetch(request, member, pk)
    require(request.user, attesting(Role(respondent.role)), on=respondent)
    form = MethodForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: attest_identity(respondent=respondent, by=request.user, **form.cleaned_data),
    ):
        return redirect(detail_url(respondent))
    act = Act(
        title=_("Attester l'identité de %(person)s") % {"person": respondent.person},
        label=_("Attester"),
        back=detail_url(respondent),
        organisation=organisation,
        lead=_(
            "Vous affirmez avoir vérifié qui est cette personne ; la date et votre nom restent."
        ),
    )
    return act_page(request, form, act)
