"""Grants are the projection of respondents in force: compute, write, compare (permissions.md)."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Permission

from members.grants import BranchGrant
from members.models import Branch, Respondent
from members.roles import ROLE_TABLE, Role

Grant = tuple[int, str, int]
"""(user id, codename, branch id)"""


@dataclass(frozen=True, slots=True)
class Drift:
    """How stored grants differ from recomputed ones."""

    missing: frozenset[Grant]
    extra: frozenset[Grant]


def expected_grants(person_ids: Iterable[int] | None = None) -> frozenset[Grant]:
    """What the respondents in force give, for some people or for everyone."""
    rows = Respondent.objects.effective().filter(person__accounts__is_active=True)
    if person_ids is not None:
        rows = rows.filter(person__in=list(person_ids))
    return frozenset(
        (user_id, may.value, branch_id)
        for user_id, role, branch_id in rows.values_list("person__accounts", "role", "branch")
        for may in ROLE_TABLE[Role(role)]
    )


def stored_grants(person_ids: Iterable[int] | None = None) -> frozenset[Grant]:
    """What guardian's table holds, for some people or for everyone."""
    rows = BranchGrant.objects.all()
    if person_ids is not None:
        rows = rows.filter(user__person__in=list(person_ids))
    return frozenset(rows.values_list("user", "permission__codename", "content_object"))


def drift(person_ids: Iterable[int] | None = None) -> Drift:
    """Compare both; nothing on either side when the projection is true."""
    ids = None if person_ids is None else list(person_ids)
    expected, stored = expected_grants(ids), stored_grants(ids)
    return Drift(missing=expected - stored, extra=stored - expected)


def project(person_ids: Iterable[int] | None = None) -> Drift:
    """Write the missing grants and delete the extra ones; return what was changed.

    A late call can only refuse: the gate asks for the respondent row as well (D-02).
    """
    found = drift(person_ids)
    permissions = dict(
        Permission.objects.filter(
            content_type__app_label="members", content_type__model=Branch._meta.model_name
        ).values_list("codename", "pk")
    )
    BranchGrant.objects.bulk_create(
        [
            BranchGrant(user_id=user, permission_id=permissions[code], content_object_id=branch)
            for user, code, branch in sorted(found.missing)
        ],
        ignore_conflicts=True,
        batch_size=5000,
    )
    for user, code, branch in found.extra:
        BranchGrant.objects.filter(
            user=user, permission=permissions.get(code), content_object=branch
        ).delete()
    return found
