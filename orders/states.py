"""The transition table of an order (domain.md §4, D-11)."""

from django.utils.translation import gettext_lazy as _

from orders import events
from orders.kinds import FleetImportState, OrderState
from portal.workflow import Transition

SUBMIT = Transition(
    "submit",
    _("Soumettre la commande"),
    (OrderState.DRAFT,),
    OrderState.SUBMITTED,
    "order",
    events.ORDER_SUBMITTED,
)
HOLD = Transition(
    "hold",
    _("Soumettre en attente de dérogation"),
    (OrderState.DRAFT,),
    OrderState.AWAITING_DEROGATION,
    "order",
    events.ORDER_HELD,
)
CONTINUE = Transition(
    "continue",
    _("Reprendre la commande : la dérogation est signée"),
    (OrderState.AWAITING_DEROGATION,),
    OrderState.SUBMITTED,
    None,
    events.ORDER_CONTINUED,
)
BLOCK = Transition(
    "block",
    _("Retenir la commande : la dérogation ne tient plus"),
    (OrderState.SUBMITTED,),
    OrderState.AWAITING_DEROGATION,
    None,
    events.ORDER_BLOCKED,
)
REOPEN = Transition(
    "reopen",
    _("Remettre en brouillon"),
    (OrderState.AWAITING_DEROGATION,),
    OrderState.DRAFT,
    "order",
    events.ORDER_REOPENED,
)
CANCEL = Transition(
    "cancel",
    _("Annuler la commande"),
    (OrderState.DRAFT, OrderState.SUBMITTED, OrderState.AWAITING_DEROGATION),
    OrderState.CANCELLED,
    "order",
    events.ORDER_CANCELLED,
)
SEND = Transition(
    "send",
    _("Transmettre la commande"),
    (OrderState.SUBMITTED,),
    OrderState.SENT,
    None,
    events.ORDER_SENT,
)
LOSE_TRACK = Transition(
    "lose_track",
    _("Marquer la transmission incertaine"),
    (OrderState.SUBMITTED,),
    OrderState.SENDING_UNKNOWN,
    None,
    events.ORDER_LEFT_UNCERTAIN,
)
FIND_SENT = Transition(
    "find_sent",
    _("La commande est bien arrivée"),
    (OrderState.SENDING_UNKNOWN,),
    OrderState.SENT,
    "settle_sending",
    events.ORDER_FOUND_SENT,
)
FIND_UNSENT = Transition(
    "find_unsent",
    _("La commande n'est pas arrivée : la transmettre de nouveau"),
    (OrderState.SENDING_UNKNOWN,),
    OrderState.SUBMITTED,
    "settle_sending",
    events.ORDER_FOUND_UNSENT,
)
ACKNOWLEDGE = Transition(
    "acknowledge",
    _("Confirmer la commande"),
    (OrderState.SENT,),
    OrderState.ACKNOWLEDGED,
    "record_milestone",
    events.ORDER_ACKNOWLEDGED,
)
RECEIVE = Transition(
    "receive",
    _("Commande reçue"),
    (OrderState.SENT, OrderState.ACKNOWLEDGED),
    OrderState.DELIVERED,
    "order",
    events.ORDER_RECEIVED,
)
CLOSE = Transition(
    "close",
    _("Clore la commande"),
    (OrderState.ACKNOWLEDGED, OrderState.DELIVERED),
    OrderState.CLOSED,
    "order",
    events.ORDER_CLOSED,
)
CLOSE_REFUSED = Transition(
    "close_refused",
    _("Clore la commande refusée"),
    (OrderState.SENT, OrderState.ACKNOWLEDGED, OrderState.DELIVERED),
    OrderState.CLOSED,
    "order",
    events.ORDER_CLOSED_REFUSED,
)

ORDER_TRANSITIONS = (
    SUBMIT,
    HOLD,
    CONTINUE,
    BLOCK,
    REOPEN,
    CANCEL,
    SEND,
    LOSE_TRACK,
    FIND_SENT,
    FIND_UNSENT,
    ACKNOWLEDGE,
    RECEIVE,
    CLOSE,
    CLOSE_REFUSED,
)

# The take-over of a fleet (F-45): read, then checked or refused, then applied whole.
PASS_FLEET_FILE = Transition(
    "pass_fleet_file",
    _("Tenir le fichier pour bon"),
    (FleetImportState.READ,),
    FleetImportState.CHECKED,
    "keep_lines",
    events.FLEET_FILE_CHECKED,
)
REFUSE_FLEET_FILE = Transition(
    "refuse_fleet_file",
    _("Refuser le fichier"),
    (FleetImportState.READ, FleetImportState.CHECKED),
    FleetImportState.REFUSED,
    "keep_lines",
    events.FLEET_FILE_REFUSED,
)
TAKE_OVER_FLEET = Transition(
    "take_over_fleet",
    _("Reprendre le parc"),
    (FleetImportState.CHECKED,),
    FleetImportState.APPLIED,
    "keep_lines",
    events.FLEET_TAKEN_OVER,
)
