"""The member's own page: who holds what, what is vacant, where the membership stands."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from members.models import Organisation, Respondent
from members.permissions import held_in, require_member
from members.queries.contracts import membership_verdicts
from members.queries.holdings import account_managers, accounts_held
from members.queries.people import (
    branches_where,
    invitations_of,
    open_invitations,
    respondents_of,
    standing_in,
    vacancies,
)
from members.requests import SignedInRequest
from members.roles import May, Role
from members.views.pages import member_page
from portal.clock import today


@require_safe
def member_home(request: SignedInRequest, member: str) -> HttpResponse:
    """Who holds what by branch, the vacant roles, accounts, membership, and the next acts."""
    organisation = require_member(request.user, member)
    branches = branches_where(request.user, May.SEE_MEMBER, organisation)
    return member_page(
        request,
        "members/member_home.html",
        organisation,
        branches=_held(request, organisation),
        vacant=[
            (role, rows) for role, rows in vacancies(branches.filter(is_root=True)).items() if rows
        ],
        verdicts=membership_verdicts(organisation, today()),
        accounts=accounts_held(request.user, organisation),
        managers=account_managers(request.user, organisation),
        invitations=open_invitations(invitations_of(request.user, organisation)),
        may_designate=May.DESIGNATE in held_in(request.user, organisation.slug),
    )


def _held(request: SignedInRequest, organisation: Organisation) -> list[dict[str, object]]:
    """Each branch with the rows in force on it, in the order of the roles."""
    rows = standing_in(respondents_of(request.user, organisation), "in_force", "unconfirmed")
    by_branch: dict[int, list[Respondent]] = {}
    order = list(Role)
    for row in sorted(rows, key=lambda row: (order.index(Role(row.role)), row.pk)):
        by_branch.setdefault(row.branch_id, []).append(row)
    branches = branches_where(request.user, May.SEE_MEMBER, organisation)
    return [{"branch": branch, "rows": by_branch.get(branch.pk, [])} for branch in branches]
