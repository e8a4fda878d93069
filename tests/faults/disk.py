"""A disk that is full for as long as a file stands in the data folder (X-11).

The bytes are written, then the kernel refuses to keep them: what the portal leaves behind is its
own doing.
"""

import errno
import os
from pathlib import Path

from django.conf import settings

from portal import files

FULL = "disk-is-full"


class Disk:
    """The operating system as ``portal.files`` knows it, but for what it keeps."""

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def fsync(self, descriptor: int) -> None:
        """What the kernel answers when nothing is left."""
        if (Path(settings.DATA_DIR) / FULL).exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)


files.os = Disk()  # type: ignore[assignment]
