"""A sheet read: CSV or XLSX to rows with their numbers, then to typed values with every fault.

``read_table(content, name)`` answers a Table or raises TableRefused with a French sentence.
``SheetSchema.read(table)`` answers typed rows and **all** faults at once (F-45).
"""

from portal.tabular.reader import read_table
from portal.tabular.schema import Fault, SheetColumn, SheetRead, SheetRow, SheetSchema
from portal.tabular.table import Row, Table, TableRefused

__all__ = [
    "Fault",
    "Row",
    "SheetColumn",
    "SheetRead",
    "SheetRow",
    "SheetSchema",
    "Table",
    "TableRefused",
    "read_table",
]
