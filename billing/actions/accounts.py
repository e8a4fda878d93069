"""What becomes of the accounts of the group's file that no member, or no mandate, has (R-44)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from billing.actions.discarding import discard_versions
from billing.loading.accounts import accounts_for
from billing.loading.reading import Loaded
from billing.models import Import, InvoiceVersion, QuarantinedRow
from members.models import ProviderAccount


def quarantine_accounts(bill_import: Import, loaded: Loaded) -> int:
    """Tell the accounts of the group's file that were set aside, and why; the rows counted.

    One row a part and account: it is mended by an account or a mandate, not line by line.
    """
    numbers = {account for _part, account in loaded.apart}
    recorded = ProviderAccount.objects.filter(provider=bill_import.provider_id, number__in=numbers)
    confirmed = dict(recorded.values_list("number", "confirmed_at"))
    QuarantinedRow.objects.bulk_create(
        QuarantinedRow(
            bill_import=bill_import,
            part_code=part,
            line=line,
            column=_("compte"),
            account=account,
            reason=_why_apart(account, confirmed, count),
        )
        for (part, account), (count, line) in sorted(loaded.apart.items())
    )
    return sum(count for count, _line in loaded.apart.values())


def leave_out_withdrawn(bill_import: Import) -> None:
    """Of the group's file, what a member's mandate no longer covers is not shown (R-44).

    The account is told beside those that were set aside as the file was read.
    """
    if bill_import.branch_id is not None:
        return
    versions = InvoiceVersion.objects.filter(charge_import=bill_import).exclude(
        invoice__account__in=[account.pk for account in accounts_for(bill_import).values()]
    )
    told = versions.values_list(
        "invoice__account__number", "invoice__account__confirmed_at", "charge_count"
    )
    QuarantinedRow.objects.bulk_create(
        QuarantinedRow(
            bill_import=bill_import,
            line=1,
            column=_("compte"),
            account=number,
            reason=_why_apart(number, {number: confirmed_at}, count),
        )
        for number, confirmed_at, count in told
    )
    discard_versions(versions)


def _why_apart(account: str, confirmed: Mapping[str, object], count: int) -> str:
    """What to mend so that the file, read again, takes the account."""
    told = {"account": account, "count": count}
    if account not in confirmed:
        return (
            _(
                "Aucun organisme n'a inscrit le compte %(account)s : %(count)s rang(s) mis de "
                "côté. Faites-le inscrire par l'interlocuteur, confirmez-le,"
                " puis relisez le fichier."
            )
            % told
        )
    if confirmed[account] is None:
        return (
            _(
                "Le compte %(account)s est inscrit, mais ITQ ne l'a pas confirmé : %(count)s "
                "rang(s) mis de côté. Confirmez-le, puis relisez le fichier."
            )
            % told
        )
    return (
        _(
            "L'organisme du compte %(account)s n'a pas donné à ITQ de mandat de facturation : "
            "%(count)s rang(s) mis de côté. Une fois le mandat donné, relisez le fichier."
        )
        % told
    )
