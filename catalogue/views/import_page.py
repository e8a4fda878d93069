"""What a dry run's page says: the errors, or what the list changes, and what comes next (F-45)."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.models import CatalogueImport
from members.requests import SignedInRequest
from portal.templatetags.portal import day, instant

FAULTS_SHOWN = 100


def import_steps(current: int) -> list[dict[str, str]]:
    """Where one is: upload, check, publish."""
    labels = (_("Téléverser"), _("Vérifier"), _("Publier"))
    states = ["done"] * current + ["current"] + ["todo"] * len(labels)
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=False)]


def import_page(request: SignedInRequest, received: CatalogueImport) -> dict[str, Any]:
    """Everything that ``import_detail.html`` shows."""
    state = received.state
    published = state == CatalogueImport.State.PUBLISHED
    prefilled = urlencode(
        {"rank": received.rank_id, "effective_on": received.effective_on.isoformat()}
    )
    return {
        "received": received,
        "steps": import_steps(3 if published else 1),
        "is_open": state == CatalogueImport.State.CHECKED,
        "is_refused": state == CatalogueImport.State.REFUSED,
        "refusal": "",
        "facts": _facts(received),
        "fault_columns": _columns(_("Où"), _("Colonne"), _("Erreur")),
        "fault_page": Paginator(received.faults, FAULTS_SHOWN).get_page(request.GET.get("page")),
        "changed_columns": _columns(_("Article"), _("Valeur"), _("Avant"), _("Après")),
        "changed_rows": _changed(received),
        "pair_columns": _columns(_("Code"), _("Article")),
        "again_url": f"{reverse('catalogue:import_new')}?{prefilled}",
        "consequences": _consequences(received),
    }


def _facts(received: CatalogueImport) -> list[tuple[str, object]]:
    return [
        (_("Contrat"), str(received.rank)),
        (_("En vigueur le"), day(received.effective_on)),
        (_("Fichier"), received.file.name),
        (_("Articles lus"), str(received.row_count)),
        (_("Reçue"), instant(received.uploaded_at)),
        (_("Par"), str(received.uploaded_by.person or received.uploaded_by)),
    ]


def _columns(*labels: str) -> list[dict[str, str]]:
    return [{"label": label} for label in labels]


def _changed(received: CatalogueImport) -> list[list[str]]:
    """One row a value that differs, the article named on each."""
    return [
        [f"{one['name']} ({one['code']})", label, before, after]
        for one in received.differences.get("changed", [])
        for label, before, after in one["values"]
    ]


def _consequences(received: CatalogueImport) -> list[str]:
    """What publishing does, said before it is done."""
    return [
        _("Les membres voient la nouvelle liste à compter du %(day)s.")
        % {"day": received.effective_on.isoformat()},
        _("Les commandes déjà soumises gardent leurs prix."),
        _("Une version publiée ne se modifie pas : on en publie une autre."),
    ]
