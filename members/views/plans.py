"""The plan: who can sign what on a day, its versions, and how many sign (F-10, F-16)."""

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions.plans import (
    confirm_signing_rule,
    end_plan,
    open_plan,
    remove_signing_rule,
    set_signing_rule,
)
from members.fiscal_years import USUAL_ENDS
from members.forms.delegations import DayForm, LineEndForm, PlanForm, RuleForm
from members.models import DelegationPlan, Organisation, SigningRule
from members.permissions import can, held_in, require, require_member
from members.queries.people import branches_where, require_branches
from members.queries.plans import (
    BranchPowers,
    absences_of,
    delegations_of,
    latest_plan,
    lines_waiting,
    plans_of,
    posts_of,
    powers_by_branch,
    records_for_itq,
    rules_of,
    standing_lines,
    with_interims,
)
from members.requests import SignedInRequest
from members.roles import May
from members.views.acts import Act, act_page, acted, pressed
from members.views.pages import member_page
from portal.clock import today
from portal.files import attachment


@require_safe
def plan_overview(request: SignedInRequest, member: str) -> HttpResponse:
    """Who can sign what, up to how much, today or on the day of ``?au=``."""
    organisation = require_member(request.user, member)
    seen = require_branches(request.user, May.SEE_PLAN, organisation)
    root = next((branch for branch in seen if branch.is_root), None)
    form = DayForm(request.GET)
    day = (form.is_valid() and form.cleaned_data["au"]) or today()
    held = held_in(request.user, organisation.slug)
    plan = latest_plan(organisation)
    return member_page(
        request,
        "members/plan_overview.html",
        organisation,
        form=form,
        day=day,
        is_today=day == today(),
        clear_url="" if day == today() else request.path,
        plan=plan,
        branches=[_told(told) for told in powers_by_branch(request.user, organisation, day)],
        absences=absences_of(request.user, organisation),
        rules=rules_of(plan, request.user) if plan else [],
        waiting=lines_waiting(request.user, organisation).order_by("clause", "pk"),
        may_record=May.RECORD_DELEGATION in held,
        may_open=root is not None and can(request.user, May.RECORD_DELEGATION, on=root),
        may_declare=May.DECLARE_ABSENCE in held,
    )


def _told(powers: BranchPowers) -> dict[str, object]:
    """One branch as the page shows it."""
    return {
        "branch": powers.branch,
        "lacking": [kind.label for kind in powers.lacking],
        "powers": powers.powers,
    }


@require_safe
def plan_list(request: SignedInRequest, member: str) -> HttpResponse:
    """Every version of the plan, latest first."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.SEE_PLAN, organisation)
    return member_page(
        request,
        "members/plan_list.html",
        organisation,
        plans=plans_of(request.user, organisation),
        may_open=can(request.user, May.RECORD_DELEGATION, on=organisation),
    )


def _fetch(request: SignedInRequest, member: str, pk: int) -> tuple[Organisation, DelegationPlan]:
    """The version that an address names, through the gate; 404 otherwise."""
    organisation = require_member(request.user, member)
    return organisation, get_object_or_404(plans_of(request.user, organisation), pk=pk)


@require_safe
def plan_detail(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """One version: its act, its lines, how many sign."""
    organisation, plan = _fetch(request, member, pk)
    lines = standing_lines(delegations_of(request.user, organisation)).filter(plan=plan)
    return member_page(
        request,
        "members/plan_detail.html",
        organisation,
        plan=plan,
        lines=with_interims(lines.order_by("clause", "pk")),
        rules=rules_of(plan, request.user),
        may_change=can(request.user, May.RECORD_DELEGATION, on=organisation),
    )


@require_safe
def plan_act(request: SignedInRequest, member: str, pk: int) -> HttpResponseBase:
    """Download the approval act."""
    _organisation, plan = _fetch(request, member, pk)
    return attachment(plan.act_file)


@require_http_methods(["GET", "POST"])
def plan_open(request: SignedInRequest, member: str) -> HttpResponse:
    """Open a version of the plan with its approval act."""
    organisation = require_member(request.user, member)
    require(request.user, May.RECORD_DELEGATION, on=organisation)
    root = branches_where(request.user, May.RECORD_DELEGATION, organisation).get(is_root=True)
    last = latest_plan(organisation)
    form = PlanForm(
        request.POST or None,
        request.FILES or None,
        has_previous=last is not None,
        asks_writing=records_for_itq(request.user, root),
        initial=_plan_initial(organisation, last),
    )
    if acted(
        request,
        form,
        lambda: open_plan(organisation=organisation, by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("Version ouverte : inscrivez maintenant ses lignes."))
        return redirect("members:plan_overview", member)
    act = Act(
        title=_("Ouvrir une version du plan de délégation"),
        label=_("Ouvrir la version"),
        back=reverse("members:plan_overview", args=[member]),
        organisation=organisation,
        lead=_("Le plan est l'acte par lequel votre organisme dit qui peut l'engager."),
        note=_("Vous inscrirez ensuite les lignes, une à une ou à partir d'un fichier."),
    )
    return act_page(request, form, act)


def _plan_initial(organisation: Organisation, last: DelegationPlan | None) -> dict[str, object]:
    """What the last version said; for the first one, the usual fiscal year."""
    if last is None:
        return {"fiscal_year_ends": USUAL_ENDS.get(organisation.kind, "12-31")}
    names = ("tax_basis", "fiscal_year_ends", "steps_up")
    return {name: getattr(last, name) for name in names} | {"ends_previous_on": today()}


@require_http_methods(["GET", "POST"])
def plan_end(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Repeal a version: each of its lines ends."""
    organisation, plan = _fetch(request, member, pk)
    require(request.user, May.RECORD_DELEGATION, on=organisation)
    form = LineEndForm(request.POST or None, initial={"on": today()})
    if acted(request, form, lambda: end_plan(plan=plan, by=request.user, **form.cleaned_data)):
        messages.success(request, _("Les lignes de cette version prennent fin."))
        return redirect("members:plan_detail", member, pk)
    act = Act(
        title=_("Abroger la version %(version)s du plan") % {"version": plan.version},
        label=_("Mettre fin à ses lignes"),
        back=reverse("members:plan_detail", args=[member, pk]),
        organisation=organisation,
        consequences=(
            _("Plus personne ne signe en vertu de cette version à compter de ce jour."),
            _("Ce qui a été signé avant demeure valide."),
        ),
        danger=True,
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def signing_rule_set(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Say how many sign, from an amount up."""
    organisation, plan = _fetch(request, member, pk)
    require(request.user, May.RECORD_DELEGATION, on=organisation)
    form = RuleForm(request.POST or None, posts=posts_of(plan))
    if acted(
        request, form, lambda: set_signing_rule(plan=plan, by=request.user, **form.cleaned_data)
    ):
        told = _("Règle établie : une autre personne la confirme. D'ici là, les deux valent.")
        messages.success(request, told)
        return redirect("members:plan_detail", member, pk)
    act = Act(
        title=_("Combien de personnes signent"),
        label=_("Établir la règle"),
        back=reverse("members:plan_detail", args=[member, pk]),
        organisation=organisation,
        lead=_("Sans règle, une seule signature suffit. Une même personne ne signe qu'une fois."),
    )
    return act_page(request, form, act)


@require_POST
def signing_rule_remove(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Take a rule out."""
    rule = _rule(request, member, pk)
    return pressed(
        request,
        lambda: remove_signing_rule(rule=rule, by=request.user),
        _("Règle retirée, ou à confirmer par une autre personne si elle vaut déjà."),
        reverse("members:plan_detail", args=[member, rule.plan_id]),
    )


@require_POST
def signing_rule_confirm(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """A second person confirms a rule, or its removal (R-02)."""
    rule = _rule(request, member, pk)
    return pressed(
        request,
        lambda: confirm_signing_rule(rule=rule, by=request.user),
        _("Confirmé : cela vaut pour les demandes à soumettre."),
        reverse("members:plan_detail", args=[member, rule.plan_id]),
    )


def _rule(request: SignedInRequest, member: str, pk: int) -> SigningRule:
    """The rule that an address names, of a plan that one sees."""
    organisation = require_member(request.user, member)
    rules = SigningRule.objects.filter(plan__in=plans_of(request.user, organisation).values("pk"))
    return get_object_or_404(rules.select_related("plan__organisation"), pk=pk)
