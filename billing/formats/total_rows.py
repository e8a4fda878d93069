"""Total rows of a file, checked against the rows that were read before each."""

from decimal import Decimal

import polars as pl
from django.utils.translation import gettext as _

from billing.formats.canonical import CENTS, COLUMNS
from billing.formats.definition import PartSpec
from billing.formats.faults import Fault, figure
from billing.formats.fields import field_label
from billing.formats.grid import LINE
from billing.formats.layout import SeenTotal, SortedRows
from billing.formats.values import decimals, integers
from billing.formats.vocabulary import TotalRow


class TotalChecks:
    """The running sums and counts of one part, and what its total rows say of them."""

    def __init__(self, spec: PartSpec, place: str) -> None:
        self.spec = spec
        self.place = place
        self._rules = list(spec.layout.totals)
        self._sums = [Decimal(0) for _rule in self._rules]
        self._bases = [Decimal(0) for _rule in self._rules]
        self._seen = [False for _rule in self._rules]

    def check(self, data: SortedRows, rows: pl.DataFrame) -> list[Fault]:
        """The faults of a batch's total rows: both figures, to the cent."""
        faults = []
        for number, rule in enumerate(self._rules):
            lines = data.frame[LINE] if rule.field is None else rows[LINE]
            running = self._running(rule, rows)
            for seen in (total for total in data.totals if total.rule is rule):
                self._seen[number] = True
                before = self._sums[number] + _until(lines, running, seen.line)
                expected = before - self._bases[number]
                if rule.scope == "since_last":
                    self._bases[number] = before
                told = self._told(seen)
                if told != expected:
                    faults.append(self._gap(seen, told, expected))
            self._sums[number] += _until(lines, running, None)
        return faults

    def absent(self) -> list[Fault]:
        """Required total rows that the part never had: it may be cut."""
        return [
            Fault(
                "missing_total",
                self.place,
                _(
                    "La rangée de total (%(what)s) manque : le fichier est peut-être coupé, "
                    "redemandez-le au prestataire."
                )
                % {"what": _what_is_totalled(rule)},
            )
            for rule, seen in zip(self._rules, self._seen, strict=True)
            if rule.required and not seen
        ]

    def _running(self, rule: TotalRow, rows: pl.DataFrame) -> pl.Series | None:
        """Running sums; None for a count, which the position tells."""
        return None if rule.field is None else rows[rule.field].fill_null(0).cum_sum()

    def _told(self, seen: SeenTotal) -> Decimal | None:
        """What the cell says, None where it is not a number."""
        text = pl.Series([seen.text.strip() or None], dtype=pl.String)
        if seen.rule.field is None:
            value = integers(self.spec.values)(text)[0]
        else:
            kind = COLUMNS[self.spec.entity][seen.rule.field]
            held = kind if isinstance(kind, pl.Decimal) else CENTS
            value = decimals(self.spec.values, held)(text)[0]
        return None if value is None else Decimal(value)

    def _gap(self, seen: SeenTotal, told: Decimal | None, expected: Decimal) -> Fault:
        return Fault(
            "total_row",
            f"{self.place}, ligne {seen.line}",
            _(
                "Le total « %(what)s » dit %(told)s, les rangs donnent %(read)s : redemandez le "
                "fichier au prestataire, sans le retoucher."
            )
            % {
                "what": _what_is_totalled(seen.rule),
                "told": seen.text if told is None else figure(told),
                "read": figure(expected),
            },
        )


def _what_is_totalled(rule: TotalRow) -> str:
    return _("nombre de rangs") if rule.field is None else field_label(rule.field)


def _until(lines: pl.Series, running: pl.Series | None, line: int | None) -> Decimal:
    """The sum, or the count, of the rows before a line (all of them for None)."""
    before = len(lines) if line is None else int(lines.search_sorted(line, side="left"))
    if running is None:
        return Decimal(before)
    return Decimal(running[before - 1]) if before else Decimal(0)
