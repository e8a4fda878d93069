"""The register of accesses to the providers' own portals (R-06, F-90)."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from members.actions.accesses import grant_access, keep_access, record_access, revoke_access
from members.forms.holdings import AccessFilters, AccessForm, GrantForm, RevokeForm
from members.forms.people import ReasonForm
from members.models import Branch, Organisation, ProviderAccess
from members.permissions import Refused, require, require_member
from members.queries.holdings import access_branches, accesses_of, holders_for_access
from members.requests import SignedInRequest
from members.roles import May
from members.views.acts import Act, act_page, acted
from members.views.pages import member_page
from portal.lists import Column, ListDefinition, Listing
from portal.models import Fold

ACCESS_LIST = ListDefinition(
    name="acces-prestataires",
    columns=(
        Column(
            "personne",
            gettext_lazy("Personne"),
            lambda a: str(a.person),
            (Fold("person__family_name"), Fold("person__given_name")),
        ),
        Column(
            "prestataire", gettext_lazy("Prestataire"), lambda a: str(a.provider), ("provider",)
        ),
        Column("subdivision", gettext_lazy("Subdivision"), lambda a: str(a.branch), ("branch",)),
        Column("portee", gettext_lazy("Portée"), lambda a: ", ".join(scope_labels(a))),
        Column("demande", gettext_lazy("Demandé le"), lambda a: a.asked_on, ("asked_on",)),
        Column("accorde", gettext_lazy("Accordé le"), lambda a: a.granted_on, ("granted_on",)),
        Column("retire", gettext_lazy("Retiré le"), lambda a: a.revoked_on, ("revoked_on",)),
        Column("compte", gettext_lazy("Nom du compte"), lambda a: a.account_name, listed=False),
    ),
    search=("person__given_name", "person__family_name", "account_name"),
    filters=AccessFilters,
    default_sort="personne",
)


def scope_labels(access: ProviderAccess) -> list[str]:
    """The scopes in words."""
    labels = dict(ProviderAccess.Scope.choices)
    return [str(labels[scope]) for scope in access.scopes]


@require_safe
def access_list(request: SignedInRequest, member: str) -> HttpResponse:
    """INTRL reads the whole register, RCELL their own rows."""
    organisation, _branches = _keeping(request, member)
    listing = Listing(request, ACCESS_LIST, accesses_of(request.user, organisation))
    return listing.export() or member_page(  # type: ignore[return-value]
        request, "members/access_list.html", organisation, listing=listing
    )


@require_http_methods(["GET", "POST"])
def access_record(request: SignedInRequest, member: str) -> HttpResponse:
    """Record an access asked at a provider."""
    organisation, branches = _keeping(request, member)
    people = holders_for_access(request.user, organisation)
    form = AccessForm(request.POST or None, branches=branches, people=people)
    if acted(request, form, lambda: record_access(by=request.user, **form.cleaned_data)):
        return redirect("members:access_list", member=member)
    act = Act(
        title=_("Inscrire un accès"),
        label=_("Inscrire l'accès"),
        back=reverse("members:access_list", args=[member]),
        organisation=organisation,
        lead=_("Un accès au portail d'un prestataire : qui, où, pour quoi, depuis quand."),
    )
    return act_page(request, form, act)


@require_safe
def access_detail(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """One access, its dates, and the next one to write."""
    organisation, access = _fetch(request, member, pk)
    return member_page(
        request,
        "members/access_detail.html",
        organisation,
        access=access,
        scopes=scope_labels(access),
    )


@require_http_methods(["GET", "POST"])
def access_grant(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Date the day on which the provider opened it."""
    organisation, access = _fetch(request, member, pk)
    form = GrantForm(request.POST or None)
    if acted(
        request, form, lambda: grant_access(access=access, by=request.user, **form.cleaned_data)
    ):
        return redirect("members:access_detail", member=member, pk=pk)
    return _act(request, organisation, access, form, _("Accès accordé"), _("Dater l'accord"))


@require_http_methods(["GET", "POST"])
def access_revoke(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Date the day on which the provider closed it."""
    organisation, access = _fetch(request, member, pk)
    form = RevokeForm(request.POST or None)
    if acted(
        request, form, lambda: revoke_access(access=access, by=request.user, **form.cleaned_data)
    ):
        return redirect("members:access_list", member=member)
    return _act(request, organisation, access, form, _("Accès retiré"), _("Dater le retrait"))


@require_http_methods(["GET", "POST"])
def access_keep(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """INTRL keeps the access of someone who still holds a role."""
    organisation, access = _fetch(request, member, pk)
    require(request.user, May.KEEP_ACCESSES, on=access)
    form = ReasonForm(request.POST or None)
    if acted(
        request, form, lambda: keep_access(access=access, by=request.user, **form.cleaned_data)
    ):
        return redirect("members:access_detail", member=member, pk=pk)
    return _act(request, organisation, access, form, _("Conserver l'accès"), _("Conserver"))


def _act(
    request: SignedInRequest,
    organisation: Organisation,
    access: ProviderAccess,
    form: GrantForm | RevokeForm | ReasonForm,
    title: str,
    label: str,
) -> HttpResponse:
    """The page of one date of an access."""
    act = Act(
        title=f"{title} : {access}",
        label=label,
        back=reverse("members:access_detail", args=[organisation.slug, access.pk]),
        organisation=organisation,
    )
    return act_page(request, form, act)


def _fetch(request: SignedInRequest, member: str, pk: int) -> tuple[Organisation, ProviderAccess]:
    organisation = require_member(request.user, member)
    rows = accesses_of(request.user, organisation)
    return organisation, get_object_or_404(rows, pk=pk)


def _keeping(request: SignedInRequest, member: str) -> tuple[Organisation, QuerySet[Branch]]:
    """The member and the branches whose register the person keeps, whole or their own rows."""
    organisation = require_member(request.user, member)
    branches = access_branches(request.user, organisation)
    if not branches.exists():
        raise Refused(_("Le registre des accès est tenu par l'interlocuteur."))
    return organisation, branches
