"""What is wrong with a definition: each fault with its JSON path and a French sentence."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from billing.formats.definition import parse_definition
from billing.formats.faults import Fault


def definition_faults(data: object) -> list[Fault]:
    """Every fault of the data, each with its JSON path and a French sentence; none: it is valid."""
    try:
        parse_definition(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        return [
            Fault(told["type"], _path(told["loc"]), _sentence(told["type"], told))
            for told in found
            if told["type"] != "too_short" or not _is_explained(told["loc"], found)
        ]
    return []


def _is_explained(loc: tuple[int | str, ...], found: Sequence[Any]) -> bool:
    """Whether a list is only too short because what is wrong within it does not count."""
    return any(loc == told["loc"][: len(loc)] and loc != told["loc"] for told in found)


_SENTENCES = {
    "missing": gettext_lazy("Il manque « %(name)s » : ajoutez-le."),
    "extra_forbidden": gettext_lazy("« %(name)s » n'est pas un mot du vocabulaire : retirez-le."),
    "literal_error": gettext_lazy("« %(input)s » n'est pas admis ; choisissez parmi %(expected)s."),
    "enum": gettext_lazy("« %(input)s » n'est pas admis ; choisissez parmi %(expected)s."),
    "union_tag_invalid": gettext_lazy(
        "« %(tag)s » n'est pas admis ; choisissez parmi %(expected_tags)s."
    ),
    "union_tag_not_found": gettext_lazy("Il manque « kind », qui dit de quel genre il s'agit."),
    "too_short": gettext_lazy("Il en faut au moins %(min_length)s."),
    "too_long": gettext_lazy("Il en faut au plus %(max_length)s."),
    "greater_than_equal": gettext_lazy("La valeur doit être d'au moins %(ge)s."),
    "less_than_equal": gettext_lazy("La valeur doit être d'au plus %(le)s."),
    "string_pattern_mismatch": gettext_lazy("« %(input)s » n'a pas la forme voulue (%(pattern)s)."),
    "value_error": gettext_lazy("À corriger : %(error)s."),
}


def _sentence(kind: str, told: Any) -> str:
    given = {"input": str(told["input"])[:60], "name": str(told["loc"][-1]) if told["loc"] else ""}
    pattern = str(_SENTENCES.get(kind) or _("« %(input)s » n'est pas une valeur de ce genre ici."))
    return pattern % {**given, **told.get("ctx", {})}


def _path(places: tuple[int | str, ...]) -> str:
    """``parts[0].columns[3].field``."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in places).lstrip(".")
