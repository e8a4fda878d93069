"""The life of an uploaded list: received, checked or refused, then published once (F-45)."""

from django.utils.translation import gettext_lazy as _

from catalogue import events
from members.roles import StaffMay
from portal.workflow import Transition

CHECK = Transition(
    name="check",
    label=_("Vérifier la liste"),
    sources=("received",),
    target="checked",
    permission=StaffMay.MANAGE_CATALOGUE,
    event=events.IMPORT_CHECKED,
)
REFUSE = Transition(
    name="refuse",
    label=_("Refuser la liste"),
    sources=("received",),
    target="refused",
    permission=StaffMay.MANAGE_CATALOGUE,
    event=events.IMPORT_REFUSED,
)
PUBLISH = Transition(
    name="publish",
    label=_("Publier la liste"),
    sources=("checked",),
    target="published",
    permission=StaffMay.MANAGE_CATALOGUE,
    event=events.IMPORT_PUBLISHED,
)
