"""The members' audit codes with their French labels."""

from django.utils.translation import gettext_lazy as _

from portal.audit import Event

STAFF_APPOINTED = Event("staff.appointed", _("Personnel d'ITQ nommé"))
STAFF_ENDED = Event("staff.ended", _("Fin de fonction à ITQ"))
ADMINISTERING_BODY_RECORDED = Event(
    "administering_body.recorded", _("Organisme administrateur inscrit")
)
PROVIDER_RECORDED = Event("provider.recorded", _("Prestataire inscrit"))
CONTRACT_OPENED = Event("contract.opened", _("Contrat inscrit"))
PHASE_ADDED = Event("contract_phase.added", _("Phase de contrat ajoutée"))
JOINING_RULE_SET = Event("joining_rule.set", _("Règle d'adhésion fixée"))

ORGANISATION_CREATED = Event("organisation.created", _("Organisme inscrit"))
ORGANISATION_CHANGED = Event("organisation.changed", _("Organisme modifié"))
SUBDIVISION_ADDED = Event("subdivision.added", _("Subdivision de facturation ajoutée"))
COST_CENTRE_ADDED = Event("cost_centre.added", _("Centre de coûts ajouté"))
COST_CENTRE_RENAMED = Event("cost_centre.renamed", _("Centre de coûts renommé"))
COST_CENTRE_RETIRED = Event("cost_centre.retired", _("Centre de coûts retiré"))
COST_CENTRE_RESTORED = Event("cost_centre.restored", _("Centre de coûts remis en usage"))

PERSON_RECORDED = Event("person.recorded", _("Personne inscrite"))
PERSON_RENAMED = Event("person.renamed", _("Personne renommée"))
PERSON_MERGED = Event("person.merged", _("Personnes réunies en une seule"))
IDENTITY_ATTESTED = Event("identity.attested", _("Identité attestée"))
IDENTITY_DOUBTED = Event("identity.doubted", _("Identité à attester de nouveau"))
ACCOUNT_OPENED = Event("account.opened", _("Compte d'accès ouvert"))
FACTOR_RESET_ASKED = Event("factor_reset.asked", _("Levée du second facteur demandée"))
FACTOR_RESET_DONE = Event("factor_reset.completed", _("Second facteur levé"))

RESPONDENT_DESIGNATED = Event("respondent.designated", _("Répondant désigné"))
RESPONDENT_CONFIRMED = Event("respondent.confirmed", _("Désignation confirmée"))
RESPONDENT_ENDED = Event("respondent.ended", _("Fin de rôle"))
RESPONDENT_RETRACTED = Event("respondent.retracted", _("Désignation à venir annulée"))
INTERLOCUTOR_HANDED_OVER = Event("interlocutor.handed_over", _("Interlocuteur remplacé"))
INVITATION_CREATED = Event("invitation.created", _("Invitation créée"))
INVITATION_SENT = Event("invitation.sent", _("Invitation envoyée"))
INVITATION_REVOKED = Event("invitation.revoked", _("Invitation révoquée"))
INVITATION_ACCEPTED = Event("invitation.accepted", _("Invitation acceptée"))

MEMBERSHIP_FILED = Event("membership.filed", _("Adhésion déposée"))
MEMBERSHIP_CONFIRMED = Event("membership.confirmed", _("Adhésion confirmée"))
AUTHORISATION_FILED = Event("authorisation.filed", _("Autorisation du MAMH déposée"))
AUTHORISATION_CONFIRMED = Event("authorisation.confirmed", _("Autorisation du MAMH confirmée"))
AUTHORISATION_WAIVED = Event("authorisation.waived", _("Autorisation du MAMH non requise"))

PROVIDER_ACCOUNT_ASKED = Event("provider_account.asked", _("Ouverture de compte demandée"))
PROVIDER_ACCOUNT_RECORDED = Event("provider_account.recorded", _("Compte de facturation inscrit"))
PROVIDER_ACCOUNT_CONFIRMED = Event(
    "provider_account.confirmed", _("Compte de facturation confirmé")
)
PROVIDER_ACCOUNT_CLOSED = Event("provider_account.closed", _("Compte de facturation fermé"))
ACCOUNT_MANAGER_NAMED = Event("account_manager.named", _("Gestionnaire de compte inscrit"))
ACCESS_RECORDED = Event("provider_access.recorded", _("Accès à un portail inscrit"))
ACCESS_GRANTED = Event("provider_access.granted", _("Accès à un portail accordé"))
ACCESS_REVOCATION_ASKED = Event(
    "provider_access.revocation_asked", _("Retrait d'un accès à demander")
)
ACCESS_REVOKED = Event("provider_access.revoked", _("Accès à un portail retiré"))
ACCESS_KEPT = Event("provider_access.kept", _("Accès à un portail conservé"))

MESSAGE_SENT = Event("itq_message.sent", _("Message transmis"))
MESSAGE_HANDLED = Event("itq_message.handled", _("Message traité"))
COPY_SEEN = Event("itq_message.copy_seen", _("Copie vue par l'interlocuteur"))
WRITING_AUTHORISED = Event("writing.authorised", _("Autorisation d'écrire à ITQ donnée"))
WRITING_ENDED = Event("writing.ended", _("Autorisation d'écrire à ITQ retirée"))

PLAN_OPENED = Event("delegation_plan.opened", _("Version du plan de délégation ouverte"))
PLAN_ENDED = Event("delegation_plan.ended", _("Version du plan de délégation abrogée"))
SHEET_CHECKED = Event("delegation_sheet.checked", _("Fichier de lignes de délégation vérifié"))
DELEGATION_RECORDED = Event("delegation.recorded", _("Ligne de délégation inscrite"))
DELEGATION_CORRECTED = Event("delegation.corrected", _("Ligne de délégation corrigée"))
DELEGATION_ENDED = Event("delegation.ended", _("Fin d'une ligne de délégation"))
DELEGATION_CONFIRMED = Event("delegation.confirmed", _("Ligne de délégation confirmée"))
INTERIM_NAMED = Event("interim.named", _("Intérim inscrit"))
INTERIM_CONFIRMED = Event("interim.confirmed", _("Intérim confirmé"))
INTERIM_ENDED = Event("interim.ended", _("Intérim terminé"))
ABSENCE_DECLARED = Event("absence.declared", _("Absence inscrite"))
ABSENCE_ENDED = Event("absence.ended", _("Fin d'une absence"))
SIGNING_RULE_SET = Event("signing_rule.set", _("Règle de signature établie"))
SIGNING_RULE_REMOVED = Event("signing_rule.removed", _("Règle de signature retirée"))
SIGNING_RULE_CONFIRMED = Event("signing_rule.confirmed", _("Règle de signature confirmée"))

BILLING_MANDATE_GIVEN = Event("billing_mandate.given", _("Mandat de facturation donné à ITQ"))
BILLING_MANDATE_REVOKED = Event("billing_mandate.revoked", _("Mandat de facturation retiré à ITQ"))

TASK_REPLAYED = Event("task.replayed", _("Tâche abandonnée relancée"))
