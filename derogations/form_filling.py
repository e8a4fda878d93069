"""Fill the text fields of a provider's PDF form, nothing else of it changed (R-14)."""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError

MOST_DEPTH = 20
"""How deep fields may be nested: a form that turns on itself ends there."""


class Unfillable(Exception):
    """The file is no PDF with a form that the portal reads."""


def text_fields(pdf: bytes) -> set[str]:
    """The full names of the form's text fields; raises Unfillable."""
    return set(_open(pdf)[1])


def filled(pdf: bytes, values: Mapping[str, str]) -> bytes:
    """The same form with those fields' values, as an update of the file; raises Unfillable.

    The reader draws the values: their old appearance is taken out.
    """
    writer, fields = _open(pdf)
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            raise Unfillable(f"no text field {name}")
        field[generic.pdf_name("/V")] = generic.pdf_string(value)
        field.pop(generic.pdf_name("/AP"), None)
        writer.update_container(field)
    form = writer.root["/AcroForm"]
    form[generic.pdf_name("/NeedAppearances")] = generic.BooleanObject(True)  # type: ignore[no-untyped-call]
    writer.update_container(form)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def _open(pdf: bytes) -> tuple[IncrementalPdfFileWriter, dict[str, Any]]:
    """A writer over the file, and its text fields by their full names."""
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        top = writer.root["/AcroForm"]["/Fields"]
        fields = dict(_walk(top, "", "", 0))
    except (PdfError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise Unfillable(str(error)) from error
    return writer, fields


def _walk(rows: Any, prefix: str, kind: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Each text field below, its name made of its parents' and its own."""
    if depth > MOST_DEPTH:
        return
    for reference in rows:
        field = reference.get_object()
        if "/T" not in field:
            continue
        name = f"{prefix}.{field['/T']}" if prefix else str(field["/T"])
        own = str(field.get("/FT", kind))
        children = field.get("/Kids", ())
        below = list(_walk(children, name, own, depth + 1))
        yield from below
        if not below and own == "/Tx":
            yield name, field
