"""A request to sign, one signed and one on paper at each place; one persona signs at ``A1``."""

from datetime import timedelta
from typing import Any

from django.db.models import Model

from derogations.actions.grants import project_signing_grants
from derogations.kinds import DerogationState
from derogations.models import Derogation
from members.models import Branch
from portal.audit import SYSTEM
from portal.clock import database_clock, today
from portal.files import store
from tests.derogations.factories import PaperSignatureFactory
from tests.derogations.signing_world import attest, frozen_request
from tests.matrix.order_objects import Shop
from tests.members.factories import DelegationFactory, DelegationPlanFactory, UserFactory
from tests.personas import World

SIGNER = "signer of A1"


def signing_kinds(world: World, shop: Shop) -> dict[str, Any]:
    """A builder for each request that some address of signing wants."""
    signer = world.users[SIGNER]
    attest(signer)

    def to_sign(branch: Branch, mark: str) -> Model:
        """Submitted; a line of that very branch empowers its own signer."""
        holder = signer.person if branch == world.branches["A1"] else UserFactory().person
        plan = DelegationPlanFactory(organisation=branch.organisation)
        DelegationFactory(plan=plan, branch=branch, holder=holder, beyond_fiscal_year=True)
        request = request_in(branch, mark)
        project_signing_grants(organisation=branch.organisation, by=SYSTEM)
        return request

    def request_in(branch: Branch, mark: str) -> Derogation:
        return frozen_request(
            branch=branch, contract=shop.version.rank.contract, provider=shop.second.rank.provider
        )

    def signed(branch: Branch, mark: str) -> Model:
        request = request_in(branch, mark)
        Derogation.objects.filter(pk=request.pk).update(
            state=DerogationState.SIGNED, signed_at=database_clock() - timedelta(days=200)
        )
        return request

    def on_paper(branch: Branch, mark: str) -> Model:
        request = request_in(branch, mark)
        scan = store(f"%PDF {mark}".encode(), name="signe.pdf", content_type="application/pdf")
        paper = PaperSignatureFactory(version=request.version, signed_on=today(), scan=scan)
        paper.number = request.number
        return paper

    return {
        "derogation_to_sign": to_sign,
        "derogation_signed_once": signed,
        "derogation_on_paper": on_paper,
    }
