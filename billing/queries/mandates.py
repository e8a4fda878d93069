"""Reads over the mandates that a member gave ITQ over its bills (R-44)."""

from django.db.models import QuerySet

from members.models import BillingMandate, Organisation, User
from members.permissions import visible
from members.roles import May


def mandates_of(user: User, organisation: Organisation) -> QuerySet[BillingMandate]:
    """Every mandate of the branches whose interlocutor ``user`` is, the latest first."""
    rows = BillingMandate.objects.filter(branch__organisation=organisation)
    return (
        visible(user, May.GIVE_BILLING_MANDATE, rows)
        .select_related("branch", "given_by__person", "revoked_by__person")
        .order_by("-period", "-pk")
    )
