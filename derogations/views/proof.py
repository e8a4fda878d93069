"""The proof of a draft: its places, their tests, its papers (F-33)."""

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from derogations.actions.attachments import add_attachment, remove_attachment
from derogations.actions.drafts import add_place, add_test, change_place, remove_place, remove_test
from derogations.forms.requests import AttachmentForm, CoverageTestForm, PlaceForm
from derogations.kinds import AttachmentKind
from derogations.models import Attachment, CoverageTest, Place
from derogations.queries.day_settings import day_settings
from derogations.queries.requests import derogations_of
from derogations.views.part_page import FormPage, act_once, editable, one_form
from members.permissions import require_member
from members.requests import SignedInRequest
from portal.clock import today
from portal.files import attachment


@require_http_methods(["GET", "POST"])
def place_add(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Add a place."""
    derogation = editable(request, member, number)
    organisation = derogation.branch.organisation
    form = PlaceForm(
        request.POST or None,
        initial={"administrative_region": organisation.administrative_region},
    )
    page = FormPage(
        _("Ajouter un lieu"), _("Ajouter le lieu"), note=_("Ses essais s'ajoutent ensuite.")
    )
    return one_form(
        request,
        derogation,
        form,
        page,
        lambda typed: add_place(derogation=derogation, by=request.user, **typed),
    )


@require_http_methods(["GET", "POST"])
def place_edit(request: SignedInRequest, member: str, number: str, place: int) -> HttpResponse:
    """Correct a place."""
    derogation = editable(request, member, number)
    row = get_object_or_404(derogation.places, pk=place)
    names = ("address", "municipality", "administrative_region")
    form = PlaceForm(request.POST or None, initial={name: getattr(row, name) for name in names})
    return one_form(
        request,
        derogation,
        form,
        FormPage(_("Corriger le lieu"), _("Enregistrer")),
        lambda typed: change_place(place=row, by=request.user, **typed),
    )


@require_POST
def place_remove(request: SignedInRequest, member: str, number: str, place: int) -> HttpResponse:
    """Take a place out, with its tests."""
    derogation = editable(request, member, number)
    row: Place = get_object_or_404(derogation.places, pk=place)
    return act_once(request, derogation, lambda: remove_place(place=row, by=request.user))


@require_http_methods(["GET", "POST"])
def test_add(request: SignedInRequest, member: str, number: str, place: int) -> HttpResponse:
    """Record a test made at a place."""
    derogation = editable(request, member, number)
    row = get_object_or_404(derogation.places, pk=place)
    form = CoverageTestForm(request.POST or None, initial={"tested_on": today()})
    page = FormPage(_("Ajouter un essai"), _("Ajouter l'essai"), lead=str(row))
    return one_form(
        request,
        derogation,
        form,
        page,
        lambda typed: add_test(place=row, by=request.user, **typed),
    )


@require_POST
def test_remove(request: SignedInRequest, member: str, number: str, test: int) -> HttpResponse:
    """Take a test out."""
    derogation = editable(request, member, number)
    rows = CoverageTest.objects.filter(place__derogation=derogation).select_related(
        "place__derogation"
    )
    row = get_object_or_404(rows, pk=test)
    return act_once(request, derogation, lambda: remove_test(test=row, by=request.user))


@require_http_methods(["GET", "POST"])
def attachment_add(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Join a paper."""
    derogation = editable(request, member, number)
    form = AttachmentForm(request.POST or None, request.FILES or None)
    page = FormPage(_("Joindre une pièce"), _("Joindre la pièce"))
    return one_form(
        request,
        derogation,
        form,
        page,
        lambda typed: add_attachment(
            derogation=derogation,
            kind=AttachmentKind(typed["kind"]),
            upload=typed["upload"],
            by=request.user,
        ),
        blank_forms=day_settings(derogation).forms,
    )


@require_safe
def attachment_file(request: SignedInRequest, member: str, number: str, paper: int) -> FileResponse:
    """A paper of the file, downloaded; one taken out stays readable for its versions."""
    organisation = require_member(request.user, member)
    derogation = get_object_or_404(derogations_of(request.user, organisation), number=number)
    row = get_object_or_404(derogation.attachments.select_related("file"), pk=paper)
    return attachment(row.file, name=row.name)


@require_POST
def attachment_remove(
    request: SignedInRequest, member: str, number: str, paper: int
) -> HttpResponse:
    """Take a paper out of a draft."""
    derogation = editable(request, member, number)
    row: Attachment = get_object_or_404(derogation.attachments, pk=paper)
    return act_once(request, derogation, lambda: remove_attachment(attachment=row, by=request.user))
