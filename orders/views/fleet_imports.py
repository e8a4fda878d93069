"""The take-over of an existing fleet: upload, dry run, application (F-45)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.models import Organisation
from members.permissions import require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May
from orders.actions.take_over import check_fleet_file, take_over_fleet
from orders.fleet_sheet import SCHEMA
from orders.forms.take_over import FleetFileForm
from orders.kinds import FleetImportState
from orders.models import FleetImport
from orders.queries.fleet import imports_of
from orders.views.fleet_tabs import fleet_page
from portal.exports import export_csv
from portal.files import attachment
from portal.forms import show_refusal
from portal.lists import Column, ListDefinition, Listing

TAB = "orders:fleet_import_list"
FAULTS_SHOWN = 100
TONES: dict[str, str] = {
    FleetImportState.READ: "",
    FleetImportState.CHECKED: "warning",
    FleetImportState.REFUSED: "danger",
    FleetImportState.APPLIED: "success",
}
IMPORT_LIST = ListDefinition(
    name="reprises",
    columns=(
        Column("recue", gettext_lazy("Reçue le"), lambda i: i.uploaded_at, ("uploaded_at",)),
        Column("fichier", gettext_lazy("Fichier"), lambda i: i.file.name),
        Column("prestataire", gettext_lazy("Prestataire"), lambda i: str(i.provider)),
        Column("subdivision", gettext_lazy("Subdivision"), lambda i: str(i.branch), ("branch",)),
        Column("date", gettext_lazy("En service depuis"), lambda i: i.starts_on, ("starts_on",)),
        Column("lignes", gettext_lazy("Lignes"), lambda i: i.row_count, ("row_count",), True),
        Column("erreurs", gettext_lazy("Erreurs"), lambda i: len(i.faults), numeric=True),
        Column("etat", gettext_lazy("État"), lambda i: i.get_state_display(), ("state",)),
    ),
    default_sort="-recue",
)


@require_safe
def fleet_import_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """Every file received for the branches whose lines I keep."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.KEEP_LINES, organisation)
    listing = Listing(request, IMPORT_LIST, imports_of(request.user, organisation))
    if export := listing.export():
        return export
    for received in listing.page.object_list:
        received.member, received.tone = member, TONES[received.state]
    page = fleet_page(request, organisation, TAB, listing=listing)
    return render(request, "orders/fleet_import_list.html", page)


@require_http_methods(["GET", "POST"])
def fleet_import_add(request: SignedInRequest, member: str) -> HttpResponse:
    """Upload a file: nothing enters the fleet before it is applied."""
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.KEEP_LINES, organisation)
    form = FleetFileForm(request.POST or None, request.FILES or None, branches=branches)
    if request.method == "POST" and form.is_valid():
        try:
            received = check_fleet_file(by=request.user, **form.upload)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            return redirect("orders:fleet_import_detail", member, received.pk)
    headers = [{"label": _("Colonne")}, {"label": _("Obligatoire")}, {"label": _("Exemple")}]
    columns = [(c.label, _("oui") if c.required else _("non"), c.example) for c in SCHEMA.columns]
    page = fleet_page(request, organisation, TAB, form=form, headers=headers, columns=columns)
    status = 422 if form.errors else 200
    return render(request, "orders/fleet_import_add.html", page, status=status)


@require_safe
def fleet_import_template(request: SignedInRequest, member: str) -> HttpResponseBase:
    """The file to fill: the headers and one example."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.KEEP_LINES, organisation)
    headers, example = SCHEMA.template()
    return export_csv("modele-parc", headers, [list(example)])


@require_safe
def fleet_import_detail(request: SignedInRequest, member: str, pk: int) -> HttpResponseBase:
    """The dry run: every error at once, or what the file would create."""
    organisation, received = _fetch(request, member, pk)
    if request.GET.get("format") == "csv":
        rows = [[f["line"], f["column"], f["reason"]] for f in received.faults]
        return export_csv("erreurs", [_("Ligne"), _("Colonne"), _("Raison")], rows)
    faults = Paginator(received.faults, FAULTS_SHOWN).get_page(request.GET.get("page"))
    page = fleet_page(
        request,
        organisation,
        TAB,
        received=received,
        tone=TONES[received.state],
        is_checked=received.state == FleetImportState.CHECKED,
        is_refused=received.state == FleetImportState.REFUSED,
        is_applied=received.state == FleetImportState.APPLIED,
        faults=faults,
        fault_columns=[{"label": _("Ligne")}, {"label": _("Colonne")}, {"label": _("Raison")}],
        fault_rows=[(f["line"], f["column"] or "–", f["reason"]) for f in faults],
    )
    return render(request, "orders/fleet_import_detail.html", page)


@require_safe
def fleet_import_file(request: SignedInRequest, member: str, pk: int) -> HttpResponseBase:
    """The file as it was received."""
    _organisation, received = _fetch(request, member, pk)
    return attachment(received.file)


@require_POST
def fleet_import_apply(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Put the lines in service, whole or not at all."""
    _organisation, received = _fetch(request, member, pk)
    try:
        applied = take_over_fleet(fleet_import=received, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("orders:fleet_import_detail", member, pk)
    if applied.state == FleetImportState.APPLIED:
        count = applied.row_count
        messages.success(
            request,
            ngettext("%(count)s ligne reprise.", "%(count)s lignes reprises.", count)
            % {"count": count},
        )
        return redirect("orders:line_list", member)
    messages.error(request, _("Rien n'est repris : le parc a changé depuis la vérification."))
    return redirect("orders:fleet_import_detail", member, pk)


def _fetch(request: SignedInRequest, member: str, pk: int) -> tuple[Organisation, FleetImport]:
    """The file that an address names, through the gate; 404 otherwise."""
    organisation = require_member(request.user, member)
    return organisation, get_object_or_404(imports_of(request.user, organisation), pk=pk)
