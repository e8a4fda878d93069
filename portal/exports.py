"""Lists as CSV and XLSX files; a cell that looks like a formula stays text (X-20)."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet would run; the full-width forms count in some of them."""
LONGEST_TEXT = 32_767
"""Characters of a cell of a workbook; a longer text would be left out without a word."""
Rows = Iterable[list[object]]


def safe_text(value: object) -> str:
    """A cell of a CSV file: a text that a spreadsheet would run is quoted, a number stays one."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return _yes_no(value)
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, int | float):
        return str(value).replace(".", ",")
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def export_csv(name: str, labels: list[str], rows: Rows) -> StreamingHttpResponse:
    """Semicolons, decimal comma and a byte-order mark: what a French spreadsheet opens."""

    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=";")
        yield "\ufeff"
        for row in _with_header(labels, rows):
            writer.writerow([safe_text(cell) for cell in row])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def export_xlsx(name: str, labels: list[str], rows: Rows) -> HttpResponse:
    """A workbook whose texts are written as texts, numbers and dates as such."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(name[:31])
    formats = {
        "head": book.add_format({"bold": True}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "instant": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "money": book.add_format({"num_format": "#,##0.00"}),
    }
    sheet.freeze_panes(1, 0)
    for index, label in enumerate(labels):
        sheet.write_string(0, index, label, formats["head"])
    for line, row in enumerate(rows, start=1):
        for index, cell in enumerate(row):
            _write_cell(sheet, line, index, cell, formats)
    book.close()
    response = HttpResponse(
        buffer.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _yes_no(value: bool) -> str:
    return _("oui") if value else _("non")


def _with_header(labels: list[str], rows: Rows) -> Iterator[list[object]]:
    yield list(labels)
    yield from rows


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet,
    line: int,
    column: int,
    cell: object,
    formats: dict[str, xlsxwriter.format.Format],
) -> None:
    """One cell, by the kind of its value."""
    if cell is None or cell == "":
        return
    if isinstance(cell, bool):
        sheet.write_string(line, column, _yes_no(cell))
    elif isinstance(cell, Decimal):
        sheet.write_number(line, column, float(cell), formats["money"])
    elif isinstance(cell, int | float):
        sheet.write_number(line, column, cell)
    elif isinstance(cell, datetime):
        local = timezone.localtime(cell).replace(tzinfo=None)
        sheet.write_datetime(line, column, local, formats["instant"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, column, cell, formats["day"])
    else:
        sheet.write_string(line, column, str(cell)[:LONGEST_TEXT])
