"""What the order's sheet says on its pages, read back by an independent reader."""

import subprocess

import pytest

from members.powers import DerogationKind
from orders import attestation
from orders.actions.submission import submit_order
from orders.documents import render_sheet
from portal.files import path_of
from tests.members.factories import ProviderAccountFactory
from tests.orders.factories import signed_derogation

pytestmark = pytest.mark.django_db


def pages(order) -> str:
    """The sheet's text without its spaces, as the provider's reader finds it."""
    path = path_of(render_sheet(order).sha256)
    told = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True)
    return plain(told.stdout.decode())


def plain(text: object) -> str:
    return "".join(str(text).split())


@pytest.fixture
def order(world):
    """Two new lines, one of them dear under a signed derogation."""
    world.organisation.payment_reference = "SAGIR-4471"
    world.organisation.save()
    rank = world.dear.version.rank
    signed_derogation(rank, world.root, quantity=3, kinds=[DerogationKind.NON_ZERO_COST])
    lines = world.line(), world.line(device=world.dear, holder=world.holders[1])
    return submit_order(
        order=world.draft(*lines), by=world.alice, attested=True, reference="Demande 4412"
    )


def test_the_sheet_says_all_that_the_provider_needs(world, order):
    told = pages(order)
    first, second = order.lines.order_by("position")
    rank = order.rank
    account = world.root.provider_accounts.get(provider=rank.provider)
    facts = (
        f"Bon de commande {order.number}",
        rank.provider.name,
        f"{rank.number} – {rank.contract}",
        world.organisation.name,
        account.number,
        f"{world.organisation.get_payment_system_display()}, référence SAGIR-4471",
        "Demande 4412",
        world.alice.person,
        attestation.WORDINGS[order.attestation_version],
        f"{first.device} ({first.device.code})",
        f"{second.device} ({second.device.code})",
        f"{world.plan} ({world.plan.code})",
        first.holder,
        second.holder,
        world.cost_centre,
        world.address.street,
        f"Dérogation {second.draws.get().derogation.number}",
        # Once: 329.00, then its taxes; monthly: twice 19.50.
        *("329,00 $", "16,45 $", "32,82 $", "378,27 $"),
        *("39,00 $", "1,95 $", "3,89 $", "44,84 $"),
    )
    assert [fact for fact in facts if plain(fact) not in told] == [], told
    assert "Démonstration" not in told


def test_the_sheet_of_a_fictitious_member_orders_nothing(world, order):
    world.organisation.is_fictitious = True
    world.organisation.save()
    order.refresh_from_db()
    ProviderAccountFactory(branch=world.root, provider=order.rank.provider)
    told = pages(order)
    assert plain("Ce bon ne commande rien") in told
    assert plain("Compte de facturation") not in told
