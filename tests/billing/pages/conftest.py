"""The world of the tests of the member's pages."""

import pytest

from tests.billing.pages.world import make_bills


@pytest.fixture
def bills(db):
    return make_bills()


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path
