"""The worlds of the derogations' tests."""

import pytest

from tests.derogations.asking_world import make_asking


@pytest.fixture
def asking(db):
    return make_asking()
