"""ITQ's pages over providers' lists: versions, upload, dry run, publication."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.actions.imports import publish_list, upload_list
from catalogue.forms.imports import UploadForm
from catalogue.imports import SCHEMA
from catalogue.queries.imports import (
    import_with,
    lists_managed,
    offers_managed,
    ranks_managed,
    versions_managed,
)
from catalogue.views.import_page import import_page, import_steps
from catalogue.views.offers import OFFER_LIST
from members.requests import SignedInRequest
from portal.clock import today
from portal.exports import export_csv
from portal.files import attachment
from portal.forms import show_refusal
from portal.lists import Column, ListDefinition, Listing

IMPORT_LIST = ListDefinition(
    name="importations",
    columns=(
        Column("recue", gettext_lazy("Reçue le"), lambda i: i.uploaded_at, ("uploaded_at",)),
        Column("prestataire", gettext_lazy("Prestataire"), lambda i: str(i.rank), ("rank",)),
        Column("fichier", gettext_lazy("Fichier"), lambda i: i.file.name),
        Column(
            "vigueur", gettext_lazy("En vigueur le"), lambda i: i.effective_on, ("effective_on",)
        ),
        Column("articles", gettext_lazy("Articles"), lambda i: i.row_count, ("row_count",), True),
        Column("erreurs", gettext_lazy("Erreurs"), lambda i: len(i.faults), numeric=True),
        Column("etat", gettext_lazy("État"), lambda i: i.get_state_display(), ("state",)),
    ),
    default_sort="-recue",
)
VERSION_OFFERS = ListDefinition(
    name="version",
    columns=tuple(c for c in OFFER_LIST.columns if c.name not in {"prestataire", "rang"}),
    search=OFFER_LIST.search,
    default_sort="nom",
)


@require_safe
def version_list(request: SignedInRequest) -> HttpResponse:
    """Each provider's list in force, its versions, and what waits to be published."""
    day = today()
    context = {"lists": lists_managed(request.user, day), "day": day}
    return render(request, "catalogue/version_list.html", context)


@require_safe
def version_detail(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The articles of one version, whatever its date."""
    version = get_object_or_404(versions_managed(request.user), pk=pk)
    listing = Listing(request, VERSION_OFFERS, offers_managed(request.user, version))
    return listing.export() or render(
        request, "catalogue/version_detail.html", {"version": version, "listing": listing}
    )


@require_safe
def import_list(request: SignedInRequest) -> HttpResponseBase:
    """Every list received, with what its dry run found."""
    listing = Listing(request, IMPORT_LIST, import_with(request.user))
    return listing.export() or render(request, "catalogue/import_list.html", {"listing": listing})


@require_http_methods(["GET", "POST"])
def import_new(request: SignedInRequest) -> HttpResponse:
    """Upload a list: nothing is offered before it is published."""
    ranks = list(ranks_managed(request.user))
    initial = {"effective_on": today(), **request.GET.dict()}
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = UploadForm(*sent, initial=initial, ranks=ranks)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            received = upload_list(
                rank=form.cleaned_data["rank"],
                name=file.name,
                content=file.read(),
                content_type=file.content_type or "application/octet-stream",
                effective_on=form.cleaned_data["effective_on"],
                is_fictitious=settings.DEMONSTRATION,
                by=request.user,
            )
        except ValidationError as error:
            show_refusal(form, error)
        else:
            return redirect("catalogue:import_detail", received.pk)
    status = 422 if form.errors else 200
    context = {"form": form, "steps": import_steps(0)}
    return render(request, "catalogue/import_new.html", context, status=status)


@require_safe
def import_template(request: SignedInRequest) -> HttpResponseBase:
    """The file to fill: the headers and one example."""
    import_with(request.user)
    headers, example = SCHEMA.template()
    return export_csv("modele-catalogue", headers, [list(example)])


@require_safe
def import_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """The dry run: every error at once, or what the list would change."""
    received = get_object_or_404(import_with(request.user), pk=pk)
    return render(request, "catalogue/import_detail.html", import_page(request, received))


@require_POST
def import_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    """Publish a checked list, all or nothing."""
    received = get_object_or_404(import_with(request.user), pk=pk)
    try:
        version = publish_list(catalogue_import=received, by=request.user)
    except ValidationError as error:
        context = import_page(request, received) | {"refusal": error.messages[0]}
        return render(request, "catalogue/import_detail.html", context, status=409)
    messages.success(request, _told(version.number, version.effective_on))
    return redirect("catalogue:version_list")


@require_safe
def import_file(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The file as it was received."""
    return attachment(get_object_or_404(import_with(request.user), pk=pk).file)


def _told(number: int, effective_on: date) -> str:
    """What happens next."""
    if effective_on > today():
        return _("Version %(number)s publiée : elle prendra effet le %(day)s.") % {
            "number": number,
            "day": effective_on.isoformat(),
        }
    return _("Version %(number)s publiée : les membres la voient dès maintenant.") % {
        "number": number
    }
