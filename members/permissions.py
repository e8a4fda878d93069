"""The gate: ``can``, ``require``, ``visible`` and ``perform`` (permissions.md §1, D-02)."""

from dataclasses import dataclass
from typing import Any, TypeVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, When
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from guardian.utils import get_user_obj_perms_model

from members.grants import BranchGrant
from members.models import (
    BillingMandate,
    Branch,
    Organisation,
    Respondent,
    StaffAppointment,
    User,
)
from members.roles import (
    GROUP_TABLE,
    MANDATED,
    MANDATED_LABEL,
    MAY_LABELS,
    ROLE_TABLE,
    SECOND_FACTOR_ROLES,
    SIGNER_LABEL,
    STAFF_TABLE,
    SYSTEM_TABLE,
    May,
    PersonalMay,
    Role,
    StaffMay,
    StaffRole,
)
from portal.audit import SYSTEM, Actor, SystemActor
from portal.search import within
from portal.workflow import Transition, advance

M = TypeVar("M", bound=models.Model)
WHOLE_GROUP = None
"""What group-level acts are done ``on``."""


class Unseen(Http404):
    """The object is not the user's to see: the same answer as a missing one (D-04)."""


class Refused(PermissionDenied):
    """The object may be seen, and this act may not be done on it: 403, with the reason."""


@dataclass(frozen=True, slots=True)
class Right:
    """What one respondent row in force, or one staff appointment, opens now.

    ``reach`` holds the ids of the branches it covers; None means every branch (staff, D-05).
    ``members`` names the organisations where it is worn: that of the respondent, or those that
    gave staff a mandate (R-44); it is empty where ``reach`` is None.
    ``permissions`` are those that both the role table and the stored grants give (D-02).
    """

    label: str
    role: str
    branch_id: int | None
    organisation: Organisation | None
    reach: frozenset[int] | None
    permissions: frozenset[str]
    lacks_factor: bool
    members: frozenset[str] = frozenset()

    def worn_in(self, slug: str) -> bool:
        """Whether the hat is worn in a member, whatever the branch."""
        return self.reach is None or slug in self.members

    def opens(self, permission: str, branch_id: int | None) -> bool:
        """Whether this right allows ``permission`` on that branch, second factor apart."""
        if permission not in self.permissions:
            return False
        return self.reach is None or branch_id in self.reach


def rights_of(user: User, *, fresh: bool = False) -> tuple[Right, ...]:
    """Every right of ``user`` at the database's clock; kept on the request's user for its buttons.

    Actions ask again (``fresh``), so that a role that ended a moment ago refuses. Who is not signed
    in is not active either.
    """
    if not user.is_active:
        return ()
    if fresh or not hasattr(user, "_rights"):
        user._rights = (*_respondent_rights(user), *_staff_rights(user))  # type: ignore[attr-defined]
    return user._rights  # type: ignore[attr-defined,no-any-return]


def can(user: User | SystemActor, permission: May | StaffMay, on: models.Model | None) -> bool:
    """Whether the button may be shown."""
    if isinstance(user, SystemActor):
        return permission in SYSTEM_TABLE
    branch_id = branch_of(on)
    return any(r.opens(permission, branch_id) and not r.lacks_factor for r in rights_of(user))


def require(user: Actor, permission: May | StaffMay, on: models.Model | None) -> str:
    """First line of every action: return the hat worn, or raise Unseen or Refused."""
    if isinstance(user, SystemActor):
        if permission in SYSTEM_TABLE:
            return SYSTEM.audit_label
        raise Refused(_("Le système ne commence pas cet acte."))
    assert isinstance(user, User)
    branch_id = branch_of(on)
    rights = rights_of(user, fresh=True)
    opening = [r for r in rights if r.opens(permission, branch_id)]
    for right in opening:
        if not right.lacks_factor:
            return right.label
    if opening:
        raise Refused(
            _("Ajoutez d'abord un second facteur à votre compte, à la page « Mon compte ».")
        )
    if on is not None and not any(r.reach is None or branch_id in r.reach for r in rights):
        raise Unseen
    label = MAY_LABELS.get(permission, permission)  # type: ignore[arg-type]
    raise Refused(_("Votre rôle ne permet pas cet acte : %(act)s.") % {"act": label})


def organisations_of(user: User) -> list[Organisation]:
    """The members in which ``user`` wears a hat, by name; staff wear one on all and get none."""
    worn = {r.organisation.pk: r.organisation for r in rights_of(user) if r.organisation}
    return sorted(worn.values(), key=lambda organisation: organisation.name)


def held_in(user: User, slug: str) -> set[str]:
    """What some hat of ``user`` opens in a member: the pages, tabs and buttons worth drawing."""
    held: set[str] = set()
    for right in rights_of(user):
        if right.worn_in(slug) and not right.lacks_factor:
            held |= right.permissions
    return held


def require_member(user: User, slug: str) -> Organisation:
    """The member that an address names, when ``user`` wears a hat there; otherwise Unseen (404)."""
    for right in rights_of(user):
        if right.organisation and right.organisation.slug == slug:
            return right.organisation
        if right.reach is None:
            return get_object_or_404(Organisation, slug=slug)
    raise Unseen


def visible(user: User, permission: May, queryset: models.QuerySet[M]) -> models.QuerySet[M]:
    """First call of every query: ``queryset`` narrowed to the branches where ``permission`` holds.

    The ids are found first and passed as literals (performance.md §5).
    """
    reach = reach_of(user, permission)
    if reach is None:
        return queryset
    if queryset.model is Organisation:
        return queryset.filter(pk__in=Branch.objects.filter(pk__in=reach).values("organisation"))
    path = "pk" if queryset.model is Branch else "branch"
    return within(queryset, path, reach)


def reach_of(user: User, permission: May) -> list[int] | None:
    """The ids of the branches where ``permission`` holds; None for every branch."""
    holding = [r for r in rights_of(user) if permission in r.permissions and not r.lacks_factor]
    reached: set[int] = set()
    for right in holding:
        if right.reach is None:
            return None
        reached |= right.reach
    return sorted(reached)


def granted(
    user: User, permission: PersonalMay, queryset: models.QuerySet[M]
) -> models.QuerySet[M]:
    """First call of a signer's query: the objects granted to ``user`` alone, without any role.

    The second factor is not asked here: a first-time signer enrols one from the page. What the
    grant rests on is asked beside it by the app that owns the object (D-02).
    """
    if not user.is_active:
        return queryset.none()
    verified = EmailAddress.objects.filter(user=user, verified=True)
    table: Any = get_user_obj_perms_model(queryset.model)  # type: ignore[arg-type]
    grants = table.objects.filter(user=user, permission__codename=permission.value)
    return queryset.filter(Exists(verified), pk__in=grants.values("content_object"))


def require_granted(user: User, permission: PersonalMay, on: models.Model) -> str:
    """First line of a signer's action: the hat worn, or Unseen where nothing was granted."""
    if not granted(user, permission, type(on)._default_manager.filter(pk=on.pk)).exists():
        raise Unseen
    return str(SIGNER_LABEL)


def perform(transition: Transition, on: M, by: Actor, **data: object) -> M:
    """An action that is a transition: require, then advance; returns the fresh row."""
    if transition.permission is None:
        raise Refused(_("Cet acte n'appartient à personne."))
    hat = require(by, May(transition.permission), on)
    return advance(transition, on=on, by=by, hat=hat, **data)


def explain(user: User, permission: May | StaffMay, on: models.Model) -> list[Right]:
    """The chain role → branch → rule for each right that opens ``on`` (F-82)."""
    branch_id = branch_of(on)
    return [r for r in rights_of(user) if r.opens(permission, branch_id)]


def has_second_factor(user: User) -> bool:
    """Whether the account has enrolled a second factor, recovery codes apart."""
    return bool(second_factors(user).exists())


def second_factors(user: User | models.OuterRef) -> models.QuerySet[Authenticator]:
    """What an account has enrolled beside its password, recovery codes apart."""
    factors: models.QuerySet[Authenticator] = Authenticator.objects.filter(user=user)
    return factors.exclude(type=Authenticator.Type.RECOVERY_CODES)


def branch_of(on: models.Model | None) -> int | None:
    """The id of the branch that an object hangs on; an organisation hangs on its root."""
    if on is None:
        return None
    if isinstance(on, Branch):
        return on.pk
    if isinstance(on, Organisation):
        return on.branches.filter(is_root=True).values_list("pk", flat=True).get()
    branch_id: int = on.branch_id  # type: ignore[attr-defined]
    return branch_id


def identity_facts(user: User) -> dict[str, Any]:
    """Annotations that say whether the account is verified and has a second factor."""
    return {
        "verified": Exists(EmailAddress.objects.filter(user=user, verified=True)),
        "factor": Exists(second_factors(user)),
    }


def _respondent_rights(user: User) -> list[Right]:
    """Respondent rows in force, each with its stored grants and the branches it reaches."""
    below = Branch.objects.filter(Q(pk=OuterRef("branch_id")) | Q(organisation=OuterRef("root_of")))
    granted = BranchGrant.objects.filter(user=user, content_object=OuterRef("branch_id"))
    rows = (
        Respondent.objects.effective()
        .filter(person=user.person_id)
        .select_related("branch__organisation")
        .annotate(
            root_of=Case(When(branch__is_root=True, then="branch__organisation_id")),
            reach=ArraySubquery(below.values("pk")),
            granted=ArraySubquery(granted.values("permission__codename")),
            **identity_facts(user),
        )
    )
    return [
        Right(
            label=f"{row.get_role_display()}, {row.branch}",
            role=row.role,
            branch_id=row.branch_id,
            organisation=row.branch.organisation,
            reach=frozenset(row.reach),
            permissions=ROLE_TABLE[Role(row.role)] & frozenset(row.granted),
            lacks_factor=row.role in SECOND_FACTOR_ROLES and _lacks(row.factor),
            members=frozenset({row.branch.organisation.slug}),
        )
        for row in rows
        if row.verified
    ]


def _staff_rights(user: User) -> list[Right]:
    """The staff appointment in force: rights on every branch, and those that mandates add."""
    mandated = mandated_branches()
    rows = (
        StaffAppointment.objects.in_force()
        .filter(person=user.person_id)
        .annotate(
            mandated=ArraySubquery(mandated.values("pk")),
            mandators=ArraySubquery(mandated.values("organisation__slug")),
            **identity_facts(user),
        )
    )
    rights = []
    for row in rows:
        if row.verified:  # type: ignore[attr-defined]
            rights += [_staff_right(row), *([_mandated_right(row)] if row.mandated else [])]
    return rights


def mandated_branches() -> models.QuerySet[Branch]:
    """The branches that a mandate in force covers: its own, or all when given at the root."""
    given = BillingMandate.objects.in_force()
    whole = given.filter(branch__is_root=True).values("branch__organisation")
    return Branch.objects.filter(
        Q(pk__in=given.values("branch")) | Q(organisation__in=whole)
    ).order_by()


def _staff_right(row: Any) -> Right:
    """What the appointment opens everywhere."""
    return Right(
        label=row.get_role_display(),
        role=row.role,
        branch_id=None,
        organisation=None,
        reach=None,
        permissions=STAFF_TABLE[StaffRole(row.role)] | GROUP_TABLE[StaffRole(row.role)],
        lacks_factor=_lacks(row.factor),
    )


def _mandated_right(row: Any) -> Right:
    """What it opens besides on the branches whose member gave ITQ a mandate (R-44)."""
    return Right(
        label=MANDATED_LABEL % {"role": row.get_role_display()},
        role=row.role,
        branch_id=None,
        organisation=None,
        reach=frozenset(row.mandated),
        permissions=MANDATED,
        lacks_factor=_lacks(row.factor),
        members=frozenset(row.mandators),
    )


def _lacks(factor: bool) -> bool:
    """A second factor is asked of everyone but in the demonstration (D-55)."""
    return not factor and not settings.DEMONSTRATION
