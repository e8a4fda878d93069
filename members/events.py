"""The members' audit codes with their French labels."""

from django.utils.translation import gettext_lazy as _

from portal.audit import Event

STAFF_APPOINTED = Event("staff.appointed", _("Personnel d'ITQ nommé"))
RESPONDENT_DESIGNATED = Event("respondent.designated", _("Répondant désigné"))
RESPONDENT_CONFIRMED = Event("respondent.confirmed", _("Désignation confirmée"))
RESPONDENT_ENDED = Event("respondent.ended", _("Fin de rôle"))
INTERLOCUTOR_HANDED_OVER = Event("interlocutor.handed_over", _("Interlocuteur remplacé"))
