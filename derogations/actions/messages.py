"""Words said inside a request, kept with the file (F-32)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from derogations import events
from derogations.models import Annex, Derogation, Message
from derogations.queries.signing import acted_on, reaches
from members.models import User
from members.permissions import Unseen, require, require_granted
from members.roles import SIGNER_LABEL, May, PersonalMay
from portal.audit import SystemActor, record
from portal.clock import database_clock
from portal.commands import action
from portal.models import StoredFile
from portal.queue import later
from portal.workflow import locked


@action
def write_message(*, derogation: Derogation, text: str, by: User) -> Message:
    """Whoever sees the derogations of the branch may write in the file (F-32)."""
    hat = require(by, May.SEE_DEROGATIONS, on=derogation)
    return _said(derogation, text, by, hat)


@action
def write_as_signer(*, derogation: Derogation, text: str, by: User) -> Message:
    """A person who may sign, or who acted and still stands on the plan, writes here (F-32)."""
    hat = _require_talker(by, derogation)
    return _said(derogation, text, by, hat)


@action
def ask_annex(*, derogation: Derogation, by: User) -> Annex:
    """Ask for a dated PDF copy of the messages; one that is being made answers for it (F-32).

    Raises ValidationError while nothing was said.
    """
    hat = require(by, May.SEE_DEROGATIONS, on=derogation)
    locked(derogation)
    under_way = derogation.annexes.filter(file__isnull=True).first()
    if under_way:
        return under_way
    if not derogation.messages.exists():
        raise ValidationError(_("Rien n'a encore été écrit dans cette demande."))
    annex = Annex.objects.create(derogation=derogation, asked_by=by)
    record(events.ANNEX_ASKED, by=by, on=derogation, hat=hat)
    later("derogations.render_annex", annex_id=annex.pk)
    return annex


@action
def store_annex(
    *, annex: Annex, paper: StoredFile, produced_at: datetime, by: SystemActor
) -> Annex:
    """Keep a copy that was rendered; one already kept stays (F-32)."""
    fresh = locked(annex)
    if fresh.file_id is not None:
        return fresh
    fresh.file, fresh.produced_at = paper, produced_at
    fresh.save(update_fields=["file", "produced_at"])
    record(events.ANNEX_PRODUCED, by=by, on=fresh.derogation, sha256=paper.sha256)
    return fresh


def _require_talker(by: User, derogation: Derogation) -> str:
    """Who acted, or was granted the request, talks while a line of the plan still reaches it."""
    hat = str(SIGNER_LABEL)
    if not acted_on(by, derogation):
        hat = require_granted(by, PersonalMay.SIGN_DEROGATION, on=derogation)
    if not reaches(by, derogation, database_clock()):
        raise Unseen
    return hat


def _said(derogation: Derogation, text: str, by: User, hat: str) -> Message:
    """The message, told by mail to the others who talk here."""
    if not text.strip():
        raise ValidationError({"text": _("Écrivez votre message.")})
    message = Message.objects.create(derogation=derogation, text=text.strip(), written_by=by)
    record(events.MESSAGE_WRITTEN, by=by, on=derogation, hat=hat)
    later("derogations.send_message", message_id=message.pk)
    return message
