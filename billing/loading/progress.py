"""How far an import is, written at most once a second for the page that shows it."""

import time

from billing.kinds import ImportStep
from billing.models import Import

EVERY = 1.0
"""seconds"""


class Progress:
    """The counter of one import."""

    def __init__(self, import_id: int, expected: int | None = None) -> None:
        self._rows = Import.objects.filter(pk=import_id)
        self.done, self.expected = 0, expected
        self._told = 0.0

    def step(self, step: ImportStep) -> None:
        """Another step begins: told at once."""
        self._rows.update(step=step, rows_done=self.done, rows_expected=self.expected)
        self._told = time.monotonic()

    def add(self, rows: int) -> None:
        """So many more rows are read."""
        self.done += rows
        if time.monotonic() - self._told >= EVERY:
            self.step(ImportStep.READING)
