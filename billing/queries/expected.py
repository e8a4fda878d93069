"""What is awaited of each provider, account and cycle, and what came of it (A06, A07)."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from billing.kinds import Arrival, Detail, FileKind, ImportPart, ImportState, ProfileState
from billing.models import BillFile, FormatProfile, Import, Invoice, InvoiceVersion, QuarantinedRow
from billing.months import earlier, next_month
from billing.queries.invoices import use_under_way
from members.models import Organisation, ProviderAccount, User
from members.permissions import mandated_branches, visible
from members.roles import May
from portal.clock import midnight
from portal.models import ClockTimestamp

MISSING = (Arrival.AWAITED, Arrival.REFUSED, Arrival.TO_CONFIRM)
"""Charges of which something is still to come."""
CYCLES = 3
CHARGE_KINDS = (FileKind.PACKAGE, FileKind.CHARGES, FileKind.SUMMARY)
USAGE_KINDS = (FileKind.PACKAGE, FileKind.USAGE)
TOLD = timedelta(days=92)
"""For how long a refused file that nothing replaces is told: the three cycles of the checklist."""


def awaited_files(user: User, organisation: Organisation, today: date) -> list[Any]:
    """The last three whole cycles of each account that ``user`` imports for; a query a cycle.

    Each is an account with its ``month``, ``charges``, ``usage`` and ``inventory``. A provider that
    no profile serves is awaited too: its invoices are typed.
    """
    held = ProviderAccount.objects.filter(branch__organisation=organisation)
    accounts = visible(user, May.IMPORT_BILLS, held).order_by("provider", "number")
    files = visible(user, May.IMPORT_BILLS, BillFile.objects.all())
    found = []
    for back in range(1, CYCLES + 1):
        month = earlier(today.replace(day=1), back)
        for account in standings(accounts, month, files):
            account.month = month  # type: ignore[attr-defined]
            if account.charges == Arrival.NONE and not account.asks_anything:  # type: ignore[attr-defined]
                account.charges = Arrival.AWAITED  # type: ignore[attr-defined]
            found.append(account)
    return found


def standings(
    accounts: QuerySet[ProviderAccount], month: date, files: QuerySet[BillFile]
) -> QuerySet[ProviderAccount]:
    """The accounts open in a month, with what their charges, use and inventory are.

    ``file_id`` is the file to decide on or to replace, where it is one of ``files``.
    """
    end = next_month(month)
    return (
        accounts.exclude(number="")
        .exclude(closed_on__lt=month)
        .exclude(opened_on__gte=end)
        .select_related("provider", "branch__organisation")
        .annotate(**_came(month, end), **_stopped(month, end, files), **_asked())
        .annotate(**_states())
    )


def still_awaited() -> Q:
    """The accounts of which a part is still to come."""
    return Q(charges__in=MISSING) | Q(usage=Arrival.AWAITED) | Q(inventory=Arrival.AWAITED)


def refused_still() -> QuerySet[Import]:
    """Imports refused lately that no later one replaces: the same file read again, or another of
    the same sender, provider, part and days; where its days are not known, none but the first.

    Nor those that a person, after the refusal, said were settled.
    """
    dated = Import.objects.alias(days=_days())
    replacing = (
        dated.alias(sender=Coalesce("branch", 0))
        .filter(
            Q(bill_file=OuterRef("bill_file"))
            | Q(
                sender=Coalesce(OuterRef("branch"), 0),
                provider=OuterRef("provider"),
                days__overlap=OuterRef("days"),
            ),
            part=OuterRef("part"),
            pk__gt=OuterRef("pk"),
        )
        .exclude(state=ImportState.REFUSED)
    )
    settled = Q(confirmed_at__gt=Coalesce("finished_at", "recorded_at"))
    return dated.filter(
        ~Exists(replacing), state=ImportState.REFUSED, recorded_at__gte=ClockTimestamp() - TOLD
    ).exclude(settled)


def _days() -> Coalesce:
    """The days that an import is of: of a package's use, those that its charges tell."""
    beside = Import.objects.filter(bill_file=OuterRef("bill_file"), period__isnull=False)
    return Coalesce("period", Subquery(beside.order_by("-pk").values("period")[:1]))


def _came(month: date, end: date) -> dict[str, Any]:
    """The invoice that is shown, how much of it there is, and the inventories read."""
    shown = Invoice.objects.filter(
        account=OuterRef("pk"), current__isnull=False, **_ends_within("period", month, end)
    ).order_by("-period")
    own, group = _inventories(month, end)
    return {
        "invoice_id": Subquery(shown.values("pk")[:1]),
        "detail": Coalesce(Subquery(shown.values("current__detail")[:1]), Value("")),
        "has_use": Exists(shown.filter(current__usage_import__isnull=False)),
        "awaits_use": Exists(shown.filter(use_under_way())),
        "has_inventory": Exists(own),
        "has_group_inventory": Exists(group),
    }


def _stopped(month: date, end: date, files: QuerySet[BillFile]) -> dict[str, Any]:
    """Charges that wait for a person, or whose file was refused, and that file."""
    waiting = InvoiceVersion.objects.filter(
        invoice__account=OuterRef("pk"),
        charge_import__state=ImportState.PREPARED,
        **_ends_within("invoice__period", month, end),
    )
    refused = _refused_charges(month, end)
    waiting_file = waiting.filter(charge_import__bill_file__in=files)
    refused_file = refused.filter(bill_file__in=files)
    return {
        "is_waiting": Exists(waiting),
        "is_refused": Exists(refused),
        "file_id": Coalesce(
            Subquery(waiting_file.values("charge_import__bill_file")[:1]),
            Subquery(refused_file.values("bill_file")[:1]),
        ),
    }


def _asked() -> dict[str, Exists]:
    """What the profiles in service ask for."""
    return {
        "asks_charges": Exists(_asking(CHARGE_KINDS)),
        "asks_usage": Exists(_asking(USAGE_KINDS)),
        "asks_inventory": Exists(_asking((FileKind.INVENTORY,))),
        "asks_anything": Exists(_asking(tuple(FileKind))),
    }


def _states() -> dict[str, Case]:
    """What each part is, by what came and what is asked for."""
    taken = Q(confirmed_at__isnull=False, branch__in=mandated_branches())  # by the group's
    return {
        "charges": Case(
            When(detail=Detail.NONE, then=Value(Arrival.TYPED)),
            When(~Q(detail=""), then=Value(Arrival.RECEIVED)),
            When(is_waiting=True, then=Value(Arrival.TO_CONFIRM)),
            When(is_refused=True, then=Value(Arrival.REFUSED)),
            When(asks_charges=True, then=Value(Arrival.AWAITED)),
            default=Value(Arrival.NONE),
        ),
        "usage": Case(
            When(has_use=True, then=Value(Arrival.RECEIVED)),
            When(asks_usage=True, detail=Detail.NONE, then=Value(Arrival.TYPED)),
            When(asks_usage=True, awaits_use=True, then=Value(Arrival.UNDER_WAY)),
            When(asks_usage=True, then=Value(Arrival.AWAITED)),
            default=Value(Arrival.NONE),
        ),
        "inventory": Case(
            When(has_inventory=True, then=Value(Arrival.RECEIVED)),
            When(taken, has_group_inventory=True, then=Value(Arrival.RECEIVED)),
            When(asks_inventory=True, then=Value(Arrival.AWAITED)),
            default=Value(Arrival.NONE),
        ),
    }


def _ends_within(period: str, month: date, end: date) -> dict[str, date]:
    """The period's last day is of the month."""
    return {f"{period}__endswith__gt": month, f"{period}__endswith__lte": end}


def _of_account() -> Q:
    """Files that may hold an account: its branch's, or its member's at the root."""
    root = Q(branch__is_root=True, branch__organisation=OuterRef("branch__organisation"))
    return Q(branch=OuterRef("branch")) | root


def _refused_charges(month: date, end: date) -> QuerySet[Import]:
    """Refused files that may hold the account's charges: told by their period, or by their day.

    A file that could not be read tells no period: it came during the month after its cycle.
    """
    untold = Q(
        period__isnull=True,
        recorded_at__gte=midnight(end),
        recorded_at__lt=midnight(next_month(end)),
    )
    return refused_still().filter(
        _of_account() | Q(branch__isnull=True),
        Q(**_ends_within("period", month, end)) | untold,
        provider=OuterRef("provider"),
        part=ImportPart.CHARGES,
    )


def _asking(kinds: tuple[FileKind, ...]) -> QuerySet[FormatProfile]:
    """The provider's profiles in service of these kinds that the checklist asks for."""
    return FormatProfile.objects.filter(
        provider=OuterRef("provider"),
        kind__in=kinds,
        is_expected=True,
        versions__state=ProfileState.ACTIVE,
    )


def _inventories(month: date, end: date) -> tuple[QuerySet[Import], QuerySet[Import]]:
    """Inventories read for the month or during it: the member's, and the group's that took it."""
    in_month = Q(
        period__isnull=True, recorded_at__gte=midnight(month), recorded_at__lt=midnight(end)
    )
    read = Import.objects.filter(
        Q(**_ends_within("period", month, end)) | in_month,
        provider=OuterRef("provider"),
        part=ImportPart.INVENTORY,
        state=ImportState.PUBLISHED,
    )
    apart = QuarantinedRow.objects.filter(
        bill_import=OuterRef("pk"), account=OuterRef(OuterRef("number"))
    )
    return read.filter(_of_account()), read.filter(~Exists(apart), branch__isnull=True)
