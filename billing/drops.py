"""The watched folder: what is put under a provider's name is received for ITQ, then moved.

``DATA_DIR/depot/<provider>/`` holds what waits; ``recus`` what was stored; ``refuses`` what was
not, each with its reason beside it.
"""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import OperationalError, connection
from django.utils.translation import gettext as _

from billing.actions.files import receive_bill_file
from members.models import Provider
from portal.audit import SYSTEM
from portal.files import NoRoom

FOLDER, STORED, REFUSED, REASON = "depot", "recus", "refuses", ".motif.txt"
SETTLED = 30
"""Seconds without a change after which a file is held to be whole."""

UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".partial")
"""How copying programs name what they have not finished."""

DROP_LOCK = 0x42_49_4C_4C
"""The advisory lock: one worker reads the folder at a time."""

log = structlog.get_logger(__name__)


def read_drop_folder() -> int:
    """Receive every settled file of every provider; return how many were stored.

    A file that is refused is set aside with its reason; the others go on. It is moved once its
    reception is committed: cut in between, the next run says that it was imported already.
    """
    if not _asked("SELECT pg_try_advisory_lock(%s)"):
        return 0
    try:
        found = [(one, path) for one in Provider.objects.all() for path in _settled(one)]
        return sum(_received(provider, path) for provider, path in found)
    finally:
        _asked("SELECT pg_advisory_unlock(%s)")


def _asked(question: str) -> bool:
    """What the database answers about the lock."""
    with connection.cursor() as cursor:
        cursor.execute(question, [DROP_LOCK])
        return bool(cursor.fetchone()[0])


def folder_of(provider: Provider) -> Path:
    """Where the files of a provider are put; made when it is missing."""
    folder = Path(settings.DATA_DIR) / FOLDER / provider.code
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _settled(provider: Provider) -> Iterator[Path]:
    """The whole files that wait, the oldest first: neither links, nor hidden, nor growing."""
    now = time.time()
    found = []
    for path in folder_of(provider).iterdir():
        if path.is_symlink() or not path.is_file() or path.name.startswith("."):
            continue
        told = path.stat()
        if path.suffix.lower() in UNFINISHED or not told.st_size:
            continue
        if now - told.st_mtime >= SETTLED:
            found.append((told.st_mtime, path))
    yield from (path for _when, path in sorted(found))


def _received(provider: Provider, path: Path) -> bool:
    """Whether a file was stored; one that breaks its reader never stops those after it."""
    try:
        return _receive(provider, path)
    except OperationalError:  # the database's trouble is no fault of the file
        raise
    except Exception:  # a hostile file may break any parser
        log.exception("drop_failed", provider=provider.code, file=ascii(path.name))
    try:
        _set_aside(path, _("Ce fichier n'a pas pu être lu : signalez-le à l'équipe du portail."))
    except OSError:
        log.exception("drop_left", provider=provider.code, file=ascii(path.name))
    return False


def _receive(provider: Provider, path: Path) -> bool:
    """Store one file and move it; whether it was stored."""
    try:
        with _opened(path) as stream:
            receive_bill_file(
                upload=File(stream, name=path.name), provider=provider, branch=None, by=SYSTEM
            )
    except ValidationError as error:
        _set_aside(path, "\n".join(error.messages))
        return False
    except NoRoom:
        log.warning("drop_left_for_want_of_room", file=path.name)
        return False
    _move(path, STORED)
    return True


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file itself: what took its place since the folder was read is neither followed nor
    waited for.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValidationError(_("Ce n'est pas un fichier : déposez le fichier lui-même."))
        yield stream


def _set_aside(path: Path, reason: str) -> None:
    aside = _move(path, REFUSED)
    aside.with_name(aside.name + REASON).write_text(reason + "\n")


def _move(path: Path, folder: str) -> Path:
    """Move a file into a folder beside it, under a name that nothing has there."""
    target = path.parent / folder
    target.mkdir(exist_ok=True)
    moved, number = target / path.name, 1
    while moved.exists():
        number += 1
        moved = target / f"{path.stem}-{number}{path.suffix}"
    return path.rename(moved)
