"""Numbers that name a line, its card and its device: read as typed, kept as digits, checked."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_NUMBER = re.compile(r"[2-9]\d{2}[2-9]\d{6}")
_ICCID = re.compile(r"89\d{16,20}")
_IMEI = re.compile(r"\d{15}")
_NOISE = re.compile(r"[\s().\-\u2010-\u2015/]")


def phone_number(text: str) -> str:
    """« 418 555-0142 » or « +1 (418) 555-0142 » → ``4185550142``.

    Raises ValidationError when it is not a ten-digit number of North America.
    """
    digits = _digits(text).removeprefix("+")
    if len(digits) == 11:
        digits = digits.removeprefix("1")
    if not _NUMBER.fullmatch(digits):
        raise ValidationError(
            _("« %(text)s » n'est pas un numéro à dix chiffres : écrivez-le comme 418 555-0142.")
            % {"text": text}
        )
    return digits


def shown_number(digits: str) -> str:
    """``4185550142`` → ``418 555-0142``, with a no-break space."""
    return f"{digits[:3]}\u00a0{digits[3:6]}-{digits[6:]}"


def imei(text: str) -> str:
    """An IMEI's fifteen digits, its last one checked (Luhn); nothing for nothing.

    Raises ValidationError.
    """
    digits = _digits(text)
    if digits and not (_IMEI.fullmatch(digits) and _luhn(digits)):
        raise ValidationError(
            _(
                "« %(text)s » n'est pas un IMEI : il compte quinze chiffres, dont le dernier est "
                "une clé de contrôle. Composez *#06# sur l'appareil pour le lire."
            )
            % {"text": text}
        )
    return digits


def card_number(text: str) -> str:
    """A card's ICCID, eighteen to twenty-two digits that begin with 89; nothing for nothing.

    Raises ValidationError.
    """
    digits = _digits(text)
    if digits and not _ICCID.fullmatch(digits):
        raise ValidationError(
            _(
                "« %(text)s » n'est pas un numéro de carte : il commence par 89 et compte de "
                "18 à 22 chiffres."
            )
            % {"text": text}
        )
    return digits


def written_day(text: str) -> date | None:
    """« 2026-11-22 » as a date; nothing for nothing. Raises ValidationError."""
    text = text.strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10] if text[10:].strip("0: T") == "" else text)
    except ValueError:
        raise ValidationError(
            _("« %(text)s » n'est pas une date : écrivez-la comme 2026-11-22.") % {"text": text}
        ) from None


def _digits(text: str) -> str:
    """What was typed, without spaces and punctuation."""
    return _NOISE.sub("", text)


def _luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        figure = int(character) * (2 if place % 2 else 1)
        total += figure - 9 if figure > 9 else figure
    return total % 10 == 0
