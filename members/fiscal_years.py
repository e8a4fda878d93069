"""The end of a fiscal year, as a plan keeps it: month and day, ``MM-DD``."""

from datetime import date

ORDINARY_YEAR = 2023
"""A year without a 29 February: what it has, every year has."""

USUAL_ENDS = {
    "municipality": "12-31",
    "school": "06-30",
    "college": "06-30",
    "university": "04-30",
    "ministry": "03-31",
    "health": "03-31",
}
"""By kind of organisation: what a form proposes; the member's own plan says."""


def as_month_day(typed: str) -> str | None:
    """``12-31`` when it is a day of every year, otherwise None."""
    month, _mark, day = typed.strip().partition("-")
    if not (month.isdecimal() and day.isdecimal()):
        return None
    try:
        found = date(ORDINARY_YEAR, int(month), int(day))
    except ValueError:
        return None
    return f"{found:%m-%d}"
