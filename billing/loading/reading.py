"""A file read from end to end under its profile: rows laid, totals and rollups gathered."""

import queue
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from billing.formats.canonical import Entity
from billing.formats.definition import PartSpec, Profile, parse_definition
from billing.formats.faults import FormatRefused, refuse
from billing.formats.package import Package, Part, open_package
from billing.formats.reading import Batch, Context, read_part
from billing.formats.totals import Tally
from billing.kinds import ImportPart, ImportStep, RowKind
from billing.loading.laying import Laying
from billing.loading.progress import Progress
from billing.models import Import
from billing.recognition import PART_OF
from billing.rollups import charge_rollup, use_rollup
from portal.files import path_of

LAID = {ImportPart.CHARGES: RowKind.CHARGE, ImportPart.USAGE: RowKind.USAGE}


@dataclass(slots=True)
class Loaded:
    """What a file came to. ``rollup``: sums by line; ``whole``: rows of statements or inventories.

    ``apart``: rows of accounts that the import may not take, by part and account.
    """

    profile: Profile
    tally: Tally
    rollup: pl.DataFrame = field(default_factory=pl.DataFrame)
    whole: pl.DataFrame = field(default_factory=pl.DataFrame)
    apart: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    digest: str = ""
    row_count: int = 0
    rejected_count: int = 0

    @property
    def facts(self) -> dict[str, str]:
        """Every fact that the parts told."""
        return {name: told for p in self.tally.parts.values() for name, told in p.facts.items()}


def load(bill_import: Import, known: Collection[str]) -> Loaded:
    """Read the parts of a file that an import publishes; lay the rows of the accounts ``known``.

    Nothing of it is visible. Raises FormatRefused where the file cannot be read, and where a
    member's own holds another account (X-18); what was laid is discarded by whoever refuses it.
    """
    stored = bill_import.bill_file
    profile = parse_definition(bill_import.profile_version.definition)
    progress = Progress(bill_import.pk)
    progress.step(ImportStep.OPENING)
    package = open_package(path_of(stored.file.sha256), stored.name, profile)
    reading = _Reading(bill_import, package, known, progress)
    reading.read()
    return reading.loaded


class _Reading:
    """One reading of a package for one import."""

    def __init__(
        self, bill_import: Import, package: Package, known: Collection[str], progress: Progress
    ) -> None:
        self._part = ImportPart(bill_import.part)
        self._known = pl.Series(sorted(known), dtype=pl.String)
        self._package, self._progress = package, progress
        self._is_own_file = bill_import.branch_id is not None
        kind = LAID.get(self._part)
        self._laying = Laying(bill_import, kind) if kind else None
        self._rollup = use_rollup() if self._part == ImportPart.USAGE else charge_rollup()
        self._whole: list[pl.DataFrame] = []
        self.loaded = Loaded(package.profile, Tally(package.profile))

    def read(self) -> None:
        """Statements first, then rows; then indexes."""
        for part in self._parts():
            batches = ahead(read_part(part, Context(called_key())))
            for batch in batches:
                self._take(part, batch)
        self.loaded.rollup = self._rollup.frame()
        if self._whole:
            self.loaded.whole = pl.concat(self._whole)
        if self._laying:
            self._progress.step(ImportStep.INDEXING)
            self._laying.finish()
            self.loaded.digest = self._laying.digest
        self._progress.step(ImportStep.CONTROLS)

    def _parts(self) -> list[Part]:
        """The parts of this import; for use, those that an equation puts beside it too (D-41)."""
        codes = {p.spec.code for p in self._package.parts if self._is_own(p.spec)}
        if self._part == ImportPart.USAGE:
            for equation in self._package.profile.controls.equations:
                named = {term.part for term in (*equation.left, *equation.right)}
                codes |= named if named & codes else set()
        found = [part for part in self._package.parts if part.spec.code in codes]
        return sorted(found, key=lambda part: part.spec.entity != Entity.STATEMENT)

    def _is_own(self, spec: PartSpec) -> bool:
        return PART_OF[spec.entity] == self._part

    def _take(self, part: Part, batch: Batch) -> None:
        """Count a batch; lay, sum or keep its rows."""
        code, told = part.spec.code, self.loaded
        told.tally.add(code, batch)
        if not self._is_own(part.spec):
            return
        told.row_count += batch.accepted + batch.rejected
        told.rejected_count += batch.rejected
        rows = self._taken(code, batch.rows)
        if part.spec.entity in (Entity.STATEMENT, Entity.INVENTORY):
            self._whole.append(rows)
        else:
            self._lay(part, batch, rows)
        self._progress.add(batch.accepted + batch.rejected)

    def _lay(self, part: Part, batch: Batch, rows: pl.DataFrame) -> None:
        assert self._laying is not None
        if self._laying.storage is None and batch.read and part.member.size:
            done = self.loaded.row_count
            self._progress.expected = int(done * max(part.member.size / batch.read, 1))
        self._laying.lay(rows, self._progress.expected)
        if part.spec.entity == Entity.USAGE:
            moment = pl.col("occurred_at")
            rows = rows.with_columns(moment.alias("first_at"), moment.alias("last_at"))
        self._rollup.add(rows)

    def _taken(self, code: str, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of known accounts; the others are counted apart, by their first line."""
        is_known = rows["account"].is_in(self._known.implode())
        if is_known.all():
            return rows
        if self._is_own_file:
            raise _foreign(code, rows.filter(~is_known).row(0, named=True))
        strange = rows.filter(~is_known).group_by("account").agg(pl.len(), pl.col("line").min())
        for account, count, line in strange.iter_rows():
            before, first = self.loaded.apart.get((code, account), (0, line))
            self.loaded.apart[code, account] = (before + count, min(first, line))
        return rows.filter(is_known)


def _foreign(code: str, row: dict[str, Any]) -> FormatRefused:
    """A member's file holds an account that is not its own; whose it is stays unsaid."""
    return refuse(
        "foreign_account",
        f"{code}, ligne {row['line']}",
        _(
            "Le compte %(account)s (ligne %(line)s) n'est pas de ceux de l'organisme : le fichier "
            "entier est refusé. Demandez au prestataire un fichier de vos seuls comptes, ou faites "
            "d'abord inscrire ce compte s'il est à vous."
        )
        % {"account": row["account"], "line": row["line"]},
    )


def called_key() -> bytes:
    """The key of the hash that stands for a called number: another portal's cannot be compared."""
    return salted_hmac(
        "billing.called", "", secret=settings.SECRET_KEY, algorithm="sha256"
    ).digest()


def ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches, the next one read while the database takes this one."""
    made: queue.Queue[Batch | BaseException | None] = queue.Queue(maxsize=1)
    stop = threading.Event()

    def make() -> None:
        told: Batch | BaseException | None = None
        try:
            for batch in batches:
                made.put(batch)
                if stop.is_set():
                    return
        except BaseException as error:
            told = error
        made.put(told)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while (batch := made.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield batch
    finally:
        stop.set()
        while thread.is_alive():
            _drained(made)
            thread.join(timeout=0.05)


def _drained(made: "queue.Queue[Batch | BaseException | None]") -> None:
    """Let a maker that waits for room go on, and see that it must stop."""
    try:
        made.get_nowait()
    except queue.Empty:
        return
