"""Derogations signed before the portal: recorded with their scan, never sealed."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from derogations.actions.attachments import add_attachment
from derogations.actions.drafts import open_request
from derogations.kinds import AttachmentKind, DerogationOrigin, HeadDecision
from derogations.models import Derogation
from derogations.states import RECORD_EARLIER
from members.models import Branch, Contract, Provider, User
from members.permissions import perform, require
from members.roles import May
from portal.clock import midnight, today
from portal.commands import action
from portal.queue import later
from portal.uploads import Upload


@action
def record_earlier(
    *,
    branch: Branch,
    provider: Provider,
    contract: Contract,
    kinds: Collection[str],
    signed_on: date,
    ends_on: date,
    scan: Upload,
    by: User,
    **values: Any,
) -> Derogation:
    """Record a derogation signed on paper before the portal, with its scan (F-29).

    It keeps in order the lines that it names and covers no new order: one person alone records it
    (R-21). Its origin says what it is, and it is never sealed. Raises ValidationError for a date
    of signature to come, or an end before it.
    """
    require(by, May.ASK_DEROGATION, on=branch)
    if signed_on > today():
        raise ValidationError({"signed_on": _("Ce jour n'est pas encore venu.")})
    if ends_on < signed_on:
        raise ValidationError({"ends_on": _("La fin précède la signature : vérifiez les dates.")})
    derogation = open_request(
        branch=branch,
        provider=provider,
        contract=contract,
        kinds=kinds,
        by=by,
        origin=DerogationOrigin.EARLIER,
        wanted_on=signed_on,
        ends_on=ends_on,
        **values,
    )
    add_attachment(derogation=derogation, kind=AttachmentKind.SCAN, upload=scan, by=by)
    derogation.heads.update(decision=HeadDecision.SIGNED)
    recorded = perform(RECORD_EARLIER, on=derogation, by=by, signed_at=midnight(signed_on))
    later("orders.draw_on_derogation", derogation_id=recorded.pk)
    return recorded
