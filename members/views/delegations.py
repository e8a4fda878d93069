"""The lines of the plan: the register, one line, and the acts over it (R-02, F-10, F-11)."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from members.actions.delegations import (
    confirm_delegation,
    correct_delegation,
    end_delegation,
    record_delegation,
)
from members.forms.delegations import (
    LINE_STANDINGS,
    CorrectionForm,
    DelegationFilters,
    LineEndForm,
    LineForm,
    line_initial,
)
from members.models import Delegation, DelegationPlan, Organisation, Person
from members.permissions import can, held_in, require, require_member
from members.plan_sheet import KINDS, NO_CEILING
from members.queries.journal import history_of
from members.queries.people import branches_where, people_of, require_branches
from members.queries.plans import (
    delegations_of,
    interims_of,
    latest_plan,
    may_confirm,
    records_for_itq,
)
from members.queries.signers import asked_to_attest, attests_alone, signers_named
from members.requests import SignedInRequest
from members.roles import May
from members.views.acts import Act, act_page, acted, pressed
from members.views.pages import member_page
from members.views.respondents import history_entry
from portal.clock import last_day, today
from portal.lists import Column, ListDefinition, Listing
from portal.models import Fold

STANDINGS = dict(LINE_STANDINGS)
WORDS = {kind: word for word, kind in KINDS.items()}


def _holder(name: str) -> Callable[[Delegation], str]:
    """How a column reads the holder; empty for a vacant post."""
    return lambda line: getattr(line.holder, name) if line.holder else ""


DELEGATION_LIST = ListDefinition(
    name="delegations",
    columns=(
        Column("article", gettext_lazy("Article"), lambda d: d.clause, ("clause",)),
        Column("poste", gettext_lazy("Poste"), lambda d: d.post, (Fold("post"),)),
        Column(
            "titulaire",
            gettext_lazy("Titulaire"),
            lambda d: str(d.holder or ""),
            (Fold("holder__family_name"), Fold("holder__given_name")),
        ),
        Column("genres", gettext_lazy("Genres"), lambda d: " | ".join(WORDS[k] for k in d.kinds)),
        Column(
            "plafond",
            gettext_lazy("Plafond"),
            lambda d: NO_CEILING if d.ceiling_amount is None else d.ceiling_amount,
            ("ceiling_amount",),
            True,
        ),
        Column(
            "subdivision",
            gettext_lazy("Subdivision"),
            lambda d: "" if d.branch.is_root else d.branch.name,
            ("branch",),
        ),
        Column("debut", gettext_lazy("Début"), lambda d: d.since, ("since",)),
        Column("fin", gettext_lazy("Dernier jour"), lambda d: last_day(d.until), ("until",)),
        Column("etat", gettext_lazy("État"), lambda d: STANDINGS[d.stands], ("stands",)),
        Column(
            "prenom",
            gettext_lazy("Prénom du titulaire"),
            _holder("given_name"),
            listed=False,
        ),
        Column("nom", gettext_lazy("Nom du titulaire"), _holder("family_name"), listed=False),
        Column("courriel", gettext_lazy("Courriel du titulaire"), _holder("email"), listed=False),
        Column(
            "fonction", gettext_lazy("Fonction du titulaire"), _holder("function"), listed=False
        ),
        Column(
            "exercice",
            gettext_lazy("Au-delà de l'exercice"),
            lambda d: d.beyond_fiscal_year,
            listed=False,
        ),
        Column(
            "credits",
            gettext_lazy("Certificat de crédits"),
            lambda d: d.needs_credit_certificate,
            listed=False,
        ),
        Column("version", gettext_lazy("Version du plan"), lambda d: d.plan.version, listed=False),
    ),
    search=("clause", "post", "holder__given_name", "holder__family_name"),
    filters=DelegationFilters,
    default_sort="article",
)
"""Its export is a file that the import takes back (F-10)."""


def fetch(request: SignedInRequest, member: str, pk: int) -> tuple[Organisation, Delegation]:
    """The line that an address names, through the gate; 404 otherwise."""
    organisation = require_member(request.user, member)
    return organisation, get_object_or_404(delegations_of(request.user, organisation), pk=pk)


def line_url(member: str, pk: int) -> str:
    """The page of a line."""
    return reverse("members:delegation_detail", args=[member, pk])


@require_safe
def delegation_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """The register of lines; replaced ones when asked for."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.SEE_PLAN, organisation)
    listing = Listing(
        request,
        DELEGATION_LIST,
        delegations_of(request.user, organisation),
        {"branches": branches_where(request.user, May.SEE_PLAN, organisation)},
    )
    return listing.export() or member_page(
        request,
        "members/delegation_list.html",
        organisation,
        listing=listing,
        may_record=May.RECORD_DELEGATION in held_in(request.user, organisation.slug),
        plan=latest_plan(organisation),
    )


@require_safe
def delegation_detail(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """One line: what it says, who stands on it, what was recorded before, the acts over it."""
    organisation, line = fetch(request, member, pk)
    interims = list(interims_of(request.user, organisation).filter(delegation=line))
    standing = line.recorded.upper is None
    may_change = standing and can(request.user, May.RECORD_DELEGATION, on=line)
    events = history_of(request.user, "members.delegation", line.pk, May.SEE_PLAN)
    return member_page(
        request,
        "members/delegation_detail.html",
        organisation,
        line=line,
        stands_label=STANDINGS[line.stands],  # type: ignore[attr-defined]
        successor=delegations_of(request.user, organisation).filter(replaces=line).first(),
        interims=interims,
        may_change=may_change,
        may_confirm=standing and may_confirm(request.user, line),
        attests=_attests(request, line, line.holder),
        attestable={row.person_id for row in interims if _attests(request, line, row.person)},
        unattested=line.holder is not None and line.holder.identity_attested_at is None,
        signers=signers_named(line) if standing else [],
        may_invite=may_change and line.confirmed_at is not None,
        may_lift=standing and can(request.user, May.ATTEST_IDENTITY, on=line),
        history=[history_entry(event) for event in events],
    )


def _attests(request: SignedInRequest, line: Delegation, person: Person | None) -> bool:
    """Whether the identity of someone whom the line names is to be attested, by me."""
    if person is None or person.identity_attested_at or person.pk == request.user.person_id:
        return False
    asked = asked_to_attest(person, request.user, line)
    return can(request.user, asked, on=line) and not attests_alone(person, request.user.person_id)


@require_http_methods(["GET", "POST"])
def delegation_record(request: SignedInRequest, member: str) -> HttpResponse:
    """Record a line of the latest version of the plan."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.RECORD_DELEGATION, organisation)
    plan = latest_plan(organisation)
    if plan is None:
        messages.error(request, _("Ouvrez d'abord une version du plan, avec son acte."))
        return redirect("members:plan_overview", member)
    form = LineForm(
        request.POST or None,
        branches=branches_where(request.user, May.RECORD_DELEGATION, organisation),
        people=people_of(request.user, organisation),
        asks_writing=records_for_itq(request.user, branches[0]),
        initial={"since": plan.approved_on},
    )
    if acted(
        request,
        form,
        lambda: record_delegation(
            plan=plan,
            branch=form.cleaned_data["branch"],
            reason=form.cleaned_data.get("reason", ""),
            by=request.user,
            **form.said,
        ),
    ):
        messages.success(request, _("Ligne inscrite : elle attend qu'une autre personne confirme."))
        return redirect("members:plan_overview", member)
    return act_page(request, form, _recording(organisation, plan))


def _recording(organisation: Organisation, plan: DelegationPlan) -> Act:
    """What the page that records a line says."""
    return Act(
        title=_("Inscrire une ligne de délégation"),
        label=_("Inscrire la ligne"),
        back=reverse("members:plan_overview", args=[organisation.slug]),
        organisation=organisation,
        lead=_("Version %(version)s du plan : %(act)s.")
        % {"version": plan.version, "act": plan.act_reference},
        note=_(
            "Elle prend effet une fois confirmée par le mandataire ou par ITQ ; jamais par vous, "
            "par le titulaire ou par un intérimaire."
        ),
    )


@require_http_methods(["GET", "POST"])
def delegation_correct(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Say a line again as the act says it."""
    organisation, line = fetch(request, member, pk)
    require(request.user, May.RECORD_DELEGATION, on=line)
    form = CorrectionForm(
        request.POST or None,
        people=people_of(request.user, organisation),
        initial=line_initial(line),
    )
    if acted(
        request,
        form,
        lambda: correct_delegation(
            delegation=line, reason=form.cleaned_data["why"], by=request.user, **form.said
        ),
    ):
        messages.success(request, _("Ligne corrigée : la nouvelle attend sa confirmation."))
        return redirect("members:plan_overview", member)
    act = Act(
        title=_("Corriger la ligne %(line)s") % {"line": line},
        label=_("Corriger"),
        back=line_url(member, pk),
        organisation=organisation,
        lead=_("Corrigez ce que le portail dit mal. Un pouvoir qui change prend plutôt fin."),
        consequences=(
            _("Tant que la nouvelle ligne n'est pas confirmée, personne ne signe par elle."),
            _("L'ancienne reste lisible ; les signatures données par elle sont à réexaminer."),
        ),
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def delegation_end(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """End a line from a day."""
    organisation, line = fetch(request, member, pk)
    require(request.user, May.RECORD_DELEGATION, on=line)
    form = LineEndForm(request.POST or None, initial={"on": today()})
    if acted(
        request,
        form,
        lambda: end_delegation(delegation=line, by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("La ligne prend fin ; les demandes ouvertes suivent."))
        return redirect("members:plan_overview", member)
    act = Act(
        title=_("Mettre fin à la ligne %(line)s") % {"line": line},
        label=_("Mettre fin"),
        back=line_url(member, pk),
        organisation=organisation,
        danger=True,
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def delegation_confirm(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """The second person's page: the line beside its act, then the confirmation (R-02)."""
    organisation, line = fetch(request, member, pk)
    require(request.user, May.CONFIRM_DELEGATION, on=line)
    if request.method == "POST":
        return pressed(
            request,
            lambda: confirm_delegation(delegation=line, by=request.user),
            _("Ligne confirmée : elle est en vigueur à ses dates."),
            reverse("members:plan_overview", args=[member]),
        )
    interims = interims_of(request.user, organisation).filter(delegation=line)
    return member_page(
        request,
        "members/delegation_confirm.html",
        organisation,
        line=line,
        interims=interims.filter(ended_at=None),
        signers=signers_named(line),
        may_confirm=may_confirm(request.user, line),
    )
