"""Queries and buttons asked directly: a row shows where the golden table says, nowhere else (D-06).

A page may stand behind another gate that hides its query's own; here each stands alone.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.conf import settings
from django.urls import resolve, reverse
from django.utils.module_loading import import_string

from billing.queries.gaps import gaps_of, proposals_of
from billing.queries.invoices import invoices_of
from billing.queries.mandates import mandates_of
from billing.queries.payments import payment_rules_of, released_of
from billing.queries.statements import printed_of
from members.events import RESPONDENT_DESIGNATED
from members.models import Organisation, Respondent, User
from members.queries.acts import acts_over
from members.queries.holdings import (
    accesses_of,
    accesses_to_revoke,
    account_managers,
    accounts_to_confirm,
    holders_for_access,
)
from members.queries.journal import history_of
from members.queries.messages import authorisations_of, messages_of, messages_to_itq
from members.queries.organisations import organisations_seen
from members.queries.people import invitations_of, standing
from members.roles import May
from orders.models import LineVersion, Order, ServiceLine
from orders.queries.facts import order_facts
from orders.queries.fleet import line_history
from orders.queries.orders import last_order
from portal.audit import SYSTEM, record
from tests.matrix.counting import COUNTED
from tests.matrix.expected import PLACES, Persona
from tests.matrix.walk import REQUESTS, answer, body_of, undone
from tests.personas import PERSONAS, World

pytestmark = pytest.mark.django_db
WHERE = ("A", "A1", "A2", "B")
SIGNED_IN = [persona for persona in PERSONAS if persona.signed_in]

Ask = Callable[[User, Organisation], Iterable[Any]]
QUERIES: dict[str, tuple[str, tuple[str, ...], Ask]] = {
    "accounts_to_confirm": (
        "account",
        ("confirm_account",),
        lambda user, member: accounts_to_confirm(user),
    ),
    "account_managers": ("manager", ("see_member",), account_managers),
    "accesses_of": ("access", ("keep_accesses",), accesses_of),
    "accesses_to_revoke": (
        "access_left",
        ("keep_accesses",),
        lambda user, member: accesses_to_revoke(user),
    ),
    "invitations_of": ("invitation", ("designate",), invitations_of),
    "invitations_of readers": ("invitation_reader", ("designate", "name_reader"), invitations_of),
    "messages_of": ("answer", ("send_to_itq",), messages_of),
    "messages_to_itq": (
        "message",
        ("answer_members",),
        lambda user, member: messages_to_itq(user),
    ),
    "authorisations_of": ("authorisation", ("send_to_itq",), authorisations_of),
    "billing: invoices_of": ("invoice", ("see_invoices",), invoices_of),
    "billing: released_of": ("invoice_released", ("see_released_invoices",), released_of),
    "billing: gaps_of": ("gap", ("match_billed_lines",), gaps_of),
    "billing: proposals_of": ("line_proposal", ("keep_lines",), proposals_of),
    "billing: mandates_of": ("billing_mandate", ("give_billing_mandate",), mandates_of),
    "billing: printed_of": ("month_statement", ("see_invoices",), printed_of),
    "billing: payment_rules_of": (
        "payment_rule",
        ("name_payer",),
        lambda user, member: payment_rules_of(user, member).values(),
    ),
}
"""By name: the kind of object read, the permissions of which one shows it, and the query."""

CONSOLE = (
    ("members:staff_message_list", "answer_members"),
    ("members:staff_organisation_list", "answer_members"),
    ("members:staff_membership_list", "confirm_membership"),
    ("members:staff_account_list", "confirm_account"),
    ("members:factor_reset_list", "attest_interlocutor"),
    ("members:dead_letter_list", "replay_tasks"),
    ("members:staff_organisation_list", "manage_members"),
    ("members:staff_message_write", "answer_members"),
    ("members:demonstration", "see_outgoing_mail"),
    ("catalogue:request_queue", "answer_members"),
    ("catalogue:import_list", "manage_catalogue"),
    ("catalogue:version_list", "manage_catalogue"),
    ("catalogue:parameter_list", "manage_contracts"),
    ("derogations:proof_rule_list", "set_derogation_rules"),
    ("derogations:provider_form_list", "set_derogation_rules"),
    ("derogations:reply_template_list", "set_derogation_rules"),
    ("derogations:reminder_delay_edit", "set_derogation_rules"),
    ("admin:portal_queuedtask_changelist", "replay_tasks"),
    ("admin:orders_order_changelist", "settle_sending"),
    ("orders:dispatch_mode_list", "manage_contracts"),
    ("orders:dispatch_mode_list", "manage_contracts"),
    ("billing:staff_bill_file_list", "import_group_bills"),
    ("billing:staff_bill_file_list", "import_group_bills"),
    ("billing:staff_bill_file_list", "import_group_bills"),
    ("billing:staff_profile_list", "manage_formats"),
)
"""What the console's front page offers, and who may do it."""


def faults_of(told: Iterable[tuple[str, object, object]]) -> list[str]:
    """The questions whose answer is not the golden table's."""
    faults = []
    for question, found, wanted in told:
        COUNTED["query"] += 1
        if found != wanted:
            faults.append(f"{question}: {found}, expected {wanted}")
    return faults


def everywhere(world: World) -> Iterable[tuple[Persona, User, str]]:
    """Each signed-in persona with each place."""
    for persona in SIGNED_IN:
        for place in WHERE:
            yield persona, world.users[persona.name], place


@pytest.mark.parametrize("name", QUERIES)
def test_each_query_shows_a_row_where_one_may(name: str, world: World, rights_kept):
    kind, may, rows = QUERIES[name]
    faults = faults_of(
        (
            f"{name} at {place} by {persona.name}",
            world.objects[kind][place] in set(rows(user, world.branches[place].organisation)),
            place in persona.reach(may),
        )
        for persona, user, place in everywhere(world)
    )
    assert not faults, "\n".join(faults)


def test_organisations_show_to_those_who_see_one_of_their_branches(world: World, rights_kept):
    faults = faults_of(
        (
            f"{member} by {persona.name}",
            world.branches[member].organisation
            in set(organisations_seen(world.users[persona.name])),
            bool(PLACES[member] & persona.reach(("see_member",))),
        )
        for persona in SIGNED_IN
        for member in "AB"
    )
    assert not faults, "\n".join(faults)


def test_an_access_is_recorded_for_others_by_who_keeps_them(world: World, rights_kept):
    faults = faults_of(
        (
            f"holders at {place} by {persona.name}",
            world.objects["person"][place]
            in set(holders_for_access(user, world.branches[place].organisation)),
            bool(PLACES[place[0]] & persona.reach(("keep_accesses",)))
            and place in persona.reach(("see_member",)),
        )
        for persona, user, place in everywhere(world)
    )
    assert not faults, "\n".join(faults)


def test_an_order_is_repeated_by_who_may_still_order_there(world: World, rights_kept):
    def told():
        for persona, user, place in everywhere(world):
            order = world.objects["order_sent"][place]
            with undone():
                Order.objects.filter(pk=order.pk).update(submitted_by=user)
                found = last_order(user, order.branch.organisation)
            question = f"last order at {place} by {persona.name}"
            yield question, found == order, place in persona.reach(("order",))

    faults = faults_of(told())
    assert not faults, "\n".join(faults)


def test_the_rules_know_who_orders_as_a_representative(world: World, rights_kept):
    def told():
        for persona, user, place in everywhere(world):
            facts = order_facts(world.objects["order"][place], by=user, attested=True)
            question = f"representative at {place} by {persona.name}"
            yield question, facts.orders_as_representative, place in persona.reach(("order",))

    faults = faults_of(told())
    assert not faults, "\n".join(faults)


def test_the_past_of_a_line_shows_where_it_was(world: World, rights_kept):
    """A line that changes branch leaves its past where it was."""
    line = world.objects["line"]["A1"]

    def told():
        for persona, user, place in everywhere(world):
            with undone():
                LineVersion.objects.filter(service_line=line).update(branch=world.branches[place])
                found = line_history(user, line)
            question = f"past at {place} by {persona.name}"
            yield question, bool(found), place in persona.reach(("see_lines",))

    faults = faults_of(told())
    assert not faults, "\n".join(faults)


def test_a_line_that_left_is_listed_in_its_past_and_no_longer_opens(world: World, rights_kept):
    line, away = world.objects["line"]["A2"], world.branches["A1"]
    past = {"au": LineVersion.objects.get(service_line=line).valid.lower.isoformat()}
    request = REQUESTS.get(reverse("orders:line_list", args=[world.slug("A")]), past)
    request.COOKIES[settings.SESSION_COOKIE_NAME] = world.sessions["rcell of A2"]
    with undone():
        ServiceLine.objects.filter(pk=line.pk).update(branch=away)
        body = body_of(answer(request))
    assert line.number in re.sub(r"\D", "", body)
    assert reverse("orders:line_detail", args=[world.slug("A"), line.pk]) not in body


def test_lines_are_chosen_by_who_keeps_them(world: World, rights_kept, quiet):
    """A line of A1 chosen in A's list: seen first, then kept."""
    address = reverse("orders:line_bulk_change", args=[world.slug("A")])

    def told():
        for place in ("A1", "A2", "B"):
            chosen = {"ligne": world.objects["line"][place].pk}
            for persona in SIGNED_IN:
                request = REQUESTS.get(address, chosen)
                request.COOKIES[settings.SESSION_COOKIE_NAME] = world.sessions[persona.name]
                question = f"{place} chosen by {persona.name}"
                yield question, answer(request).status_code, wanted_choice(persona, place)

    faults = faults_of(told())
    assert not faults, "\n".join(faults)


def wanted_choice(persona: Persona, place: str) -> int:
    """404 for what one does not see, 403 for what one does not keep."""
    if not persona.active:
        return 302
    if not persona.knows("A"):
        return 404
    if not PLACES["A"] & persona.reach(("keep_lines",)):
        return 403
    return 200 if place in PLACES["A"] & persona.reach(("keep_lines",)) else 404


def test_the_history_of_an_object_stops_at_the_branches_seen(world: World, rights_kept):
    def told():
        for place in WHERE:
            row = world.objects["respondent"][place]
            with undone():
                record(RESPONDENT_DESIGNATED, by=SYSTEM, on=row)
                for persona in SIGNED_IN:
                    user = world.users[persona.name]
                    found = history_of(user, "members.respondent", row.pk, May.SEE_MEMBER)
                    question = f"history at {place} by {persona.name}"
                    yield question, found.exists(), place in persona.reach(("see_member",))

    faults = faults_of(told())
    assert not faults, "\n".join(faults)


def buttons(persona: Persona, place: str, *may: str) -> bool:
    """Whether one of the permissions holds at a place."""
    return place in persona.reach(may)


def test_each_button_of_the_register_is_shown_to_who_may(world: World, rights_kept):
    def told():
        for persona, user, place in everywhere(world):
            for kind in ("respondent", "dero", "interlocutor"):
                row = respondent_with_standing(world.objects[kind][place])
                acts = acts_over(user, row, has_account=False)
                own = row.person_id == user.person_id
                for name, wanted in wanted_buttons(persona, place, kind, own).items():
                    question = f"{name} {kind} at {place} by {persona.name}"
                    yield question, getattr(acts, name), wanted

    faults = faults_of(told())
    assert not faults, "\n".join(faults)


def respondent_with_standing(row: Any) -> Respondent:
    """The row as the register reads it."""
    return Respondent.objects.annotate(stands=standing()).get(pk=row.pk)


def wanted_buttons(persona: Persona, place: str, kind: str, own: bool) -> dict[str, bool]:
    """The buttons over a row in force of each kind (R-01, R-02, F-82)."""
    intrl = kind == "interlocutor"
    gives = buttons(persona, place, "designate_intrl" if intrl else "designate")
    attests = buttons(persona, place, "attest_interlocutor" if intrl else "attest_identity")
    handing = ("designate_intrl", "designate") if own else ("designate_intrl",)
    return {
        "end": gives,
        "invite": gives,
        "retract": False,
        "attest": attests and not own,
        "reset": attests and not own and not intrl,
        "explain": buttons(persona, place, "designate", "read_all_journal"),
        "confirm": kind == "dero" and buttons(persona, place, "confirm_designation"),
        "hand_over": intrl and buttons(persona, place, *handing),
    }


def test_the_console_offers_what_one_may(world: World, rights_kept, monkeypatch):
    """The demonstration forgoes second factors: who lacks one is left out."""
    monkeypatch.setattr(settings, "DEMONSTRATION", True)

    def told():
        for persona in (persona for persona in SIGNED_IN if persona.factor):
            user = world.users[persona.name]
            entries = [
                entry
                for source in settings.CONSOLE_SOURCES
                for entry in import_string(source)(user)
            ]
            shown = Counter(resolve(one.url.partition("?")[0]).view_name for one in entries)
            wanted = Counter(route for route, may in CONSOLE if persona.reach((may,)))
            yield f"console by {persona.name}", sorted(shown.items()), sorted(wanted.items())
            counted = [one.rows.count() for one in entries if "orders/order/" in one.url]
            uncertain = len(persona.reach(("settle_sending",)))
            yield f"uncertain by {persona.name}", sum(counted), uncertain

    faults = faults_of(told())
    assert not faults, "\n".join(faults)
