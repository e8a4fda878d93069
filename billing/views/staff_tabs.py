"""The tabs of ITQ's pages over bills, those that the person may open."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.permissions import WHOLE_GROUP, can
from members.requests import SignedInRequest
from members.roles import StaffMay

TABS = (
    (StaffMay.IMPORT_GROUP_BILLS, _("Fichiers reçus"), "billing:staff_bill_file_list"),
    (StaffMay.SEE_GROUP_BILLS, _("Fichiers attendus"), "billing:staff_expected_list"),
    (StaffMay.MANAGE_FORMATS, _("Profils de fichiers"), "billing:staff_profile_list"),
)


def staff_tabs(request: SignedInRequest) -> list[dict[str, Any]]:
    """Each tab with its address; the one whose page this is is current."""
    urls = [(may, label, reverse(name)) for may, label, name in TABS]
    return [
        {"label": label, "url": url, "current": url == request.path}
        for may, label, url in urls
        if can(request.user, may, on=WHOLE_GROUP)
    ]
