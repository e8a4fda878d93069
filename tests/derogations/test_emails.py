"""What a mail of a decision says of who decided, and by what power (F-13)."""

import pytest

from derogations.emails import refusal_mail, withdrawal_mail
from derogations.reading import capacity_sentence
from members.powers import Capacity
from tests.derogations.factories import RefusalFactory, WithdrawalFactory
from tests.members.factories import DelegationFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("factory", "mail"), [(RefusalFactory, refusal_mail), (WithdrawalFactory, withdrawal_mail)]
)
def test_a_decision_says_who_for_whom_on_which_line_and_in_what_capacity(factory, mail):
    act = factory(
        delegation=DelegationFactory(clause="4.2"),
        capacity=Capacity.SUBSTITUTE,
        acting_for=PersonFactory(given_name="Aline", family_name="Absente"),
    )
    body = mail(act, UserFactory()).body
    assert capacity_sentence(act) in body
    assert "pour Aline Absente" in body
    assert "ligne 4.2 du plan" in body
    assert "ubstitut" in body
