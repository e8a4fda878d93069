"""Reads over what a member holds: contracts joined, accounts, accesses, cost centres."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from members.models import (
    AccountManager,
    Branch,
    Contract,
    CostCentre,
    Membership,
    Organisation,
    Person,
    Provider,
    ProviderAccess,
    ProviderAccount,
    User,
)
from members.permissions import visible
from members.queries.people import people_of
from members.roles import May
from portal.clock import today


def memberships_of(user: User, organisation: Organisation) -> QuerySet[Membership]:
    """A member's agreements, newest first."""
    rows = visible(user, May.SEE_MEMBER, Membership.objects.all())
    return (
        rows.filter(organisation=organisation)
        .select_related("contract", "agreement", "authorisation_file", "organisation")
        .order_by("-filed_at", "pk")
    )


def memberships_to_settle(user: User) -> QuerySet[Membership]:
    """What awaits ITQ: agreements to confirm, authorisations filed (R-03)."""
    rows = visible(user, May.CONFIRM_MEMBERSHIP, Membership.objects.all())
    waiting = rows.filter(confirmed_at__isnull=True) | rows.filter(
        authorisation__in=(Membership.Authorisation.REQUIRED, Membership.Authorisation.FILED)
    )
    return waiting.select_related(
        "organisation", "contract", "agreement", "authorisation_file"
    ).order_by("filed_at", "pk")


def contracts_open(organisation: Organisation) -> QuerySet[Contract]:
    """Contracts that run today and that a member has not joined yet."""
    day = today()
    return (
        Contract.objects.filter(valid__contains=day)
        .exclude(memberships__organisation=organisation)
        .order_by("title", "pk")
    )


def accounts_held(user: User, organisation: Organisation) -> QuerySet[ProviderAccount]:
    """A member's billing accounts at providers, whatever their dates."""
    rows = visible(user, May.SEE_MEMBER, ProviderAccount.objects.all())
    return rows.filter(branch__organisation=organisation).select_related("branch", "provider")


def open_accounts(branch: Branch, provider: Provider) -> list[ProviderAccount]:
    """The accounts of a branch's member that are open today at a provider.

    Asked about a branch already held, so that no gate stands here.
    """
    day = today()
    rows = ProviderAccount.objects.filter(
        Q(closed_on__isnull=True) | Q(closed_on__gt=day),
        branch__organisation=branch.organisation_id,
        provider=provider,
        opened_on__lte=day,
    )
    return list(rows.exclude(number="").select_related("provider"))


def usual_account(accounts: Iterable[ProviderAccount], branch: Branch) -> ProviderAccount | None:
    """The account that pays for a branch's lines: its own, where it has only one."""
    own = [account for account in accounts if account.branch_id == branch.pk]
    return own[0] if len(own) == 1 else None


def accounts_to_confirm(user: User) -> QuerySet[ProviderAccount]:
    """Numbers recorded by an INTRL that ITQ has not confirmed (D-05)."""
    rows = visible(user, May.CONFIRM_ACCOUNT, ProviderAccount.objects.all())
    return (
        rows.filter(confirmed_at__isnull=True, closed_on__isnull=True)
        .exclude(number="")
        .select_related("branch__organisation", "provider")
        .order_by("recorded_at", "pk")
    )


def account_managers(user: User, organisation: Organisation) -> QuerySet[AccountManager]:
    """The account managers of today (R-06)."""
    rows = visible(user, May.SEE_MEMBER, AccountManager.objects.in_force())
    return (
        rows.filter(branch__organisation=organisation)
        .select_related("branch", "provider")
        .order_by("branch_id", "provider_id")
    )


def accesses_of(user: User, organisation: Organisation) -> QuerySet[ProviderAccess]:
    """INTRL sees the whole register, RCELL their own rows (R-06)."""
    rows = ProviderAccess.objects.filter(branch__organisation=organisation)
    whole = visible(user, May.KEEP_ACCESSES, rows)
    own = visible(user, May.KEEP_OWN_ACCESS, rows).filter(person=user.person_id)
    both = rows.filter(Q(pk__in=whole.values("pk")) | Q(pk__in=own.values("pk")))
    return both.select_related("branch__organisation", "provider", "person")


def access_branches(user: User, organisation: Organisation) -> QuerySet[Branch]:
    """The branches whose register ``user`` keeps, whole or for their own rows (R-06)."""
    rows = organisation.branches.all()
    whole = visible(user, May.KEEP_ACCESSES, rows)
    own = visible(user, May.KEEP_OWN_ACCESS, rows)
    return rows.filter(Q(pk__in=whole.values("pk")) | Q(pk__in=own.values("pk")))


def holders_for_access(user: User, organisation: Organisation) -> QuerySet[Person]:
    """Whose access ``user`` may record: everyone's for INTRL, their own for RCELL (R-06)."""
    people = people_of(user, organisation)
    if visible(user, May.KEEP_ACCESSES, organisation.branches.all()).exists():
        return people
    return people.filter(accounts=user)


def accesses_to_revoke(user: User) -> QuerySet[ProviderAccess]:
    """Accesses whose revocation is opened and not dated, for those who keep the register."""
    rows = visible(user, May.KEEP_ACCESSES, ProviderAccess.objects.all())
    day = today()
    return (
        rows.filter(revocation_asked_on__lte=day, revoked_on__isnull=True)
        .select_related("branch__organisation", "provider", "person")
        .order_by("revocation_asked_on", "pk")
    )


def cost_centres_of(user: User, organisation: Organisation) -> QuerySet[CostCentre]:
    """A member's cost centres, those retired included."""
    rows = visible(user, May.SEE_MEMBER, CostCentre.objects.all())
    return rows.filter(branch__organisation=organisation).select_related("branch__organisation")


def providers() -> QuerySet[Provider]:
    """Every provider; a public fact of the group."""
    return Provider.objects.all()
