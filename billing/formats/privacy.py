"""What leaves a private column: nothing, a mask, or the keyed hash of a called number."""

from array import array
from collections.abc import Callable
from hashlib import blake2b

import polars as pl

from billing.formats.canonical import INTEGER
from billing.formats.vocabulary import Column, Privacy

HASHED = "called_hash"
SHOWN = 4
BULLETS = "•••"


def is_private(column: Column) -> bool:
    """Whether the column's text is never shown, not even in a reject."""
    return column.field == HASHED or column.privacy != Privacy.KEEP


def protected(column: Column, value: pl.Series) -> pl.Series:
    """The values that may leave: all, their last four characters, or none."""
    if column.privacy == Privacy.DROP:
        return pl.Series(value.name, [None], dtype=value.dtype).new_from_index(0, len(value))
    if column.privacy == Privacy.MASK:
        return BULLETS + value.str.tail(SHOWN)
    return value


def called_hashes(key: bytes, text: pl.Series) -> pl.Series:
    """A keyed BLAKE2b of eight bytes, signed, for each text; each distinct text is hashed once."""
    keyed, distinct = blake2b(digest_size=8, key=key), text.drop_nulls().unique()
    digests = b"".join(_digest(keyed, word.strip()) for word in distinct)
    return text.replace_strict(
        distinct, pl.Series(array("q", digests), dtype=INTEGER), default=None, return_dtype=INTEGER
    )


def by_unique(series: pl.Series, make: Callable[[str], object], kind: pl.DataType) -> pl.Series:
    """``make`` applied to each distinct text of a block, then spread over its rows."""
    distinct = series.drop_nulls().unique()
    made = pl.Series([make(text) for text in distinct], dtype=kind)
    return series.replace_strict(distinct, made, default=None, return_dtype=kind)


def _digest(keyed: blake2b, text: str) -> bytes:
    digest = keyed.copy()
    digest.update(text.encode())
    return digest.digest()
