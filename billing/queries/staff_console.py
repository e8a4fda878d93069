"""What the console's front page counts among bills."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.kinds import ImportState
from billing.models import BillFile, Import
from billing.queries.expected import refused_still
from billing.queries.inbox import awaiting_decision
from members.models import User
from members.permissions import WHOLE_GROUP, can, reach_of
from members.roles import May, StaffMay
from portal.inbox import Awaiting


def console_entries(user: User) -> list[Awaiting]:
    """What awaits ITQ here, then the acts that begin here; only what ``user`` may do."""
    entries = []
    if can(user, StaffMay.IMPORT_GROUP_BILLS, on=WHOLE_GROUP):
        reached = reach_of(user, May.IMPORT_BILLS) or []
        files = BillFile.objects.filter(Q(branch__isnull=True) | Q(branch__in=reached))
        listed = reverse("billing:staff_bill_file_list")
        entries += [
            Awaiting(
                _("Fichiers de facturation à confirmer"),
                f"{listed}?etat={ImportState.PREPARED}",
                files.filter(imports__in=Import.objects.filter(awaiting_decision())).distinct(),
            ),
            Awaiting(
                _("Fichiers de facturation refusés, à remplacer"),
                f"{listed}?etat={ImportState.REFUSED}",
                files.filter(imports__in=refused_still()).distinct(),
            ),
            Awaiting(
                _("Fichiers de facturation"),
                listed,
                note=_("Déposer les fichiers des prestataires, suivre leur lecture."),
            ),
        ]
    if can(user, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP):
        entries.append(
            Awaiting(
                _("Profils de fichiers"),
                reverse("billing:staff_profile_list"),
                note=_("Suivre un fichier qui change : nouvelle version, essai, mise en service."),
            )
        )
    return entries
