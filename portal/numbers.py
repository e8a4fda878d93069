"""Readable numbers, such as ``C-2026-00042``: one series per letter and year, no duplicate ever."""

from django.db import connection

from portal.clock import today

_NEXT = """
INSERT INTO portal_numberseries (prefix, year, last) VALUES (%s, %s, 1)
ON CONFLICT (prefix, year) DO UPDATE SET last = portal_numberseries.last + 1
RETURNING last
"""


def next_number(prefix: str) -> str:
    """Take the next number of ``prefix`` this year; two callers at once wait for each other."""
    year = today().year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [prefix, year])
        last = cursor.fetchone()[0]
    return f"{prefix}-{year}-{last:05}"
