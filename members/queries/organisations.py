"""Reads over organisations for ITQ: who is a member, which roles are vacant (F-03)."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from members.models import Organisation, Respondent, User
from members.permissions import can, visible
from members.roles import May, Role, StaffMay


def organisations_seen(user: User) -> QuerySet[Organisation]:
    """The organisations that ``user`` sees, each with its roles in force on its root.

    ``has_intrl``, ``has_rcell``, ``has_manda``, ``has_factu``, ``has_dero``; ``branch_count``.
    """
    rows = visible(user, May.SEE_MEMBER, Organisation.objects.all())
    held = {
        f"has_{role.value}": Exists(_in_force_on_root(role))
        for role in (Role.INTRL, Role.RCELL, Role.MANDA, Role.FACTU, Role.DERO)
    }
    return rows.annotate(
        **held, branch_count=Count("branches", filter=Q(branches__is_root=False), distinct=True)
    )


def uncovered_organisations(user: User) -> QuerySet[Organisation]:
    """Organisations that take part and whose root has no interlocutor in force, for whom answers
    members (R-07).
    """
    if not can(user, StaffMay.ANSWER_MEMBERS, on=None):
        return Organisation.objects.none()
    rows = Organisation.objects.exclude(status=Organisation.Status.LEFT)
    return rows.filter(~Exists(_in_force_on_root(Role.INTRL)))


def _in_force_on_root(role: Role) -> QuerySet[Respondent]:
    """Holders of a role on the root of the outer organisation."""
    rows: QuerySet[Respondent] = Respondent.objects.effective()
    return rows.filter(role=role, branch__is_root=True, branch__organisation=OuterRef("pk"))
