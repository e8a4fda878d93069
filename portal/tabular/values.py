"""One cell's text to a typed value; each parser refuses with a French reason that says how to mend.

A parser takes a trimmed text that is not empty and raises Unreadable.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

Parser = Callable[[str], object]
_SPACES = re.compile(r"\s+")
_NOT_WORDS = re.compile(r"[^a-z0-9]+")
_SCIENTIFIC = re.compile(r"-?[0-9]+([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_GROUPED = re.compile(r"-?[0-9]{1,3}([.,' ][0-9]{3})+")
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
_PHONE = re.compile(r"[2-9][0-9]{2}[2-9][0-9]{6}")
_YES = {"oui", "o", "yes", "y", "vrai", "true", "1", "x"}
_NO = {"non", "n", "no", "faux", "false", "0"}
IMEI_DIGITS = 15
LARGEST = Decimal(999999999999)


class Unreadable(ValueError):
    """The cell is not a value of its column; the message is the reason shown to the person."""


def fold(text: str) -> str:
    """Words of ``text`` without accents, case nor punctuation: how headers are matched."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_WORDS.sub(" ", bare).strip()


def text(max_length: int = 200) -> Callable[[str], str]:
    """A text of at most ``max_length`` characters, on one line."""

    def parse(cell: str) -> str:
        value = _SPACES.sub(" ", cell)
        if len(value) > max_length:
            raise Unreadable(
                _("Le texte a %(length)s caractères ; la limite est de %(limit)s.")
                % {"length": len(value), "limit": max_length}
            )
        if not value.isprintable():
            raise Unreadable(_("Le texte contient un caractère de commande : retapez-le."))
        return value

    return parse


def choice(codes: Mapping[str, str]) -> Callable[[str], str]:
    """One of the words of ``codes`` (word → code), accents and case ignored."""
    known = {fold(word): code for word, code in codes.items()}
    first: dict[str, str] = {}
    for word, code in codes.items():
        first.setdefault(code, word)
    shown = ", ".join(f"«\u00a0{word}\u00a0»" for word in first.values())

    def parse(cell: str) -> str:
        try:
            return known[fold(cell)]
        except KeyError:
            raise Unreadable(
                _("« %(cell)s » n'est pas reconnu ; écrivez %(words)s.")
                % {"cell": cell[:40], "words": shown}
            ) from None

    return parse


def decimal(
    places: int = 2, *, negative: bool = False, maximum: Decimal = LARGEST
) -> Callable[[str], Decimal]:
    """A number with a comma or a dot, spaces between thousands, and at most ``places`` decimals."""

    def parse(cell: str) -> Decimal:
        value = _decimal(cell)
        if value < 0 and not negative:
            raise Unreadable(_("Un nombre négatif n'est pas accepté ici."))
        if abs(value) > maximum:
            raise Unreadable(
                _("Le nombre est trop grand (limite : %(limit)s).") % {"limit": maximum}
            )
        if -int(value.as_tuple().exponent) > places:
            raise Unreadable(
                _("« %(cell)s » a plus de %(places)s décimales ; écrivez par exemple %(example)s.")
                % {"cell": cell[:40], "places": places, "example": "1234,5" if places else "1234"}
            )
        return value.quantize(Decimal(1).scaleb(-places))

    return parse


money = decimal(2, maximum=Decimal("99999999.99"))
"""An amount before taxes: « 1 234,56 $ », « 1234.56 », « 0 »; never negative; a Decimal."""


def integer(minimum: int = 0, maximum: int = 1_000_000) -> Callable[[str], int]:
    """A whole number between two bounds."""

    def parse(cell: str) -> int:
        value = _decimal(cell)
        if value != value.to_integral_value() or not minimum <= value <= maximum:
            raise Unreadable(
                _("« %(cell)s » n'est pas un nombre entier de %(minimum)s à %(maximum)s.")
                % {"cell": cell[:40], "minimum": minimum, "maximum": maximum}
            )
        return int(value)

    return parse


def day(cell: str) -> date:
    """A date written 2026-11-22 (or 2026/11/22); other orders are ambiguous and refused."""
    match = _DAY.fullmatch(cell)
    try:
        return date(*(int(part) for part in match.groups())) if match else _not_a_day(cell)
    except ValueError:
        return _not_a_day(cell)


def yes_no(cell: str) -> bool:
    """« oui » or « non », and the usual shorthands."""
    word = fold(cell)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable(_("« %(cell)s » n'est ni « oui » ni « non ».") % {"cell": cell[:40]})


def phone(cell: str) -> str:
    """A Canadian number of ten digits, as ten digits: « (418) 555-0142 » → « 4185550142 »."""
    number = _digits(cell, r"[\s().+\-]")
    if len(number) == 11 and number.startswith("1"):
        number = number[1:]
    if not _PHONE.fullmatch(number):
        raise Unreadable(
            _("« %(cell)s » n'est pas un numéro de téléphone de dix chiffres, comme 418 555-0142.")
            % {"cell": cell[:40]}
        )
    return number


def imei(cell: str) -> str:
    """A device's IMEI: fifteen digits whose last one is Luhn's check digit."""
    number = _digits(cell, r"[\s.\-/]")
    if len(number) != IMEI_DIGITS or not number.isascii() or not number.isdecimal():
        raise Unreadable(
            _("« %(cell)s » n'est pas un IMEI de quinze chiffres.") % {"cell": cell[:40]}
        )
    if not _luhn(number):
        raise Unreadable(
            _("L'IMEI « %(cell)s » est mal transcrit : son dernier chiffre ne concorde pas.")
            % {"cell": cell[:40]}
        )
    return number


def digits(minimum: int, maximum: int) -> Callable[[str], str]:
    """An identifier of ``minimum`` to ``maximum`` digits, such as a SIM's ICCID or an account."""

    def parse(cell: str) -> str:
        number = _digits(cell, r"[\s.\-]")
        if not (number.isascii() and number.isdecimal() and minimum <= len(number) <= maximum):
            raise Unreadable(
                _("« %(cell)s » n'a pas de %(minimum)s à %(maximum)s chiffres.")
                % {"cell": cell[:40], "minimum": minimum, "maximum": maximum}
            )
        return number

    return parse


def _decimal(cell: str) -> Decimal:
    """The number in any of the usual hands: NBSP, $, comma, dot, grouped thousands."""
    bare = cell.replace("\u2212", "-").replace("$", "").replace("\u2019", "'").strip()
    bare = _SPACES.sub(" ", bare)
    if "," in bare and "." in bare:
        thousands, mark = (",", ".") if bare.rindex(",") < bare.rindex(".") else (".", ",")
        whole, _mark, rest = bare.rpartition(mark)
        if _GROUPED.fullmatch(whole):
            bare = whole.replace(thousands, "") + "." + rest
    else:
        whole, mark, rest = bare.partition(",") if "," in bare else bare.partition(".")
        if _GROUPED.fullmatch(whole):
            whole = whole.replace(" ", "").replace("'", "")
        bare = f"{whole}.{rest}" if mark else whole
    if not _PLAIN.fullmatch(bare):
        raise Unreadable(
            _("« %(cell)s » n'est pas un nombre ; écrivez par exemple 1234,56.")
            % {"cell": cell[:40]}
        )
    return Decimal(bare)


def _digits(cell: str, separators: str) -> str:
    """The digits without separators; what a spreadsheet rounded is refused."""
    if _SCIENTIFIC.fullmatch(cell):
        raise Unreadable(
            _(
                "« %(cell)s » est arrondi par le tableur : mettez la colonne au format Texte et "
                "reprenez le numéro à sa source."
            )
            % {"cell": cell[:40]}
        )
    return re.sub(separators, "", cell)


def _luhn(number: str) -> bool:
    """Luhn's sum of ``number`` is a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _not_a_day(cell: str) -> date:
    raise Unreadable(
        _("« %(cell)s » n'est pas une date ; écrivez-la ainsi : 2026-11-22.") % {"cell": cell[:40]}
    )
