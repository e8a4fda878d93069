"""What a version left its controls nothing to compare with, and why (billing.md §4)."""

from collections.abc import Collection, Sequence
from datetime import date

from django.utils.translation import gettext as _

from billing.rules import COUNTS, SUMS


def not_compared(
    *,
    start: date,
    others: Sequence[tuple[date, date]],
    stated: Collection[str],
    said: Collection[str],
    is_typed: bool,
) -> dict[str, str]:
    """Rule → why it had nothing to compare, in the terms of ``billing.rules``.

    ``start``: the period's first day; ``others``: ``[start, end)`` of the account's invoices that
    are shown; ``stated``: the provider's totals; ``said``: the other fields that it fills.
    """
    unsaid = (
        _("la facture saisie ne le dit pas")
        if is_typed
        else _("le fichier du prestataire ne le dit pas")
    )
    ends = [end for _start, end in others if end <= start]
    first, hole = _("aucun mois précédent"), _("le mois précédent manque")
    tries = (
        ("A03", not set(COUNTS) & set(stated), unsaid),
        ("A04", not set(SUMS) & set(stated), unsaid),
        ("A07", "issued_on" not in said, unsaid),
        ("A08", "invoice_number" not in said, unsaid),
        ("A08", not others, _("aucune autre facture de ce compte")),
        ("A09", not ends, first),
        ("A10", "previous_balance_amount" not in said, unsaid),
        ("A10", not ends, first),
        ("A10", max(ends, default=start) != start, hole),
    )
    reasons: dict[str, str] = {}
    for rule, is_without, why in tries:
        if is_without:
            reasons.setdefault(rule, why)
    return reasons
