"""The world of the import's tests."""

import pytest

from tests.billing.imports.world import build_world


@pytest.fixture
def world(db):
    return build_world()
