"""Messages between a member and the administering body, on both sides (R-07)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions.messages import (
    authorise_writing,
    end_authorisation,
    handle_message,
    see_copy,
    send_to_itq,
    write_to_member,
)
from members.forms.messages import (
    AuthoriseForm,
    MessageFilters,
    MessageForm,
    ReplyForm,
    StaffMessageForm,
)
from members.models import ItqMessage, Organisation
from members.permissions import WHOLE_GROUP, require, require_member
from members.queries.messages import (
    authorisations_of,
    messages_of,
    messages_to_itq,
    require_messages,
    require_writable,
    writable_branches,
    writers_of,
)
from members.queries.people import require_branches
from members.requests import SignedInRequest
from members.roles import May, StaffMay
from members.views.acts import Act, act_page, acted, pressed
from members.views.pages import member_page
from portal.lists import Column, ListDefinition, Listing

_COLUMNS = (
    Column("objet", gettext_lazy("Objet"), lambda m: m.subject, ("subject",)),
    Column("sens", gettext_lazy("Sens"), lambda m: m.get_direction_display(), ("direction",)),
    Column("auteur", gettext_lazy("De"), lambda m: str(m.sent_by.person), ("sent_by",)),
    Column("date", gettext_lazy("Transmis le"), lambda m: m.sent_at, ("sent_at",)),
    Column(
        "etat",
        gettext_lazy("État"),
        lambda m: _("Traité") if m.handled_at else _("À traiter"),
        ("handled_at",),
    ),
    Column("message", gettext_lazy("Message"), lambda m: m.body, listed=False),
)
MESSAGE_LIST = ListDefinition(
    name="messages",
    columns=_COLUMNS,
    search=("subject", "body"),
    filters=MessageFilters,
    default_sort="-date",
)
STAFF_MESSAGE_LIST = ListDefinition(
    name="messages-membres",
    columns=(
        *_COLUMNS[:1],
        Column(
            "organisme",
            gettext_lazy("Organisme"),
            lambda m: str(m.branch.organisation),
            ("branch__organisation__name",),
        ),
        *_COLUMNS[1:],
    ),
    search=("subject", "body", "branch__organisation__name"),
    filters=MessageFilters,
    default_sort="-date",
)


@require_safe
def message_list(request: SignedInRequest, member: str) -> HttpResponse:
    """What passed with ITQ: everything for INTRL, one's own for RCELL and MANDA."""
    organisation = require_member(request.user, member)
    require_messages(request.user, organisation)
    listing = Listing(request, MESSAGE_LIST, messages_of(request.user, organisation))
    return listing.export() or member_page(  # type: ignore[return-value]
        request,
        "members/message_list.html",
        organisation,
        listing=listing,
        may_write=bool(writable_branches(request.user, organisation)),
        writers=writers_of(request.user, organisation),
    )


@require_http_methods(["GET", "POST"])
def message_write(request: SignedInRequest, member: str) -> HttpResponse:
    """Write to ITQ in the member's name."""
    organisation = require_member(request.user, member)
    may_write = require_writable(request.user, organisation)
    branches = organisation.branches.filter(pk__in=[branch.pk for branch in may_write])
    form = MessageForm(request.POST or None, branches=branches)
    if acted(request, form, lambda: send_to_itq(by=request.user, **form.cleaned_data)):
        messages.success(request, _("Message transmis à ITQ."))
        return redirect("members:message_list", member=member)
    act = Act(
        title=_("Écrire à ITQ"),
        label=_("Transmettre"),
        back=reverse("members:message_list", args=[member]),
        organisation=organisation,
        note=_("L'interlocuteur reçoit une copie ; la réponse d'ITQ lui parvient."),
    )
    return act_page(request, form, act)


@require_http_methods(["GET", "POST"])
def message_detail(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """A message and its answers; INTRL answers ITQ here, in one click."""
    organisation, message = _fetch(request, member, pk)
    form = ReplyForm(request.POST or None)
    if acted(request, form, lambda: _reply(request, message, form)):
        messages.success(request, _("Réponse transmise à ITQ."))
        return redirect("members:message_list", member=member)
    whole = require_messages(request.user, organisation)
    return member_page(
        request,
        "members/message_detail.html",
        organisation,
        message=message,
        replies=messages_of(request.user, organisation).filter(in_reply_to=message),
        form=form,
        may_reply=bool(writable_branches(request.user, organisation)),
        may_handle=whole and message.direction == ItqMessage.Direction.FROM_ITQ,
        may_see=whole and message.sent_by_id != request.user.pk,
    )


def _reply(request: SignedInRequest, message: ItqMessage, form: ReplyForm) -> ItqMessage:
    subject = message.subject.removeprefix("RE : ")
    return send_to_itq(
        branch=message.branch,
        subject=f"RE : {subject}"[:200],
        body=form.cleaned_data["body"],
        in_reply_to=message,
        by=request.user,
    )


@require_POST
def message_handle(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """INTRL marks what ITQ wrote as dealt with."""
    _organisation, message = _fetch(request, member, pk)
    return pressed(
        request,
        lambda: handle_message(message=message, by=request.user),
        _("Message traité."),
        reverse("members:message_list", args=[member]),
    )


@require_POST
def message_seen(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """INTRL has seen the copy of what was written in the member's name."""
    _organisation, message = _fetch(request, member, pk)
    return pressed(
        request,
        lambda: see_copy(message=message, by=request.user),
        _("Copie marquée « vue »."),
        reverse("members:message_list", args=[member]),
    )


@require_http_methods(["GET", "POST"])
def writer_authorise(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """INTRL lets an RCELL or a MANDA write to ITQ."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.SEND_TO_ITQ, organisation)
    respondent = get_object_or_404(writers_of(request.user, organisation), pk=pk)
    form = AuthoriseForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: authorise_writing(respondent=respondent, by=request.user, **form.cleaned_data),
    ):
        return redirect("members:message_list", member=member)
    act = Act(
        title=_("Autoriser %(person)s à écrire à ITQ") % {"person": respondent.person},
        label=_("Autoriser"),
        back=reverse("members:message_list", args=[member]),
        organisation=organisation,
        lead=_(
            "Vous recevez une copie de chaque message ; vous retirez l'accord quand il vous plaît."
        ),
    )
    return act_page(request, form, act)


@require_POST
def writer_end(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """INTRL takes the authorisation back."""
    organisation = require_member(request.user, member)
    require_branches(request.user, May.SEND_TO_ITQ, organisation)
    authorisation = get_object_or_404(authorisations_of(request.user, organisation), pk=pk)
    return pressed(
        request,
        lambda: end_authorisation(authorisation=authorisation, by=request.user),
        _("Autorisation retirée."),
        reverse("members:message_list", args=[member]),
    )


@require_safe
def staff_message_list(request: SignedInRequest) -> HttpResponse:
    """Everything that members wrote to ITQ, and ITQ's answers."""
    require(request.user, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP)
    listing = Listing(request, STAFF_MESSAGE_LIST, messages_to_itq(request.user))
    return listing.export() or render(  # type: ignore[return-value]
        request, "members/staff_message_list.html", {"listing": listing}
    )


@require_http_methods(["GET", "POST"])
def staff_message_write(request: SignedInRequest) -> HttpResponse:
    """ITQ writes to a member: it enters INTRL's inbox."""
    require(request.user, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP)
    form = StaffMessageForm(request.POST or None)
    if acted(request, form, lambda: _write(request, **form.cleaned_data)):
        messages.success(request, _("Message transmis à l'interlocuteur."))
        return redirect("members:staff_message_list")
    act = Act(
        title=_("Écrire à un membre"),
        label=_("Transmettre"),
        back=reverse("members:staff_message_list"),
        note=_("Sans interlocuteur en fonction, le message l'attend et ITQ relance l'organisme."),
    )
    return act_page(request, form, act)


def _write(
    request: SignedInRequest, organisation: Organisation, subject: str, body: str
) -> ItqMessage:
    root = organisation.branches.get(is_root=True)
    return write_to_member(branch=root, subject=subject, body=body, by=request.user)


@require_http_methods(["GET", "POST"])
def staff_message_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """ITQ reads a message and answers it."""
    require(request.user, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP)
    message = get_object_or_404(messages_to_itq(request.user), pk=pk)
    form = ReplyForm(request.POST or None)
    if acted(
        request,
        form,
        lambda: write_to_member(
            branch=message.branch,
            subject=f"RE : {message.subject.removeprefix('RE : ')}"[:200],
            body=form.cleaned_data["body"],
            in_reply_to=message,
            by=request.user,
        ),
    ):
        messages.success(request, _("Réponse transmise à l'interlocuteur."))
        return redirect("members:staff_message_list")
    return render(
        request,
        "members/staff_message_detail.html",
        {
            "message": message,
            "replies": messages_to_itq(request.user).filter(in_reply_to=message),
            "form": form,
        },
    )


@require_POST
def staff_message_handle(request: SignedInRequest, pk: int) -> HttpResponse:
    """ITQ marks a message as dealt with, without an answer."""
    require(request.user, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP)
    message = get_object_or_404(messages_to_itq(request.user), pk=pk)
    return pressed(
        request,
        lambda: handle_message(message=message, by=request.user),
        _("Message traité."),
        reverse("members:staff_message_list"),
    )


def _fetch(request: SignedInRequest, member: str, pk: int) -> tuple[Organisation, ItqMessage]:
    organisation = require_member(request.user, member)
    return organisation, get_object_or_404(messages_of(request.user, organisation), pk=pk)
