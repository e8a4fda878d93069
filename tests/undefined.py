"""What a template of ours answers for a variable that does not exist: an error, not nothing."""

import sys
from pathlib import Path
from types import FrameType
from typing import Any

OURS = str(Path(__file__).resolve().parent.parent / "templates")


class UndefinedVariable(Exception):
    """A template reads a variable that its context does not have."""


class Undefined(str):
    """Django's ``string_if_invalid`` that raises inside our templates.

    Those of Django and allauth lean on undefined variables: there it stays an empty text. Inside
    ``{% if %}`` Django does not ask.
    """

    def __contains__(self, text: object) -> bool:
        return text == "%s"

    def __mod__(self, variable: Any) -> str:
        template = _template(sys._getframe(1))
        if template is None or not template.startswith(OURS):
            return ""
        raise UndefinedVariable(f"{template}: {variable} is not in the context")

    def __bool__(self) -> bool:
        return True


def _template(frame: FrameType | None) -> str | None:
    """The file of the node being rendered: the nearest node below us, else the template."""
    context = frame.f_locals.get("context") if frame else None
    while frame:
        node = frame.f_locals.get("self")
        origin = getattr(node, "origin", None)
        if frame.f_code.co_name == "render_annotated" and origin is not None:
            return str(origin)
        frame = frame.f_back
    rendering = getattr(getattr(context, "render_context", None), "template", None)
    return str(rendering.origin) if rendering else None
