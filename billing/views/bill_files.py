"""The pages of providers' files, a member's and ITQ's: upload, progress, findings, decisions."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.actions.files import replay_import, settle_refusals
from billing.actions.publishing import confirm_import, refuse_import
from billing.actions.readings import open_bill_file
from billing.forms.bill_files import GroupFilesForm, MemberFilesForm, RefusalForm
from billing.forms.invoices import UseReasonForm
from billing.models import BillFile, Import, InvoiceVersion
from billing.queries.bill_files import (
    bill_files_of,
    bill_files_of_group,
    imports_within,
    invoices_made_by,
    is_recalled,
    mandated_branches,
    may_take,
    quarantine_of,
)
from billing.views.bill_file_page import (
    BILL_FILE_LIST,
    OPEN,
    Place,
    import_sections,
    list_rows,
    pace_of,
    receive_all,
)
from billing.views.staff_tabs import staff_tabs
from billing.views.tabs import bill_page
from members.permissions import WHOLE_GROUP, can, require_member
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May, StaffMay
from members.views.acts import acted, pressed
from portal.clock import last_day
from portal.files import attachment
from portal.lists import Column, ListDefinition, Listing
from portal.templatetags.portal import money

QUARANTINE_LIST = ListDefinition(
    name="quarantaine",
    columns=(
        Column("ligne", gettext_lazy("Ligne"), lambda r: r.line, ("line",), numeric=True),
        Column("colonne", gettext_lazy("Colonne"), lambda r: r.column, ("column",)),
        Column("compte", gettext_lazy("Compte"), lambda r: r.account, ("account",)),
        Column("raison", gettext_lazy("Raison"), lambda r: r.reason, ("reason",)),
        Column("lu", gettext_lazy("Texte lu"), lambda r: r.raw),
        Column("partie", gettext_lazy("Partie"), lambda r: r.part_code, ("part_code",)),
    ),
    search=("reason", "column", "account"),
    default_sort="ligne",
)
INVOICES_SHOWN = 20
"""Invoices that a file's page links to; the list of invoices has them all."""


@require_safe
def bill_file_list(request: SignedInRequest, member: str = "") -> HttpResponseBase:
    """Every file received, with the state of each of its parts."""
    place, files = _files(request, member)
    listing = Listing(request, BILL_FILE_LIST, files)
    return listing.export() or render(
        request,
        "billing/bill_file_list.html",
        {
            **_base(request, place),
            "listing": listing,
            "rows": list_rows(place, listing.page),
            "new_url": place.url("bill_file_new"),
        },
    )


@require_http_methods(["GET", "POST"])
def bill_file_new(request: SignedInRequest, member: str = "") -> HttpResponse:
    """Drop a provider's files: each is stored once, and its reading begins by itself."""
    place, form = _upload_form(request, member)
    refused: list[str] = []
    if request.method == "POST" and form.is_valid():
        given = form.values
        received, refused = receive_all(
            request, given["uploads"], provider=given["provider"], branch=given["branch"]
        )
        if received:
            messages.success(request, _received_told(len(received)))
        if received and not refused:
            one = len(received) == 1
            keys = ("bill_file_detail", received[0].pk) if one else ("bill_file_list",)
            return redirect(place.url(*keys))
    page = {
        **_base(request, place),
        "form": form,
        "errors": [{"message": sentence} for sentence in refused],
    }
    status = 422 if form.errors or refused else 200
    return render(request, "billing/bill_file_new.html", page, status=status)


@require_safe
def bill_file_detail(request: SignedInRequest, bill_file: int, member: str = "") -> HttpResponse:
    """A file: where its reading is, what it found, what waits for a person."""
    place, held = _fetch(request, bill_file, member)
    page = {**_base(request, place), **_detail(request, place, held), "refusal_form": RefusalForm()}
    return render(request, "billing/bill_file_detail.html", page)


@require_safe
def bill_file_progress(request: SignedInRequest, bill_file: int, member: str = "") -> HttpResponse:
    """The part of that page that moves, alone."""
    place, held = _fetch(request, bill_file, member)
    page = {**_detail(request, place, held), "refusal_form": RefusalForm()}
    return render(request, "billing/bill_file_parts.html", page)


@require_POST
def bill_file_download(
    request: SignedInRequest, bill_file: int, member: str = ""
) -> HttpResponseBase:
    """The file as it was received: who takes it is written, and why where it tells use (R-44)."""
    place, held = _fetch(request, bill_file, member)
    form = UseReasonForm(request.POST if "reason" in request.POST else None)
    reason = request.POST.get("reason", "")
    try:
        open_bill_file(bill_file=held, reason=reason, by=request.user)
    except ValidationError:
        file_url = place.url("bill_file_detail", held.pk)
        page = {**_base(request, place), "file": held, "form": form, "file_url": file_url}
        status = 422 if form.errors else 200
        return render(request, "billing/bill_file_download.html", page, status=status)
    return attachment(held.file, name=held.name)


@require_POST
def bill_file_settle(request: SignedInRequest, bill_file: int, member: str = "") -> HttpResponse:
    """Nothing more is asked about a file that was refused."""
    place, held = _fetch(request, bill_file, member)
    return pressed(
        request,
        lambda: settle_refusals(bill_file=held, by=request.user),
        _("C'est réglé : ce fichier n'est plus rappelé. Il reste à la liste."),
        place.url("bill_file_detail", held.pk),
    )


@require_safe
def quarantine_list(request: SignedInRequest, bill_file: int, member: str = "") -> HttpResponseBase:
    """The rows set aside: line, column, reason."""
    place, held = _fetch(request, bill_file, member)
    listing = Listing(request, QUARANTINE_LIST, quarantine_of(held))
    page = {
        **_base(request, place),
        "file": held,
        "listing": listing,
        "file_url": place.url("bill_file_detail", held.pk),
    }
    return listing.export() or render(request, "billing/quarantine_list.html", page)


@require_POST
def import_confirm(request: SignedInRequest, bill_import: int, member: str = "") -> HttpResponse:
    """Publish what waited, its differences seen."""
    place, held = _fetch_import(request, bill_import, member)
    return pressed(
        request,
        lambda: confirm_import(bill_import=held, by=request.user),
        _("Import confirmé : les factures montrent ce fichier dès qu'il est publié."),
        place.url("bill_file_detail", held.bill_file_id),
    )


@require_http_methods(["GET", "POST"])
def import_refuse(request: SignedInRequest, bill_import: int, member: str = "") -> HttpResponse:
    """Refuse what waited, and say why."""
    place, held = _fetch_import(request, bill_import, member)
    form = RefusalForm(request.POST if request.method == "POST" else None)
    back = place.url("bill_file_detail", held.bill_file_id)
    if acted(
        request,
        form,
        lambda: refuse_import(
            bill_import=held, reason=form.cleaned_data["reason"], by=request.user
        ),
    ):
        messages.success(request, _("Import refusé : rien n'en est montré."))
        return redirect(back)
    page = {**_base(request, place), "form": form, "one": held, "file_url": back}
    status = 422 if form.errors else 200
    return render(request, "billing/import_refuse.html", page, status=status)


@require_POST
def import_replay(request: SignedInRequest, bill_import: int, member: str = "") -> HttpResponse:
    """Read the kept file again, under the profile in service now."""
    place, held = _fetch_import(request, bill_import, member)
    return pressed(
        request,
        lambda: replay_import(bill_import=held, by=request.user),
        _("Le fichier est relu sous le profil en service."),
        place.url("bill_file_detail", held.bill_file_id),
    )


def _files(request: SignedInRequest, member: str) -> tuple[Place, QuerySet[BillFile]]:
    """The files that an address speaks of, through the gate."""
    if not member:
        return Place(), bill_files_of_group(request.user)
    organisation = require_member(request.user, member)
    require_branches(request.user, May.IMPORT_BILLS, organisation)
    return Place(organisation), bill_files_of(request.user, organisation)


def _fetch(request: SignedInRequest, bill_file: int, member: str) -> tuple[Place, BillFile]:
    """The file that an address names; 404 otherwise."""
    place, files = _seen(request, member)
    return place, get_object_or_404(files, pk=bill_file)


def _fetch_import(request: SignedInRequest, bill_import: int, member: str) -> tuple[Place, Import]:
    """The import that an address names; 404 otherwise."""
    place, files = _seen(request, member)
    return place, get_object_or_404(imports_within(files), pk=bill_import)


def _seen(request: SignedInRequest, member: str) -> tuple[Place, QuerySet[BillFile]]:
    """As ``_files``, where a thing that is not seen is missing rather than refused (D-04)."""
    if not member:
        return Place(), bill_files_of_group(request.user)
    organisation = require_member(request.user, member)
    return Place(organisation), bill_files_of(request.user, organisation)


def _upload_form(
    request: SignedInRequest, member: str
) -> tuple[Place, MemberFilesForm | GroupFilesForm]:
    """The form of a member's branches, or ITQ's."""
    sent: Any = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    if not member:
        return Place(), GroupFilesForm(*sent, branches=mandated_branches(request.user))
    organisation = require_member(request.user, member)
    branches = require_branches(request.user, May.IMPORT_BILLS, organisation)
    form = MemberFilesForm(*sent, branches=branches, initial={"branch": branches[0]})
    return Place(organisation), form


def _base(request: SignedInRequest, place: Place) -> dict[str, Any]:
    """What every page here shows: its member, or ITQ's tabs."""
    shared = {"organisation": None, "tabs": staff_tabs(request)}
    if place.organisation is not None:
        shared = bill_page(request, place.organisation, "billing:bill_file_list")
    return {**shared, "list_url": place.url("bill_file_list")}


def _detail(request: SignedInRequest, place: Place, bill_file: BillFile) -> dict[str, Any]:
    """What a file's page shows of its parts."""
    imports = list(bill_file.imports.all())
    invoices = list(invoices_made_by(request.user, bill_file)[: INVOICES_SHOWN + 1])
    settled = imports and not any(one.state in OPEN for one in imports)
    return {
        "file": bill_file,
        "pace": pace_of(bill_file),
        "sections": import_sections(place, bill_file),
        "progress_url": place.url("bill_file_progress", bill_file.pk),
        "download_url": place.url("bill_file_download", bill_file.pk),
        "may_take": may_take(request.user, bill_file),
        "quarantine_url": place.url("quarantine_list", bill_file.pk),
        "settle_url": place.url("bill_file_settle", bill_file.pk) if is_recalled(bill_file) else "",
        "replay_url": place.url("import_replay", imports[-1].pk) if settled else "",
        "quarantined": quarantine_of(bill_file).count(),
        "invoices": _invoice_rows(invoices[:INVOICES_SHOWN]),
        "invoice_columns": [
            {"label": _("Compte")},
            {"label": _("Organisme")},
            {"label": _("Période")},
            {"label": _("Montant dû"), "numeric": True},
        ],
        "more_invoices": len(invoices) > INVOICES_SHOWN,
        "version_new_profile": _profile_to_mend(request, place, imports),
    }


def _invoice_rows(versions: list[InvoiceVersion]) -> list[list[object]]:
    """What a file's charges made, an invoice a row; its totals are whoever sent it's to see."""
    return [
        [
            one.invoice.account.number,
            one.invoice.branch.organisation.name,
            f"{one.invoice.period.lower} au {last_day(one.invoice.period.upper)}",
            money(one.due_amount),
        ]
        for one in versions
    ]


def _profile_to_mend(request: SignedInRequest, place: Place, imports: list[Import]) -> int | None:
    """The profile under which a file was refused, for who may make a new version of it."""
    if place.organisation is not None:
        return None
    if not can(request.user, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP):
        return None
    refused = [one for one in imports if one.refusal]
    return refused[-1].profile_version.profile_id if refused else None


def _received_told(count: int) -> str:
    """What happens next."""
    return ngettext(
        "%(count)s fichier reçu : sa lecture commence d'elle-même.",
        "%(count)s fichiers reçus : leur lecture commence d'elle-même.",
        count,
    ) % {"count": count}
