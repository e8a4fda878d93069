"""A provider's inventory against the fleet: what it proposes to open, change or close (D-05)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from billing.actions.charges import Prepared
from billing.formats.definition import Profile
from billing.formats.fields import field_label
from billing.kinds import ProposalKind, ProposalState
from billing.loading.accounts import accounts_for
from billing.loading.reading import Loaded
from billing.models import Import, LineProposal, QuarantinedRow
from members.models import ProviderAccount
from orders.kinds import LineStatus
from orders.models import LineVersion
from portal.clock import today
from portal.tabular.values import fold

COPIED = {
    "plan_label": "plan",
    "device_label": "device",
    "imei": "imei",
    "sim_number": "sim",
    "commitment_ends_on": "commitment_end",
}
"""A version's fields and the inventory's columns that tell them."""

BATCH = 2_000


def prepare_inventory(bill_import: Import, loaded: Loaded) -> Prepared:
    """Propose what the file says of the accounts that it holds; RCELL accepts or refuses (F-41).

    What was refused of a line is not proposed again. A file of which rows were rejected does not
    say that a line is gone: it may be in one of them. A row whose state the profile does not know
    proposes nothing, and is set aside.
    """
    accounts, statuses = accounts_for(bill_import), _statuses(loaded.profile)
    rows = [row for row in loaded.whole.iter_rows(named=True) if row["account"] in accounts]
    unknown = [row for row in rows if row["status"] and fold(row["status"]) not in statuses]
    present = {row["account"] for row in rows}
    held = {number: account for number, account in accounts.items() if number in present}
    fleet = _fleet(held)
    told = chain(
        _of_rows(bill_import, _without(rows, unknown), held, fleet, statuses),
        () if loaded.rejected_count else _of_absent(bill_import, rows, held, fleet),
    )
    refused = _refused(held.values())
    proposals = {(p.account_id, p.number): p for p in told if _meaning(p) not in refused}
    LineProposal.objects.bulk_create(proposals.values(), batch_size=BATCH)
    _quarantine(bill_import, unknown)
    prepared = Prepared()
    prepared.set_aside = len(unknown)
    return prepared


def replace_proposals(bill_import: Import) -> None:
    """An inventory is published: what earlier ones still proposed for its accounts goes."""
    LineProposal.objects.filter(
        account__provider=bill_import.provider_id,
        account__number__in=list(bill_import.totals.get("accounts", {})),
        state=ProposalState.PROPOSED,
        bill_import__lt=bill_import.pk,
    ).delete()


def _statuses(profile: Profile) -> dict[str, LineStatus]:
    """What the provider's words for a line's state mean."""
    return {
        fold(word): LineStatus(status)
        for part in profile.parts
        for word, status in part.meaning.statuses.items()
    }


def _without(rows: list[dict[str, Any]], unknown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines = {row["line"] for row in unknown}
    return [row for row in rows if row["line"] not in lines]


def _quarantine(bill_import: Import, unknown: list[dict[str, Any]]) -> None:
    """Tell each row whose state is unknown."""
    reason = _(
        "Cet état n'est pas de ceux du profil : rien n'est proposé pour la ligne %(number)s. "
        "Demandez à ITQ d'ajouter ce mot au profil, puis relisez le fichier."
    )
    QuarantinedRow.objects.bulk_create(
        (
            QuarantinedRow(
                bill_import=bill_import,
                line=row["line"],
                column=field_label("status"),
                account=row["account"],
                reason=reason % {"number": row["number"]},
                raw=row["status"],
            )
            for row in unknown
        ),
        batch_size=BATCH,
    )


def _fleet(accounts: Mapping[str, ProviderAccount]) -> dict[tuple[int, str], LineVersion]:
    """The lines in use today of these members at this provider, by member and number."""
    members = {account.branch.organisation_id for account in accounts.values()}
    providers = {account.provider_id for account in accounts.values()}
    versions = (
        LineVersion.objects.filter(
            branch__organisation__in=members,
            service_line__provider__in=providers,
            valid__contains=today(),
        )
        .exclude(status=LineStatus.CANCELLED)
        .select_related("branch", "account")
    )
    return {(v.branch.organisation_id, v.number): v for v in versions}


def _of_rows(
    bill_import: Import,
    rows: list[dict[str, Any]],
    accounts: Mapping[str, ProviderAccount],
    fleet: Mapping[tuple[int, str], LineVersion],
    statuses: Mapping[str, LineStatus],
) -> Iterator[LineProposal]:
    """What each row proposes; a blank state says nothing."""
    for row in rows:
        account = accounts[row["account"]]
        version = fleet.get((account.branch.organisation_id, row["number"]))
        status = statuses.get(fold(row["status"] or ""))
        values = _values(version, row, status)
        kind = _kind(version, status, values)
        if kind:
            yield _proposal(bill_import, account, row["line"], kind, row["number"], version, values)


def _of_absent(
    bill_import: Import,
    rows: list[dict[str, Any]],
    accounts: Mapping[str, ProviderAccount],
    fleet: Mapping[tuple[int, str], LineVersion],
) -> Iterator[LineProposal]:
    """To close the lines of these accounts that the file no longer has."""
    seen = {(accounts[row["account"]].branch.organisation_id, row["number"]) for row in rows}
    known = {account.pk: account for account in accounts.values()}
    for key, version in fleet.items():
        if version.account_id in known and key not in seen:
            account = known[version.account_id]
            yield _proposal(
                bill_import, account, 0, ProposalKind.CLOSE, version.number, version, {}
            )


def _refused(accounts: Iterable[ProviderAccount]) -> set[tuple[Any, ...]]:
    """What was refused of the lines of these accounts."""
    refused = LineProposal.objects.filter(
        account__in=[account.pk for account in accounts], state=ProposalState.REFUSED
    )
    return {_meaning(proposal) for proposal in refused}


def _meaning(proposal: LineProposal) -> tuple[Any, ...]:
    """What a proposal says, whichever file says it; to be absent is not to be told as closed."""
    values = sorted((name, *map(str, pair)) for name, pair in proposal.values.items())
    line, is_told = proposal.service_line_id, proposal.line > 0
    return proposal.account_id, proposal.number, proposal.kind, line, is_told, tuple(values)


def _kind(
    version: LineVersion | None, status: LineStatus | None, values: dict[str, Any]
) -> ProposalKind | None:
    if version is None:
        return None if status == LineStatus.CANCELLED else ProposalKind.OPEN
    if status == LineStatus.CANCELLED:
        return ProposalKind.CLOSE
    return ProposalKind.CHANGE if values else None


def _values(
    version: LineVersion | None, row: Mapping[str, Any], status: LineStatus | None
) -> dict[str, list[Any]]:
    """Field → [value now, value proposed]; what the file leaves blank is not proposed.

    A line is opened in service unless its state says otherwise.
    """
    told = {}
    for name, column in COPIED.items():
        new = _plain(row[column])
        now = _plain(getattr(version, name)) if version else None
        if new and new != (now or None):
            told[name] = [now, new]
    held = version.status if version else LineStatus.ACTIVE
    if status not in (None, held, LineStatus.CANCELLED):
        told["status"] = [held if version else None, status]
    return told


def _plain(value: object) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _proposal(
    bill_import: Import,
    account: ProviderAccount,
    line: int,
    kind: ProposalKind,
    number: str,
    version: LineVersion | None,
    values: dict[str, Any],
) -> LineProposal:
    return LineProposal(
        bill_import=bill_import,
        branch=version.branch if version else account.branch,
        account=account,
        line=line,
        kind=kind,
        number=number,
        service_line_id=version.service_line_id if version else None,
        values=values if kind != ProposalKind.CLOSE else {},
    )
