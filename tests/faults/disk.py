"""A disk that is full for as long as a file stands in the data folder (X-11)."""

import errno
import os
from pathlib import Path

from django.conf import settings

from portal import files

FULL = "disk-is-full"
_write_whole = files._write_whole


def _refusing(path: Path, content: bytes) -> None:
    """What the kernel answers when nothing is left."""
    if (Path(settings.DATA_DIR) / FULL).exists():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    _write_whole(path, content)


files._write_whole = _refusing
