"""What the order's sheet says on its pages, read back by an independent reader."""

import subprocess

import pytest

from members.powers import DerogationKind
from orders.actions.submission import submit_order
from orders.documents import render_sheet
from orders.kinds import OrderState
from orders.models import Order
from portal.files import path_of
from tests.orders.factories import signed_derogation

pytestmark = pytest.mark.django_db


@pytest.fixture
def derogation(world):
    kinds = [DerogationKind.NON_ZERO_COST]
    return signed_derogation(world.dear.version.rank, world.root, kinds=kinds, quantity=3)


@pytest.fixture
def order(world, derogation) -> Order:
    """A zero-cost phone, and one that rests on a derogation."""
    world.organisation.payment_reference = "SAGIR-40512"
    world.organisation.save()
    lines = [world.line(), world.line(device=world.dear, holder=world.holders[1])]
    order = submit_order(order=world.draft(*lines), by=world.alice, attested=True)
    assert order.state == OrderState.SUBMITTED
    return order


def read(order: Order, *options: str) -> str:
    path = path_of(render_sheet(order).sha256)
    told = subprocess.run(["pdftotext", *options, path, "-"], capture_output=True, check=True)
    return told.stdout.decode()


def test_the_sheet_says_what_the_provider_needs(world, order, derogation):
    told = read(order)
    plain = "".join(told.split())
    first, second = order.lines.order_by("position")
    facts = (
        f"Bon de commande {order.number}",
        "TELUS",
        f"{order.rank.number} – Services en mobilité cellulaire",
        "Ville de Val-Fictif",
        "référence SAGIR-40512",
        f"{world.alice.person}, représentant cellulaire",
        "uniquement à un usage professionnel",
        f"Téléphone A ({first.device.code})",
        f"Téléphone B ({second.device.code})",
        f"Voix et données, 5 Go ({world.plan.code})",
        world.holders[0].name,
        world.holders[1].name,
        world.cost_centre.name,
        world.address.label,
        world.address.postal_code,
        f"Dérogation {derogation.number}",
    )
    missing = [fact for fact in facts if "".join(fact.split()) not in plain]
    assert missing == [], told
    assert plain.count(derogation.number) == 1
    assert world.holders[2].name not in told


def test_the_sheet_adds_up_with_its_taxes(order):
    told = read(order, "-layout")
    rows = ["".join(row.split()) for row in told.splitlines()]
    for expected in (
        "0,00$19,50$",
        "329,00$19,50$",
        "Avanttaxes329,00$39,00$",
        "TPS16,45$1,95$",
        "TVQ32,82$3,89$",
        "Total378,27$44,84$",
    ):
        assert any(row.endswith(expected) for row in rows), f"{expected}\n{told}"
