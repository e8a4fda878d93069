"""Send an order once: its sheet, each attempt recorded before it is tried, and how it ended (R-19).

A sending whose end is not known is never tried again by itself: a person settles it (X-22).
"""

import hashlib
import secrets
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import make_msgid
from django.utils.translation import gettext as _

from members.models import User
from members.permissions import perform, require
from members.roles import May
from orders import events
from orders.actions.drawing import fall_sentence, fallen_under, hold_back
from orders.actions.submission import submit_order
from orders.kinds import OrderState, SendingMode
from orders.models import Dispatch, DispatchMode, Order
from orders.states import FIND_SENT, FIND_UNSENT, LOSE_TRACK, SEND
from portal.audit import SystemActor, record
from portal.clock import database_clock, midnight, today
from portal.commands import action
from portal.models import StoredFile
from portal.queue import TryLater, later
from portal.workflow import advance, locked

LINK_LIFE = timedelta(days=14)
NO_MODE = timedelta(minutes=5)
"""Until the next try, while ITQ fixed no mode."""
AWAITED = (OrderState.SENT, OrderState.ACKNOWLEDGED)
"""States in which the provider may still need the sheet."""


@action
def store_sheet(*, order: Order, sheet: StoredFile, by: SystemActor) -> Order:
    """Keep the order's PDF with it, and promise the sending; a second call changes nothing.

    An order that went back to wait meanwhile will have another sheet.
    """
    fresh = locked(order)
    if fresh.sheet_id is not None or fresh.state == OrderState.AWAITING_DEROGATION:
        return fresh
    fresh.sheet = sheet
    fresh.save(update_fields=["sheet"])
    record(events.ORDER_SHEET_STORED, by=by, on=fresh, sha256=sheet.sha256)
    if fresh.state == OrderState.SUBMITTED:
        later("orders.transmit", order_id=fresh.pk)
    return fresh


@action
def begin_dispatch(*, order: Order, by: SystemActor) -> tuple[Dispatch, str] | None:
    """Record a sending before it is tried; return it with its link's token.

    None when there is nothing to send, or when a derogation it rests on, asked again under its
    lock, holds no more: the order goes back to wait (D-12). An attempt left without its end
    makes the order ``sending_unknown``: nobody knows whether the provider has it (X-22).
    Raises TryLater while ITQ fixed no mode for the provider.
    """
    fresh = locked(order)
    if fresh.state != OrderState.SUBMITTED:
        return None
    left = fresh.dispatches.filter(outcome=Dispatch.Outcome.PENDING).first()
    if left is not None:
        if left.mode != SendingMode.PROVIDER_PORTAL:
            _lose_track(left, by=by, detail=_("Interrompue avant la réponse du prestataire"))
        return None
    if fallen := fallen_under(fresh):
        hold_back(fresh, fallen, by)
        return None
    mode = _mode_today(fresh)
    link, token = _new_link()
    dispatch = Dispatch.objects.create(
        order=fresh, branch=fresh.branch, mode=mode.mode, recipient=mode.email, **link
    )
    record(events.DISPATCH_STARTED, by=by, on=fresh, mode=mode.mode, dispatch=dispatch.pk)
    return dispatch, token


@action
def conclude_sent(*, dispatch: Dispatch, by: SystemActor, detail: str = "") -> Order:
    """The provider's server accepted the message, or the file is where it reads."""
    fresh = _conclude(dispatch, Dispatch.Outcome.SENT, detail)
    return advance(SEND, on=fresh.order, by=by, sent_at=database_clock(), mode=fresh.mode)


@action
def conclude_unknown(*, dispatch: Dispatch, by: SystemActor, detail: str) -> Order:
    """No answer in time: a person will settle it (X-22)."""
    return _lose_track(dispatch, by=by, detail=detail)


@action
def abandon_dispatch(*, dispatch: Dispatch, by: SystemActor, detail: str) -> None:
    """The provider surely received nothing: the queue will try again later."""
    fresh = _conclude(dispatch, Dispatch.Outcome.VOID, detail)
    record(events.DISPATCH_ABANDONED, by=by, on=fresh.order, detail=detail)


@action
def record_provider_entry(*, order: Order, confirmation: str, by: User) -> Order:
    """RCELL keyed the order in at the provider's portal and says its confirmation number (R-19).

    Raises ValidationError when it awaits no entry, or rests on a derogation that holds no more.
    """
    hat = require(by, May.ORDER, on=order)
    fresh = locked(order)
    waiting = fresh.dispatches.filter(
        outcome=Dispatch.Outcome.PENDING, mode=SendingMode.PROVIDER_PORTAL
    ).first()
    if waiting is None:
        raise ValidationError(_("Cette commande n'attend pas d'être saisie chez le prestataire."))
    if fallen := fallen_under(fresh):
        raise ValidationError([fall_sentence(one) for one in fallen])
    _conclude(waiting, Dispatch.Outcome.SENT, confirmation)
    return advance(
        SEND,
        on=fresh,
        by=by,
        hat=hat,
        sent_at=database_clock(),
        provider_confirmation=confirmation,
        mode=waiting.mode,
    )


@action
def record_placed_order(
    *,
    order: Order,
    placed_on: date,
    confirmation: str,
    attested: bool,
    by: User,
    reference: str = "",
) -> Order:
    """RCELL placed a draft's lines at the provider already: judged whole, then sent (R-19).

    The same rules as a submission; its sheet is made and kept, and goes to nobody. Raises
    ValidationError when the day is to come, when a rule refuses, or when a derogation lacks.
    """
    hat = require(by, May.ORDER, on=order)
    if placed_on > today():
        raise ValidationError(
            {"placed_on": _("Cette date est à venir : inscrivez celle où vous avez commandé.")}
        )
    submitted = submit_order(order=order, by=by, attested=attested, reference=reference)
    if submitted.state != OrderState.SUBMITTED:
        raise ValidationError(
            _("Il manque une dérogation signée : soumettez la commande, elle l'attendra.")
        )
    mode, outcome = SendingMode.PROVIDER_PORTAL, Dispatch.Outcome.SENT
    Dispatch.objects.create(
        order=submitted, branch=submitted.branch, mode=mode, outcome=outcome, detail=confirmation
    )
    return advance(
        SEND,
        on=submitted,
        by=by,
        hat=hat,
        sent_at=midnight(placed_on),
        provider_confirmation=confirmation,
        mode=mode,
        placed_on=placed_on.isoformat(),
    )


@action
def settle_sending(*, order: Order, arrived: bool, note: str, by: User) -> Order:
    """ITQ asked the provider: the order arrived, or it is to be sent again (D-05, X-22)."""
    require(by, May.SETTLE_SENDING, on=order)
    fresh = locked(order)
    unknown = fresh.dispatches.filter(outcome=Dispatch.Outcome.UNKNOWN)
    if arrived:
        unknown.update(outcome=Dispatch.Outcome.SENT, detail=note)
        return perform(FIND_SENT, on=fresh, by=by, sent_at=database_clock(), note=note)
    unknown.update(outcome=Dispatch.Outcome.VOID, detail=note)
    settled = perform(FIND_UNSENT, on=fresh, by=by, note=note)
    later("orders.transmit", order_id=settled.pk)
    return settled


@action
def record_download(*, dispatch: Dispatch, by: SystemActor) -> None:
    """The provider took the sheet through its link; the first time is kept."""
    fresh = locked(dispatch)
    if fresh.downloaded_at is None:
        fresh.downloaded_at = database_clock()
        fresh.save(update_fields=["downloaded_at"])
    record(events.DISPATCH_DOWNLOADED, by=by, on=fresh.order, dispatch=fresh.pk)


@action
def ask_new_link(*, order: Order, by: User) -> Dispatch:
    """RCELL has a new link sent to the same sheet: the last one expired or was lost (ADR 0008).

    Raises ValidationError when the order did not leave by e-mail, or its goods are in hand.
    """
    hat = require(by, May.ORDER, on=order)
    fresh = locked(order)
    sent = fresh.dispatches.filter(outcome=Dispatch.Outcome.SENT, mode=SendingMode.EMAIL).first()
    if sent is None or fresh.state not in AWAITED:
        raise ValidationError(
            _("Un nouveau lien s'envoie pour une commande partie par courriel et pas encore reçue.")
        )
    record(events.DISPATCH_LINK_ASKED, by=by, on=fresh, hat=hat, dispatch=sent.pk)
    later("orders.renew_link", dispatch_id=sent.pk)
    return sent


@action
def replace_link(*, dispatch: Dispatch, by: SystemActor) -> tuple[Dispatch, str]:
    """Replace a sending's link before it is mailed, to the provider's address of the day."""
    fresh = locked(dispatch)
    mode = DispatchMode.objects.filter(
        provider=fresh.order.rank.provider_id, mode=SendingMode.EMAIL, valid__contains=today()
    ).first()
    link, token = _new_link()
    written = {**link, "recipient": mode.email if mode else fresh.recipient}
    for name, value in written.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=[*written])
    record(
        events.DISPATCH_LINK_RENEWED,
        by=by,
        on=fresh.order,
        dispatch=fresh.pk,
        recipient=fresh.recipient,
    )
    return fresh, token


def _new_link() -> tuple[dict[str, Any], str]:
    """A link's fields, for a message of its own; its token is stored nowhere."""
    token = secrets.token_urlsafe(32)
    fields = {
        "message_id": make_msgid(domain=settings.BASE_URL.split("//")[-1].split(":")[0]),
        "link_sha256": hashlib.sha256(token.encode()).hexdigest(),
        "link_expires_at": database_clock() + LINK_LIFE,
    }
    return fields, token


def _mode_today(order: Order) -> DispatchMode:
    """How the order's provider receives today; until ITQ says it, the order waits (R-19)."""
    provider = order.rank.provider
    mode = DispatchMode.objects.filter(provider=provider, valid__contains=today()).first()
    if mode is None:
        told = _("Aucun mode de transmission en vigueur pour %(provider)s : fixez-en un.")
        raise TryLater(told % {"provider": provider}, after=NO_MODE)
    return mode


def _conclude(dispatch: Dispatch, outcome: str, detail: str) -> Dispatch:
    """Write how a pending sending ended, under the order's lock."""
    locked(dispatch.order)
    fresh = locked(dispatch)
    fresh.outcome, fresh.detail = outcome, detail[:500]
    fresh.save(update_fields=["outcome", "detail"])
    return fresh


def _lose_track(dispatch: Dispatch, *, by: SystemActor, detail: str) -> Order:
    fresh = _conclude(dispatch, Dispatch.Outcome.UNKNOWN, detail)
    return advance(LOSE_TRACK, on=fresh.order, by=by, detail=detail)
