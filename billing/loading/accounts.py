"""Which accounts an import may take (R-44, X-18)."""

from billing.models import Import
from members.models import ProviderAccount
from members.permissions import mandated_branches


def accounts_for(bill_import: Import) -> dict[str, ProviderAccount]:
    """The accounts whose rows an import takes, by number.

    A member's own file: those of the branch and, at the root, of every subdivision. The group's:
    those that ITQ confirmed, of the branches whose member gave a mandate (R-44).
    """
    accounts = ProviderAccount.objects.filter(provider=bill_import.provider_id).exclude(number="")
    branch = bill_import.branch
    if branch is None:
        accounts = accounts.filter(confirmed_at__isnull=False, branch__in=mandated_branches())
    elif branch.is_root:
        accounts = accounts.filter(branch__organisation=branch.organisation_id)
    else:
        accounts = accounts.filter(branch=branch)
    return {account.number: account for account in accounts.select_related("branch")}
