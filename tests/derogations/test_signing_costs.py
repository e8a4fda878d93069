"""What the pages of a signature cost: fifteen queries at most, however much there is to judge."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from derogations.challenges import digest_of, terms_of
from derogations.declarations import declaration_of
from derogations.kinds import AttachmentKind, DerogationState, SigningAct
from derogations.models import Challenge, Message, Refusal
from members.models import Delegation, User
from members.powers import DerogationKind
from members.roles import Role
from portal.clock import database_clock
from portal.models import StoredFile
from tests.derogations.factories import AttachmentFactory, DerogationFactory
from tests.derogations.paper_acts import attached
from tests.derogations.signing_world import (
    PASSWORD,
    SigningWorld,
    SoftwareKey,
    fresh,
    second_signer,
    sign,
    signing_world,
)
from tests.derogations.test_signing_pages import client_of, open_gesture, page
from tests.members.factories import (
    AbsenceFactory,
    BranchFactory,
    DelegationFactory,
    InterimFactory,
    PersonFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db

MOST = 15
ENROL = 18
"""The page where a key is added: allauth's form asks six by itself, and keeps its challenge."""
BOTH = [DerogationKind.NETWORK, DerogationKind.TECHNOLOGICAL]


def cost(client: Client, url: str, posted: dict[str, str] | None = None, status: int = 200) -> int:
    """How many queries a page asks."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url) if posted is None else client.post(url, posted)
    assert answer.status_code == status, url
    return len(asked)


def told(world: SigningWorld) -> None:
    """Everything that a page shows beside the request: words, papers, like cases, signatures."""
    row = world.derogation
    Message.objects.create(derogation=row, text="Est-ce urgent ?", written_by=world.signer)
    AttachmentFactory(
        derogation=row,
        kind=AttachmentKind.CREDIT_CERTIFICATE,
        file=StoredFile.objects.first(),
        name="credits.pdf",
        added_by=world.signer,
    )
    for state in (DerogationState.SIGNED, DerogationState.REFUSED):
        DerogationFactory(frozen=True, branch=row.branch, state=state, signed_at=database_clock())
        DerogationFactory(frozen=True, state=state)


def powers(world: SigningWorld) -> None:
    """Four ways to the same request for the signer: holder twice, interim, substitute."""
    plan, person = world.line.plan, world.signer.person
    DelegationFactory(plan=plan, holder=person, clause="4.4", beyond_fiscal_year=True)
    absent = PersonFactory()
    line = DelegationFactory(plan=plan, holder=absent, clause="4.5", beyond_fiscal_year=True)
    InterimFactory(delegation=line, person=person)
    AbsenceFactory(branch=world.line.branch, person=absent, substitute=person)


def waiting(world: SigningWorld) -> dict[str, int]:
    """The cost of each page of a request that awaits its signer, from the first to the gesture."""
    client, number = client_of(world.signer), world.derogation.number
    client.get(page("signature_list"))  # what a process asks once: content types
    names = ("request", "refuse", "question")
    costs = {name: cost(client, page(f"signature_{name}", number)) for name in names}
    costs["list"] = cost(client, page("signature_list"))
    costs["message"] = cost(client, page("signature_message", number), {}, status=422)
    costs["enrol"] = cost(fresh_client(world.signer), page("signature_enrol", number))
    gesture = open_gesture(client, number, **chosen(world, client))
    costs["gesture"] = cost(client, gesture)
    costs["gesture refused"] = cost(client, gesture, {}, status=422)
    costs["request, opened"] = cost(client, page("signature_request", number))
    return costs


def chosen(world: SigningWorld, client: Client) -> dict[str, object]:
    """Every head, and the first power offered, as far as the page asks for them."""
    shown = client.get(page("signature_request", world.derogation.number))
    fields = shown.context["form"].fields
    return {
        "kinds": [head.kind for head in world.derogation.heads.all()],
        "power": fields["power"].choices[0][0] if "power" in fields else "",
    }


def fresh_client(user: User) -> Client:
    """Proved by the password a moment ago: a key may be added."""
    client = client_of(user)
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    return client


def over(costs: dict[str, int]) -> dict[str, int]:
    """The pages that cost more than they may."""
    print(costs)
    most = {"enrol": ENROL}
    return {name: count for name, count in costs.items() if count > most.get(name, MOST)}


def test_each_page_of_a_request_that_awaits_its_signer_costs_fifteen_queries_at_most():
    assert not over(waiting(signing_world()))


def test_so_it_does_with_all_that_a_request_may_hold():
    world = signing_world(kinds=BOTH, steps=[1, 1])
    told(world)
    powers(world)
    world.another()
    sign(world, second_signer(world))
    row = world.version
    Refusal.objects.create(
        version=row,
        kinds=[BOTH[0]],
        person=world.signer.person,
        user=world.signer,
        reason="budget",
        text="Trop cher",
        next_step="Attendre",
        refused_at=database_clock(),
        delegation=world.line,
        capacity="holder",
    )
    SoftwareKey(world.signer)
    assert not over(waiting(world))


def test_two_heads_and_four_powers_cost_what_one_costs():
    one, more = signing_world(), signing_world(kinds=BOTH)
    powers(more)
    assert waiting(more) == waiting(one)


def test_what_else_awaits_in_other_branches_costs_nothing_more():
    few, many = signing_world(), signing_world()
    few.another()
    for _ in range(3):
        branch = BranchFactory(organisation=many.organisation)
        many.derogation.branch = branch
        many.another()
    assert waiting(many) == waiting(few)


def test_once_signed_and_then_withdrawn():
    world = signing_world(kinds=BOTH)
    told(world)
    powers(world)
    world.another()
    sign(world)
    key = SoftwareKey(world.signer)
    client, number = client_of(world.signer), world.derogation.number
    costs = {"signed": cost(client, page("signature_request", number))}
    costs["withdraw"] = cost(client, page("signature_withdraw", number))
    gesture = client.post(page("signature_withdraw", number))["Location"]
    costs["withdraw gesture"] = cost(client, gesture)
    challenge = fresh(Challenge.objects.get(act=SigningAct.WITHDRAW))
    digest = digest_of(terms_of(challenge, declaration_of(challenge)))
    proof = {"declared": "on", "reason": "Plus besoin", "credential": key.answer(digest).credential}
    assert client.post(gesture, proof).status_code == 302
    costs["withdrawn"] = cost(client, page("signature_request", number))
    assert not over(costs)


@pytest.mark.parametrize("reached", [True, False], ids=["powers", "no power"])
def test_the_paper_page(reached):
    world = signing_world()
    powers(world)
    attached(world, second_signer(world))
    if not reached:
        Delegation.objects.update(ceiling_amount=1)
    url = page("paper_detail", world.organisation.slug, world.derogation.number)
    branch = world.derogation.branch
    accounts = {role: respondent_user(role, branch) for role in (Role.RCELL, Role.MANDA)}
    costs = {name: cost(client_of(user), url) for name, user in accounts.items()}
    costs["agent"] = cost(client_of(staff_user()), url)
    assert not over(costs)


def test_the_grants_of_a_member_cost_the_same_for_one_request_and_for_ten():
    world = signing_world(steps=[1, 1], step_posts=["Chef", "Direction"])
    second_signer(world, post="Chef")
    counted = []
    for more in (0, 9):
        for _ in range(more):
            world.another(steps=[1, 1], step_posts=["Chef", "Direction"])
        with CaptureQueriesContext(connection) as queries:
            world.project()
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 12
