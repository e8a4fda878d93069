"""Use published after charges, onto the versions of invoices that are shown (D-41)."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange, sql
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from billing.actions.charges import Prepared
from billing.actions.comparing import Print, prints_of
from billing.actions.placing import placed
from billing.actions.rollups import write_uses
from billing.bills import stated_period
from billing.formats.definition import parse_definition
from billing.kinds import Awaited, Detail, ImportPart
from billing.loading.accounts import accounts_for
from billing.loading.lease import settle_one_at_a_time
from billing.loading.reading import Loaded
from billing.models import CentreUse, Import, InvoiceVersion, LineUse
from billing.rollups import use_rollup
from members.models import ProviderAccount

ROLLUP = """
SELECT account, number, kind, roaming, unit, count(*) AS rows, sum(quantity)::bigint AS quantity,
    sum(amount) AS amount, min(line) AS line, min(occurred_at) AS first_at,
    max(occurred_at) AS last_at
FROM {table} WHERE import_id = %s GROUP BY 1, 2, 3, 4, 5
"""


def prepare_use(bill_import: Import, loaded: Loaded) -> Prepared:
    """Which shown invoices the use is of, and whether a person, or their charges, come first.

    Accounts without charges hold back their own use alone: that of the others is shown.
    """
    prepared = Prepared()
    prepared.period = _period(bill_import, loaded)
    settle_one_at_a_time(bill_import.provider_id)
    targets, missing = targets_of(bill_import, loaded.rollup, prepared.period)
    prepared.without_charges = sorted(missing)
    if missing and not targets:
        prepared.awaits.append(Awaited.CHARGES)
        return prepared
    known = {n: v for n, v in targets.items() if v.usage_import_id}
    if not known:
        return prepared
    if len(known) == len(targets) and _same_rows(bill_import, known, missing):
        prepared.is_unchanged = True
        return prepared
    prepared.awaits.append(Awaited.DIFFERENCES)
    prepared.differences = _differences(loaded.rollup, known)
    prepared.compared_with = replaced_by(known)
    return prepared


def attach_use(
    bill_import: Import, rollup: pl.DataFrame, targets: Mapping[str, InvoiceVersion]
) -> set[int]:
    """Publish the use on the shown versions, by one UPDATE; the imports whose use it replaces."""
    accounts = {n: a for n, a in accounts_for(bill_import).items() if n in targets}
    days = {n: day_of_invoice(version) for n, version in targets.items()}
    before = [version.replaces for version in targets.values() if version.replaces]
    replaced = {version.usage_import_id for version in (*targets.values(), *before)}
    if not rollup.is_empty():
        rollup = rollup.filter(pl.col("account").is_in(list(targets)))
    write_uses(rollup, placed(rollup, accounts, days), targets)
    InvoiceVersion.objects.filter(pk__in=[version.pk for version in targets.values()]).update(
        usage_import=bill_import, detail=Detail.COMPLETE
    )
    return {pk for pk in replaced if pk and pk != bill_import.pk}


def carry_use(versions: QuerySet[InvoiceVersion]) -> None:
    """A correction of charges alone keeps the use that was shown of what it replaces (D-41)."""
    told = versions.filter(usage_import__isnull=True, replaces__usage_import__isnull=False)
    for version in told.select_related("replaces"):
        assert version.replaces is not None
        for model in (LineUse, CentreUse):
            model.objects.bulk_create(  # type: ignore[attr-defined]
                _copied(row, version.pk)
                for row in model.objects.filter(version=version.replaces)  # type: ignore[attr-defined]
            )
        InvoiceVersion.objects.filter(pk=version.pk).update(
            usage_import=version.replaces.usage_import_id, detail=Detail.COMPLETE
        )


def carry_use_of_package(bill_import: Import) -> None:
    """The use of a package is refused: its charges keep the use that was shown before (D-41)."""
    if bill_import.part == ImportPart.USAGE:
        carry_use(
            InvoiceVersion.objects.filter(
                charge_import__bill_file=bill_import.bill_file_id, shown_by__isnull=False
            )
        )


def _copied(row: Any, version_id: int) -> Any:
    """The same sums under another version."""
    row.pk, row.version_id = None, version_id
    return row


def unseen_differences(
    bill_import: Import, rollup: pl.DataFrame, targets: Mapping[str, InvoiceVersion]
) -> dict[str, Any]:
    """What the use would replace that it was not compared with; empty where all was (X-13)."""
    seen = {None, bill_import.pk, *bill_import.compared_with}
    unseen = {n: version for n, version in targets.items() if version.usage_import_id not in seen}
    if not unseen:
        return {}
    compared = [*bill_import.compared_with, *replaced_by(unseen)]
    return {"differences": _differences(rollup, unseen), "compared_with": compared}


def replaced_by(known: Mapping[str, InvoiceVersion]) -> list[int]:
    """The imports whose use those versions show."""
    return sorted({pk for version in known.values() if (pk := version.usage_import_id)})


def targets_of(
    bill_import: Import, rollup: pl.DataFrame, period: Any
) -> tuple[dict[str, InvoiceVersion], set[str]]:
    """The shown version that each account's use is of, and the accounts that have none yet.

    That of the stated period; else the one whose days hold the most of the use's. An account that
    the import may no longer take has neither: its use stays unseen (R-44).
    """
    if rollup.is_empty():
        return {}, set()
    spans = {
        account: (first, last + timedelta(days=1))
        for account, first, last in rollup.group_by("account")
        .agg(pl.col("first_at").min().cast(pl.Date), pl.col("last_at").max().cast(pl.Date))
        .iter_rows()
    }
    accounts = accounts_for(bill_import)
    shown = _shown({n: accounts[n] for n in spans if n in accounts}, bill_import)
    stated = (period.lower, period.upper) if period else None
    found = {}
    for account, span in spans.items():
        version = _best(shown.get(account, []), stated, span)
        if version:
            found[account] = version
    return found, (set(spans) & set(accounts)) - set(found)


def rollup_of(bill_import: Import) -> pl.DataFrame:
    """The sums by line of rows already laid, for what is published after a person's word."""
    if bill_import.storage is None:
        return pl.DataFrame(schema=use_rollup().schema)
    statement = sql.SQL(ROLLUP).format(table=sql.Identifier(bill_import.storage.table))
    with connection.cursor() as cursor:
        cursor.execute(statement, [bill_import.pk])
        return pl.DataFrame(cursor.fetchall(), schema=use_rollup().schema, orient="row")


def _period(bill_import: Import, loaded: Loaded) -> Any:
    """The period that the file states; none where only its rows tell."""
    profile = parse_definition(bill_import.profile_version.definition)
    stated = stated_period(profile, loaded.facts)
    return DateRange(stated[0], stated[1] + timedelta(days=1)) if stated else None


def _shown(
    accounts: Mapping[str, ProviderAccount], bill_import: Import
) -> dict[str, list[InvoiceVersion]]:
    """The shown versions of each account that came from a file; those of the same package alone
    where there are some.
    """
    versions = (
        InvoiceVersion.objects.filter(
            invoice__account__in=[a.pk for a in accounts.values()],
            shown_by__isnull=False,
            charge_import__isnull=False,
        )
        .select_related("invoice__account", "charge_import", "usage_import__storage", "replaces")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    found: dict[str, list[InvoiceVersion]] = {}
    for version in versions:
        found.setdefault(version.invoice.account.number, []).append(version)
    for account, told in found.items():
        own = [v for v in told if v.charge_import.bill_file_id == bill_import.bill_file_id]  # type: ignore[union-attr]
        found[account] = own or told
    return found


def _best(
    versions: list[InvoiceVersion],
    stated: tuple[date, date] | None,
    span: tuple[date, date],
) -> InvoiceVersion | None:
    periods = [(version.invoice.period, version) for version in versions]
    if stated:
        exact = [v for period, v in periods if (period.lower, period.upper) == stated]
        return exact[0] if exact else None
    shared = [
        ((min(period.upper, span[1]) - max(period.lower, span[0])).days, version.pk, version)
        for period, version in periods
    ]
    days, _pk, best = max(shared, default=(0, 0, None), key=lambda told: told[:2])
    return best if days > 0 else None


def day_of_invoice(version: InvoiceVersion) -> date:
    """The invoice's date, for which cost centres hold (D-43)."""
    end: date = version.invoice.period.upper
    return version.issued_on or end - timedelta(days=1)


def _same_rows(
    bill_import: Import, known: Mapping[str, InvoiceVersion], missing: Collection[str]
) -> bool:
    """Whether every account's use is, row by row, the one shown, or the one that the same imports
    hold for accounts whose charges are missing.
    """
    new = prints_of(bill_import, {*known, *missing})
    by_import: dict[Import, list[str]] = {}
    for account, version in known.items():
        assert version.usage_import is not None
        by_import.setdefault(version.usage_import, []).append(account)
    kept: dict[str, Print] = {}
    for earlier in by_import:
        kept |= prints_of(earlier, set(earlier.totals.get("without_charges", ())) & {*missing})
    return kept == {n: new[n] for n in missing if n in new} and all(
        prints_of(earlier, accounts) == {n: new[n] for n in accounts if n in new}
        for earlier, accounts in by_import.items()
    )


def _differences(rollup: pl.DataFrame, known: Mapping[str, InvoiceVersion]) -> dict[str, list[str]]:
    """Records of use of each invoice, as they are and as they will be."""
    new = dict(rollup.group_by("account").agg(pl.col("rows").sum()).iter_rows())
    told = {}
    for account, version in sorted(known.items()):
        now = sum(version.lineuses.values_list("record_count", flat=True))
        label = _("Compte %(account)s, période du %(start)s : relevés d'utilisation") % {
            "account": account,
            "start": version.invoice.period.lower,
        }
        told[label] = [str(now), str(new.get(account, 0))]
    return told
