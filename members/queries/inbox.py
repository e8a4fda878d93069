"""What awaits a person among the members' acts: one query a question, none without the right."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import (
    Branch,
    Invitation,
    ItqMessage,
    Membership,
    Respondent,
    User,
)
from members.permissions import can, rights_of, visible
from members.queries.holdings import (
    accesses_to_revoke,
    accounts_to_confirm,
    memberships_to_settle,
)
from members.queries.organisations import uncovered_organisations
from members.queries.people import open_invitations, resets_to_lift, vacancies
from members.queries.plan_inbox import plan_items
from members.roles import CONFIRMED_ROLES, May, StaffMay
from portal.clock import midnight
from portal.inbox import InboxItem
from portal.models import ClockTimestamp
from portal.search import is_nothing

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SHOWN = 20
EXPIRING = timedelta(days=3)


def inbox_items(user: User) -> list[InboxItem]:
    """What awaits ``user`` here."""
    sources = (
        *(
            _second_factor,
            _designations,
            plan_items,
            _revocations,
            _invitations,
            _vacant_roles,
            _messages,
            _authorisations,
        ),
        *(_staff_messages, _staff_files),
    )
    return [item for source in sources for item in source(user)]


def _second_factor(user: User) -> Iterator[InboxItem]:
    """A role that waits for its holder's second factor (F-87)."""
    waiting = [right.label for right in rights_of(user) if right.lacks_factor]
    if waiting:
        yield InboxItem(
            title=_("Ajouter un second facteur à votre compte"),
            url=reverse("members:my_account"),
            kind=_("Mon compte"),
            since=user.created_at,
            detail=", ".join(waiting),
            urgent=True,
        )


def _designations(user: User) -> Iterator[InboxItem]:
    """DERO designations that a second person confirms (R-02)."""
    rows = visible(user, May.CONFIRM_DESIGNATION, Respondent.objects.in_force())
    if is_nothing(rows):
        return
    waiting = rows.filter(
        role__in=sorted(CONFIRMED_ROLES), confirmed_at__isnull=True, retracted_at__isnull=True
    ).exclude(Q(person=user.person_id) | Q(recorded_by__person=user.person_id))
    for row in waiting.select_related("person", "branch__organisation")[:SHOWN]:
        yield InboxItem(
            title=_("Confirmer la désignation de %(person)s") % {"person": row.person},
            url=_page("respondent_detail", row.branch, row.pk),
            kind=str(row.get_role_display()),
            since=row.recorded_at,
            member=str(row.branch.organisation),
        )


def _revocations(user: User) -> Iterator[InboxItem]:
    """Accesses to a provider's portal that outlive a role (R-06)."""
    rows = accesses_to_revoke(user)
    if is_nothing(rows):
        return
    for row in rows[:SHOWN]:
        assert row.revocation_asked_on
        yield InboxItem(
            title=_("Faire retirer l'accès de %(person)s au portail de %(provider)s")
            % {"person": row.person, "provider": row.provider},
            url=_page("access_detail", row.branch, row.pk),
            kind=_("Accès chez un prestataire"),
            since=midnight(row.revocation_asked_on),
            member=str(row.branch.organisation),
            urgent=True,
        )


def _invitations(user: User) -> Iterator[InboxItem]:
    """Invitations that expire within three days, unanswered (F-05)."""
    rows = visible(user, May.DESIGNATE, Invitation.objects.all())
    if is_nothing(rows):
        return
    soon = (
        open_invitations(rows)
        .filter(expires_at__lte=timezone.now() + EXPIRING)
        .order_by("expires_at")
    )
    for row in soon.select_related("person", "branch__organisation")[:SHOWN]:
        yield InboxItem(
            title=_("L'invitation de %(person)s expire bientôt") % {"person": row.person},
            url=reverse("members:invitation_list", args=[row.branch.organisation.slug]),
            kind=_("Invitation"),
            since=row.invited_at,
            member=str(row.branch.organisation),
        )


def _vacant_roles(user: User) -> Iterator[InboxItem]:
    """Roles that nobody holds where I designate (F-03)."""
    branches = visible(user, May.DESIGNATE, Branch.objects.filter(is_root=True))
    if is_nothing(branches):
        return
    vacant = {role: rows[:SHOWN] for role, rows in vacancies(branches).items()}
    ended = _last_ends([branch for rows in vacant.values() for branch in rows])
    for role, rows in vacant.items():
        for branch in rows:
            yield InboxItem(
                title=_("Le rôle « %(role)s » est vacant") % {"role": role.label},
                url=reverse("members:respondent_designate", args=[branch.organisation.slug])
                + f"?role={role.value}",
                kind=_("Rôle vacant"),
                since=ended.get((branch.pk, role.value), timezone.now()),
                member=str(branch.organisation),
            )


def _last_ends(branches: list[Branch]) -> dict[tuple[int, str], datetime]:
    """When each role of these branches was last held; nothing where nobody ever held it."""
    rows = Respondent.objects.filter(branch__in=branches, retracted_at__isnull=True)
    told = rows.order_by().values_list("branch", "role").annotate(last=Max(Upper("period")))
    return {(branch, role): last for branch, role, last in told if last} if branches else {}


def _messages(user: User) -> Iterator[InboxItem]:
    """What ITQ wrote, and copies of what was written in the member's name (R-07)."""
    arrived = Q(direction=ItqMessage.Direction.FROM_ITQ, handled_at__isnull=True)
    copied = Q(direction=ItqMessage.Direction.TO_ITQ, copy_seen_at__isnull=True)
    copied &= ~Q(sent_by=user)
    rows = visible(user, May.SEND_TO_ITQ, ItqMessage.objects.filter(arrived | copied))
    if is_nothing(rows):
        return
    for row in rows.select_related("branch__organisation").order_by("sent_at")[:SHOWN]:
        came = row.direction == ItqMessage.Direction.FROM_ITQ
        yield InboxItem(
            title=row.subject,
            url=_page("message_detail", row.branch, row.pk),
            kind=_("Message d'ITQ") if came else _("Copie d'un message à ITQ"),
            since=row.sent_at,
            member=str(row.branch.organisation),
        )


def _authorisations(user: User) -> Iterator[InboxItem]:
    """An authorisation of the MAMH to file (R-03)."""
    rows = visible(user, May.FILE_MEMBERSHIP, Membership.objects.all())
    if is_nothing(rows):
        return
    missing = rows.filter(authorisation=Membership.Authorisation.REQUIRED)
    for row in missing.select_related("organisation")[:SHOWN]:
        yield InboxItem(
            title=_("Déposer l'autorisation du MAMH"),
            url=reverse("members:membership_list", args=[row.organisation.slug]),
            kind=_("Adhésion"),
            since=row.filed_at,
            member=str(row.organisation),
            urgent=True,
        )


def _staff_messages(user: User) -> Iterator[InboxItem]:
    """What members wrote to ITQ (R-07)."""
    if not can(user, StaffMay.ANSWER_MEMBERS, on=None):
        return
    rows = ItqMessage.objects.filter(
        direction=ItqMessage.Direction.TO_ITQ, handled_at__isnull=True
    ).select_related("branch__organisation")
    for row in rows.order_by("sent_at")[:SHOWN]:
        yield InboxItem(
            title=row.subject,
            url=reverse("members:staff_message_detail", args=[row.pk]),
            kind=_("Message d'un membre"),
            since=row.sent_at,
            member=str(row.branch.organisation),
        )


def _staff_files(user: User) -> Iterator[InboxItem]:
    """What ITQ confirms and whom it chases, a line each, counted in one query (R-03, R-07)."""
    waiting = memberships_to_settle(user)
    if is_nothing(waiting):
        return
    filed = waiting.exclude(
        confirmed_at__isnull=False, authorisation=Membership.Authorisation.REQUIRED
    )
    told = _counted("memberships", filed, F("filed_at")).union(
        _counted("accounts", accounts_to_confirm(user), F("recorded_at")),
        _counted("vacant", uncovered_organisations(user), ClockTimestamp()),
        _counted("resets", resets_to_lift(user), F("asked_at")),
        all=True,
    )
    for row in told:
        if row["number"]:
            title, url, kind = _STAFF_FILES[row["what"]]
            yield InboxItem(
                title=f"{title} : {row['number']}",
                url=url(),
                kind=str(kind),
                since=row["since"],
                urgent=row["what"] == "resets",
            )


_STAFF_FILES: dict[str, tuple["StrOrPromise", Callable[[], str], "StrOrPromise"]] = {
    "memberships": (
        gettext_lazy("Adhésions à confirmer"),
        partial(reverse, "members:staff_membership_list"),
        gettext_lazy("Adhésion"),
    ),
    "accounts": (
        gettext_lazy("Comptes à confirmer"),
        partial(reverse, "members:staff_account_list"),
        gettext_lazy("Compte chez un prestataire"),
    ),
    "vacant": (
        gettext_lazy("Organismes sans interlocuteur"),
        lambda: reverse("members:staff_organisation_list") + "?vacant=intrl",
        gettext_lazy("Rôle vacant"),
    ),
    "resets": (
        gettext_lazy("Levées de second facteur à confirmer"),
        partial(reverse, "members:factor_reset_list"),
        gettext_lazy("Second facteur"),
    ),
}
"""By what is counted: the title, the page, the kind."""


def _counted(what: str, rows: QuerySet[Any], since: Combinable) -> QuerySet[Any, dict[str, Any]]:
    """How many rows there are, and since when the oldest."""
    named: QuerySet[Any, dict[str, Any]] = rows.order_by().values(what=Value(what))
    counted: QuerySet[Any, dict[str, Any]] = named.annotate(number=Count("pk"), since=Min(since))
    return counted


def _page(name: str, branch: Branch, pk: int) -> str:
    """A page of a member about one row."""
    return reverse(f"members:{name}", args=[branch.organisation.slug, pk])
