"""The worker's acts on an import: begun or begun again, refused, or made ready (X-01, D-41)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from billing import events
from billing.actions.accounts import quarantine_accounts
from billing.actions.charges import Prepared, prepare_charges
from billing.actions.cycles import (
    account_counts,
    cycle_totals,
    last_counts,
    own_parts,
    rows_by_part,
)
from billing.actions.discarding import discard, discard_rows
from billing.actions.duplicates import duplicates_in
from billing.actions.inventories import prepare_inventory
from billing.actions.usage import carry_use_of_package, prepare_use
from billing.bills import period_read, stated_period
from billing.formats.controls import judge, ratio_gaps
from billing.formats.faults import Fault, FormatRefused
from billing.kinds import Awaited, ImportPart, ImportState, ImportStep
from billing.loading.reading import Loaded
from billing.models import Import, InvoiceVersion, QuarantinedRow
from billing.states import BEGIN, LEAVE_UNCHANGED, PREPARE, REFUSE
from portal.audit import SystemActor, record
from portal.clock import database_clock
from portal.commands import action
from portal.queue import later
from portal.workflow import advance, locked

TOLD = 20
"""Faults told in a refusal; the others are counted."""

PREPARE_PART = {
    ImportPart.CHARGES: prepare_charges,
    ImportPart.USAGE: prepare_use,
    ImportPart.INVENTORY: prepare_inventory,
}


@action
def begin_import(*, bill_import: Import, by: SystemActor) -> Import | None:
    """Begin to read, or begin again what was cut: nothing of the first try is left (X-01).

    None where there is nothing to do; what is ready to be published is returned as it is.
    """
    held = locked(bill_import)
    if held.state == ImportState.RECEIVED:
        return advance(BEGIN, on=held, by=by, started_at=database_clock())
    if held.state != ImportState.READING:
        return None
    if held.step == ImportStep.PUBLISHING:
        return held
    discard(held)
    held.rows_done, held.started_at = 0, database_clock()
    held.save(update_fields=["rows_done", "started_at"])
    record(events.IMPORT_BEGUN, by=by, on=held, again=True)
    return held


@action
def refuse_unreadable(*, bill_import: Import, loaded: Loaded, by: SystemActor) -> Import:
    """Refuse a file that cannot be read to its end, with the place and how to mend it (X-14)."""
    assert loaded.fault is not None
    return _refuse(locked(bill_import), [loaded.fault], by, loaded)


@action
def prepare_import(*, bill_import: Import, loaded: Loaded, by: SystemActor) -> Import:
    """Judge what was read; refuse it, leave all unchanged, or make it ready to be shown (D-40).

    What awaits a person is prepared; what awaits nobody stays to be published at once.
    """
    held = locked(bill_import)
    duplicates = duplicates_in(held)
    faults = _faults(held, loaded)
    if faults:
        return _refuse(held, [*faults, *_duplicate_faults(duplicates)], by, loaded)
    try:
        prepared = PREPARE_PART[ImportPart(held.part)](held, loaded)
    except FormatRefused as error:
        return _refuse(held, [error.fault], by, loaded)
    facts = _facts(held, loaded, prepared, duplicates)
    _quarantine_rejects(held, loaded)
    apart = quarantine_accounts(held, loaded) + prepared.set_aside
    facts["quarantined_count"] = apart + loaded.rejected_count
    if prepared.is_unchanged:
        discard_rows(held)
        _promise_use(held)
        return advance(LEAVE_UNCHANGED, on=held, by=by, finished_at=database_clock(), **facts)
    _tell_branches(held, by)
    if facts["awaits"]:
        return advance(PREPARE, on=held, by=by, **facts)
    for name, value in {**facts, "step": ImportStep.PUBLISHING}.items():
        setattr(held, name, value)
    held.save(update_fields=["step", *facts])
    record(events.IMPORT_READ, by=by, on=held, rows=loaded.row_count)
    return held


def _faults(held: Import, loaded: Loaded) -> list[Fault]:
    """Every fault that keeps the whole file out."""
    faults = [f for f in judge(loaded.profile, loaded.tally) if f.is_blocking]
    if not faults and loaded.apart and not _has_taken(loaded):
        message = _(
            "Aucun des comptes du fichier n'est d'un organisme qui a donné son mandat. Confirmez "
            "les comptes, obtenez le mandat de l'organisme, puis relisez le fichier."
        )
        faults = [Fault("no_account", held.bill_file.name, message)]
    return faults


def _has_taken(loaded: Loaded) -> bool:
    return not loaded.rollup.is_empty() or not loaded.whole.is_empty()


def _facts(
    held: Import, loaded: Loaded, prepared: Prepared, duplicates: tuple[int, list[int]]
) -> dict[str, Any]:
    """What the import's row says once it was read."""
    awaits, counts = list(prepared.awaits), account_counts(held, loaded)
    last = last_counts(held, prepared.period, counts)
    gaps = ratio_gaps(loaded.profile, loaded.tally, rows_by_part(last))
    if gaps:
        awaits.append(Awaited.ROW_RATIO)
    if _is_blind(held, loaded):
        awaits.append(Awaited.BLIND_SPOTS)
    return {
        "awaits": awaits,
        "differences": {**prepared.differences, **gaps},
        "compared_with": prepared.compared_with,
        "period": prepared.period,
        "digest": loaded.digest,
        "row_count": loaded.row_count,
        "rejected_count": loaded.rejected_count,
        "rows_done": loaded.row_count,
        "totals": {
            **cycle_totals(counts, last, duplicates[0]),
            "without_charges": prepared.without_charges,
        },
    }


def _is_blind(held: Import, loaded: Loaded) -> bool:
    """Whether the controls of the parts that this import publishes do not see everything (D-42)."""
    own = own_parts(held, loaded)
    return any(spot.split(":")[0] in own for spot in held.profile_version.blind_spots)


def _duplicate_faults(duplicates: tuple[int, list[int]]) -> list[Fault]:
    """Beside a total that is off, the rows that may be the cause."""
    count, lines = duplicates
    if not count:
        return []
    shown = ", ".join(map(str, lines))
    message = _(
        "Rangs identiques à un autre : %(count)s, aux lignes %(lines)s. Si l'écart vient de là, "
        "signalez-les au prestataire en redemandant le fichier."
    )
    told = {"count": count, "lines": shown}
    return [Fault("duplicates", _("lignes %s") % shown, message % told)]


def _refuse(held: Import, faults: Sequence[Fault], by: SystemActor, loaded: Loaded) -> Import:
    """Refuse whole; the rows that were at fault are kept, to be mended, and the days that the file
    says: only another file of those days replaces it.
    """
    discard(held)
    facts: dict[str, Any] = {"refusal": refusal_of(faults), "period": _period(held, loaded)}
    if loaded.fault is None:
        _quarantine_rejects(held, loaded)
        facts |= {
            "row_count": loaded.row_count,
            "rejected_count": loaded.rejected_count,
            "quarantined_count": loaded.rejected_count,
        }
    _refuse_use(held, by)
    carry_use_of_package(held)
    return advance(REFUSE, on=held, by=by, finished_at=database_clock(), **facts)


def _period(held: Import, loaded: Loaded) -> DateRange | None:
    """The days of what was read of a refused file; None where nothing says them."""
    if held.part == ImportPart.CHARGES:
        told = period_read(loaded.profile, loaded.facts, loaded.whole, loaded.rollup)
    else:
        told = stated_period(loaded.profile, loaded.facts)
    return DateRange(told[0], told[1] + timedelta(days=1)) if told else None


def refusal_of(faults: Sequence[Fault]) -> str:
    """The sentences of a refusal, one a line, each with its place."""
    told = [f"{fault.place} : {fault.message}" for fault in faults[:TOLD]]
    if len(faults) > TOLD:
        told.append(_("… et %(count)s autres fautes.") % {"count": len(faults) - TOLD})
    return "\n".join(told)


def _refuse_use(held: Import, by: SystemActor) -> None:
    """Use without its charges has no invoice to stand on."""
    if held.part != ImportPart.CHARGES:
        return
    why = _(
        "Les frais du même fichier ont été refusés : leur utilisation l'est aussi. Réglez d'abord "
        "ce qui leur est reproché, puis déposez ou relisez le fichier."
    )
    for use in held.bill_file.imports.filter(
        part=ImportPart.USAGE, state=ImportState.RECEIVED, pk__gt=held.pk
    ):
        advance(REFUSE, on=use, by=by, refusal=why, finished_at=database_clock())


def _promise_use(held: Import) -> None:
    """The use of the same package is read once its charges are settled (D-41)."""
    for use in held.bill_file.imports.filter(part=ImportPart.USAGE, state=ImportState.RECEIVED):
        later("billing.read_import", import_id=use.pk)


def _quarantine_rejects(held: Import, loaded: Loaded) -> None:
    QuarantinedRow.objects.bulk_create(
        (
            QuarantinedRow(
                bill_import=held,
                part_code=code,
                line=reject.line,
                column=reject.column[:120],
                reason=reject.reason[:500],
                raw=reject.text,
            )
            for code, totals in loaded.tally.parts.items()
            for reject in totals.rejects
        ),
        batch_size=2_000,
    )


def _tell_branches(held: Import, by: SystemActor) -> None:
    """Under a mandate, each branch's journal says that its bills were read (R-44)."""
    if held.branch_id is not None:
        return
    versions = InvoiceVersion.objects.filter(charge_import=held)
    for branch in versions.order_by().values_list("invoice__branch", flat=True).distinct():
        record(events.IMPORT_READ, by=by, on=held, branch_id=branch, under_mandate=True)
