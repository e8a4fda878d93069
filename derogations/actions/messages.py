"""Words said inside a request, kept with the file (F-32)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from derogations import events
from derogations.models import Derogation, Message
from members.models import User
from members.permissions import require, require_granted
from members.roles import May, PersonalMay
from portal.audit import record
from portal.commands import action
from portal.queue import later


@action
def write_message(*, derogation: Derogation, text: str, by: User) -> Message:
    """Whoever sees the derogations of the branch may write in the file (F-32)."""
    hat = require(by, May.SEE_DEROGATIONS, on=derogation)
    return _written(derogation, text, by, hat)


@action
def write_as_signer(*, derogation: Derogation, text: str, by: User) -> Message:
    """A person who may sign writes in the file, without any role (F-32)."""
    hat = require_granted(by, PersonalMay.SIGN_DEROGATION, on=derogation)
    return _written(derogation, text, by, hat)


def _written(derogation: Derogation, text: str, by: User, hat: str) -> Message:
    """The message, told by mail to the others who talk here."""
    if not text.strip():
        raise ValidationError({"text": _("Écrivez votre message.")})
    message = Message.objects.create(derogation=derogation, text=text.strip(), written_by=by)
    record(events.MESSAGE_WRITTEN, by=by, on=derogation, hat=hat)
    later("derogations.send_message", message_id=message.pk)
    return message
