"""Where a billed line is charged: its line of the fleet, branch and cost centre that day (D-43)."""

from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from billing.kinds import GapState
from billing.models import Gap
from members.models import ProviderAccount
from orders.kinds import LineStatus
from orders.models import LineVersion

PLACES = {
    "service_line_id": pl.Int64,
    "branch_id": pl.Int64,
    "cost_centre_id": pl.Int64,
}
_LINES = {"organisation": pl.Int64, "day": pl.Date, "number": pl.String, **PLACES}


def placed(
    lines: pl.DataFrame, accounts: Mapping[str, ProviderAccount], days: Mapping[str, date]
) -> pl.DataFrame:
    """``account`` and ``number`` with the place of each line; where none, the account's branch.

    A line of the fleet that another member has is none: nothing is said of it here (B07). What
    a person matched before holds for the months that follow (F-41).
    """
    told = _accounts_frame(accounts, days)
    asked = lines.select("account", "number").unique().join(told, on="account", how="left")
    fleet = _fleet(accounts.values(), set(days.values()))
    found = asked.join(fleet, on=["organisation", "day", "number"], how="left")
    if found["service_line_id"].null_count():
        found = _with_matches(found, accounts)
    return found.select(
        "account",
        "number",
        "service_line_id",
        pl.coalesce("branch_id", "own_branch").alias("branch_id"),
        "cost_centre_id",
    )


def _accounts_frame(
    accounts: Mapping[str, ProviderAccount], days: Mapping[str, date]
) -> pl.DataFrame:
    rows = [
        (number, account.branch.organisation_id, account.branch_id, days[number])
        for number, account in accounts.items()
        if number in days
    ]
    schema = {
        "account": pl.String,
        "organisation": pl.Int64,
        "own_branch": pl.Int64,
        "day": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _fleet(accounts: Iterable[ProviderAccount], days: Iterable[date]) -> pl.DataFrame:
    """Every line of these members at this provider on each day; one in use before a closed one."""
    known = list(accounts)
    members = {account.branch.organisation_id for account in known}
    providers = {account.provider_id for account in known}
    rows: list[tuple[object, ...]] = []
    for day in days:
        versions = LineVersion.objects.filter(
            branch__organisation__in=members,
            service_line__provider__in=providers,
            valid__contains=day,
        ).order_by("pk")
        rows += [
            (organisation, day, *line, status == LineStatus.CANCELLED)
            for organisation, status, *line in versions.values_list(
                "branch__organisation",
                "status",
                "number",
                "service_line",
                "branch",
                "cost_centre",
            )
        ]
    frame = pl.DataFrame(rows, schema={**_LINES, "closed": pl.Boolean}, orient="row")
    keys = ["organisation", "day", "number"]
    return frame.sort("closed").unique(keys, keep="first", maintain_order=True).drop("closed")


def _with_matches(found: pl.DataFrame, accounts: Mapping[str, ProviderAccount]) -> pl.DataFrame:
    """The lines that the fleet lacks under their number, placed as a person matched them."""
    gaps = Gap.objects.filter(
        state=GapState.MATCHED, version__invoice__account__in=[a.pk for a in accounts.values()]
    ).order_by("settled_at")
    told = {
        (account, number): line
        for account, number, line in gaps.values_list(
            "version__invoice__account__number", "number", "service_line"
        )
    }
    missing = found.filter(pl.col("service_line_id").is_null())
    rows = []
    for account, number, day in missing.select("account", "number", "day").iter_rows():
        if line := told.get((account, number)):
            rows.append((account, number, *place_of(line, day)))
    if not rows:
        return found
    schema = {"account": pl.String, "number": pl.String, **PLACES}
    matched = pl.DataFrame(rows, schema=schema, orient="row")
    both = found.join(matched, on=["account", "number"], how="left", suffix="_told")
    return both.with_columns(pl.coalesce(name, f"{name}_told").alias(name) for name in PLACES)


def place_of(service_line_id: int, day: date) -> tuple[int, int | None, int | None]:
    """A line of the fleet, its branch and its cost centre on a day; its last ones after the end."""
    versions = LineVersion.objects.filter(service_line=service_line_id, valid__startswith__lte=day)
    found = versions.order_by("-valid").values_list("branch", "cost_centre").first()
    branch, centre = found or (None, None)
    return service_line_id, branch, centre
