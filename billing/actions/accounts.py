"""What becomes of the accounts of the group's file that no member, or no mandate, has (R-44)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from billing.loading.reading import Loaded
from billing.models import Import, QuarantinedRow
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
