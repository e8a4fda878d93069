"""Whom a line of the plan names: invited, attested, ready to sign (signing.md §2, E2)."""

from dataclasses import dataclass

from django.db.models import (
    BigIntegerField,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from members.designation import attesting
from members.models import (
    Delegation,
    Interim,
    Invitation,
    Person,
    Respondent,
    User,
)
from members.permissions import can, second_factors
from members.roles import May, Role, StaffMay
from portal.clock import today
from portal.models import ClockTimestamp


def signer_of(line: Delegation, person_id: int) -> Person | None:
    """The holder or an interim of a line that was read through the gate."""
    named = Q(pk=line.holder_id) | Q(interims__delegation=line)
    return Person.objects.filter(named, pk=person_id).distinct().first()


def names_signer(line: Delegation, person_id: int) -> bool:
    """Whether a line that stands, confirmed and not ended, names a person: holder or interim."""
    ended = line.valid.upper is not None and line.valid.upper <= today()
    if ended or line.confirmed_at is None or line.recorded.upper is not None:
        return False
    return (
        line.holder_id == person_id or _interims_confirmed(line).filter(person=person_id).exists()
    )


def signers_to_invite(line: Delegation) -> list[tuple[Person, User]]:
    """Who a line names, without account nor open link, whose e-mail is on file; and who recorded.

    Asked by the act that confirms the line or one of its interims.
    """
    named = [(line.holder, line.recorded_by)] if line.holder and line.confirmed_at else []
    interims = _interims_confirmed(line).select_related("person", "recorded_by")
    named += [(row.person, row.recorded_by) for row in interims]
    reached = set(
        Person.objects.filter(
            Q(accounts__is_active=True) | Q(pk__in=_open_links(line).values("person")),
            pk__in=[person.pk for person, _recorder in named],
        ).values_list("pk", flat=True)
    )
    wanted = {person.pk: (person, who) for person, who in named if person.email}
    return [pair for pk, pair in wanted.items() if pk not in reached]


@dataclass(frozen=True, slots=True)
class NamedSigner:
    """Someone whom a line names, the accounts, and the link that was sent to open one."""

    person: Person
    accounts: tuple[User, ...]
    invitation: Invitation | None


def signers_named(line: Delegation) -> list[NamedSigner]:
    """The holder and the interims of a line read through the gate; three queries."""
    interims = line.interims.filter(ended_at__isnull=True)
    named = Q(pk=line.holder_id) | Q(pk__in=interims.values("person"))
    factors = second_factors(OuterRef("pk"))
    accounts = User.objects.filter(is_active=True).annotate(factor=Exists(factors))
    people = Person.objects.filter(named).prefetch_related(Prefetch("accounts", accounts))
    links = {row.person_id: row for row in _open_links(line)}
    return [
        NamedSigner(person, tuple(person.accounts.all()), links.get(person.pk))
        for person in people.order_by("family_name", "given_name", "pk")
    ]


def _open_links(line: Delegation) -> QuerySet[Invitation]:
    """Invitations to a line whose link still works by its own dates."""
    return Invitation.objects.filter(
        delegation=line,
        accepted_at__isnull=True,
        revoked_at__isnull=True,
        expires_at__gt=ClockTimestamp(),
    )


def _interims_confirmed(line: Delegation) -> QuerySet[Interim]:
    """Those of a line that are confirmed, not ended, and whose last day is not past."""
    rows = line.interims.filter(ended_at__isnull=True, confirmed_at__isnull=False)
    return rows.filter(Q(valid__endswith__isnull=True) | Q(valid__endswith__gt=today()))


def asked_to_attest(person: Person, user: User, line: Delegation) -> May | StaffMay:
    """What attesting a signer's identity asks: ITQ's word for an INTRL, or of ITQ (§2).

    ITQ attests whomever a line names: an INTRL alone both records the line and invites.
    """
    held = Respondent.objects.in_force().filter(
        person=person, role=Role.INTRL, retracted_at__isnull=True
    )
    by_itq = can(user, StaffMay.ATTEST_INTERLOCUTOR, on=line) or held.exists()
    return attesting(Role.INTRL if by_itq else Role.DERO)


def signers_to_attest() -> QuerySet[Person]:
    """Who has an account and stands on a confirmed line of the day, unattested; ``line_id`` is that
    line. ITQ's own list.
    """
    lines = Delegation.objects.in_force(today())
    interims = Interim.objects.filter(
        person=OuterRef("pk"),
        delegation__in=lines.values("pk"),
        valid__contains=today(),
        ended_at__isnull=True,
        confirmed_at__isnull=False,
    )
    accounts = User.objects.filter(person=OuterRef("pk"), is_active=True)
    held = lines.filter(holder=OuterRef("pk")).order_by("pk").values("pk")[:1]
    named = interims.order_by("pk").values("delegation")[:1]
    return (
        Person.objects.filter(Exists(accounts), identity_attested_at__isnull=True)
        .annotate(line_id=Coalesce(Subquery(held), Subquery(named), output_field=BigIntegerField()))
        .filter(line_id__isnull=False)
        .order_by("line_id", "pk")
    )


def attests_alone(person: Person, person_id: int | None) -> bool:
    """Whether someone names ``person`` in the plan, or chose the e-mail that opens the account.

    One person must not both make a signer and vouch for who it is (R-21, E2).
    """
    if person_id is None:
        return False
    mine = Q(recorded_by__person=person_id)
    interims = Interim.objects.filter(person=OuterRef("pk"), ended_at__isnull=True)
    of_line = Interim.objects.filter(
        person=OuterRef(OuterRef("pk")), delegation=OuterRef("pk"), ended_at__isnull=True
    )
    lines = Delegation.objects.standing().filter(Q(holder=OuterRef("pk")) | Exists(of_line))
    sent = Invitation.objects.filter(
        person=OuterRef("pk"), invited_by__person=person_id, revoked_at__isnull=True
    )
    chosen = Exists(lines.filter(mine)) | Exists(interims.filter(mine)) | Exists(sent)
    return Person.objects.filter(chosen, Exists(lines), pk=person.pk).exists()
