"""The world of the orders' tests."""

import pytest

from tests.orders.world import make_world


@pytest.fixture
def world(db):
    return make_world()
