"""The world, built once for each module, and the count of the cells that were walked."""

import pytest
from django.db import transaction

from tests.matrix import objects
from tests.matrix.walk import COUNTED


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Personas and objects, inside one transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield objects.furnished_world()
        transaction.set_rollback(True)


def pytest_terminal_summary(terminalreporter):
    """One line at the end of ``make test``."""
    if COUNTED:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(COUNTED.items()))
        terminalreporter.write_line(f"{COUNTED.total()} cells ({kinds})")
