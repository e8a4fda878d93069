"""What the group awaits of each provider, account and cycle, and what came (A06, A07)."""

from datetime import date

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from billing.kinds import Detail, FileKind, ImportPart, ImportState
from billing.models import FormatProfile, Import, Invoice
from billing.months import next_month
from billing.queries.invoices import use_under_way
from members.models import ProviderAccount, User
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay
from portal.clock import midnight

RECEIVED, TYPED, UNDER_WAY, AWAITED, NONE = "received", "typed", "under_way", "awaited", "none"
CHARGE_KINDS = (FileKind.PACKAGE, FileKind.CHARGES, FileKind.SUMMARY)
USAGE_KINDS = (FileKind.PACKAGE, FileKind.USAGE)


def expected_of_group(user: User, month: date) -> QuerySet[ProviderAccount]:
    """Every account billed in a month, with what its charges, use and inventory are.

    ``charges``, ``usage`` and ``inventory`` are received, typed, under way, awaited, or none where
    no profile in service asks for one. What an invoice holds is not read (R-44).
    """
    require(user, StaffMay.SEE_GROUP_BILLS, on=WHOLE_GROUP)
    end = next_month(month)
    shown = Invoice.objects.filter(
        account=OuterRef("pk"),
        current__isnull=False,
        period__endswith__gt=month,
        period__endswith__lte=end,
    ).order_by("-period")
    accounts = (
        ProviderAccount.objects.exclude(number="")
        .exclude(closed_on__lt=month)
        .exclude(opened_on__gte=end)
        .select_related("provider", "branch__organisation")
    )
    return accounts.annotate(
        detail=Coalesce(Subquery(shown.values("current__detail")[:1]), Value("")),
        has_use=Exists(shown.filter(current__usage_import__isnull=False)),
        awaits_use=Exists(shown.filter(use_under_way())),
        has_inventory=Exists(_inventories(month, end)),
        asks_charges=Exists(_asking(CHARGE_KINDS)),
        asks_usage=Exists(_asking(USAGE_KINDS)),
        asks_inventory=Exists(_asking((FileKind.INVENTORY,))),
    ).annotate(**_states())


def _states() -> dict[str, Case]:
    """What each part is, by what came and what is asked for."""
    return {
        "charges": Case(
            When(detail=Detail.NONE, then=Value(TYPED)),
            When(~Q(detail=""), then=Value(RECEIVED)),
            When(asks_charges=True, then=Value(AWAITED)),
            default=Value(NONE),
        ),
        "usage": Case(
            When(has_use=True, then=Value(RECEIVED)),
            When(asks_usage=True, awaits_use=True, then=Value(UNDER_WAY)),
            When(asks_usage=True, then=Value(AWAITED)),
            default=Value(NONE),
        ),
        "inventory": Case(
            When(has_inventory=True, then=Value(RECEIVED)),
            When(asks_inventory=True, then=Value(AWAITED)),
            default=Value(NONE),
        ),
    }


def still_awaited() -> Q:
    """The accounts of which a part is still to come."""
    return Q(charges=AWAITED) | Q(usage=AWAITED) | Q(inventory=AWAITED)


def _asking(kinds: tuple[FileKind, ...]) -> QuerySet[FormatProfile]:
    """The provider's profiles of these kinds that the checklist asks for."""
    return FormatProfile.objects.filter(
        provider=OuterRef("provider"), kind__in=kinds, is_expected=True
    )


def _inventories(month: date, end: date) -> QuerySet[Import]:
    """Inventories of the account's branch, or of the group, read for the month or during it."""
    of_month = Q(period__endswith__gt=month, period__endswith__lte=end)
    in_month = Q(
        period__isnull=True, recorded_at__gte=midnight(month), recorded_at__lt=midnight(end)
    )
    return Import.objects.filter(
        of_month | in_month,
        Q(branch=OuterRef("branch")) | Q(branch__isnull=True),
        provider=OuterRef("provider"),
        part=ImportPart.INVENTORY,
        state=ImportState.PUBLISHED,
    )
