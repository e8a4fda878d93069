"""Record people, their accounts and the attestation of their identity (D-07, signing.md §2)."""

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, models, transaction
from django.utils.translation import gettext as _
from psycopg.errors import RaiseException

from members import events
from members.actions.signers import doubt_identity, follow_person
from members.designation import attesting, designating
from members.models import Branch, Delegation, Person, Respondent, User
from members.permissions import Refused, require
from members.projection import project
from members.queries.signers import asked_to_attest, attests_alone, signer_of
from members.roles import Role
from portal.audit import Actor, record
from portal.clock import database_clock
from portal.commands import action
from portal.workflow import locked


@action
def record_person(
    *,
    branch: Branch,
    role: Role,
    given_name: str,
    family_name: str,
    by: Actor,
    function: str = "",
    email: str = "",
) -> Person:
    """Record someone who is about to receive ``role`` on ``branch`` (R-02, R-05)."""
    hat = require(by, designating(role), on=branch)
    person = Person.objects.create(
        given_name=given_name, family_name=family_name, function=function, email=email.lower()
    )
    record(events.PERSON_RECORDED, by=by, on=person, hat=hat, branch_id=branch.pk)
    return person


@action
def rename_self(*, given_name: str, family_name: str, function: str, by: User) -> Person:
    """Everyone keeps their own name and function; nobody else's.

    The identity was attested of the name before: under another one it is attested again (E2).
    """
    person = _own_person(by)
    renamed = (person.given_name, person.family_name) != (given_name, family_name)
    person.given_name, person.family_name, person.function = given_name, family_name, function
    person.save(update_fields=["given_name", "family_name", "function"])
    record(events.PERSON_RENAMED, by=by, on=person)
    if renamed:
        doubt_identity(person, by=by)
    return person


@action
def attest_identity(*, respondent: Respondent, method: str, by: User) -> Person:
    """INTRL attests the identity of the member's people; ITQ that of an INTRL (signing.md §2).

    Nobody attests their own.
    """
    hat = require(by, attesting(Role(respondent.role)), on=respondent)
    return _attested(respondent.person, respondent.branch_id, method=method, by=by, hat=hat)


@action
def attest_signer(*, delegation: Delegation, person: Person, method: str, by: User) -> Person:
    """The same for someone whom the plan names and who holds no role (signing.md §2, E2).

    Raises ValidationError when the person is neither holder nor interim of the line.
    """
    hat = require(by, asked_to_attest(person, by, delegation), on=delegation)
    if signer_of(delegation, person.pk) is None:
        raise ValidationError(_("Cette ligne ne nomme pas cette personne."))
    return _attested(person, delegation.branch_id, method=method, by=by, hat=hat)


def _attested(known: Person, branch_id: int, *, method: str, by: User, hat: str) -> Person:
    """Who checked whose identity, how and when; never one's own, nor of whom one makes a signer."""
    if known.pk == by.person_id:
        raise Refused(_("Personne n'atteste sa propre identité."))
    if attests_alone(known, by.person_id):
        raise Refused(
            _(
                "Qui a inscrit la ligne ou l'intérim, ou envoyé l'invitation, n'atteste pas "
                "l'identité : demandez à ITQ de l'attester."
            )
        )
    person = locked(known)
    person.identity_attested_at, person.identity_attested_by = database_clock(), by
    person.identity_method = method
    person.save(update_fields=["identity_attested_at", "identity_attested_by", "identity_method"])
    record(
        events.IDENTITY_ATTESTED,
        by=by,
        on=person,
        hat=hat,
        branch_id=branch_id,
        method=method,
    )
    follow_person(person.pk)
    return person


def create_account(*, person: Person, email: str, password: str | None) -> User:
    """An account whose e-mail is verified; ValidationError when the password is too weak."""
    if password is not None:
        validate_password(password, User(email=email, person=person))
    user = User.objects.create_user(email, password, person=person)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    project([person.pk])
    follow_person(person.pk)
    return user


def merge_person(*, kept: Person, gone: Person, by: Actor) -> None:
    """Give ``kept`` everything that names ``gone``, a person without an account (D-07).

    Where the database keeps a row as it was (a signature by hand, who a frozen request is for),
    ``gone`` stays, merged into ``kept``. Raises ValidationError when ``gone`` has an account.
    """
    if gone.accounts.exists():
        raise ValidationError(
            _("Cette invitation vise une personne qui a déjà un compte à une autre adresse.")
        )
    try:
        with transaction.atomic():
            whole = _repoint(kept=kept, gone=gone)
    except IntegrityError as error:
        raise ValidationError(_("Vous tenez déjà ce rôle à ces dates.")) from error
    record(events.PERSON_MERGED, by=by, on=kept, gone=gone.pk)
    if whole:
        gone.delete()
    else:
        gone.merged_into = kept
        gone.save(update_fields=["merged_into"])
    project([kept.pk])
    follow_person(kept.pk)


def _repoint(*, kept: Person, gone: Person) -> bool:
    """Every row of every app that names one person names the other; False where some are frozen."""
    whole = True
    for relation in Person._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            name = relation.field.name
            rows = relation.related_model._base_manager.filter(**{name: gone})
            for pk in rows.values_list("pk", flat=True):
                whole &= _moved(rows.filter(pk=pk), name, kept)
    return whole


def _moved(row: models.QuerySet[models.Model], name: str, kept: Person) -> bool:
    """Whether a row took the other name: a trigger keeps what was signed or submitted."""
    try:
        with transaction.atomic():
            row.update(**{name: kept})
    except ProgrammingError as error:
        if not isinstance(error.__cause__, RaiseException):
            raise
        return False
    return True


def _own_person(by: User) -> Person:
    """The person behind an account; an account without one keeps no name."""
    if by.person is None:
        raise Refused(_("Ce compte n'est rattaché à personne."))
    return locked(by.person)
