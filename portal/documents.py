"""``render_pdf()``: a template becomes a tagged PDF in a child process with limits (X-27)."""

import ctypes.util
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.template.loader import render_to_string

from portal.queue import TryLater

RENDER_SECONDS = 20
RENDER_BYTES = 512 * 1024 * 1024
KEPT_ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "XDG_CACHE_HOME",
    "SOURCE_DATE_EPOCH",
)
"""No secret goes where a document is read."""


INSTALL_RENDERER = (
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
)
"""The one command that mends a missing Pango (D-54)."""
_seen = False


class RenderFailed(Exception):
    """The child was killed at its limits, or refused the document."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file carried inside a PDF, unchanged."""

    name: str
    description: str
    content: bytes


def render_pdf(
    template: str, context: dict[str, object], *, enclosed: Sequence[Enclosed] = ()
) -> bytes:
    """Render ``template`` with ``context`` to PDF/UA-1 bytes; takes 1 to 3 s, so in tasks only.

    Raises RenderFailed after 20 s, above 512 MB, or when WeasyPrint refuses.
    """
    html = render_to_string(template, context).encode()
    arguments = [str(RENDER_BYTES), str(RENDER_SECONDS), str(len(html))]
    for file in enclosed:
        arguments += [file.name, file.description, str(len(file.content))]
        html += file.content
    try:
        child = subprocess.run(
            [sys.executable, "-m", "portal.pdf_child", *arguments],
            input=html,
            capture_output=True,
            timeout=RENDER_SECONDS,
            check=False,
            cwd=settings.BASE_DIR,
            env=child_environment(),
        )
    except subprocess.TimeoutExpired as error:
        raise RenderFailed(f"more than {RENDER_SECONDS} s") from error
    if child.returncode or not child.stdout.startswith(b"%PDF"):
        raise RenderFailed(child.stderr.decode(errors="replace")[-2000:])
    return child.stdout


def child_environment() -> dict[str, str]:
    """What a child that reads documents may know of ours."""
    return {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}


def has_renderer() -> bool:
    """WeasyPrint needs Pango."""
    return ctypes.util.find_library("pango-1.0") is not None


def renderer_seen() -> bool:
    """The same for every page's banner: what was found once is not looked for again."""
    global _seen
    _seen = _seen or has_renderer()
    return _seen


def require_renderer() -> None:
    """Raise TryLater when Pango is missing: the document waits in the queue (D-54)."""
    if not has_renderer():
        raise TryLater("Pango is missing", after=timedelta(minutes=10))
