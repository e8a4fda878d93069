"""Lines of the plan from a file: upload, dry run, application (F-10)."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions.delegation_sheets import (
    CheckedSheet,
    check_delegation_sheet,
    import_delegations,
)
from members.forms.delegations import SheetForm
from members.models import DelegationPlan, Organisation
from members.permissions import require, require_member
from members.plan_sheet import NO_CEILING, SCHEMA
from members.queries.people import branches_where
from members.queries.plans import latest_plan, plans_of, records_for_itq
from members.requests import SignedInRequest
from members.roles import May
from members.views.pages import member_page
from portal.exports import export_csv
from portal.forms import show_refusal
from portal.models import StoredFile
from portal.templatetags.portal import money

SALT = "members.delegation_sheet"
LIFE = 3600  # seconds between the dry run and the application


def _require(request: SignedInRequest, member: str) -> Organisation:
    """The member in whose plan the person records lines, on its root."""
    organisation = require_member(request.user, member)
    require(request.user, May.RECORD_DELEGATION, on=organisation)
    return organisation


@require_http_methods(["GET", "POST"])
def delegation_import(request: SignedInRequest, member: str) -> HttpResponse:
    """Upload a file of lines: every fault at once, or what it would record."""
    organisation = _require(request, member)
    plan = latest_plan(organisation)
    if plan is None:
        messages.error(request, _("Ouvrez d'abord une version du plan, avec son acte."))
        return redirect("members:plan_overview", member)
    root = branches_where(request.user, May.RECORD_DELEGATION, organisation).get(is_root=True)
    form = SheetForm(
        request.POST or None,
        request.FILES or None,
        asks_writing=records_for_itq(request.user, root),
    )
    checked = _checked(request, form, plan)
    headers = [_("Colonne"), _("Obligatoire"), _("Exemple")]
    context: dict[str, Any] = {"form": form, "columns": _columns(), "headers": _headers(headers)}
    context |= {"checked": None, "faults": [], "lines": []}
    if checked is not None:
        context |= _shown(request, plan, checked, form.cleaned_data.get("reason", ""))
    page = member_page(request, "members/delegation_import.html", organisation, **context)
    if form.errors or (checked and checked.judged.faults):
        page.status_code = 422
    return page


def _checked(
    request: SignedInRequest, form: SheetForm, plan: DelegationPlan
) -> CheckedSheet | None:
    """The dry run of what was uploaded; a file that cannot be read is told on the form."""
    if request.method != "POST" or not form.is_valid():
        return None
    file = form.cleaned_data["file"]
    try:
        return check_delegation_sheet(
            plan=plan,
            name=file.name,
            content=file.read(),
            content_type=file.content_type or "application/octet-stream",
            by=request.user,
        )
    except ValidationError as error:
        show_refusal(form, error)
        return None


def _shown(
    request: SignedInRequest, plan: DelegationPlan, checked: CheckedSheet, reason: str
) -> dict[str, Any]:
    """The faults, or the lines with the token that applies them."""
    judged = checked.judged
    told = {"plan": plan.pk, "file": checked.file.pk, "by": request.user.pk, "reason": reason}
    return {
        "checked": checked,
        "faults": [(f.line, f.column or "–", f.reason) for f in judged.faults],
        "lines": [
            (
                line.facts.clause,
                line.facts.post,
                _name(line.holder),
                NO_CEILING
                if line.facts.ceiling_amount is None
                else money(line.facts.ceiling_amount),
                line.branch.name,
            )
            for line in judged.lines
        ],
        "fault_headers": _headers([_("Ligne"), _("Colonne"), _("Raison")]),
        "line_headers": _headers(
            [_("Article"), _("Poste"), _("Titulaire"), _("Plafond"), _("Subdivision")]
        ),
        "fields": [("token", signing.dumps(told, salt=SALT))],
    }


def _headers(labels: list[str]) -> list[dict[str, str]]:
    """Labels as ``components/table.html`` takes them."""
    return [{"label": label} for label in labels]


def _name(holder: Any) -> str:
    """Who would hold the post."""
    if holder is None:
        return _("Poste vacant")
    return f"{holder.given_name} {holder.family_name}"


def _columns() -> list[tuple[str, str, str]]:
    """What the file says, column by column."""
    yes, no = _("oui"), _("non")
    return [(str(c.label), yes if c.required else no, c.example) for c in SCHEMA.columns]


@require_safe
def delegation_import_template(request: SignedInRequest, member: str) -> HttpResponseBase:
    """The file to fill: the headers and one example."""
    _require(request, member)
    headers, example = SCHEMA.template()
    return export_csv("modele-plan", headers, [list(example)])


@require_POST
def delegation_import_apply(request: SignedInRequest, member: str) -> HttpResponse:
    """Record the lines of the file just checked, all or none."""
    organisation = _require(request, member)
    try:
        told = signing.loads(request.POST.get("token", ""), salt=SALT, max_age=LIFE)
    except signing.BadSignature:
        messages.error(request, _("La vérification a expiré : téléversez de nouveau le fichier."))
        return redirect("members:delegation_import", member)
    plan = get_object_or_404(plans_of(request.user, organisation), pk=told["plan"])
    file = get_object_or_404(StoredFile, pk=told["file"] if told["by"] == request.user.pk else 0)
    try:
        lines = import_delegations(plan=plan, file=file, reason=told["reason"], by=request.user)
    except ValidationError as error:
        messages.error(request, _("Rien n'est inscrit. ") + " ".join(error.messages))
        return redirect("members:delegation_import", member)
    count = len(lines)
    messages.success(
        request,
        ngettext(
            "%(count)s ligne inscrite, à confirmer.",
            "%(count)s lignes inscrites, à confirmer.",
            count,
        )
        % {"count": count},
    )
    return redirect("members:plan_overview", member)
