"""The derogations' audit codes with their French labels."""

from django.utils.translation import gettext_lazy as _

from portal.audit import Event

# Requests.
DEROGATION_DRAFTED = Event("derogation.drafted", _("Demande de dérogation ouverte"))
DEROGATION_EDITED = Event("derogation.edited", _("Demande de dérogation modifiée"))
ATTACHMENT_ADDED = Event("attachment.added", _("Pièce jointe à la demande"))
ATTACHMENT_REMOVED = Event("attachment.removed", _("Pièce retirée de la demande"))
MESSAGE_WRITTEN = Event("message.written", _("Message écrit dans la demande"))
ANNEX_ASKED = Event("annex.asked", _("Copie des messages demandée"))
ANNEX_PRODUCED = Event("annex.produced", _("Copie des messages produite"))
DEROGATION_SUBMITTED = Event("derogation.submitted", _("Demande soumise à la signature"))
DEROGATION_RETURNED = Event("derogation.returned", _("Demande rendue pour être complétée"))
DEROGATION_CANCELLED = Event("derogation.cancelled", _("Demande annulée"))
VERSION_RENDERED = Event("version.rendered", _("Document de la demande figé"))
DEROGATION_EARLIER_RECORDED = Event(
    "derogation.earlier_recorded", _("Dérogation antérieure versée au dossier")
)
SIGNERS_TOLD = Event("signers.told", _("Signataires avisés"))
SIGNERS_REMINDED = Event("signers.reminded", _("Signataires relancés"))
PROOF_RULE_SET = Event("proof_rule.set", _("Preuves exigées fixées"))
PROVIDER_FORM_SET = Event("provider_form.set", _("Formulaire du prestataire inscrit"))
REPLY_TEMPLATE_SET = Event("reply_template.set", _("Réponse type inscrite"))
REMINDER_DELAYS_SET = Event("reminder_delays.set", _("Délais de relance fixés"))

# Signatures.
SIGNING_GRANTS_PROJECTED = Event("signing_grants.projected", _("Droits de signature recalculés"))
CHALLENGE_OPENED = Event("challenge.opened", _("Page de signature ouverte"))
SIGNATURE_GIVEN = Event("signature.given", _("Signature donnée"))
SIGNATURE_VOIDED = Event("signature.voided", _("Signature annulée par un changement"))
SIGNATURE_FLAGGED = Event("signature.flagged", _("Signature à réexaminer : ligne corrigée"))
SIGNATURE_REEXAMINED = Event("signature.reexamined", _("Signature réexaminée"))
SIGNATURE_ATTEMPT_REFUSED = Event("signature.attempt_refused", _("Essai de signature refusé"))
DEROGATION_SIGNED = Event("derogation.signed", _("Dérogation signée"))
DEROGATION_REFUSED = Event("derogation.refused", _("Dérogation refusée"))
HEAD_REFUSED = Event("head.refused", _("Volet de la demande refusé"))
DEROGATION_WITHDRAWN = Event("derogation.withdrawn", _("Signature retirée"))
DEROGATION_EXPIRED = Event("derogation.expired", _("Dérogation expirée"))
DEROGATION_EXHAUSTED = Event("derogation.exhausted", _("Dérogation épuisée"))
DEROGATION_REPLENISHED = Event("derogation.replenished", _("Quantité rendue à la dérogation"))
SEAL_DELAYED = Event("seal.delayed", _("Scellement retardé"))
DEROGATION_SEALED = Event("derogation.sealed", _("Document scellé"))
PAPER_ATTACHED = Event("paper.attached", _("Signature manuscrite jointe"))
PAPER_CONFIRMED = Event("paper.confirmed", _("Signature manuscrite confirmée"))
REGISTER_STAMPED = Event("register.stamped", _("Registre des sceaux horodaté"))
EVIDENCE_EXPORTED = Event("evidence.exported", _("Dossier de preuve exporté"))
