"""The walls can fall: each finds, in a few invented lines, what it is there to find."""

import ast

import pytest

from tests.house.test_actions import gate_fault
from tests.house.test_events import is_participle
from tests.house.test_rooms import is_pure
from tests.house.test_templates import _INLINE, _STYLE
from tests.house.test_writes import state_faults, write_faults
from tests.house.tree import ROOT, Module


def invented(source: str) -> Module:
    """A module of the orders that no file holds."""
    module = Module(ROOT / "orders/invented.py")
    vars(module)["source"] = source
    return module


@pytest.mark.parametrize(
    "line",
    [
        "order.save()",
        "Order.objects.create(branch=branch)",
        "orders.update(note='')",
        "Order.objects.bulk_create(rows)",
        "order.delete()",
        "cursor.execute('UPDATE orders_order SET note = 1')",
    ],
)
def test_a_write_is_found(line):
    assert write_faults(invented(line))


@pytest.mark.parametrize("line", ["known.update(other)", "digest.update(b'')", "order.lines.all()"])
def test_a_read_is_not_a_write(line):
    assert not write_faults(invented(line))


@pytest.mark.parametrize(
    "line",
    [
        "order.state = 'sent'",
        "order.state, order.note = 'sent', ''",
        "Order(state='sent')",
        "orders.update(state='sent')",
        "setattr(order, 'state', 'sent')",
        "Order.objects.update_or_create(pk=1, defaults={'state': 'sent'})",
    ],
)
def test_a_written_state_is_found(line):
    assert state_faults(invented(line), {"Order"})


def fault_of(*lines: str) -> str | None:
    body = "\n    ".join(lines)
    (function,) = ast.parse(f"@action\ndef sign(*, order, by):\n    {body}").body
    assert isinstance(function, ast.FunctionDef)
    return gate_fault(function, {function.name: function})


@pytest.mark.parametrize(
    "lines",
    [
        ("order.save()", "require(by, May.ORDER, on=order)"),
        ("fresh = locked(order)", "require(by, May.ORDER, on=order)"),
        ("if order.mine:", "    require(by, May.ORDER, on=order)", "order.save()"),
        ("if order.mine:", "    return order", "require(by, May.ORDER, on=order)"),
        ("order.save()",),
    ],
)
def test_an_action_that_does_not_begin_with_the_gate_is_found(lines):
    assert fault_of(*lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("require(by, May.ORDER, on=order)", "order.save()"),
        ("role = order.role", "hat = require(by, May.ORDER, on=order)", "order.save()"),
        ("return perform(SIGN, on=order, by=by)",),
        (
            "if order.mine:",
            "    require(by, May.OWN, on=order)",
            "else:",
            "    require(by, May.ORDER, on=order)",
            "order.save()",
        ),
    ],
)
def test_an_action_that_begins_with_the_gate_stands(lines):
    assert fault_of(*lines) is None


def test_a_module_with_tables_is_not_pure():
    assert not is_pure(invented("from orders.models import Order"))
    assert is_pure(invented("from django.db import models\n\nclass A(models.TextChoices): ..."))


def test_a_participle_is_told_from_a_verb():
    assert is_participle("handed_over")
    assert is_participle("sent")
    assert not is_participle("send")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<a onclick="x()">',
        '<form\n  hx-on::after-request="x()">',
        '<a href="javascript:x()">',
    ],
)
def test_inline_script_is_found(text):
    assert any(pattern.search(text) for pattern in _INLINE.values())


@pytest.mark.parametrize("text", ["<style>a{}</style>", '<p class="a" style="color:red">'])
def test_inline_style_is_found(text):
    assert any(pattern.search(text) for pattern in _STYLE.values())
