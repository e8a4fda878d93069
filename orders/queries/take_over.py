"""What the portal knows before a take-over, read in a few queries whatever the file's size."""

from collections.abc import Sequence
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q

from catalogue.models import Offer
from members.models import Branch, CostCentre, Provider, ProviderAccount
from orders.kinds import LineStatus
from orders.models import Holder, LineVersion
from orders.take_over import HolderKey, Known
from portal.tabular import SheetRow
from portal.tabular.values import fold


def known_before(
    rows: Sequence[SheetRow], *, branch: Branch, provider: Provider, starts_on: date
) -> Known:
    """Everything that the rows are judged against; asked about a branch already held."""
    centres = CostCentre.objects.filter(branch=branch)
    return Known(
        accounts=_accounts(branch, provider),
        busy=_busy(_values(rows, "number"), starts_on),
        centres={centre.code: centre.pk for centre in centres},
        retired_centres=frozenset(centre.code for centre in centres if not centre.is_active),
        holders=_holders(branch),
        plans=_offers(provider, Offer.Kind.PLAN, _values(rows, "plan")),
        devices=_offers(provider, Offer.Kind.DEVICE, _values(rows, "device")),
    )


def _values(rows: Sequence[SheetRow], name: str) -> set[str]:
    """What a column says, where it could be read."""
    return {row.values[name] for row in rows if row.values.get(name)}


def _accounts(branch: Branch, provider: Provider) -> dict[str, int]:
    """The member's accounts at the provider, closed ones apart."""
    accounts = ProviderAccount.objects.filter(
        branch__organisation=branch.organisation_id, provider=provider, closed_on__isnull=True
    ).exclude(number="")
    return dict(accounts.values_list("number", "pk"))


def _busy(numbers: set[str], starts_on: date) -> frozenset[str]:
    """Those that a line has on the day, or later, whoever's line it is."""
    versions = LineVersion.objects.filter(
        number__in=list(numbers), valid__overlap=DateRange(starts_on, None)
    )
    return frozenset(versions.exclude(status=LineStatus.CANCELLED).values_list("number", flat=True))


def _holders(branch: Branch) -> dict[HolderKey, int]:
    """The branch's holders in function by employee number, the others by name."""
    known: dict[HolderKey, int] = {}
    for holder in Holder.objects.filter(branch=branch, is_active=True).order_by("-pk"):
        number = holder.employee_number
        known[(number, "") if number else ("", fold(holder.name))] = holder.pk
    return known


def _offers(provider: Provider, kind: str, words: set[str]) -> dict[str, tuple[int, str, bool]]:
    """The provider's latest offers whose code or name is one of ``words``."""
    offers = (
        Offer.objects.filter(Q(code__in=words) | Q(name__in=words))
        .filter(version__rank__provider=provider, kind=kind)
        .order_by("version__effective_on", "version__number", "pk")
    )
    known = {}
    for offer in offers:
        fact = (offer.pk, offer.name, offer.is_flexible)
        known[offer.code] = fact
        known[offer.name] = fact
    return known
