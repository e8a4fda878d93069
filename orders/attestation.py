"""The professional-use attestation (R-12): its wording by version; the last one is asked now."""

from django.utils.translation import gettext_lazy as _

WORDINGS = {
    "2026-1": _(
        "J'atteste que les articles et services de cette commande servent uniquement à un usage "
        "professionnel, en lien avec les fonctions de leurs détenteurs."
    ),
}
CURRENT = max(WORDINGS)
