"""What the console's front page counts among the members' acts, and what ITQ does about tasks."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import ItqMessage, User
from members.permissions import WHOLE_GROUP, can, require
from members.queries.holdings import accounts_to_confirm, memberships_to_settle
from members.queries.organisations import uncovered_organisations
from members.queries.people import resets_to_lift
from members.roles import May, StaffMay
from portal.inbox import Awaiting
from portal.models import QueuedTask


def console_entries(user: User) -> list[Awaiting]:
    """What awaits ITQ here, then the acts that begin here; only what ``user`` may do."""
    return [*_messages(user), *_files(user), *_factors(user), *_tasks(user), *_acts(user)]


def dead_letters(user: User) -> QuerySet[QueuedTask]:
    """Promised work given up after its last attempt, newest first (X-25)."""
    require(user, StaffMay.REPLAY_TASKS, on=WHOLE_GROUP)
    return QueuedTask.objects.filter(dead_at__isnull=False).order_by("-dead_at", "-pk")


def _messages(user: User) -> Iterator[Awaiting]:
    """Messages to answer, members without an interlocutor (R-07, F-03)."""
    if not can(user, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP):
        return
    written = ItqMessage.objects.filter(
        direction=ItqMessage.Direction.TO_ITQ, handled_at__isnull=True
    )
    yield Awaiting(
        _("Messages des membres à traiter"), reverse("members:staff_message_list"), written
    )
    yield Awaiting(
        _("Organismes sans interlocuteur"),
        reverse("members:staff_organisation_list") + "?vacant=intrl",
        uncovered_organisations(user),
    )


def _files(user: User) -> Iterator[Awaiting]:
    """Memberships and accounts to confirm (R-03, R-17)."""
    if can(user, May.CONFIRM_MEMBERSHIP, on=WHOLE_GROUP):
        yield Awaiting(
            _("Adhésions à confirmer"),
            reverse("members:staff_membership_list"),
            memberships_to_settle(user),
        )
    if can(user, May.CONFIRM_ACCOUNT, on=WHOLE_GROUP):
        yield Awaiting(
            _("Comptes chez les prestataires à confirmer"),
            reverse("members:staff_account_list"),
            accounts_to_confirm(user),
        )


def _factors(user: User) -> Iterator[Awaiting]:
    """Second factors that a second person lifts."""
    if can(user, StaffMay.ATTEST_INTERLOCUTOR, on=WHOLE_GROUP):
        yield Awaiting(
            _("Seconds facteurs à lever"),
            reverse("members:factor_reset_list"),
            resets_to_lift(user),
        )


def _tasks(user: User) -> Iterator[Awaiting]:
    """Promised work given up, for whom may replay it (X-25)."""
    if can(user, StaffMay.REPLAY_TASKS, on=WHOLE_GROUP):
        yield Awaiting(
            _("Tâches abandonnées à relancer"),
            reverse("members:dead_letter_list"),
            dead_letters(user),
        )


def _acts(user: User) -> Iterator[Awaiting]:
    """What begins on ITQ's pages."""
    if can(user, StaffMay.MANAGE_MEMBERS, on=WHOLE_GROUP):
        yield Awaiting(
            _("Organismes et interlocuteurs"),
            reverse("members:staff_organisation_list"),
            note=_("Inscrire un organisme, désigner son interlocuteur sur acte écrit."),
        )
    if can(user, StaffMay.ANSWER_MEMBERS, on=WHOLE_GROUP):
        yield Awaiting(
            _("Écrire à un membre"),
            reverse("members:staff_message_write"),
            note=_("Le message arrive à l'interlocuteur."),
        )
    if settings.DEMONSTRATION and can(user, StaffMay.SEE_OUTGOING_MAIL, on=WHOLE_GROUP):
        yield Awaiting(
            _("Courriels sortants"),
            reverse("members:demonstration"),
            note=_("Ce que la démonstration a envoyé, gardé en fichiers."),
        )
