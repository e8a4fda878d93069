"""The transition tables of profiles, imports, invoices, gaps and proposals."""

from django.utils.translation import gettext_lazy as _

from billing import events
from billing.kinds import GapState, ImportState, InvoiceState, ProfileState, ProposalState
from portal.workflow import Transition

# A profile's version; its permission is ITQ's, on the whole group (D-05).
PASS_TEST = Transition(
    "pass_test",
    _("Tenir la version pour essayée"),
    (ProfileState.DRAFT,),
    ProfileState.TESTED,
    None,
    events.PROFILE_TESTED,
)
ACTIVATE = Transition(
    "activate",
    _("Mettre en service"),
    (ProfileState.TESTED,),
    ProfileState.ACTIVE,
    None,
    events.PROFILE_ACTIVATED,
)
RETIRE = Transition(
    "retire",
    _("Retirer"),
    (ProfileState.DRAFT, ProfileState.TESTED, ProfileState.ACTIVE),
    ProfileState.RETIRED,
    None,
    events.PROFILE_RETIRED,
)
PROFILE_TRANSITIONS = (PASS_TEST, ACTIVATE, RETIRE)

# An import: the worker's, but for a person's word on what is prepared or refused.
BEGIN = Transition(
    "begin",
    _("Lire le fichier"),
    (ImportState.RECEIVED,),
    ImportState.READING,
    None,
    events.IMPORT_BEGUN,
)
PREPARE = Transition(
    "prepare",
    _("Attendre une confirmation"),
    (ImportState.READING,),
    ImportState.PREPARED,
    None,
    events.IMPORT_PREPARED,
)
PUBLISH = Transition(
    "publish",
    _("Publier"),
    (ImportState.READING, ImportState.PREPARED),
    ImportState.PUBLISHED,
    None,
    events.IMPORT_PUBLISHED,
)
REFUSE = Transition(
    "refuse",
    _("Refuser le fichier"),
    (ImportState.RECEIVED, ImportState.READING, ImportState.PREPARED),
    ImportState.REFUSED,
    None,
    events.IMPORT_REFUSED,
)
LEAVE_UNCHANGED = Transition(
    "leave_unchanged",
    _("Ne rien changer"),
    (ImportState.READING,),
    ImportState.UNCHANGED,
    None,
    events.IMPORT_UNCHANGED,
)
SUPERSEDE = Transition(
    "supersede",
    _("Remplacer"),
    (ImportState.PUBLISHED,),
    ImportState.SUPERSEDED,
    None,
    events.IMPORT_SUPERSEDED,
)
IMPORT_TRANSITIONS = (BEGIN, PREPARE, PUBLISH, REFUSE, LEAVE_UNCHANGED, SUPERSEDE)

# An invoice; a new version of it brings it back to be verified.
VERIFY = Transition(
    "verify",
    _("Tenir la facture pour vérifiée"),
    (InvoiceState.TO_VERIFY, InvoiceState.DISPUTED),
    InvoiceState.VERIFIED,
    "verify_invoices",
    events.INVOICE_VERIFIED,
)
DISPUTE = Transition(
    "dispute",
    _("Contester la facture"),
    (InvoiceState.TO_VERIFY, InvoiceState.VERIFIED),
    InvoiceState.DISPUTED,
    "verify_invoices",
    events.INVOICE_DISPUTED,
)
REOPEN = Transition(
    "reopen",
    _("Vérifier de nouveau"),
    (InvoiceState.VERIFIED, InvoiceState.DISPUTED, InvoiceState.RELEASED, InvoiceState.PAID),
    InvoiceState.TO_VERIFY,
    None,
    events.INVOICE_REOPENED,
)
RELEASE = Transition(
    "release",
    _("Libérer pour paiement"),
    # again for what a part left, whether that part is paid or not
    (InvoiceState.VERIFIED, InvoiceState.DISPUTED, InvoiceState.RELEASED, InvoiceState.PAID),
    InvoiceState.RELEASED,
    "verify_invoices",
    events.INVOICE_RELEASED,
)
SETTLE = Transition(
    "settle",
    _("Régler sans paiement"),
    (InvoiceState.VERIFIED, InvoiceState.DISPUTED),
    InvoiceState.PAID,
    "verify_invoices",
    events.INVOICE_SETTLED,
)
HOLD = Transition(
    "hold",
    _("Retenir le paiement"),
    (InvoiceState.RELEASED,),
    InvoiceState.VERIFIED,
    "verify_invoices",
    events.INVOICE_HELD,
)
PAY = Transition(
    "pay",
    _("Inscrire le paiement"),
    (InvoiceState.RELEASED,),
    InvoiceState.PAID,
    "record_payment",
    events.INVOICE_PAID,
)
PAY_PART = Transition(
    "pay_part",
    _("Inscrire un paiement en partie"),
    (InvoiceState.RELEASED,),
    InvoiceState.RELEASED,
    "record_payment",
    events.INVOICE_PART_PAID,
)
INVOICE_TRANSITIONS = (VERIFY, DISPUTE, REOPEN, RELEASE, SETTLE, HOLD, PAY, PAY_PART)

# A billed line that the inventory does not hold (F-41).
MATCH = Transition(
    "match",
    _("Associer à une ligne du parc"),
    (GapState.OPEN, GapState.EXPLAINED, GapState.IGNORED),
    GapState.MATCHED,
    "match_billed_lines",
    events.GAP_MATCHED,
)
EXPLAIN = Transition(
    "explain",
    _("Expliquer"),
    (GapState.OPEN,),
    GapState.EXPLAINED,
    "match_billed_lines",
    events.GAP_EXPLAINED,
)
IGNORE = Transition(
    "ignore",
    _("Écarter"),
    (GapState.OPEN,),
    GapState.IGNORED,
    "match_billed_lines",
    events.GAP_IGNORED,
)
GAP_TRANSITIONS = (MATCH, EXPLAIN, IGNORE)

# What an inventory file proposes; the lines are RCELL's (D-05).
ACCEPT = Transition(
    "accept",
    _("Accepter"),
    (ProposalState.PROPOSED,),
    ProposalState.ACCEPTED,
    "keep_lines",
    events.PROPOSAL_ACCEPTED,
)
DECLINE = Transition(
    "decline",
    _("Refuser"),
    (ProposalState.PROPOSED,),
    ProposalState.REFUSED,
    "keep_lines",
    events.PROPOSAL_REFUSED,
)
PROPOSAL_TRANSITIONS = (ACCEPT, DECLINE)
