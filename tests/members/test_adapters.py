"""How allauth asks the members: sign-up closed, a factor asked but in the demonstration."""

import pytest
from django.urls import reverse

from members.adapters import AccountAdapter, MfaAdapter
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "Une phrase assez longue 42"


@pytest.fixture
def user():
    account = UserFactory(factor=False)
    account.set_password(PASSWORD)
    account.save()
    account.authenticator_set.create(type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    return account


def sign_in(client, user):
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})


def test_a_factor_is_asked_at_sign_in(client, user):
    assert sign_in(client, user).url == reverse("mfa_authenticate")
    assert client.get(reverse("members:my_account")).status_code == 302


def test_the_demonstration_lifts_it_at_sign_in_only(client, user, settings):
    settings.DEMONSTRATION = True
    assert sign_in(client, user).url == reverse("portal:home")


def test_nobody_signs_up_from_the_street(rf):
    assert not AccountAdapter().is_open_for_signup(rf.get("/"))


def test_the_code_to_scan_is_a_picture_of_its_own():
    drawn = MfaAdapter().build_totp_svg("otpauth://totp/essai?secret=JBSWY3DPEHPK3PXP")
    assert drawn.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
