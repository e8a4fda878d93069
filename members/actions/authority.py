"""Which permission a designation asks for: INTRL by ITQ, readers by INTRL or RCELL (R-02, R-05)."""

from members.models import Branch
from members.permissions import WHOLE_GROUP, require
from members.roles import May, Role, StaffMay
from portal.audit import Actor

_ASKS = {Role.READER: May.NAME_READER, Role.PAYER: May.NAME_PAYER}


def designating(role: Role) -> May | StaffMay:
    """The permission that giving or ending ``role`` asks for."""
    if role == Role.INTRL:
        return StaffMay.DESIGNATE_INTRL
    return _ASKS.get(role, May.DESIGNATE)


def require_designating(branch: Branch, role: Role, by: Actor) -> str:
    """The gate of every act over ``role`` on ``branch``; returns the hat worn."""
    return require(by, designating(role), WHOLE_GROUP if role == Role.INTRL else branch)
