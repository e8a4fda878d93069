"""A file read from end to end under its profile: rows laid, totals and rollups gathered."""

import queue
import threading
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from billing.formats.canonical import Entity
from billing.formats.definition import PartSpec, Profile, parse_definition
from billing.formats.faults import Fault, FormatRefused, refuse
from billing.formats.package import Package, Part, open_package
from billing.formats.reading import Batch, Context, read_part
from billing.formats.totals import Tally
from billing.kinds import ImportPart, ImportStep, RowKind
from billing.loading.laying import Encoded, Laying
from billing.loading.progress import Progress
from billing.models import Import
from billing.recognition import PART_OF
from billing.rollups import charge_rollup, use_rollup
from portal.files import path_of

BLOCK = 2_000_000
"""Bytes read at once: three blocks are in memory, one read, one waiting, one laid."""

Step = tuple[int, Encoded | None]
"""Rows counted, and what is to be laid of them."""

LAID = {ImportPart.CHARGES: RowKind.CHARGE, ImportPart.USAGE: RowKind.USAGE}


@dataclass(slots=True)
class Loaded:
    """What a file came to. ``rollup``: sums by line; ``whole``: rows of statements or inventories.

    ``apart``: rows of accounts that the import may not take, by part and account. ``fault``: why
    it cannot be read to its end; ``beginning``: the facts that the part at fault told before.
    """

    profile: Profile
    tally: Tally
    rollup: pl.DataFrame = field(default_factory=pl.DataFrame)
    whole: pl.DataFrame = field(default_factory=pl.DataFrame)
    apart: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    digest: str = ""
    row_count: int = 0
    rejected_count: int = 0
    fault: Fault | None = None
    beginning: dict[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, str]:
        """Every fact that the parts told."""
        told = {name: told for p in self.tally.parts.values() for name, told in p.facts.items()}
        return {**told, **self.beginning}


def load(bill_import: Import, known: Collection[str]) -> Loaded:
    """Read the parts of a file that an import publishes; lay the rows of the accounts ``known``.

    Nothing of it is visible. Where the file cannot be read, or a member's own holds another
    account (X-18), ``fault`` says why; what was laid is discarded by whoever refuses it.
    """
    stored = bill_import.bill_file
    profile = parse_definition(bill_import.profile_version.definition)
    progress = Progress(bill_import.pk)
    progress.step(ImportStep.OPENING)
    loaded = Loaded(profile, Tally(profile))
    try:
        package = open_package(path_of(stored.file.sha256), stored.name, profile)
        _Reading(bill_import, package, known, progress, loaded).read()
    except FormatRefused as error:
        loaded.fault, loaded.beginning = error.fault, error.facts
    return loaded


class _Reading:
    """One reading of a package for one import."""

    def __init__(
        self,
        bill_import: Import,
        package: Package,
        known: Collection[str],
        progress: Progress,
        loaded: Loaded,
    ) -> None:
        self._part = ImportPart(bill_import.part)
        self._known = pl.Series(sorted(known), dtype=pl.String)
        self._package, self._progress = package, progress
        self._is_own_file = bill_import.branch_id is not None
        kind = LAID.get(self._part)
        self._laying = Laying(bill_import, kind) if kind else None
        self._rollup = use_rollup() if self._part == ImportPart.USAGE else charge_rollup()
        self._whole: list[pl.DataFrame] = []
        self.loaded = loaded

    def read(self) -> None:
        """Statements first, then rows; then indexes."""
        try:
            for part in self._parts():
                for rows, encoded in ahead(self._encoded(part)):
                    if encoded and self._laying:
                        self._laying.lay(encoded)
                    self._progress.add(rows)
        finally:  # the statements of a file that is then refused say of which days it is
            if self._whole:
                self.loaded.whole = pl.concat(self._whole)
        self.loaded.rollup = self._rollup.frame()
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

    def _encoded(self, part: Part) -> Iterator[Step]:
        """The batches of a part, counted, summed and encoded; nothing here touches a table."""
        code, told = part.spec.code, self.loaded
        for batch in read_part(part, Context(called_key(), BLOCK)):
            told.tally.add(code, batch)
            if not self._is_own(part.spec):
                continue
            count = batch.accepted + batch.rejected
            told.row_count += count
            told.rejected_count += batch.rejected
            rows = self._taken(part, batch.rows)
            if self._laying is None or part.spec.entity == Entity.STATEMENT:
                self._whole.append(rows)
                yield count, None
            else:
                yield count, self._summed(part, batch, rows)

    def _summed(self, part: Part, batch: Batch, rows: pl.DataFrame) -> Encoded:
        assert self._laying is not None
        if self._progress.expected is None and batch.read and part.member.size:
            share = max(part.member.size / batch.read, 1)
            self._progress.expected = int(self.loaded.row_count * share)
        encoded = self._laying.encode(rows, self._progress.expected)
        if part.spec.entity == Entity.USAGE:
            moment = pl.col("occurred_at")
            rows = rows.with_columns(moment.alias("first_at"), moment.alias("last_at"))
        self._rollup.add(rows)
        return encoded

    def _taken(self, part: Part, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of known accounts; the others are counted apart, by their first line."""
        is_known = rows["account"].is_in(self._known.implode())
        if is_known.all():
            return rows
        if self._is_own_file:
            raise _foreign(part.place, rows.filter(~is_known).row(0, named=True))
        strange = rows.filter(~is_known).group_by("account").agg(pl.len(), pl.col("line").min())
        for account, count, line in strange.iter_rows():
            before, first = self.loaded.apart.get((part.spec.code, account), (0, line))
            self.loaded.apart[part.spec.code, account] = (before + count, min(first, line))
        return rows.filter(is_known)


def _foreign(place: str, row: dict[str, Any]) -> FormatRefused:
    """A member's file holds an account that is not its own; whose it is stays unsaid."""
    return refuse(
        "foreign_account",
        f"{place}, ligne {row['line']}",
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


def ahead(steps: Iterator[Step]) -> Iterator[Step]:
    """The same steps, the next one made by a thread while the database takes this one."""
    made: queue.Queue[Step | BaseException | None] = queue.Queue(maxsize=1)
    stop = threading.Event()

    def make() -> None:
        told: BaseException | None = None
        try:
            for step in steps:
                made.put(step)
                if stop.is_set():
                    return
        except BaseException as error:
            told = error
        made.put(told)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while (step := made.get()) is not None:
            if isinstance(step, BaseException):
                raise step
            yield step
    finally:
        stop.set()
        while thread.is_alive():
            with suppress(queue.Empty):
                made.get_nowait()  # a maker that waits for room goes on, and sees that it must stop
            thread.join(timeout=0.05)
