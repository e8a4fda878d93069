"""The demonstration's requests go through the actions, like anybody's."""

import pytest

from catalogue.demonstration import load as load_catalogue
from derogations.demonstration import load
from derogations.models import Derogation, ProviderForm, ReplyTemplate
from members.demonstration import load as load_members

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(settings):
    settings.DEMONSTRATION = True
    load_members()
    load_catalogue()
    load()


def test_it_loads_once_a_request_in_each_state(loaded):
    states = set(Derogation.objects.values_list("state", flat=True))
    assert states >= {"draft", "submitted", "signed", "cancelled", "refused", "withdrawn"}
    assert Derogation.objects.filter(origin="earlier", state="signed").count() == 1
    assert ReplyTemplate.objects.exists()
    assert ProviderForm.objects.get().file.content_type == "application/pdf"
    count = Derogation.objects.count()
    load()
    assert Derogation.objects.count() == count
