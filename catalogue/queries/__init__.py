"""The catalogue's reads, each through the gate, one aggregate a file."""

from catalogue.queries.inbox import inbox_items
from catalogue.queries.lists import current_version, offers_on, open_ranks, rank_on
from catalogue.queries.offers import hidden_ranks, offers_for, ranks_for
from catalogue.queries.taxes import tax_rates

__all__ = [
    "current_version",
    "hidden_ranks",
    "inbox_items",
    "offers_for",
    "offers_on",
    "open_ranks",
    "rank_on",
    "ranks_for",
    "tax_rates",
]
