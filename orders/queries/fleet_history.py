"""What changed in a line, told from its consecutive versions (F-40)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import LineVersion

TOLD = {
    "status": gettext_lazy("État"),
    "number": gettext_lazy("Numéro"),
    "branch": gettext_lazy("Subdivision"),
    "holder": gettext_lazy("Détenteur"),
    "cost_centre": gettext_lazy("Centre de coûts"),
    "account": gettext_lazy("Compte"),
    "sim_kind": gettext_lazy("Carte"),
    "sim_number": gettext_lazy("Numéro de la carte"),
    "device_label": gettext_lazy("Appareil"),
    "imei": gettext_lazy("IMEI"),
    "plan_label": gettext_lazy("Forfait"),
    "is_flexible": gettext_lazy("Forfait flexible"),
    "subsidy_ends_on": gettext_lazy("Fin de la subvention"),
    "commitment_ends_on": gettext_lazy("Fin de l'engagement"),
}
"""The fields whose change is told, in this order."""


def history_entries(versions: Sequence[LineVersion]) -> list[dict[str, Any]]:
    """Timeline entries from versions already seen through the gate, the latest first.

    Between two versions that do not touch, the line was in a subdivision that the person does not
    see.
    """
    if not versions:
        return []
    entries = [_entry(new, _told(old, new)) for new, old in pairwise(versions)]
    first = versions[-1]
    return [*entries, _entry(first, _("Mise en service"))]


def _told(old: LineVersion, new: LineVersion) -> str:
    """« Détenteur : A → B ; … »."""
    if old.valid.upper != new.valid.lower:
        return _("Reçue d'une autre subdivision")
    changes = []
    for name, label in TOLD.items():
        before, after = _shown(old, name), _shown(new, name)
        if before != after:
            changes.append(f"{label} : {before} → {after}")
    return " ; ".join(changes) or _("Aucun changement")


def _shown(version: LineVersion, name: str) -> str:
    """A field in words."""
    value = getattr(version, name)
    if name in ("status", "sim_kind"):
        value = getattr(version, f"get_{name}_display")()
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    return str(value) if value not in (None, "") else "–"


def _entry(version: LineVersion, label: str) -> dict[str, Any]:
    order_line = version.order_line
    note = version.reason
    if order_line and order_line.order.number not in note:
        note = " · ".join(filter(None, [order_line.order.number, note]))
    return {
        "label": label,
        "on": version.valid.lower,
        "by": str(version.recorded_by.person or version.recorded_by),
        "note": note,
        "state": "current" if version.valid.upper is None else "done",
    }
