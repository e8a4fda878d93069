"""A case of the group is told where it was, not where its member is (F-34, F-36)."""

import pytest
from django.utils import timezone

from derogations.kinds import DerogationState
from derogations.models import Derogation
from derogations.queries.similar import like_cases
from tests.derogations.factories import DerogationFactory, PlaceFactory
from tests.members.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("places", "told"),
    [(["Côte-Nord", "Outaouais"], "Côte-Nord"), ([], "Estrie"), ([""], "Estrie")],
)
def test_a_case_of_the_group_is_of_its_first_place_s_region(asking, places, told):
    other = OrganisationFactory(administrative_region="Estrie").branches.get()
    row = DerogationFactory(branch=other, frozen=True, state=DerogationState.SIGNED)
    for region in places:
        PlaceFactory(derogation=row, administrative_region=region)
    Derogation.objects.filter(pk=row.pk).update(signed_at=timezone.now())
    (shown,) = like_cases(asking.alice, asking.draft()).group
    assert shown.administrative_region == told
