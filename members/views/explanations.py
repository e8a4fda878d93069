"""« Pourquoi ai-je accès ? », what a person may see, and the table of roles (F-82)."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from members.explanations import RULES, SCOPED
from members.models import Organisation
from members.permissions import can, require_member
from members.queries.explanations import (
    chains_over,
    person_in,
    rights_in,
    role_rows,
    scoped_object,
)
from members.queries.people import accounts_of, branches_where, require_branches
from members.requests import SignedInRequest
from members.roles import (
    CONFIRMED_ROLES,
    GROUP_TABLE,
    MANDATED,
    ROLE_TABLE,
    SECOND_FACTOR_ROLES,
    STAFF_TABLE,
    May,
    Role,
    StaffMay,
    StaffRole,
)
from members.views.pages import member_page
from members.words import GROUP_LABELS, SHORT


@require_safe
def access_explain(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    """The chain role → branch → rule by which I see one object."""
    found = scoped_object(request.user, kind, pk)
    context = {
        "object": found,
        "kind": SCOPED[kind].label,
        "chains": chains_over(request.user, kind, found),
    }
    return render(request, "members/access_explain.html", context)


@require_safe
def person_access(request: SignedInRequest, member: str, pk: int) -> HttpResponse:
    """Everything that a person may see in the member, for INTRL and ITQ."""
    organisation = require_member(request.user, member)
    _require_explaining(request, organisation)
    person = person_in(request.user, organisation, pk)
    accounts = [
        {"account": account, "chains": rights_in(account, organisation)}
        for account in accounts_of(person)
    ]
    return member_page(
        request, "members/person_access.html", organisation, person=person, accounts=accounts
    )


def _require_explaining(request: SignedInRequest, organisation: Organisation) -> None:
    """INTRL on some branch, or ITQ's staff."""
    if can(request.user, StaffMay.READ_ALL_JOURNAL, on=None):
        return
    if not branches_where(request.user, May.DESIGNATE, organisation).exists():
        require_branches(request.user, May.DESIGNATE, organisation)


@require_safe
def role_table(request: SignedInRequest) -> HttpResponse:
    """Which role may do what, as the gate reads it; readable to a jurist."""
    rows = [
        (
            label,
            [may in ROLE_TABLE[role] for role in Role],
            [*(may in STAFF_TABLE[s] for s in StaffRole), may in MANDATED],
        )
        for may, label in role_rows()
    ]
    group = [
        (GROUP_LABELS[may], [may in GROUP_TABLE[role] for role in StaffRole]) for may in StaffMay
    ]
    context = {
        "roles": [
            {
                "label": role.label,
                "short": SHORT[role],
                "code": SHORT[role] == role.value.upper(),
                "rule": RULES[role][0],
                "source": RULES[role][1],
                "number": RULES[role][2],
                "factor": role in SECOND_FACTOR_ROLES,
                "confirmed": role in CONFIRMED_ROLES,
            }
            for role in Role
        ],
        "staff_roles": [{"label": role.label, "short": SHORT[role]} for role in StaffRole],
        "rows": rows,
        "group": group,
        "title": _("Qui peut faire quoi"),
    }
    return render(request, "members/role_table.html", context)
