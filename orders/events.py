"""The orders' audit codes with their French labels."""

from django.utils.translation import gettext_lazy as _

from portal.audit import Event

ORDER_DRAFTED = Event("order.drafted", _("Brouillon de commande ouvert"))
ORDER_LINES_ADDED = Event("order.lines_added", _("Lignes ajoutées au brouillon"))
ORDER_LINE_CHANGED = Event("order.line_changed", _("Ligne de commande modifiée"))
ORDER_LINE_REMOVED = Event("order.line_removed", _("Ligne de commande retirée"))
ORDER_UPDATED = Event("order.updated", _("Brouillon mis à jour selon le catalogue"))
ORDER_SUBMITTED = Event("order.submitted", _("Commande soumise"))
ORDER_HELD = Event("order.held", _("Commande en attente de dérogation"))
ORDER_CONTINUED = Event("order.continued", _("Commande reprise, sa dérogation est signée"))
ORDER_BLOCKED = Event("order.blocked", _("Commande retenue, sa dérogation ne tient plus"))
ORDER_LEFT_WAITING = Event("order.left_waiting", _("Commande examinée de nouveau, elle attend"))
ORDER_REOPENED = Event("order.reopened", _("Commande remise en brouillon"))
ORDER_CANCELLED = Event("order.cancelled", _("Commande annulée"))
ORDER_SHEET_STORED = Event("order.sheet_stored", _("Bon de commande produit"))
DISPATCH_MODE_SET = Event("dispatch_mode.set", _("Mode de transmission fixé"))
DISPATCH_MODE_REPLACED = Event("dispatch_mode.replaced", _("Mode de transmission remplacé"))
DISPATCH_STARTED = Event("dispatch.started", _("Transmission commencée"))
DISPATCH_ABANDONED = Event("dispatch.abandoned", _("Transmission sans effet"))
DISPATCH_DOWNLOADED = Event("dispatch.downloaded", _("Bon de commande téléchargé"))
DISPATCH_LINK_ASKED = Event("dispatch.link_asked", _("Nouveau lien vers le bon demandé"))
DISPATCH_LINK_RENEWED = Event("dispatch.link_renewed", _("Lien vers le bon remplacé"))
ORDER_SENT = Event("order.sent", _("Commande transmise"))
ORDER_LEFT_UNCERTAIN = Event("order.left_uncertain", _("Transmission incertaine"))
ORDER_FOUND_SENT = Event("order.found_sent", _("Transmission confirmée par une personne"))
ORDER_FOUND_UNSENT = Event("order.found_unsent", _("Transmission à refaire"))
ORDER_ACKNOWLEDGED = Event("order.acknowledged", _("Commande confirmée par le prestataire"))
ORDER_RECEIVED = Event("order.received", _("Commande reçue"))
ORDER_CLOSED = Event("order.closed", _("Commande close"))
ORDER_CLOSED_REFUSED = Event(
    "order.closed_refused", _("Commande close, refusée en entier par le prestataire")
)
MILESTONE_RECORDED = Event("milestone.recorded", _("Jalon inscrit"))

# What lines rest on (D-12).
DEROGATION_ASKED = Event("derogation.asked", _("Dérogation demandée pour une ligne de commande"))
DEROGATION_CHOSEN = Event("derogation.chosen", _("Dérogation choisie pour une ligne de commande"))
RENEWAL_ASKED = Event("renewal.asked", _("Renouvellement d'une dérogation demandé"))
DRAW_MADE = Event("draw.made", _("Quantité prise sur une dérogation"))
DRAW_RELEASED = Event("draw.released", _("Quantité rendue à une dérogation"))

# The fleet: lines in service, holders, addresses, take-over.
LINE_OPENED = Event("line.opened", _("Ligne mise en service"))
LINE_CHANGED = Event("line.changed", _("Ligne modifiée"))
HOLDER_ADDED = Event("holder.added", _("Détenteur inscrit"))
HOLDER_CHANGED = Event("holder.changed", _("Détenteur modifié"))
HOLDER_RETIRED = Event("holder.retired", _("Détenteur retiré"))
HOLDER_RESTORED = Event("holder.restored", _("Détenteur remis en fonction"))
ADDRESS_ADDED = Event("address.added", _("Adresse de livraison inscrite"))
ADDRESS_RETIRED = Event("address.retired", _("Adresse de livraison retirée"))
ADDRESS_CONFIRMED = Event("address.confirmed", _("Adresse de livraison confirmée"))
FLEET_FILE_CHECKED = Event("fleet.file_checked", _("Fichier de parc vérifié"))
FLEET_FILE_REFUSED = Event("fleet.file_refused", _("Fichier de parc refusé"))
FLEET_TAKEN_OVER = Event("fleet.taken_over", _("Parc repris"))
