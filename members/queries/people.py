"""Reads over branches, respondents, invitations and accounts (F-02, F-07)."""

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext as _

from members.models import (
    Branch,
    Delegation,
    FactorReset,
    Interim,
    Invitation,
    Organisation,
    Person,
    Respondent,
    StaffAppointment,
    User,
)
from members.permissions import (
    Refused,
    can,
    explain,
    reach_of,
    rights_of,
    second_factors,
    visible,
)
from members.queries.delegations import organisations_signing
from members.roles import CONFIRMED_ROLES, MAY_LABELS, May, Role, StaffMay
from portal.models import ClockTimestamp

WATCHED_ROLES = (Role.INTRL, Role.RCELL, Role.MANDA, Role.FACTU, Role.DERO)
"""Roles whose vacancy is watched (F-03)."""


def branches_where(user: User, may: May, organisation: Organisation) -> QuerySet[Branch]:
    """The branches of a member on which ``user`` may do that, root first; maybe none."""
    return visible(user, may, organisation.branches.all())


def require_branches(user: User, may: May, organisation: Organisation) -> list[Branch]:
    """The same, for a page that makes no sense without one: Refused when there is none."""
    branches = list(branches_where(user, may, organisation))
    if not branches:
        raise _refusal(user, may)
    return branches


def require_somewhere(user: User, may: May) -> None:
    """For a page over every branch where ``may`` holds: Refused when it holds on none."""
    if reach_of(user, may) == []:
        raise _refusal(user, may)


def _refusal(user: User, may: May) -> Refused:
    """Why not: a second factor to add first, or a role that does not allow it."""
    if any(right.lacks_factor and may in right.permissions for right in rights_of(user)):
        return Refused(
            _("Ajoutez d'abord un second facteur à votre compte, à la page « Mon compte ».")
        )
    return Refused(_("Votre rôle ne permet pas cet acte : %(act)s.") % {"act": MAY_LABELS[may]})


def respondents_of(user: User, organisation: Organisation) -> QuerySet[Respondent]:
    """The rows of the register that ``user`` may see, whatever their dates (F-07).

    ``stands`` says: retracted, to_come, unconfirmed, ended or in_force.
    """
    rows: QuerySet[Respondent] = visible(user, May.SEE_MEMBER, Respondent.objects.all())
    named = rows.filter(branch__organisation=organisation)
    return named.select_related("person", "branch__organisation").annotate(
        since=Lower("period"), until=Upper("period"), stands=standing()
    )


def standing() -> Case:
    """What a row of the register is worth now."""
    now = ClockTimestamp()
    unconfirmed = Q(role__in=sorted(CONFIRMED_ROLES), confirmed_at__isnull=True)
    return Case(
        When(retracted_at__isnull=False, then=Value("retracted")),
        When(period__startswith__gt=now, then=Value("to_come")),
        When(period__endswith__lte=now, then=Value("ended")),
        When(unconfirmed, then=Value("unconfirmed")),
        default=Value("in_force"),
    )


def standing_in(rows: QuerySet[Respondent], *standings: str) -> QuerySet[Respondent]:
    """Those of ``respondents_of`` that stand there now."""
    return rows.filter(Q(("stands__in", standings)))


def people_of(user: User, organisation: Organisation) -> QuerySet[Person]:
    """The people with a role, past or present, or on a delegation line, that ``user`` may see."""
    rows = visible(user, May.SEE_MEMBER, Respondent.objects.filter(retracted_at__isnull=True))
    named = rows.filter(branch__organisation=organisation)
    lines = visible(
        user, May.SEE_PLAN, Delegation.objects.filter(branch__organisation=organisation)
    )
    interims = visible(
        user, May.SEE_PLAN, Interim.objects.filter(branch__organisation=organisation)
    )
    return Person.objects.filter(
        Q(pk__in=named.values("person"))
        | Q(pk__in=lines.values("holder"))
        | Q(pk__in=interims.values("person"))
    )


def selves(person_id: int | None) -> QuerySet[Person, int]:
    """The ids of the rows that stand for one human being: its own, and those merged into it.

    Frozen rows keep the name that they had (D-07); R-21 and D-20 look at the human being.
    """
    rows = Person.objects.order_by().values_list("pk", flat=True)
    return rows.filter(Q(pk=person_id) | Q(merged_into=person_id, merged_into__isnull=False))


def person_at(email: str, organisation: Organisation) -> Person | None:
    """Who has that e-mail among a member's people; asked by an act, so as to make nobody twice."""
    here = (
        Q(respondents__branch__organisation=organisation)
        | Q(delegations__branch__organisation=organisation)
        | Q(interims__branch__organisation=organisation)
    )
    return Person.objects.filter(here, email=email.lower()).first()


def invitations_of(user: User, organisation: Organisation) -> QuerySet[Invitation]:
    """The invitations of the branches where ``user`` designates."""
    rows = visible(user, May.DESIGNATE, Invitation.objects.all())
    readers = visible(
        user,
        May.NAME_READER,
        Invitation.objects.filter(role=Role.READER),
    )
    both = Invitation.objects.filter(Q(pk__in=rows.values("pk")) | Q(pk__in=readers.values("pk")))
    status = Case(
        When(accepted_at__isnull=False, then=Value("accepted")),
        When(revoked_at__isnull=False, then=Value("revoked")),
        When(expires_at__lte=ClockTimestamp(), then=Value("expired")),
        default=Value("open"),
    )
    here = both.filter(branch__organisation=organisation)
    found = here.select_related("person", "branch__organisation", "delegation")
    return found.annotate(status=status)


def open_invitations(rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Those whose link still works by its own dates."""
    return rows.filter(
        accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=ClockTimestamp()
    )


def vacancies(branches: QuerySet[Branch]) -> dict[Role, list[Branch]]:
    """For each watched role, the branches among ``branches`` that nobody in force covers (F-03).

    A role held on the root covers the subdivisions. Two queries.
    """
    held = set(
        Respondent.objects.effective()
        .filter(role__in=WATCHED_ROLES, branch__organisation__branches__in=branches)
        .values_list("branch__organisation", "branch__is_root", "branch", "role")
    )
    roots = {(organisation, role) for organisation, is_root, _pk, role in held if is_root}
    own = {(pk, role) for _organisation, _root, pk, role in held}
    rows = list(branches.select_related("organisation"))
    return {
        role: [
            row
            for row in rows
            if (row.organisation_id, role) not in roots and (row.pk, role) not in own
        ]
        for role in WATCHED_ROLES
    }


def accounts_of(person: Person) -> QuerySet[User]:
    """The accounts of a person whose page one may already see, with their second factor."""
    factors = second_factors(OuterRef("pk"))
    return User.objects.filter(person=person).annotate(factor=Exists(factors)).order_by("email")


def needs_two_agents(account: User, branch: Branch) -> bool:
    """An INTRL, ITQ's staff, and people of several members are beyond one INTRL's word.

    Whoever signs for another member is of that one too.
    """
    roles = Respondent.objects.in_force().filter(
        person=account.person_id, retracted_at__isnull=True
    )
    elsewhere = roles.exclude(branch__organisation=branch.organisation_id)
    staff = StaffAppointment.objects.in_force().filter(person=account.person_id)
    signs = organisations_signing(account.person_id) if account.person_id else set()
    if signs - {branch.organisation_id}:
        return True
    return roles.filter(role=Role.INTRL).exists() or elsewhere.exists() or staff.exists()


def inviter_stands(invitation: Invitation, permission: May | StaffMay) -> bool:
    """Whether the inviter may still give that role on that branch (F-05)."""
    inviter = User.objects.get(pk=invitation.invited_by_id)
    return bool(explain(inviter, permission, invitation.branch))


def invitation_by_link(token_sha256: str) -> Invitation | None:
    """The open invitation behind a link; None whether it never was or is no more."""
    rows = Invitation.objects.filter(token_sha256=token_sha256)
    found = open_invitations(rows).select_related("person", "branch__organisation", "delegation")
    return found.first()


def has_account_at(email: str) -> bool:
    """Whether an account exists at an e-mail; told only to the holder of a link sent there."""
    return User.objects.filter(email=email).exists()


def factor_resets() -> QuerySet[FactorReset]:
    """Resets that two agents decide; the page that shows them asks the group permission."""
    return FactorReset.objects.select_related(
        "account__person", "asked_by__person", "completed_by__person"
    )


def resets_to_lift(user: User) -> QuerySet[FactorReset]:
    """Second factors that another agent asked to lift, for who may confirm it (signing.md §3.4)."""
    rows = FactorReset.objects.filter(completed_at__isnull=True)
    if not can(user, StaffMay.ATTEST_INTERLOCUTOR, on=None):
        return rows.none()
    return rows.exclude(asked_by__person=user.person_id)


def appointments() -> QuerySet[StaffAppointment]:
    """ITQ's staff, by date; the page that shows them asks the group permission."""
    email = User.objects.filter(person=OuterRef("person")).values("email")[:1]
    return (
        StaffAppointment.objects.select_related("person")
        .annotate(since=Lower("period"), until=Upper("period"), email=Subquery(email))
        .order_by("-since", "pk")
    )


def demonstration_accounts() -> list[User]:
    """The fictitious accounts, by e-mail; asked by the demonstration's page only (D-55)."""
    rows = User.objects.filter(email__endswith="@exemple.test").select_related("person")
    return list(rows.order_by("email"))
