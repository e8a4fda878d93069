"""The bills' audit codes with their French labels."""

from django.utils.translation import gettext_lazy as _

from portal.audit import Event

# Format profiles.
PROFILE_RECORDED = Event("profile_version.recorded", _("Version de profil préparée"))
PROFILE_CHANGED = Event("profile_version.changed", _("Définition d'un profil modifiée"))
PROFILE_EXPECTED = Event("format_profile.expectation_set", _("Fichier attendu à chaque cycle"))
PROFILE_TESTED = Event("profile_version.tested", _("Version de profil essayée"))
PROFILE_ACTIVATED = Event("profile_version.activated", _("Version de profil mise en service"))
PROFILE_RETIRED = Event("profile_version.retired", _("Version de profil retirée"))

# A file and its imports.
FILE_RECEIVED = Event("bill_file.received", _("Fichier de facturation reçu"))
FILE_SETTLED = Event("bill_file.settled", _("Fichier de facturation refusé, tenu pour réglé"))
IMPORT_REPLAYED = Event("bill_import.replayed", _("Fichier de facturation relu"))
IMPORT_READ = Event("bill_import.read", _("Fichier de facturation lu, factures préparées"))
IMPORT_BEGUN = Event("bill_import.begun", _("Lecture d'un fichier de facturation commencée"))
IMPORT_PREPARED = Event("bill_import.prepared", _("Fichier de facturation prêt, à confirmer"))
IMPORT_CONFIRMED = Event("bill_import.confirmed", _("Fichier de facturation confirmé"))
IMPORT_PUBLISHED = Event("bill_import.published", _("Fichier de facturation publié"))
IMPORT_COMPLETED = Event(
    "bill_import.completed",
    _("Utilisation publiée pour des comptes dont les frais sont venus après"),
)
IMPORT_REFUSED = Event("bill_import.refused", _("Fichier de facturation refusé"))
IMPORT_SUPERSEDED = Event("bill_import.superseded", _("Fichier de facturation remplacé"))
IMPORT_UNCHANGED = Event("bill_import.left_unchanged", _("Fichier de facturation sans changement"))

LINE_RESTATED = Event("billed_line.restated", _("Totaux d'une ligne recalculés"))
STORAGE_DROPPED = Event("row_storage.dropped", _("Table de rangs vidée, plus rien ne s'y lit"))

# An invoice.
INVOICE_VERIFIED = Event("invoice.verified", _("Facture vérifiée"))
INVOICE_DISPUTED = Event("invoice.disputed", _("Facture contestée"))
INVOICE_REOPENED = Event("invoice.reopened", _("Facture à vérifier de nouveau"))
INVOICE_RELEASED = Event("invoice.released", _("Facture libérée pour paiement"))
INVOICE_SETTLED = Event("invoice.settled", _("Facture réglée, rien n'étant à payer"))
INVOICE_HELD = Event("invoice.held", _("Libération d'une facture retirée"))
INVOICE_PAID = Event("invoice.paid", _("Paiement d'une facture inscrit"))
INVOICE_PART_PAID = Event("invoice.part_paid", _("Paiement en partie d'une facture inscrit"))
INVOICE_TYPED = Event("invoice.typed", _("Facture saisie, sans détail"))
INVOICE_PERIOD_CORRECTED = Event(
    "invoice.period_corrected", _("Période d'une facture saisie corrigée")
)
INVOICE_WITHDRAWN = Event("invoice.withdrawn", _("Saisie d'une facture retirée"))

# What is read, what is printed, who pays.
CHARGES_READ = Event("line_charges.read", _("Frais d'une ligne consultés sous mandat"))
FILE_READ = Event("bill_file.read", _("Fichier de facturation téléchargé"))
FILE_TRIED = Event("bill_file.tried", _("Fichier de facturation consulté en essai à blanc"))
USE_READ = Event("line_use.read", _("Détail d'utilisation d'une ligne consulté"))
STATEMENT_ASKED = Event("month_statement.asked", _("État du mois demandé"))
STATEMENT_PRODUCED = Event("month_statement.produced", _("État du mois produit"))
PAYMENT_RULE_SET = Event("payment_rule.set", _("Séparation de la vérification et du paiement"))

# Billed lines and the inventory.
GAP_MATCHED = Event("billed_line.matched", _("Ligne facturée associée au parc"))
GAP_EXPLAINED = Event("billed_line.explained", _("Ligne facturée expliquée"))
GAP_IGNORED = Event("billed_line.ignored", _("Ligne facturée écartée"))
PROPOSAL_ACCEPTED = Event("line_proposal.accepted", _("Proposition d'inventaire acceptée"))
PROPOSAL_REFUSED = Event("line_proposal.refused", _("Proposition d'inventaire refusée"))
