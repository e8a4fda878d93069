"""What rows mean: the category of a charge, amount columns that become rows, account-level rows."""

from collections.abc import Sequence
from functools import partial

import polars as pl

from billing.formats.canonical import TEXT, Category
from billing.formats.definition import CategoryRule, Meaning
from billing.formats.privacy import by_unique
from portal.tabular.values import fold

_BETWEEN = "\x1f"


def categories(meaning: Meaning, code: pl.Series, label: pl.Series) -> pl.Series:
    """The category of each charge: the first rule that fits, ``unclassified`` where none does."""
    pairs = code.fill_null("") + _BETWEEN + label.fill_null("")
    rules = [(rule, fold(rule.text)) for rule in meaning.rules]
    return by_unique(pairs, partial(_category, rules), TEXT)


def _category(rules: Sequence[tuple[CategoryRule, str]], pair: str) -> str:
    code, label = map(fold, pair.split(_BETWEEN, 1))
    for rule, text in rules:
        if _fits(rule, text, code if rule.field == "code" else label):
            return rule.category
    return Category.UNCLASSIFIED


def _fits(rule: CategoryRule, text: str, told: str) -> bool:
    match rule.match:
        case "is":
            return told == text
        case "starts":
            return told.startswith(text)
        case "contains":
            return text in told


def without_marks(marks: Sequence[str], number: pl.Series) -> pl.Series:
    """Numbers as they are, null where the text says that the row is the account's."""
    if not marks:
        return number
    known = {fold(mark) for mark in marks}
    return by_unique(number, lambda text: None if fold(text) in known else text, TEXT)
