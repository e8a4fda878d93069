"""Designate someone known or new in one act, with the invitation that opens the account (F-05)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members.actions.invitations import invite
from members.actions.people import record_person
from members.actions.respondents import designate, hand_over_interlocutor
from members.designation import designating
from members.models import Branch, Person, Respondent, User
from members.newcomers import NewPerson
from members.permissions import require
from members.queries.people import person_at
from members.roles import Role
from portal.commands import action
from portal.files import store_document
from portal.uploads import Upload


@action
def designate_someone(
    *,
    branch: Branch,
    role: Role,
    someone: Person | NewPerson,
    by: User,
    since: datetime | None = None,
    until: datetime | None = None,
    sector: str = "",
    act_reference: str = "",
) -> Respondent:
    """Give a role to a person; whoever has no account is invited by e-mail (R-02, F-05)."""
    require(by, designating(role), on=branch)
    respondent = designate(
        branch=branch,
        person=_person(branch, role, someone, by),
        role=role,
        since=since,
        until=until,
        sector=sector,
        act_reference=act_reference,
        by=by,
    )
    _invite(respondent, by)
    return respondent


@action
def designate_interlocutor(
    *, branch: Branch, someone: NewPerson, act_reference: str, act_file: Upload, by: User
) -> Respondent:
    """ITQ designates an INTRL on written designation; one in force is relieved (R-01)."""
    require(by, designating(Role.INTRL), on=branch)
    person = _person(branch, Role.INTRL, someone, by)
    current = Respondent.objects.in_force().filter(
        branch=branch, role=Role.INTRL, retracted_at__isnull=True
    )
    held = current.first()
    if held:
        respondent = hand_over_interlocutor(
            respondent=held,
            successor=person,
            act_reference=act_reference,
            act_file=act_file,
            by=by,
        )
    else:
        respondent = designate(
            branch=branch,
            person=person,
            role=Role.INTRL,
            act_reference=act_reference,
            act_file=store_document(act_file),
            by=by,
        )
    _invite(respondent, by)
    return respondent


def _person(branch: Branch, role: Role, someone: Person | NewPerson, by: User) -> Person:
    """The person known, or the row of the new one."""
    if isinstance(someone, Person):
        return someone
    if person_at(someone.email, branch.organisation):
        raise ValidationError(
            {"email": _("Une personne de l'organisme a ce courriel : choisissez-la dans la liste.")}
        )
    return record_person(
        branch=branch,
        role=role,
        given_name=someone.given_name,
        family_name=someone.family_name,
        function=someone.function,
        email=someone.email,
        by=by,
    )


def _invite(respondent: Respondent, by: User) -> None:
    """Invite whoever has no account and has an e-mail."""
    person = respondent.person
    if person.email and not person.accounts.filter(is_active=True).exists():
        invite(respondent=respondent, email=person.email, by=by)
