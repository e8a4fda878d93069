"""Which acts a person may begin over the register: what its buttons are drawn from."""

from dataclasses import dataclass

from members.designation import attesting, designating
from members.models import Organisation, Respondent, User
from members.permissions import can, held_in
from members.queries.signers import attests_alone
from members.roles import CONFIRMED_ROLES, May, Role, StaffMay


@dataclass(frozen=True, slots=True)
class RespondentActs:
    """The buttons of one row of the register."""

    end: bool
    retract: bool
    confirm: bool
    hand_over: bool
    invite: bool
    attest: bool
    reset: bool
    explain: bool


def acts_over(user: User, respondent: Respondent, *, has_account: bool) -> RespondentActs:
    """What ``user`` may do to a row read by ``respondents_of``, given where it stands."""
    role = Role(respondent.role)
    stands: str = respondent.stands  # type: ignore[attr-defined]
    gives = can(user, designating(role), on=respondent)
    own = user.person_id == respondent.person_id
    return RespondentActs(
        end=gives and stands in ("in_force", "unconfirmed"),
        retract=gives and stands == "to_come",
        confirm=_may_confirm(user, respondent, stands),
        hand_over=role == Role.INTRL and stands == "in_force" and may_hand_over(user, respondent),
        invite=gives and not has_account and stands in ("in_force", "unconfirmed", "to_come"),
        attest=not own
        and can(user, attesting(role), on=respondent)
        and not attests_alone(respondent.person, user.person_id),
        reset=not own and role != Role.INTRL and can(user, May.ATTEST_IDENTITY, on=respondent),
        explain=may_explain(user, respondent),
    )


def may_hand_over(user: User, respondent: Respondent) -> bool:
    """INTRL their own role, ITQ's administrator any (R-01)."""
    if user.person_id == respondent.person_id and can(user, May.DESIGNATE, on=respondent):
        return True
    return can(user, StaffMay.DESIGNATE_INTRL, on=respondent)


def may_explain(user: User, respondent: Respondent) -> bool:
    """INTRL and ITQ see everything that a person may see (F-82)."""
    return can(user, May.DESIGNATE, on=respondent) or can(
        user, StaffMay.READ_ALL_JOURNAL, on=respondent
    )


def givable_roles(user: User, organisation: Organisation) -> list[Role]:
    """The roles that ``user`` may give somewhere in a member, INTRL apart (R-02, R-05)."""
    held = held_in(user, organisation.slug)
    return [role for role in Role if role != Role.INTRL and designating(role) in held]


def _may_confirm(user: User, respondent: Respondent, stands: str) -> bool:
    """A second person, by person (R-02)."""
    if respondent.role not in CONFIRMED_ROLES or respondent.confirmed_at is not None:
        return False
    recorder = respondent.recorded_by.person_id if respondent.recorded_by else None
    if stands not in ("unconfirmed", "to_come"):
        return False
    if user.person_id in (respondent.person_id, recorder):
        return False
    return can(user, May.CONFIRM_DESIGNATION, on=respondent)
