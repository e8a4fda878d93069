"""Numbers that name a line, its card and its device: read as typed, kept as digits, checked.

The parsers are those of the sheets (``portal/tabular/values.py``), so that a form and a file read
alike; here what they refuse is a form's error.
"""

import re

from django.core.exceptions import ValidationError

from portal.tabular import values
from portal.tabular.values import Parser, Unreadable

_PUNCTUATION = re.compile(r"[\s().\-\u2010-\u2015+/]")
read_card_number = values.digits(18, 22)
"""A card's ICCID."""


def phone_number(text: str) -> str:
    """« 418 555-0142 » or « +1 (418) 555-0142 » → ``4185550142``. Raises ValidationError."""
    return _read(values.phone, text)


def shown_number(digits: str) -> str:
    """``4185550142`` → ``418 555-0142``, with a no-break space."""
    return f"{digits[:3]}\u00a0{digits[3:6]}-{digits[6:]}"


def searched(text: str) -> str:
    """What to search for: the digits alone when the text looks like a number as people write it."""
    bare = _PUNCTUATION.sub("", text)
    return bare if bare.isdecimal() else text


def imei(text: str) -> str:
    """An IMEI's fifteen digits, the last one checked; "" for "". Raises ValidationError."""
    return _read(values.imei, text) if text.strip() else ""


def card_number(text: str) -> str:
    """A card's ICCID, eighteen to twenty-two digits; "" for "". Raises ValidationError."""
    return _read(read_card_number, text) if text.strip() else ""


def _read(parse: Parser, text: str) -> str:
    """What a sheet's parser reads; what it refuses becomes an error of a form."""
    try:
        return str(parse(text.strip()))
    except Unreadable as error:
        raise ValidationError(str(error)) from error
