"""A one-page PDF with text fields, as a provider's form has them."""

from io import BytesIO

import pikepdf


def fillable_form(*names: str) -> bytes:
    """A form of these text fields, and a box to tick."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    fields = [_field(pdf, page, name, "/Tx") for name in names]
    fields.append(_field(pdf, page, "accord", "/Btn"))
    page.Annots = pikepdf.Array(fields)
    pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array(fields)))
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def values_in(pdf: bytes) -> dict[str, str]:
    """The text fields of a filled form, as another reader sees them."""
    with pikepdf.open(BytesIO(pdf)) as read:
        fields = read.Root.AcroForm.Fields
        return {str(one.T): str(one.V) for one in fields if "/V" in one}


def _field(pdf: pikepdf.Pdf, page: pikepdf.Page, name: str, kind: str) -> pikepdf.Object:
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name(kind),
            T=name,
            Rect=[50, 50, 250, 70],
            P=page.obj,
        )
    )
