"""What follows a change of who may sign, and the people whom the plan names for the first time."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members import events
from members.models import Branch, Person, User
from members.newcomers import NewPerson
from members.permissions import Refused
from members.queries.delegations import organisations_signing
from members.queries.people import person_at
from portal.audit import Actor, record
from portal.queue import later


def follow_plan(organisation_id: int) -> None:
    """Who may sign what has changed in a member: its open requests are granted again (D-02)."""
    later("derogations.project_signing_grants", organisation_id=organisation_id)


def follow_person(person_id: int) -> None:
    """A person's roles or accounts changed: wherever the person stands on a line."""
    for organisation_id in organisations_signing(person_id):
        follow_plan(organisation_id)


def doubt_identity(person: Person, *, by: Actor) -> None:
    """What was attested holds no more: the person signs once it is attested again (E2)."""
    if person.identity_attested_at is None:
        return
    person.identity_attested_at = person.identity_attested_by = None
    person.identity_method = ""
    person.save(update_fields=["identity_attested_at", "identity_attested_by", "identity_method"])
    record(events.IDENTITY_DOUBTED, by=by, on=person)
    follow_person(person.pk)


def named_person(
    someone: Person | NewPerson, *, branch: Branch, by: Actor, hat: str, field: str
) -> Person:
    """The person whom a line or an interim names, made when new; nobody names themselves (R-21).

    ``field`` is the one that a refusal is shown on when the e-mail is already somebody's.
    """
    if isinstance(someone, NewPerson):
        someone = _new(someone, branch=branch, by=by, hat=hat, field=field)
    if isinstance(by, User):
        _refuse_oneself(someone, by)
    return someone


def _refuse_oneself(someone: Person, by: User) -> None:
    """Nobody names themselves; whom one attested before, another attests again (R-21, E2)."""
    if by.person_id == someone.pk:
        raise Refused(
            _(
                "On ne s'inscrit pas soi-même au plan : qui inscrit une ligne ne signe pas en "
                "vertu d'elle. Demandez par écrit à ITQ de l'inscrire."
            )
        )
    attester = someone.identity_attested_by
    if attester is not None and attester.person_id == by.person_id:
        doubt_identity(someone, by=by)


def _new(new: NewPerson, *, branch: Branch, by: Actor, hat: str, field: str) -> Person:
    if new.email and person_at(new.email, branch.organisation):
        raise ValidationError(
            {field: _("Une personne de l'organisme a ce courriel : choisissez-la dans la liste.")}
        )
    person = Person.objects.create(
        given_name=new.given_name,
        family_name=new.family_name,
        function=new.function,
        email=new.email.lower(),
    )
    record(events.PERSON_RECORDED, by=by, on=person, hat=hat, branch_id=branch.pk)
    return person
