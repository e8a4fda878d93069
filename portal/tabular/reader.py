"""``read_table``: what the file is, by its content and never by its name alone."""

from pathlib import PurePath

from django.utils.translation import gettext as _

from portal.tabular.delimited import read_delimited
from portal.tabular.table import MAX_BYTES, Table, TableRefused, build_table
from portal.tabular.workbook import read_workbook

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_SHEETS = {".xlsx", ".xlsm"}


def read_table(content: bytes, name: str) -> Table:
    """Rows of a CSV or XLSX file with their numbers; texts trimmed, dates ISO, decimals with a dot.

    ``name`` is the uploaded name, used in sentences only. Raises TableRefused: too large, hostile
    (X-19), damaged (X-16), undecodable (X-15).
    """
    if len(content) > MAX_BYTES:
        raise TableRefused(_("Le fichier dépasse 20 Mo : séparez-le en plusieurs fichiers."))
    if content.startswith(_OLE):
        raise TableRefused(
            _(
                "Ce classeur est protégé par un mot de passe ou d'un ancien format (.xls) : "
                "enregistrez-le sans mot de passe au format .xlsx, ou en CSV."
            )
        )
    if content.startswith(_ZIP):
        return build_table(read_workbook(content))
    if PurePath(name).suffix.lower() in _SHEETS:
        raise TableRefused(
            _(
                "Le fichier porte le nom d'un classeur, mais n'en est pas un : enregistrez-le "
                "à nouveau."
            )
        )
    return build_table(read_delimited(content))
