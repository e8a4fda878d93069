"""« Cet appareil manque »: a member asks ITQ for one more article, ITQ answers."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalogue import events
from catalogue.models import OfferRequest
from catalogue.queries.lists import open_ranks
from members.models import Branch, Provider, User
from members.permissions import WHOLE_GROUP, Refused, require
from members.roles import May, StaffMay
from portal.audit import record
from portal.clock import database_clock, today
from portal.commands import action
from portal.workflow import locked


@action
def ask_offer(
    *, branch: Branch, provider: Provider, wanted: str, need: str, by: User
) -> OfferRequest:
    """RCELL tells ITQ that an article is missing from a list that the member sees (R-11, R-17).

    Raises ValidationError for another list.
    """
    hat = require(by, May.ASK_OFFER, on=branch)
    if provider.pk not in {rank.provider_id for rank in open_ranks(branch.organisation, today())}:
        raise ValidationError(
            {"provider": _("La liste de ce prestataire n'est pas ouverte à votre organisme.")}
        )
    asked = OfferRequest.objects.create(
        branch=branch, provider=provider, wanted=wanted, need=need, asked_by=by
    )
    record(events.OFFER_REQUESTED, by=by, on=asked, hat=hat, provider=provider.code)
    return asked


@action
def answer_offer_request(*, offer_request: OfferRequest, answer: str, by: User) -> OfferRequest:
    """ITQ answers a member's request once; the answer goes to whoever asked (R-11)."""
    hat = require(by, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP)
    fresh = locked(offer_request)
    if fresh.answered_at is not None:
        raise ValidationError(_("Cette demande a déjà reçu une réponse : relisez-la."))
    fresh.answer, fresh.answered_at, fresh.answered_by = answer, database_clock(), by
    fresh.save(update_fields=["answer", "answered_at", "answered_by"])
    record(events.OFFER_REQUEST_ANSWERED, by=by, on=fresh, hat=hat)
    return fresh


@action
def read_offer_answer(*, offer_request: OfferRequest, by: User) -> OfferRequest:
    """Whoever asked has read ITQ's answer: it leaves the inbox (R-11). Again: no effect."""
    hat = require(by, May.ASK_OFFER, on=offer_request)
    fresh = locked(offer_request)
    if fresh.asked_by_id != by.pk:
        raise Refused(_("Cette réponse attend la personne qui a fait la demande."))
    if fresh.answered_at is None:
        raise ValidationError(_("ITQ n'a pas encore répondu."))
    if fresh.read_at is None:
        fresh.read_at = database_clock()
        fresh.save(update_fields=["read_at"])
        record(events.OFFER_ANSWER_READ, by=by, on=fresh, hat=hat)
    return fresh
