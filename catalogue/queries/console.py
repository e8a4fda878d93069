"""What the console's front page counts in the catalogue."""

from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.models import CatalogueImport, OfferRequest
from members.models import User
from members.permissions import WHOLE_GROUP, can
from members.roles import StaffMay
from portal.inbox import Awaiting


def console_entries(user: User) -> list[Awaiting]:
    """What awaits ITQ here, then the acts that begin here; only what ``user`` may do."""
    entries = []
    if can(user, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP):
        asked = OfferRequest.objects.filter(answered_at__isnull=True)
        entries.append(
            Awaiting(
                _("Articles demandés, sans réponse"),
                reverse("catalogue:request_queue"),
                asked,
            )
        )
    if can(user, StaffMay.MANAGE_CATALOGUE, on=WHOLE_GROUP):
        checked = CatalogueImport.objects.filter(state=CatalogueImport.State.CHECKED)
        entries += [
            Awaiting(_("Listes vérifiées, à publier"), reverse("catalogue:import_list"), checked),
            Awaiting(
                _("Listes des prestataires"),
                reverse("catalogue:version_list"),
                note=_("Importer une liste, la vérifier, la publier."),
            ),
        ]
    if can(user, StaffMay.MANAGE_CONTRACTS, on=WHOLE_GROUP):
        entries.append(
            Awaiting(
                _("Paramètres"),
                reverse("catalogue:parameter_list"),
                note=_("Organisme administrateur, prestataires, contrats, autorisation, taxes."),
            )
        )
    return entries
