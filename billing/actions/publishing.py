"""An import is shown by one UPDATE of the register, at once or after a person's word (D-40)."""

from typing import Any

import polars as pl
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from billing import events
from billing.actions.accounts import leave_out_withdrawn
from billing.actions.comparing import differences, sums_up
from billing.actions.discarding import discard
from billing.actions.inventories import replace_proposals
from billing.actions.neighbours import judge_again
from billing.actions.usage import (
    attach_use,
    carry_use,
    carry_use_of_package,
    rollup_of,
    targets_of,
    unseen_differences,
)
from billing.kinds import Awaited, FileKind, ImportPart, ImportState, InvoiceState
from billing.loading.lease import is_held, settle_one_at_a_time
from billing.models import Import, Invoice, InvoiceVersion
from billing.states import PREPARE, PUBLISH, REFUSE, REOPEN, SUPERSEDE
from billing.storage import attach_storage
from members.models import User
from members.permissions import WHOLE_GROUP, require
from members.roles import May, StaffMay
from portal.audit import Actor, SystemActor, record
from portal.clock import database_clock
from portal.commands import action
from portal.queue import later
from portal.workflow import TransitionRefused, advance, locked


@action
def publish_import(
    *, bill_import: Import, by: SystemActor, rollup: pl.DataFrame | None = None
) -> Import:
    """Show what was read and awaits nobody; asked again, it answers the same (X-02).

    ``rollup``: the sums by line of its use, where they were just made. Use of which no charges are
    there goes back to wait for them.
    """
    held = locked(bill_import)
    if held.state not in PUBLISH.sources or set(held.awaits) - {Awaited.CHARGES}:
        return held
    return _publish(held, by, rollup=rollup)


@action
def attach_late_use(*, bill_import: Import, by: SystemActor) -> Import:
    """Show the use of accounts whose charges came after those of the others of its file (D-41).

    An account that shows another file's use keeps it. Asked again, nothing is left to show (X-02).
    """
    use = rollup_of(bill_import)
    settle_one_at_a_time(bill_import.provider_id)  # then the row: so does whoever supersedes it
    held = locked(bill_import)
    waiting = held.totals.get("without_charges", [])
    if held.state != ImportState.PUBLISHED or not waiting:
        return held
    found, _missing = targets_of(held, use.filter(pl.col("account").is_in(waiting)), held.period)
    late = {n: version for n, version in found.items() if version.usage_import_id is None}
    if not found:
        return held
    replaced = attach_use(held, use, late) if late else set()
    held.totals["without_charges"] = [n for n in waiting if n not in found]
    held.awaits = [Awaited.CHARGES] if held.totals["without_charges"] else []
    held.save(update_fields=["totals", "awaits"])
    record(events.IMPORT_COMPLETED, by=by, on=held, accounts=sorted(found), shown=len(late))
    _supersede({*replaced, held.pk}, by, "")
    return held


@action
def confirm_import(*, bill_import: Import, by: User) -> Import:
    """Publish what waited: its differences, or its blind spots, were seen by ``by`` (D-42).

    Use that has a table of its own is shown by the worker, in a moment. Raises ValidationError
    where its charges are awaited, or where an invoice moved since.
    """
    hat = _require_sender(bill_import, by)
    held = locked(bill_import)
    if held.state != ImportState.PREPARED:
        raise TransitionRefused(PUBLISH, held)
    if held.awaits == [Awaited.CHARGES]:
        raise ValidationError(
            _("Les frais de cette période ne sont pas publiés : importez-les d'abord.")
        )
    if held.part == ImportPart.CHARGES and (_moved(held) or _takes_detail_away(held)):
        raise ValidationError(
            _(
                "Une autre version d'une de ces factures a été publiée depuis cette lecture : "
                "refusez cet import, puis relisez le fichier."
            )
        )
    held.confirmed_at, held.confirmed_by = database_clock(), by
    held.awaits = [told for told in held.awaits if told == Awaited.CHARGES]
    held.save(update_fields=["confirmed_at", "confirmed_by", "awaits"])
    record(events.IMPORT_CONFIRMED, by=by, on=held, hat=hat)
    if held.part == ImportPart.USAGE and held.storage and held.storage.month is None:
        later("billing.publish_import", import_id=held.pk)
        return held
    return _publish(held, by, hat=hat)


@action
def refuse_import(*, bill_import: Import, reason: str, by: User) -> Import:
    """Refuse what waited, with the reason; nothing of it was shown, nothing is left of it."""
    hat = _require_sender(bill_import, by)
    held = locked(bill_import)
    if not reason.strip():
        raise ValidationError({"reason": _("Dites pourquoi ce fichier est refusé.")})
    if held.state == ImportState.READING and is_held(held.pk):
        raise ValidationError(_("La lecture est en cours : attendez qu'elle se termine."))
    if held.state not in REFUSE.sources:
        raise TransitionRefused(REFUSE, held)
    discard(held)
    facts = {"refusal": reason.strip(), "finished_at": database_clock()}
    if held.part == ImportPart.CHARGES:
        for use in _received_use(held):
            advance(REFUSE, on=use, by=by, hat=hat, **facts)
    else:
        carry_use_of_package(held)
    return advance(REFUSE, on=held, by=by, hat=hat, **facts)


def _require_sender(bill_import: Import, by: User) -> str:
    """FACTU of the branch, or ITQ under its mandate; for the group, ITQ (R-44)."""
    if bill_import.branch is None:
        return require(by, StaffMay.IMPORT_GROUP_BILLS, on=WHOLE_GROUP)
    return require(by, May.IMPORT_BILLS, on=bill_import.branch)


def _publish(
    held: Import, by: Actor, *, hat: str = "", rollup: pl.DataFrame | None = None
) -> Import:
    """The change that readers see, and what follows from it, in one transaction.

    Where something else is shown since it was compared, it waits for a person instead (X-13).
    """
    if held.part == ImportPart.CHARGES:
        settle_one_at_a_time(held.provider_id)
        if moved := _moved(held):
            told = _compared_again(moved)
            return _wait(held, by, hat, [Awaited.DIFFERENCES], differences=told)
        _show(held, by, hat)
    elif held.part == ImportPart.USAGE:
        return _publish_use(held, by, hat, rollup_of(held) if rollup is None else rollup)
    else:
        replace_proposals(held)
    return _published(held, by, hat)


def _publish_use(held: Import, by: Actor, hat: str, use: pl.DataFrame) -> Import:
    """Use, onto the invoices that are shown; that of the other accounts waits for their charges."""
    settle_one_at_a_time(held.provider_id)
    targets, missing = targets_of(held, use, held.period)
    held.totals["without_charges"] = sorted(missing)
    if missing and not targets:
        return _wait(held, by, hat, [Awaited.CHARGES], totals=held.totals)
    if unseen := unseen_differences(held, use, targets):
        return _wait(held, by, hat, [Awaited.DIFFERENCES], totals=held.totals, **unseen)
    _supersede(attach_use(held, use, targets), by, hat)
    awaits = [Awaited.CHARGES] if missing else []
    return _published(held, by, hat, awaits=awaits, totals=held.totals)


def _published(held: Import, by: Actor, hat: str, **facts: Any) -> Import:
    """Its rows attached, it is said to be shown."""
    if held.storage and held.storage.attached_at is None:
        attach_storage(held.storage)  # last: nobody else attaches until the end of this transaction
    told: dict[str, Any] = {"finished_at": database_clock(), "awaits": [], "step": "", **facts}
    return advance(PUBLISH, on=held, by=by, hat=hat, **told)


def _show(held: Import, by: Actor, hat: str) -> None:
    """Charges: ONE UPDATE of the register; what they replace goes back to be verified."""
    leave_out_withdrawn(held)
    made = InvoiceVersion.objects.filter(charge_import=held)
    invoices = list(
        Invoice.objects.filter(versions__in=made)
        .select_related("current", "account")
        .order_by("pk")
    )
    replaced = [invoice for invoice in invoices if invoice.current]
    if not _received_use(held):
        carry_use(made)
    earlier = {i.current.charge_import_id for i in replaced if i.current} - {None}
    Invoice.objects.filter(versions__in=made).update(
        current=Subquery(made.filter(invoice=OuterRef("pk")).values("pk")[:1])
    )
    for invoice in replaced:
        if invoice.state != InvoiceState.TO_VERIFY:
            advance(REOPEN, on=invoice, by=by, hat=hat)
    judge_again(invoices)
    _supersede(earlier, by, hat)
    for use in _received_use(held):
        later("billing.read_import", import_id=use.pk)
    for use in Import.objects.filter(
        provider=held.provider_id, state=ImportState.PREPARED, awaits=[Awaited.CHARGES]
    ):
        later("billing.publish_import", import_id=use.pk)
    for use in Import.objects.filter(
        provider=held.provider_id,
        state=ImportState.PUBLISHED,
        awaits=[Awaited.CHARGES],
        totals__without_charges__has_any_keys=[invoice.account.number for invoice in invoices],
    ):
        later("billing.attach_late_use", import_id=use.pk)


def _received_use(held: Import) -> list[Import]:
    """The use of the same package, not read yet."""
    return list(held.bill_file.imports.filter(part=ImportPart.USAGE, state=ImportState.RECEIVED))


def _supersede(earlier: set[Any], by: Actor, hat: str) -> None:
    """The imports of which nothing is shown any more, nor will be when charges come."""
    shown = Import.objects.filter(pk__in=earlier, state=ImportState.PUBLISHED, awaits=[])
    for one in shown.order_by("pk"):
        versions = InvoiceVersion.objects.filter(shown_by__isnull=False)
        told = {"charge_import": one} if one.part == ImportPart.CHARGES else {"usage_import": one}
        if not versions.filter(**told).exists():
            advance(SUPERSEDE, on=one, by=by, hat=hat, finished_at=database_clock())


def _moved(held: Import) -> list[InvoiceVersion]:
    """Its versions whose invoice shows another one than it was compared with; locked, then read."""
    made = InvoiceVersion.objects.filter(charge_import=held).order_by("invoice")
    list(Invoice.objects.filter(versions__in=made).select_for_update().order_by("pk"))
    told = made.select_related("invoice__account", "invoice__current")
    return [version for version in told if version.replaces_id != version.invoice.current_id]


def _takes_detail_away(held: Import) -> bool:
    """Whether a report by line would replace the detail that was shown since it was read."""
    replaced = InvoiceVersion.objects.filter(
        replaced_by__charge_import=held, charge_import__isnull=False
    )
    kind = "charge_import__profile_version__profile__kind"
    return sums_up(held) and replaced.exclude(**{kind: FileKind.SUMMARY}).exists()


def _compared_again(moved: list[InvoiceVersion]) -> dict[str, list[str]]:
    """What each changes of what is shown now."""
    for version in moved:
        version.replaces = version.invoice.current
    InvoiceVersion.objects.bulk_update(moved, ["replaces"])
    return differences(InvoiceVersion.objects.filter(pk__in=[version.pk for version in moved]))


def _wait(held: Import, by: Actor, hat: str, awaits: list[Awaited], **compared: Any) -> Import:
    """Not shown yet: its charges, or a person's eye, come first."""
    facts: dict[str, Any] = {"awaits": awaits, "step": "", "differences": {}, **compared}
    facts |= {"confirmed_at": None, "confirmed_by": None}
    if held.state == ImportState.READING:
        return advance(PREPARE, on=held, by=by, hat=hat, **facts)
    for name, value in facts.items():
        setattr(held, name, value)
    held.save(update_fields=list(facts))
    return held
