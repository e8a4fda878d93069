"""Who designates whom: ITQ an INTRL, INTRL or RCELL a reader, INTRL the others (R-02, R-05)."""

from django.utils.translation import gettext_lazy as _

from members.roles import May, Role, StaffMay

LACKS_REFERENCE = _("ITQ ne remet ce rôle que sur désignation écrite : inscrivez sa référence.")
LACKS_FILE = _("ITQ ne remet ce rôle que sur désignation écrite : joignez-la ici.")

_ASKS: dict[Role, May | StaffMay] = {
    Role.INTRL: StaffMay.DESIGNATE_INTRL,
    Role.READER: May.NAME_READER,
    Role.PAYER: May.NAME_PAYER,
}

_ATTESTS: dict[Role, May | StaffMay] = {Role.INTRL: StaffMay.ATTEST_INTERLOCUTOR}


def designating(role: Role) -> May | StaffMay:
    """The permission that giving or ending ``role`` asks for."""
    return _ASKS.get(role, May.DESIGNATE)


def inviting(role: str | None) -> May | StaffMay:
    """The permission that sending or revoking an invitation asks for; None: to sign, no role."""
    return May.RECORD_DELEGATION if role is None else designating(Role(role))


def attesting(role: Role) -> May | StaffMay:
    """The permission that attesting the identity of a holder of ``role`` asks for."""
    return _ATTESTS.get(role, May.ATTEST_IDENTITY)
