"""The list of a member's derogations, the page of one, its papers, and its submission."""

from io import BytesIO

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from derogations.actions.messages import write_message
from derogations.actions.requests import cancel_request, submit_request
from derogations.eligibility import open_powers
from derogations.form_filling import filled
from derogations.forms.filters import DerogationFilters
from derogations.forms.requests import CancelForm, MessageForm
from derogations.freezing import canonical
from derogations.models import Derogation
from derogations.queries.request_page import request_row, versions_of
from derogations.queries.requests import (
    EDITABLE_STATES,
    asking_branches,
    branches_seen,
    derogations_of,
    kinds_in_words,
    places_lacking,
    provider_forms,
    readiness_of,
    terms_of,
)
from derogations.queries.signers import (
    signed_as,
    signed_by,
    signed_for,
    signed_under,
    with_signers,
)
from derogations.queries.similar import like_cases
from derogations.reading import values_by_field
from derogations.views.request_page import (
    changed_since,
    live_sections,
    request_page,
    signers_told,
)
from members.permissions import can, require, require_member
from members.requests import SignedInRequest
from members.roles import May
from portal.files import attachment, read
from portal.forms import show_refusal
from portal.idempotency import posted_once
from portal.lists import Column, ListDefinition, Listing

DEROGATION_LIST = ListDefinition(
    name="derogations",
    columns=(
        Column("numero", gettext_lazy("Numéro"), lambda d: d.number, ("number",)),
        Column("date", gettext_lazy("Ouverte le"), lambda d: d.created_at, ("created_at",)),
        Column("etat", gettext_lazy("État"), lambda d: d.get_state_display(), ("state",)),
        Column("genre", gettext_lazy("Genre"), kinds_in_words),
        Column(
            "prestataire",
            gettext_lazy("Prestataire"),
            lambda d: str(d.provider),
            ("provider__name",),
        ),
        Column("subdivision", gettext_lazy("Subdivision"), lambda d: str(d.branch), ("branch",)),
        Column("quantite", gettext_lazy("Quantité"), lambda d: d.quantity, ("quantity",), True),
        Column("fin", gettext_lazy("Fin"), lambda d: d.ends_on, ("ends_on",)),
        Column("besoin", gettext_lazy("Besoin"), lambda d: d.need, listed=False),
        Column("signee", gettext_lazy("Signée le"), lambda d: d.signed_at, listed=False),
        Column("signataire", gettext_lazy("Signée par"), signed_by, listed=False),
        Column("pour", gettext_lazy("Pour"), signed_for, listed=False),
        Column("qualite", gettext_lazy("Qualité"), signed_as, listed=False),
        Column("ligne", gettext_lazy("Ligne du plan"), signed_under, listed=False),
        Column(
            "origine",
            gettext_lazy("Origine"),
            lambda d: d.get_origin_display(),
            listed=False,
        ),
        Column(
            "reexamen",
            gettext_lazy("À réexaminer"),
            lambda d: _("Oui") if d.to_reexamine else "",
            listed=False,
        ),
    ),
    search=("number", "need", "external_reference", "device_model"),
    filters=DerogationFilters,
    default_sort="-date",
)


@require_safe
def request_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """Every derogation of the member that I may see."""
    organisation = require_member(request.user, member)
    listing = Listing(
        request,
        DEROGATION_LIST,
        with_signers(derogations_of(request.user, organisation)),
        {"branches": branches_seen(request.user, organisation)},
    )
    return listing.export() or render(
        request,
        "derogations/request_list.html",
        {
            "organisation": organisation,
            "listing": listing,
            "may_ask": asking_branches(request.user, organisation).exists(),
        },
    )


@require_safe
def request_detail(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """One derogation: what is asked, what is missing, who decides, what was said and decided."""
    derogation = fetch_derogation(request, member, number)
    return render(request, "derogations/request_detail.html", request_page(request, derogation))


@require_safe
def request_document(
    request: SignedInRequest, member: str, number: str, version: int
) -> FileResponse:
    """The frozen PDF of a version, the same bytes at every download."""
    derogation = fetch_derogation(request, member, number)
    frozen = get_object_or_404(derogation.versions.select_related("pdf"), number=version)
    if frozen.pdf is None:
        raise Http404
    return attachment(frozen.pdf, name=f"{derogation.number}-v{frozen.number}.pdf")


@require_safe
def request_version(
    request: SignedInRequest, member: str, number: str, version: int
) -> HttpResponse:
    """What one submission said, and what it changed from the one before (F-31)."""
    derogation = fetch_derogation(request, member, number)
    versions = versions_of(derogation)
    shown = next((row for row in versions if row.number == version), None)
    if shown is None:
        raise Http404
    context = {
        "organisation": derogation.branch.organisation,
        "derogation": derogation,
        "version": shown,
        "before": next((row for row in versions if row.number == version - 1), None),
        **changed_since(derogation, versions, shown),
    }
    return render(request, "derogations/request_version.html", context)


@require_safe
def provider_form_file(
    request: SignedInRequest, member: str, number: str, form: int
) -> FileResponse:
    """The provider's blank form, to fill and join (R-14)."""
    derogation = fetch_derogation(request, member, number)
    row = get_object_or_404(provider_forms(derogation), pk=form)
    return attachment(row.file)


@require_safe
def provider_form_filled(
    request: SignedInRequest, member: str, number: str, form: int
) -> FileResponse:
    """The provider's form, its fields filled with what the request says (R-14)."""
    derogation = fetch_derogation(request, member, number)
    row = get_object_or_404(provider_forms(derogation).exclude(field_map={}), pk=form)
    values = values_by_field(canonical(derogation, terms_of(derogation), 0))
    wanted = {name: values.get(field, "") for name, field in row.field_map.items()}
    paper = BytesIO(filled(read(row.file), wanted))
    name = f"{derogation.number}-{row.file.name}"
    return FileResponse(paper, as_attachment=True, filename=name, content_type="application/pdf")


@require_http_methods(["GET", "POST"])
def request_submit(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Before the submission: the whole text, the sum, the posts that can sign, like cases."""
    derogation = fetch_derogation(request, member, number)
    require_asking(request, derogation)
    refusals: list[str] = []
    if request.method == "POST":

        def submit() -> str:
            submit_request(derogation=derogation, by=request.user)
            messages.success(
                request, _("Demande soumise : son document se prépare, puis les signataires l'ont.")
            )
            return _to_derogation(derogation)

        try:
            return redirect(posted_once(request, submit))
        except ValidationError as error:
            refusals = error.messages
    return _submit_page(request, derogation, refusals)


def _submit_page(
    request: SignedInRequest, derogation: Derogation, refusals: list[str]
) -> HttpResponse:
    """The page before the submission; 404 once there is nothing to submit."""
    if derogation.state not in EDITABLE_STATES:
        raise Http404
    ready = readiness_of(derogation)
    steps = ready.terms.steps
    context = {
        "organisation": derogation.branch.organisation,
        "derogation": derogation,
        "ready": ready,
        **signers_told(open_powers(steps, ready.powers), places_lacking(steps, ready.powers)),
        "sections": live_sections(derogation, ready.terms),
        "cases": like_cases(request.user, derogation),
        "refusals": refusals,
    }
    status = 422 if refusals else 200
    return render(request, "derogations/request_submit.html", context, status=status)


@require_POST
def request_cancel(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Give a request up."""
    derogation = fetch_derogation(request, member, number)
    form = CancelForm(request.POST, prefix="cancel")
    if form.is_valid():
        try:
            cancel_request(
                derogation=derogation, reason=form.cleaned_data["reason"], by=request.user
            )
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Demande annulée."))
            return redirect(_to_derogation(derogation))
    require_asking(request, derogation)
    page = request_page(request, derogation, cancel_form=form, refused_form=form)
    return render(request, "derogations/request_detail.html", page, status=422)


@require_POST
def message_write(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """Say something in the file."""
    derogation = fetch_derogation(request, member, number)
    form = MessageForm(request.POST, prefix="message")
    if form.is_valid():
        try:
            write_message(derogation=derogation, text=form.cleaned_data["text"], by=request.user)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Message inscrit au dossier."))
            return redirect(_to_derogation(derogation) + "#messages-du-dossier")
    page = request_page(request, derogation, message_form=form, refused_form=form)
    return render(request, "derogations/request_detail.html", page, status=422)


def fetch_derogation(request: SignedInRequest, member: str, number: str) -> Derogation:
    """The derogation that an address names, through the gate; 404 otherwise."""
    return request_row(request.user, member, number)


def require_asking(request: SignedInRequest, derogation: Derogation) -> None:
    """The page of who may ask; the act behind it reads the rights again. Raises Refused."""
    if not can(request.user, May.ASK_DEROGATION, on=derogation):
        require(request.user, May.ASK_DEROGATION, on=derogation)


def _to_derogation(derogation: Derogation) -> str:
    """The page of one derogation."""
    url: str = redirect(
        "derogations:request_detail", derogation.branch.organisation.slug, derogation.number
    ).url
    return url
