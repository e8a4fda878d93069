"""E6 beside the ceiling: unlimited quantities, certified credits; E2 in its halves (R-20, R-24)."""

from decimal import Decimal

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from derogations.actions.signing import open_challenge
from derogations.attempts import AttemptRefused
from derogations.eligibility import eligible_signers, judge_signer
from derogations.freezing import content_of
from derogations.kinds import AttachmentKind
from derogations.models import Derogation, SigningGrant
from derogations.queries.likes import together_with
from derogations.queries.requests import readiness_of, with_proof
from derogations.queries.signing import may_withdraw
from members.models import Delegation, DelegationPlan, Person
from members.powers import DerogationKind
from portal.clock import database_clock, today
from tests.catalogue.factories import TaxRateFactory
from tests.derogations.factories import AttachmentFactory
from tests.derogations.signing_world import SESSION, sign, signing_world
from tests.members.factories import DelegationPlanFactory

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def refusal_of(world) -> AttemptRefused:
    """Why no signature can be opened."""
    with pytest.raises(AttemptRefused) as caught:
        open_challenge(
            version=world.version,
            kinds=[DerogationKind.NETWORK],
            power="",
            session_key=SESSION,
            by=world.signer,
        )
    return caught.value


def limits(world, **line) -> None:
    """What the plan's line says."""
    Delegation.objects.filter(pk=world.line.pk).update(**line)
    world.project()


def test_an_unlimited_quantity_is_signed_only_on_a_line_without_ceiling():
    world = signing_world(is_quantity_limited=False)
    refusal = refusal_of(world)
    assert (refusal.code, refusal.status) == ("E6", 403)
    assert "toute quantité" in refusal.sentence
    assert "4.2" in refusal.sentence
    assert not SigningGrant.objects.exists()
    limits(world, ceiling_amount=None)
    assert sign(world).kinds == [DerogationKind.NETWORK]


def test_a_ceiling_is_read_on_the_tax_basis_of_its_own_version_of_the_plan():
    """INTRL opens a version before taxes: a line of the one before stays after taxes (E6)."""
    TaxRateFactory()
    world = signing_world()
    DelegationPlan.objects.update(tax_basis="after_tax")
    DelegationPlanFactory(organisation=world.organisation, version=99, approved_on=today())
    limits(world, ceiling_amount=Decimal("1007.99"))
    request = world.another()
    told = content_of(request.version)["amounts"]
    assert (told["tax_basis"], told["after_tax_amount"]) == ("before_tax", "1008.00")
    assert eligible_signers(request, request.version, database_clock()) == []
    limits(world, ceiling_amount=Decimal("1008.00"))
    assert eligible_signers(request, request.version, database_clock())
    sign(world, derogation=request)
    other = world.another()
    (power,) = eligible_signers(other, other.version, database_clock())
    together = together_with(other.version, [DerogationKind.NETWORK], power, database_clock())
    assert (together.amount, together.passes) == (Decimal("2016.00"), True)


def test_a_limited_quantity_is_signed_under_a_ceiling():
    world = signing_world(quantity=3)
    assert sign(world).pk


@pytest.mark.parametrize(
    ("kind", "signs"),
    [(AttachmentKind.CREDIT_CERTIFICATE, True), (AttachmentKind.OTHER, False), (None, False)],
)
def test_a_line_that_wants_the_credits_certified_signs_only_with_the_paper(kind, signs, asking):
    Delegation.objects.filter(pk=asking.line.pk).update(needs_credit_certificate=True)
    draft = asking.draft()
    if kind:
        AttachmentFactory(derogation=draft, kind=kind, file__sha256="a" * 64)
    ready = readiness_of(with_proof(Derogation.objects.filter(pk=draft.pk)).get())
    assert bool(ready.powers) is signs
    assert any("certificat de crédits" in remark for remark in ready.remarks) is not signs


def test_a_certificate_joined_after_the_freeze_is_not_under_the_signature():
    world = signing_world()
    limits(world, needs_credit_certificate=True)
    AttachmentFactory(
        derogation=world.derogation, kind=AttachmentKind.CREDIT_CERTIFICATE, file__sha256="b" * 64
    )
    refusal = refusal_of(world)
    assert refusal.code == "E6"
    assert "certificat de crédits" in refusal.sentence


def test_the_requester_is_told_before_the_submission(client, asking):
    draft = asking.draft(is_quantity_limited=False)
    client.force_login(asking.alice, BACKEND)
    member = asking.root.organisation.slug
    page = client.get(reverse("derogations:request_submit", args=[member, draft.number]))
    told = page.content.decode()
    assert "toute quantité" in told
    assert "Personne ne peut signer" in told


def test_a_request_that_suits_every_line_is_told_nothing(asking):
    ready = readiness_of(with_proof(Derogation.objects.filter(pk=asking.draft().pk)).get())
    assert ready.remarks == ()
    assert ready.missing == []


def test_a_request_without_a_cost_is_not_submitted(asking):
    draft = asking.draft(monthly_amount=0)
    ready = readiness_of(with_proof(Derogation.objects.filter(pk=draft.pk)).get())
    assert [lack.field for lack in ready.missing] == ["monthly_amount"]


def test_a_withdrawal_asks_nothing_of_e6():
    world = signing_world(is_quantity_limited=False)
    limits(world, ceiling_amount=None)
    sign(world)
    limits(world, ceiling_amount=1, needs_credit_certificate=True, beyond_fiscal_year=False)
    version = world.version
    assert eligible_signers(version.derogation, version, database_clock()) == []
    assert may_withdraw(world.signer, version.derogation, database_clock())


def test_an_identity_and_a_factor_are_lacked_apart(client):
    world = signing_world()
    person = world.signer.person
    address = reverse("derogations:signature_request", args=[world.derogation.number])
    enrol = reverse("derogations:signature_enrol", args=[world.derogation.number])
    client.force_login(world.signer, BACKEND)

    def codes() -> set[str]:
        version = world.version
        fresh = Person.objects.get(pk=person.pk)
        return set(judge_signer(version, fresh, world.signer, database_clock()).codes)

    Person.objects.filter(pk=person.pk).update(identity_attested_at=None, identity_attested_by=None)
    assert codes() == {"E2-identity"}
    page = client.get(address).content.decode()
    assert "de l'attester" in page.replace("&#x27;", "'").replace("’", "'")
    assert enrol not in page
    Authenticator.objects.filter(user=world.signer).delete()
    assert codes() == {"E2-identity", "E2-factor"}
    assert enrol in client.get(address).content.decode()
