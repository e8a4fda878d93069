"""What the group awaits of each provider, account and cycle, and what came (A06, A07)."""

from datetime import date

from django.db.models import Q, QuerySet

from billing.models import BillFile
from billing.queries.expected import standings
from members.models import ProviderAccount, User
from members.permissions import WHOLE_GROUP, reach_of, require
from members.roles import May, StaffMay


def expected_of_group(user: User, month: date) -> QuerySet[ProviderAccount]:
    """Every account billed in a month, with what its charges, use and inventory are.

    What an invoice holds is not read, and only files that ``user`` may open are led to (R-44).
    """
    require(user, StaffMay.SEE_GROUP_BILLS, on=WHOLE_GROUP)
    reached = reach_of(user, May.IMPORT_BILLS) or []
    files = BillFile.objects.filter(Q(branch__isnull=True) | Q(branch__in=reached))
    return standings(ProviderAccount.objects.all(), month, files)
