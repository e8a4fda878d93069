"""How a file's header differs from its profile: what is renamed, moved, added or absent."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from django.utils.translation import gettext as _

from billing.formats.definition import PartSpec, headers_of
from billing.formats.vocabulary import sources_of
from portal.tabular.values import fold

NEAR = 0.6


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference: the header of the file or of the profile, the nearest one of the other."""

    kind: Literal["renamed", "moved", "added", "absent"]
    header: str
    nearest: str | None = None
    is_required: bool = False


def drift(spec: PartSpec, names: Sequence[str]) -> list[Drift]:
    """Differences between a header and a part, in the order of the profile, then of the file.

    An absent column whose nearest header is unknown to the profile is also told as renamed.
    """
    expected = [(headers, required) for headers, required in _expected(spec) if headers]
    there = {fold(name): name for name in names if fold(name)}
    known = {fold(h) for headers, _required in expected for h in headers}
    known |= {fold(h) for h in spec.unread_columns}
    strange = {folded: name for folded, name in there.items() if folded not in known}
    found: list[Drift] = []
    for headers, required in expected:
        if there.keys() & set(map(fold, headers)):
            continue
        close = nearest(headers, list(strange.values()))
        found.append(Drift("absent", headers[0], close, required))
        if close:
            found.append(Drift("renamed", close, headers[0], required))
    found += _moved(spec, there)
    return found + [Drift("added", name, _nearest_known(name, spec)) for name in strange.values()]


def nearest(headers: Sequence[str], names: Sequence[str]) -> str | None:
    """The name that most looks like one of the headers, None where none does."""
    scored = [(likeness(header, name), name) for header in headers for name in names]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= NEAR else None


def likeness(one: str, other: str) -> float:
    """How alike two headers are, from 0 to 1, accents and case ignored."""
    return SequenceMatcher(None, fold(one), fold(other)).ratio()


def missing_column(found: Drift) -> str:
    """The sentence for an absent required column."""
    told = _("La colonne « %(header)s » manque.") % {"header": found.header}
    if found.nearest:
        told += " " + _(
            "« %(nearest)s » est peut-être son nouveau nom : ajoutez-le aux en-têtes acceptés "
            "dans une nouvelle version du profil."
        ) % {"nearest": found.nearest}
    else:
        told += " " + _(
            "Redemandez le fichier avec elle ; si elle a changé de nom, ajoutez-le aux en-têtes "
            "acceptés dans une nouvelle version du profil."
        )
    return told


def _expected(spec: PartSpec) -> list[tuple[tuple[str, ...], bool]]:
    columns = [(s.headers, c.required) for c in spec.columns for s in sources_of(c)]
    columns += [(wide.headers, wide.required) for wide in spec.wide]
    return columns + ([(spec.row_total, True)] if spec.row_total else [])


def _nearest_known(name: str, spec: PartSpec) -> str | None:
    return nearest([name], [header for headers in headers_of(spec) for header in headers])


def _moved(spec: PartSpec, there: dict[str, str]) -> list[Drift]:
    """Columns out of the profile's order, against those before them; order is never needed."""
    places = {folded: place for place, folded in enumerate(there)}
    last, found = -1, []
    for headers in headers_of(spec):
        folded = next((fold(h) for h in headers if fold(h) in there), None)
        if folded is None:
            continue
        if places[folded] < last:
            found.append(Drift("moved", there[folded]))
        last = max(last, places[folded])
    return found
