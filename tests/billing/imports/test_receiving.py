"""A file is received once, recognised, and its reading promised."""

import pytest
from django.core.files.base import ContentFile

from billing.actions.files import AlreadyImported, receive_bill_file
from billing.actions.shipped import install_shipped_profiles
from billing.kinds import ProfileState
from members.roles import Role, StaffRole
from tests.members.factories import BranchFactory, ProviderFactory, respondent_user, staff_user

pytestmark = pytest.mark.django_db


def test_the_shipped_profiles_are_put_in_service_once():
    ProviderFactory(code="telus"), ProviderFactory(code="rogers")
    admin = staff_user(StaffRole.ADMIN)
    versions = install_shipped_profiles(by=admin)
    assert len(versions) == 8
    assert {version.state for version in versions} == {ProfileState.ACTIVE}
    assert install_shipped_profiles(by=admin) == versions


def test_x(tmp_path):
    telus = ProviderFactory(code="telus")
    install_shipped_profiles(by=staff_user(StaffRole.ADMIN))
    branch = BranchFactory()
    factu = respondent_user(Role.FACTU, branch)
    file = receive_bill_file(
        upload=ContentFile(b"BAN,Phone", name="a.csv"), provider=telus, branch=branch, by=factu
    )
    assert [i.part for i in file.imports.all()]
    with pytest.raises(AlreadyImported):
        receive_bill_file(
            upload=ContentFile(b"BAN,Phone", name="b.csv"), provider=telus, branch=branch, by=factu
        )
