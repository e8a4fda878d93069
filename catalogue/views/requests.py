"""« Cet appareil manque »: the member's requests, and ITQ's queue."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.actions.requests import answer_offer_request, ask_offer, read_offer_answer
from catalogue.forms.offers import AnswerForm, OfferRequestForm
from catalogue.models import OfferRequest
from catalogue.queries.lists import open_ranks
from catalogue.queries.requests import asking_branches, requests_for_itq, requests_of
from members.permissions import require_member
from members.requests import SignedInRequest
from members.views.acts import acted
from portal.clock import today
from portal.forms import show_refusal
from portal.idempotency import posted_once
from portal.lists import Column, ListDefinition, Listing
from portal.templatetags.portal import instant


def request_facts(asked: OfferRequest) -> list[tuple[str, str]]:
    """Who asked what, of which list, and when."""
    return [
        (_("Liste"), str(asked.provider)),
        (_("Pour"), str(asked.branch)),
        (_("Demandé par"), str(asked.asked_by.person or asked.asked_by)),
        (_("Demandé le"), str(instant(asked.asked_at))),
    ]


def _status(row: OfferRequest) -> str:
    return str(_("Répondue")) if row.answered_at else str(_("En attente"))


_COLUMNS = (
    Column("article", gettext_lazy("Article recherché"), lambda r: r.wanted, ("wanted",)),
    Column("prestataire", gettext_lazy("Prestataire"), lambda r: str(r.provider), ("provider",)),
    Column("date", gettext_lazy("Demandé le"), lambda r: r.asked_at, ("asked_at",)),
    Column("etat", gettext_lazy("État"), _status, ("answered_at",)),
    Column("besoin", gettext_lazy("Besoin"), lambda r: r.need, listed=False),
    Column("reponse", gettext_lazy("Réponse"), lambda r: r.answer, listed=False),
)
REQUEST_LIST = ListDefinition(
    name="articles-manquants",
    columns=_COLUMNS,
    search=("wanted", "need"),
    default_sort="-date",
)
REQUEST_QUEUE = ListDefinition(
    name="articles-manquants",
    columns=(
        _COLUMNS[0],
        Column("organisme", gettext_lazy("Organisme"), lambda r: str(r.branch.organisation)),
        *_COLUMNS[1:],
    ),
    search=("wanted", "need", "branch__organisation__name"),
)


@require_safe
def request_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """What the member's branches asked, and what ITQ answered."""
    organisation = require_member(request.user, member)
    listing = Listing(request, REQUEST_LIST, requests_of(request.user, organisation))
    context = {
        "organisation": organisation,
        "listing": listing,
        "may_ask": asking_branches(request.user, organisation).exists(),
    }
    return listing.export() or render(request, "catalogue/request_list.html", context)


@require_http_methods(["GET", "POST"])
def request_new(request: SignedInRequest, member: str) -> HttpResponse:
    """Tell ITQ that an article is missing."""
    organisation = require_member(request.user, member)
    branches = list(asking_branches(request.user, organisation))
    if not branches:
        raise Http404
    providers = [rank.provider for rank in open_ranks(organisation, today())]
    initial = {"wanted": request.GET.get("q", "")[:200]}
    form = OfferRequestForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        branches=branches,
        providers=providers,
    )
    if request.method == "POST" and form.is_valid():

        def ask() -> str:
            asked = ask_offer(by=request.user, **form.cleaned_data)
            return reverse("catalogue:request_detail", args=[member, asked.pk])

        try:
            return redirect(posted_once(request, ask))
        except ValidationError as error:
            show_refusal(form, error)
    context = {"organisation": organisation, "form": form}
    status = 422 if form.errors else 200
    return render(request, "catalogue/request_new.html", context, status=status)


@require_safe
def request_detail(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """One request of the member, its answer, and who has it now."""
    organisation = require_member(request.user, member)
    asked = get_object_or_404(requests_of(request.user, organisation), pk=pk)
    context = {
        "organisation": organisation,
        "asked": asked,
        "facts": request_facts(asked),
        "to_read": asked.answered_at and not asked.read_at and asked.asked_by == request.user,
    }
    return render(request, "catalogue/request_detail.html", context)


@require_POST
def request_read(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """« J'ai lu la réponse »: it leaves the inbox."""
    organisation = require_member(request.user, member)
    asked = get_object_or_404(requests_of(request.user, organisation), pk=pk)
    try:
        read_offer_answer(offer_request=asked, by=request.user)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("catalogue:request_detail", member, pk)


@require_safe
def request_queue(request: SignedInRequest) -> HttpResponseBase:
    """ITQ's queue, unanswered first."""
    listing = Listing(request, REQUEST_QUEUE, requests_for_itq(request.user))
    return listing.export() or render(request, "catalogue/request_queue.html", {"listing": listing})


@require_http_methods(["GET", "POST"])
def request_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    """ITQ reads a request and answers it once."""
    asked = get_object_or_404(requests_for_itq(request.user), pk=pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if acted(
        request,
        form,
        lambda: answer_offer_request(offer_request=asked, by=request.user, **form.cleaned_data),
    ):
        messages.success(request, _("Réponse transmise à la personne qui l'attendait."))
        return redirect("catalogue:request_queue")
    status = 422 if form.errors else 200
    context = {"asked": asked, "form": form, "facts": request_facts(asked)}
    return render(request, "catalogue/request_answer.html", context, status=status)
