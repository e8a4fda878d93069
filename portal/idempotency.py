"""One answer per submission: the same key tells the truth, whatever the network lost (X-09)."""

import hashlib
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import connection, transaction

from portal.models import IdempotencyKey

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class KeyInProgress(Exception):
    """Another request with this key is being answered now: 409."""


class KeyReused(Exception):
    """The key was used for another content: 422."""


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
    with transaction.atomic():
        with connection.cursor() as cursor:
            lock = (user.pk << 32 ^ key.int) % 2**63
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
            if not cursor.fetchone()[0]:
                raise KeyInProgress
        known = IdempotencyKey.objects.filter(user_id=user.pk, key=key).first()
        if known and known.fingerprint != content:
            raise KeyReused
        if known:
            return known.answer
        told = answer()
        IdempotencyKey.objects.create(user_id=user.pk, key=key, fingerprint=content, answer=told)
        return told
