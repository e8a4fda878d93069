"""The factories themselves: what other tests lean on."""

import pytest

from derogations.kinds import DerogationState
from members.powers import DerogationKind
from tests.derogations import factories

pytestmark = pytest.mark.django_db


def test_each_factory_makes_a_row():
    made = [
        value()
        for name, value in vars(factories).items()
        if name.endswith("Factory") and value.__module__ == factories.__name__
    ]
    assert len(made) == 22
    assert all(row.pk for row in made)


def test_a_submitted_derogation_awaits_its_signer():
    row = factories.submitted_derogation(
        kinds=[DerogationKind.NETWORK, DerogationKind.NON_ZERO_COST]
    )
    row.refresh_from_db()
    assert row.state == DerogationState.SUBMITTED
    assert row.version.pdf_sha256
    assert row.heads.count() == 2
