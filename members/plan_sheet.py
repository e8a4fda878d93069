"""The columns of a plan's file, and what a row must say by itself (F-10, F-45)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.powers import DerogationKind, LineFacts
from portal.tabular import SheetColumn, SheetSchema
from portal.tabular.values import Unreadable, day, fold, money, text, yes_no

KINDS = {
    "réseau": DerogationKind.NETWORK,
    "technologique": DerogationKind.TECHNOLOGICAL,
    "appareil à coût non nul": DerogationKind.NON_ZERO_COST,
}
"""The words of the « Genres » column; « appareil » alone is understood too."""

NO_CEILING = "sans plafond"
_WORDS = {fold(word): kind for word, kind in KINDS.items()} | {
    "appareil": DerogationKind.NON_ZERO_COST
}


def kinds(cell: str) -> tuple[str, ...]:
    """« réseau | technologique »: the kinds that a line covers, in the order of the three."""
    found = set()
    for word in cell.replace(",", "|").replace(";", "|").replace("/", "|").split("|"):
        kind = _WORDS.get(fold(word))
        if kind is None:
            raise Unreadable(
                _("« %(cell)s » n'est pas reconnu ; écrivez par exemple : réseau | technologique.")
                % {"cell": word.strip()[:40]}
            )
        found.add(kind)
    return tuple(kind.value for kind in DerogationKind if kind in found)


def ceiling(cell: str) -> Decimal | None:
    """An amount, or « sans plafond » said outright: an empty cell gives no power by silence."""
    if fold(cell) == NO_CEILING:
        return None
    amount = money(cell)
    assert isinstance(amount, Decimal)
    return amount


def email(cell: str) -> str:
    """An e-mail, in lower case."""
    name, mark, domain = cell.lower().partition("@")
    if not mark or not name or "." not in domain or " " in cell or len(cell) > 254:
        raise Unreadable(_("« %(cell)s » n'est pas un courriel.") % {"cell": cell[:40]})
    return cell.lower()


def coherent(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What contradicts itself in a row: (column, reason), all of it."""
    named = ("given_name", "family_name", "email")
    if any(row[name] for name in (*named, "function")):
        for name in named:
            if not row[name]:
                yield name, _("Un titulaire est indiqué : donnez son prénom, nom et courriel.")
    if row["last_day"] and row["last_day"] < row["since"]:
        yield "last_day", _("Le dernier jour précède le début.")


def facts_of(row: dict[str, Any]) -> LineFacts:
    """What a row says of its line."""
    names = ("clause", "post", "kinds", "since", "ceiling_amount", "last_day")
    more = ("beyond_fiscal_year", "needs_credit_certificate")
    return LineFacts(**{name: row[name] for name in (*names, *more)})


SCHEMA = SheetSchema(
    columns=(
        SheetColumn(
            "clause",
            gettext_lazy("Article"),
            text(30),
            ("article du plan", "clause"),
            required=True,
            example="4.2",
        ),
        SheetColumn(
            "post",
            gettext_lazy("Poste"),
            text(150),
            ("fonction deleguee", "post"),
            required=True,
            example="Directrice des finances",
        ),
        SheetColumn(
            "given_name",
            gettext_lazy("Prénom du titulaire"),
            text(100),
            ("prenom", "given name"),
            default="",
            example="Éloïse",
        ),
        SheetColumn(
            "family_name",
            gettext_lazy("Nom du titulaire"),
            text(100),
            ("nom", "family name"),
            default="",
            example="Gagnon",
        ),
        SheetColumn(
            "email",
            gettext_lazy("Courriel du titulaire"),
            email,
            ("courriel", "email"),
            default="",
            example="eloise.gagnon@exemple.test",
        ),
        SheetColumn(
            "function",
            gettext_lazy("Fonction du titulaire"),
            text(150),
            ("fonction", "function"),
            default="",
            example="Directrice",
        ),
        SheetColumn(
            "kinds",
            gettext_lazy("Genres"),
            kinds,
            ("genre", "kinds"),
            required=True,
            example="réseau | technologique",
        ),
        SheetColumn(
            "ceiling_amount",
            gettext_lazy("Plafond"),
            ceiling,
            ("plafond par demande", "ceiling"),
            required=True,
            example="25000,00",
        ),
        SheetColumn(
            "branch",
            gettext_lazy("Subdivision"),
            text(200),
            ("branch",),
            default="",
            example="",
        ),
        SheetColumn(
            "since",
            gettext_lazy("Début"),
            day,
            ("en vigueur depuis", "since"),
            required=True,
            example="2026-01-01",
        ),
        SheetColumn(
            "last_day",
            gettext_lazy("Dernier jour"),
            day,
            ("fin", "last day"),
            example="",
        ),
        SheetColumn(
            "beyond_fiscal_year",
            gettext_lazy("Au-delà de l'exercice"),
            yes_no,
            ("beyond fiscal year",),
            default=False,
            example="non",
        ),
        SheetColumn(
            "needs_credit_certificate",
            gettext_lazy("Certificat de crédits"),
            yes_no,
            ("credit certificate",),
            default=False,
            example="non",
        ),
    ),
    check=coherent,
)
"""The lines of a plan, as INTRL keeps them in a spreadsheet; an empty subdivision is the whole."""
