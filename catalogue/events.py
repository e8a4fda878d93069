"""The catalogue's audit codes with their French labels."""

from django.utils.translation import gettext_lazy as _

from portal.audit import Event

IMPORT_RECEIVED = Event("catalogue_import.received", _("Liste d'un prestataire reçue"))
IMPORT_CHECKED = Event("catalogue_import.checked", _("Liste d'un prestataire vérifiée"))
IMPORT_REFUSED = Event("catalogue_import.refused", _("Liste d'un prestataire refusée"))
IMPORT_PUBLISHED = Event("catalogue_import.published", _("Version du catalogue publiée"))
OFFER_REQUESTED = Event("offer_request.asked", _("Article manquant signalé"))
OFFER_REQUEST_ANSWERED = Event("offer_request.answered", _("Réponse à un article manquant"))
OFFER_ANSWER_READ = Event("offer_request.read", _("Réponse lue par la personne qui l'attendait"))
TAX_RATE_SET = Event("tax_rate.set", _("Taux de taxe fixé"))
