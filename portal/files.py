"""Private files: stored once by sha256, bytes first, row after; served as attachments only."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path, PurePath
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.http import FileResponse
from django.utils.translation import gettext as _

from portal.models import StoredFile
from portal.queue import TryLater
from portal.uploads import Upload

ROOM_WAIT = timedelta(minutes=1)
"""Before a task asks again for room."""


class NoRoom(TryLater):
    """The disk refused the bytes: nothing was stored (X-11); answered as 507, tried again later."""

    def __init__(self) -> None:
        super().__init__(
            _("Le fichier n'a pas pu être conservé : l'espace manque. Réessayez plus tard."),
            after=ROOM_WAIT,
        )


def path_of(sha256: str) -> Path:
    """Where the bytes of ``sha256`` live under DATA_DIR."""
    return Path(settings.DATA_DIR) / "files" / sha256[:2] / sha256


def store(content: bytes, *, name: str, content_type: str) -> StoredFile:
    """Store ``content`` and return its row; the same bytes again return the same row.

    Raises NoRoom when the disk is full.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    if not path.exists():
        try:
            _write_whole(path, content)
        except OSError as error:
            raise NoRoom from error
    row, _created = StoredFile.objects.get_or_create(
        sha256=sha256,
        defaults={"name": name[:200], "content_type": content_type, "size": len(content)},
    )
    return row


def store_document(document: Upload) -> StoredFile:
    """Store a document as it was received; the same bytes again return the same row.

    Raises NoRoom when the disk is full.
    """
    return store(document.content, name=document.name, content_type=document.content_type)


def store_upload(upload: File, *, content_type: str) -> StoredFile:
    """Store an upload of any size by its blocks, as ``store`` does; memory holds one block.

    Raises NoRoom when the disk is full.
    """
    folder = Path(settings.DATA_DIR) / "files"
    digest = hashlib.sha256()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _temporary(folder) as temporary:
            size = 0
            for block in upload.chunks():
                digest.update(block)
                size += temporary.write(block)
            sha256 = digest.hexdigest()
            _keep(temporary, path_of(sha256))
    except OSError as error:
        raise NoRoom from error
    name = PurePath(upload.name or sha256).name[:200]
    row, _created = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"name": name, "content_type": content_type, "size": size}
    )
    return row


def read(file: StoredFile) -> bytes:
    """The bytes of a stored file; raises ValueError when they no longer match their sha256."""
    content = path_of(file.sha256).read_bytes()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise ValueError(f"stored file {file.sha256} is altered")
    return content


def attachment(file: StoredFile, *, name: str | None = None) -> FileResponse:
    """An answer that downloads the file, never shows it in the portal's own origin."""
    response = FileResponse(
        path_of(file.sha256).open("rb"),
        as_attachment=True,
        filename=name or file.name,
        content_type=file.content_type,
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _write_whole(path: Path, content: bytes) -> None:
    """Write to a temporary name, fsync, rename: never half a file, nothing left behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(path.parent) as temporary:
        temporary.write(content)
        _keep(temporary, path)


@contextmanager
def _temporary(folder: Path) -> Iterator[IO[bytes]]:
    """A file that is gone afterwards unless it was kept."""
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as temporary:
        try:
            yield temporary
        finally:
            Path(temporary.name).unlink(missing_ok=True)


def _keep(temporary: IO[bytes], path: Path) -> None:
    """Give written bytes their name, unless it holds the same bytes already."""
    if path.exists():
        return
    temporary.flush()
    os.fsync(temporary.fileno())
    path.parent.mkdir(parents=True, exist_ok=True)
    os.replace(temporary.name, path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The new name too must survive a power cut: its row is committed next."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
