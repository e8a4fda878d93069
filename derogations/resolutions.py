"""The draft of a council's resolution, filled, to paste into the agenda (R-24)."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from derogations.declarations import kinds_text
from portal.templatetags.portal import long_day, money

if TYPE_CHECKING:
    from derogations.models import Version


def draft_resolution(version: "Version", kinds: list[str], need: str) -> str:
    """Plain text: the clerk changes what the council's own manner asks."""
    derogation = version.derogation
    told = {
        "member": derogation.branch.organisation.name,
        "number": derogation.number,
        "version": version.number,
        "kinds": kinds_text(kinds),
        "provider": derogation.provider.name,
        "contract": derogation.contract.title,
        "quantity": derogation.quantity,
        "amount": money(version.total_amount),
        "ends_on": long_day(derogation.ends_on),
        "need": need.strip(),
        "sha256": version.pdf_sha256,
    }
    return (
        _(
            "ATTENDU QUE %(member)s participe au regroupement d'achats de services cellulaires "
            "(contrat « %(contract)s ») ;\n\n"
            "ATTENDU la demande de dérogation %(number)s, version %(version)s (%(kinds)s), "
            "motivée ainsi : %(need)s ;\n\n"
            "ATTENDU QU'aucune ligne du plan de délégation n'atteint cette demande ;\n\n"
            "IL EST PROPOSÉ PAR ____________________, APPUYÉ PAR ____________________ "
            "ET RÉSOLU :\n\n"
            "D'AUTORISER la demande %(number)s, pour %(quantity)s unité(s) chez %(provider)s, "
            "jusqu'au %(ends_on)s, pour un engagement de %(amount)s ;\n\n"
            "QUE le document autorisé soit celui dont l'empreinte SHA-256 est %(sha256)s.\n\n"
            "Résolution no ____________________, adoptée le ____________________.\n"
        )
        % told
    )
