"""Take over an existing fleet: a dry run with every error, then whole or not at all (F-45)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import sql
from django.utils.translation import gettext as _

from members.models import Branch, CostCentre, Membership, Provider, User
from members.permissions import require
from members.roles import May
from orders.fleet_sheet import SCHEMA
from orders.kinds import FleetImportState, LineStatus, Origin
from orders.models import FleetImport, Holder, LineVersion, ServiceLine
from orders.queries.take_over import known_before
from orders.states import PASS_FLEET_FILE, REFUSE_FLEET_FILE, TAKE_OVER_FLEET
from orders.take_over import HolderKey, Known, TakeOver, holder_key, judge_fleet
from portal.clock import database_clock, today
from portal.commands import action
from portal.files import read, store
from portal.tabular import SheetRead, SheetRow, TableRefused, read_table
from portal.workflow import advance, locked

BATCH = 2000
MOST_LINES = 20_000
"""What is applied within a request's time."""
VERSION_COLUMNS = tuple(
    field.attname
    for field in LineVersion._meta.concrete_fields
    if field.name not in {"id", "recorded_at", "order_line"}
)


@action
def check_fleet_file(
    *,
    branch: Branch,
    provider: Provider,
    starts_on: date,
    name: str,
    content: bytes,
    content_type: str,
    by: User,
) -> FleetImport:
    """Dry run of a fleet's file: every error at once, or what it would create; nothing is written.

    Raises ValidationError on a day to come and on a file that cannot be read (X-15, X-16, X-19).
    """
    hat = require(by, May.KEEP_LINES, on=branch)
    if starts_on > today():
        reason = _("Le parc dit ce qui est en service : choisissez aujourd'hui ou une date passée.")
        raise ValidationError({"starts_on": reason})
    try:
        table = read_table(content, name)
    except TableRefused as error:
        raise ValidationError({"file": str(error)}) from error
    if len(table.rows) > MOST_LINES:
        reason = _("Le fichier a plus de %(most)s lignes : séparez-le en plusieurs fichiers.")
        raise ValidationError({"file": reason % {"most": MOST_LINES}})
    file = store(content, name=name, content_type=content_type)
    received = FleetImport.objects.create(
        branch=branch, provider=provider, starts_on=starts_on, file=file, uploaded_by=by
    )
    found = SCHEMA.read(table)
    plan, _known = _judged(received, found)
    faults = [*found.faults, *plan.faults]
    told: dict[str, Any] = {"row_count": len(table.rows)}
    if faults:
        faults.sort(key=lambda fault: fault.line)
        lines = [fault.as_json() for fault in faults]
        return advance(REFUSE_FLEET_FILE, on=received, by=by, hat=hat, faults=lines, **told)
    summary = plan.summary(len(found.rows)) | {"unknown_headers": found.unknown}
    return advance(PASS_FLEET_FILE, on=received, by=by, hat=hat, summary=summary, **told)


@action
def take_over_fleet(*, fleet_import: FleetImport, by: User) -> FleetImport:
    """Put every line of a checked file in service, whole or not at all (F-45, origin ``reprise``).

    The file is judged again; what changed since the dry run refuses it, with its faults. Asked
    again once applied, it answers the same and does nothing. Members taken over are marked, so
    that they are never blocked from managing their lines (R-03).
    """
    hat = require(by, May.KEEP_LINES, on=fleet_import)
    require(by, May.KEEP_COST_CENTRES, on=fleet_import)
    received = locked(fleet_import)
    if received.state == FleetImportState.APPLIED:
        return received
    found = SCHEMA.read(read_table(read(received.file), received.file.name))
    plan, known = _judged(received, found)
    if faults := [fault.as_json() for fault in (*found.faults, *plan.faults)]:
        return advance(REFUSE_FLEET_FILE, on=received, by=by, hat=hat, faults=faults)
    try:
        with transaction.atomic():
            _write(received, found.rows, plan, known, by)
    except IntegrityError as error:
        if "one_line_per_number_at_a_time" not in str(error):
            raise
        raise ValidationError(
            _("Un numéro du fichier vient d'être mis en service ailleurs : vérifiez de nouveau.")
        ) from error
    _mark_taken_over(received)
    return advance(
        TAKE_OVER_FLEET,
        on=received,
        by=by,
        hat=hat,
        applied_at=database_clock(),
        applied_by=by,
        lines=len(found.rows),
        sha256=received.file.sha256,
    )


def _judged(received: FleetImport, found: SheetRead) -> tuple[TakeOver, Known]:
    """Every row, as far as it could be read, against what the portal knows now."""
    known = known_before(
        found.every,
        branch=received.branch,
        provider=received.provider,
        starts_on=received.starts_on,
    )
    return judge_fleet(found.every, known), known


def _write(
    received: FleetImport, rows: list[SheetRow], plan: TakeOver, known: Known, by: User
) -> None:
    """Holders, cost centres, lines in bulk, and their first versions by COPY."""
    holders = known.holders | _new_holders(received, plan)
    centres = known.centres | _new_centres(received, plan)
    now = database_clock()
    lines = ServiceLine.objects.bulk_create(
        (
            ServiceLine(
                branch=received.branch,
                provider=received.provider,
                number=row.values["number"],
                origin=Origin.TAKE_OVER,
                earlier_derogation=row.values["earlier_derogation"],
                recorded_at=now,
            )
            for row in rows
        ),
        batch_size=BATCH,
    )
    same = {
        "branch_id": received.branch_id,
        "valid": f"[{received.starts_on.isoformat()},)",
        "status": LineStatus.ACTIVE.value,
        "recorded_by_id": by.pk,
        "reason": _("Reprise du parc"),
    }
    _copy_versions(
        {"service_line_id": line.pk, **same, **_state(row.values, known, holders, centres)}
        for line, row in zip(lines, rows, strict=True)
    )


def _copy_versions(versions: Iterable[dict[str, Any]]) -> None:
    """Insert versions, given by column, with COPY: nine thousand in a request's time."""
    columns = sql.SQL(", ").join(map(sql.Identifier, VERSION_COLUMNS))
    statement = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        table=sql.Identifier(LineVersion._meta.db_table), columns=columns
    )
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        for version in versions:
            copy.write_row([version[name] for name in VERSION_COLUMNS])


def _state(
    values: dict[str, Any],
    known: Known,
    holders: dict[HolderKey, int],
    centres: dict[str, int],
) -> dict[str, Any]:
    """A version's fields from a row; an offer of the catalogue is linked, another one is named."""
    plan_id, plan_label, is_flexible = known.plans.get(
        values["plan"], (None, values["plan"], values["is_flexible"])
    )
    device_id, device_label, _flexible = known.devices.get(
        values["device"], (None, values["device"], False)
    )
    copied = ("number", "imei", "sim_kind", "sim_number", "subsidy_ends_on", "commitment_ends_on")
    key = holder_key(values)
    return {name: values[name] for name in copied} | {
        "account_id": known.accounts[values["account"]],
        "plan_id": plan_id,
        "plan_label": plan_label,
        "is_flexible": is_flexible,
        "device_id": device_id,
        "device_label": device_label,
        "holder_id": holders[key] if key else None,
        "cost_centre_id": centres.get(values["cost_centre"]),
    }


def _new_holders(received: FleetImport, plan: TakeOver) -> dict[HolderKey, int]:
    """Add the holders that the branch lacks; key → id."""
    made = Holder.objects.bulk_create(
        (
            Holder(
                branch=received.branch,
                name=holder.name,
                function=holder.function,
                employee_number=holder.employee_number,
            )
            for holder in plan.new_holders.values()
        ),
        batch_size=BATCH,
    )
    return {key: holder.pk for key, holder in zip(plan.new_holders, made, strict=True)}


def _new_centres(received: FleetImport, plan: TakeOver) -> dict[str, int]:
    """Add the cost centres that the branch lacks; code → id."""
    made = CostCentre.objects.bulk_create(
        CostCentre(branch=received.branch, code=code, name=name or _("À nommer"))
        for code, name in plan.new_centres.items()
    )
    return {centre.code: centre.pk for centre in made}


def _mark_taken_over(received: FleetImport) -> None:
    """The member has lines in service that no order of the portal opened (R-03)."""
    Membership.objects.filter(
        organisation=received.branch.organisation_id, contract__ranks__provider=received.provider
    ).update(taken_over=True)
