"""The watched folder: what is put under a provider's name is received for ITQ, then moved.

``DATA_DIR/depot/<provider>/`` holds what waits; ``recus`` what was stored; ``refuses`` what was
not, each with its reason beside it.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import connection

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
        return sum(_receive(provider, path) for provider, path in found)
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


def _receive(provider: Provider, path: Path) -> bool:
    """Store one file and move it; whether it was stored."""
    try:
        with path.open("rb") as stream:
            receive_bill_file(
                upload=File(stream, name=path.name), provider=provider, branch=None, by=SYSTEM
            )
    except ValidationError as error:
        aside = _move(path, REFUSED)
        aside.with_name(aside.name + REASON).write_text("\n".join(error.messages) + "\n")
        return False
    except NoRoom:
        log.warning("drop_left_for_want_of_room", file=path.name)
        return False
    _move(path, STORED)
    return True


def _move(path: Path, folder: str) -> Path:
    """Move a file into a folder beside it, under a name that nothing has there."""
    target = path.parent / folder
    target.mkdir(exist_ok=True)
    moved, number = target / path.name, 1
    while moved.exists():
        number += 1
        moved = target / f"{path.stem}-{number}{path.suffix}"
    return path.rename(moved)
