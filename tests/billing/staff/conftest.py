"""ITQ's administrator at work, and months written in the shipped layouts."""

from datetime import date

import pytest

from billing.specimens.layouts import write_specimen
from billing.specimens.truth import Cycle
from members.roles import StaffRole
from tests.members.factories import ProviderFactory, staff_user

CYCLE = Cycle({"123456789": ["4185550101", "4185550102", "4185550103"]}, date(2026, 9, 1), seed=3)
RENAMED = ("Charge Description", "Charge Descr. Text")
"""A header of Rogers's charges, and the one that it has one day instead."""


@pytest.fixture
def admin():
    return staff_user(StaffRole.ADMIN)


@pytest.fixture
def telus():
    return ProviderFactory(code="telus")


@pytest.fixture
def rogers():
    return ProviderFactory(code="rogers", name="Rogers")


@pytest.fixture
def itq(client, admin):
    """The administrator's browser."""
    client.force_login(admin)
    return client


@pytest.fixture
def charges(tmp_path):
    """Rogers's charges of a month, clean."""
    write_specimen("rogers_charges_breakdown", tmp_path / "frais.csv", CYCLE)
    return (tmp_path / "frais.csv").read_bytes()


@pytest.fixture
def renamed(charges):
    """The same with a required column renamed."""
    return charges.replace(RENAMED[0].encode(), RENAMED[1].encode())
