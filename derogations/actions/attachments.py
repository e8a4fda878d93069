"""Papers kept with a request: typed by content, within a quota, never erased (F-33)."""

import hashlib

from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.utils.translation import gettext as _

from derogations import events
from derogations.completeness import ATTACHMENTS
from derogations.kinds import AttachmentKind
from derogations.models import Attachment, Derogation, ProviderForm
from derogations.queries.requests import EDITABLE_STATES, open_comments, open_fields
from members.models import User
from members.permissions import require
from members.roles import May
from portal.audit import record
from portal.clock import database_clock
from portal.commands import action
from portal.files import store_document
from portal.uploads import Upload
from portal.workflow import locked

QUOTA = 100 * 1024 * 1024
"""bytes, for one request"""


@action
def add_attachment(
    *, derogation: Derogation, kind: AttachmentKind, upload: Upload, by: User
) -> Attachment:
    """Join a paper to a draft, or to a request returned for its papers.

    Raises ValidationError above 100 Mo for the request, for the same paper twice, or for a
    provider's form that nobody filled (R-14).
    """
    hat = require(by, May.ASK_DEROGATION, on=derogation)
    fresh = _open(derogation)
    held = fresh.attachments.filter(removed_at__isnull=True)
    used = held.aggregate(total=Sum("file__size"))["total"] or 0
    if used + len(upload.content) > QUOTA:
        raise ValidationError(
            {"upload": _("Les pièces d'une demande ne dépassent pas 100 Mo en tout.")}
        )
    if kind == AttachmentKind.PROVIDER_FORM:
        _require_filled(fresh, upload)
    stored = store_document(upload)
    if held.filter(file=stored).exists():
        raise ValidationError({"upload": _("Cette pièce est déjà jointe.")})
    attachment = Attachment.objects.create(
        derogation=fresh, kind=kind, file=stored, name=upload.name[:200], added_by=by
    )
    _edited(fresh, by)
    record(
        events.ATTACHMENT_ADDED,
        by=by,
        on=fresh,
        hat=hat,
        name=attachment.name,
        sha256=stored.sha256,
        fields=[ATTACHMENTS],
    )
    return attachment


@action
def remove_attachment(*, attachment: Attachment, by: User) -> Attachment:
    """Take a paper out; its row and its bytes stay, since an earlier version may hold it."""
    hat = require(by, May.ASK_DEROGATION, on=attachment.derogation)
    fresh = _open(attachment.derogation)
    row = locked(attachment)
    if row.removed_at:
        raise ValidationError(_("Cette pièce est déjà retirée."))
    row.removed_at, row.removed_by = database_clock(), by
    row.save(update_fields=["removed_at", "removed_by"])
    _edited(fresh, by)
    record(events.ATTACHMENT_REMOVED, by=by, on=fresh, hat=hat, name=row.name, fields=[ATTACHMENTS])
    return row


def _require_filled(derogation: Derogation, upload: Upload) -> None:
    """Another file than the blank form, whichever of the provider's."""
    sha256 = hashlib.sha256(upload.content).hexdigest()
    blanks = ProviderForm.objects.filter(provider=derogation.provider_id)
    if blanks.filter(file__sha256=sha256).exists():
        raise ValidationError(
            {"upload": _("C'est le formulaire vierge : remplissez-le, puis joignez-le.")}
        )


def _open(derogation: Derogation) -> Derogation:
    """The request, locked, where papers may change."""
    fresh = locked(derogation)
    opened = open_fields(fresh, open_comments(fresh))
    if fresh.state not in EDITABLE_STATES or (opened is not None and ATTACHMENTS not in opened):
        raise ValidationError(_("Les pièces de cette demande ne changent plus."))
    return fresh


def _edited(derogation: Derogation, by: User) -> None:
    """Who edited last: that person will not sign (R-21)."""
    assert by.person is not None
    derogation.last_editor, derogation.edited_at = by.person, database_clock()
    derogation.save(update_fields=["last_editor", "edited_at"])
