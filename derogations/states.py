"""The transition table of a derogation (domain.md §4)."""

from django.utils.translation import gettext_lazy as _

from derogations import events
from derogations.kinds import DerogationState
from portal.workflow import Transition

SUBMIT = Transition(
    "submit",
    _("Soumettre à la signature"),
    (DerogationState.DRAFT, DerogationState.RETURNED),
    DerogationState.SUBMITTED,
    "ask_derogation",
    events.DEROGATION_SUBMITTED,
)
RETURN = Transition(
    "return",
    _("Rendre pour compléter"),
    (DerogationState.SUBMITTED,),
    DerogationState.RETURNED,
    None,
    events.DEROGATION_RETURNED,
)
CANCEL = Transition(
    "cancel",
    _("Annuler la demande"),
    (DerogationState.DRAFT, DerogationState.RETURNED, DerogationState.SUBMITTED),
    DerogationState.CANCELLED,
    "ask_derogation",
    events.DEROGATION_CANCELLED,
)
RECORD_EARLIER = Transition(
    "record_earlier",
    _("Verser une dérogation antérieure"),
    (DerogationState.DRAFT,),
    DerogationState.SIGNED,
    "ask_derogation",
    events.DEROGATION_EARLIER_RECORDED,
)
SIGN = Transition(
    "sign",
    _("Signer"),
    (DerogationState.SUBMITTED,),
    DerogationState.SIGNED,
    None,
    events.DEROGATION_SIGNED,
)
REFUSE = Transition(
    "refuse",
    _("Refuser"),
    (DerogationState.SUBMITTED,),
    DerogationState.REFUSED,
    None,
    events.DEROGATION_REFUSED,
)
WITHDRAW = Transition(
    "withdraw",
    _("Retirer la signature"),
    (DerogationState.SIGNED, DerogationState.EXHAUSTED),
    DerogationState.WITHDRAWN,
    None,
    events.DEROGATION_WITHDRAWN,
)
EXPIRE = Transition(
    "expire",
    _("Constater l'expiration"),
    (DerogationState.SIGNED, DerogationState.EXHAUSTED),
    DerogationState.EXPIRED,
    None,
    events.DEROGATION_EXPIRED,
)
EXHAUST = Transition(
    "exhaust",
    _("Constater l'épuisement"),
    (DerogationState.SIGNED,),
    DerogationState.EXHAUSTED,
    None,
    events.DEROGATION_EXHAUSTED,
)
REPLENISH = Transition(
    "replenish",
    _("Rendre une quantité"),
    (DerogationState.EXHAUSTED,),
    DerogationState.SIGNED,
    None,
    events.DEROGATION_REPLENISHED,
)

DEROGATION_TRANSITIONS = (
    SUBMIT,
    RETURN,
    CANCEL,
    RECORD_EARLIER,
    SIGN,
    REFUSE,
    WITHDRAW,
    EXPIRE,
    EXHAUST,
    REPLENISH,
)
