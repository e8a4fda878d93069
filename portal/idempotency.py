"""One answer per submission: the same key tells the truth, whatever the network lost (X-09)."""

import hashlib
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext as _

from portal.commands import in_one_transaction
from portal.models import IdempotencyKey

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest

KEY_FIELD = "submission_key"
IGNORED_FIELDS = {KEY_FIELD, "csrfmiddlewaretoken"}


class KeyInProgress(Exception):
    """Another request with this key is being answered now: 409."""

    def __init__(self) -> None:
        super().__init__(_("Cet envoi est déjà en cours : attendez un instant, puis rechargez."))


class KeyReused(Exception):
    """The key was used for another content: 422."""

    def __init__(self) -> None:
        super().__init__(
            _("Ce formulaire a déjà été envoyé avec un autre contenu : rechargez la page.")
        )


def fingerprint(*parts: object) -> str:
    """sha256 of what was submitted, in hexadecimal."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()


def once(
    *, user: "AbstractBaseUser", key: uuid.UUID, content: str, answer: Callable[[], str]
) -> str:
    """Return the stored answer for ``key``, or call ``answer()`` and store it in one transaction.

    ``content`` is the fingerprint of the submission; the answer is a short text, such as an URL.
    Raises KeyInProgress and KeyReused.
    """

    def answer_once() -> str:
        if not _try_lock(user.pk, key):
            raise KeyInProgress
        known = IdempotencyKey.objects.filter(user_id=user.pk, key=key).first()
        if known and known.fingerprint != content:
            raise KeyReused
        if known:
            return known.answer
        told = answer()
        IdempotencyKey.objects.create(user_id=user.pk, key=key, fingerprint=content, answer=told)
        return told

    return in_one_transaction(answer_once)


def _try_lock(user_id: int, key: uuid.UUID) -> bool:
    """Take the key until the transaction ends; False when another request holds it."""
    with connection.cursor() as cursor:
        lock = (user_id << 32 ^ key.int) % 2**63
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        return bool(cursor.fetchone()[0])


def _sha256(file: "UploadedFile") -> str:
    """Of an upload, which is then read again from its start."""
    content = hashlib.sha256()
    for chunk in file.chunks():
        content.update(chunk)
    file.seek(0)
    return content.hexdigest()


def posted_once(request: "HttpRequest", answer: Callable[[], str]) -> str:
    """``once()`` for a posted form that carries ``{% submission_key %}``; answers an address.

    The fingerprint is the address, every field but the key, and the bytes of what is attached.
    Without a readable key the answer is made each time.
    """
    try:
        key = uuid.UUID(request.POST.get(KEY_FIELD, ""))
    except ValueError:
        return answer()
    sent = sorted((k, v) for k, v in request.POST.lists() if k not in IGNORED_FIELDS)
    attached = [(name, _sha256(file)) for name, files in request.FILES.lists() for file in files]
    content = fingerprint(request.get_full_path(), sent, attached)
    return once(user=request.user, key=key, content=content, answer=answer)  # type: ignore[arg-type]
