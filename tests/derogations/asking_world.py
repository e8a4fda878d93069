"""The world of the requests' tests: who asks, who signs, what is asked."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from derogations import tasks
from derogations.actions.drafts import add_place, open_request
from derogations.actions.grants import project_signing_grants
from derogations.actions.requests import submit_request
from derogations.kinds import NetworkNature
from derogations.models import Derogation
from members.models import Branch, ContractRank, Delegation, User
from members.powers import DerogationKind
from members.roles import Role
from portal.audit import SYSTEM
from portal.clock import today
from portal.files import store
from tests.members.factories import (
    ContractRankFactory,
    DelegationFactory,
    DelegationPlanFactory,
    OrganisationFactory,
    ProviderFactory,
    UserFactory,
    respondent_user,
)

NETWORK, DEVICE = DerogationKind.NETWORK, DerogationKind.NON_ZERO_COST


@dataclass
class Asking:
    """A member with an RCELL, Alice, and a line of the plan whose holder, Denis, may sign."""

    root: Branch
    rank: ContractRank
    alice: User
    denis: User
    line: Delegation

    def draft(self, *kinds: str, **values: object) -> Derogation:
        """A network draft with everything that it needs, one place included."""
        asked = {
            "need": "Joindre la centrale au lac.",
            "insufficiency": "Aucun signal au lac.",
            "wanted_on": today(),
            "ends_on": today() + timedelta(days=700),
            "monthly_amount": Decimal("40.00"),
            "network_nature": NetworkNature.COVERAGE,
            "ticket_answer": "TELUS confirme.",
        }
        derogation = open_request(
            branch=self.root,
            provider=self.rank.provider,
            contract=self.rank.contract,
            kinds=kinds or (NETWORK,),
            by=self.alice,
            **{**asked, **values},
        )
        add_place(
            derogation=derogation,
            address="1, chemin du Lac",
            municipality="Saint-Fictif",
            administrative_region="Outaouais",
            by=self.alice,
        )
        return derogation

    def submitted(self, **values: object) -> Derogation:
        """Submitted, its paper kept without the seconds of rendering, its signers granted."""
        derogation = submit_request(derogation=self.draft(**values), by=self.alice)
        self.ready(derogation)
        return derogation

    def ready(self, derogation: Derogation) -> None:
        """The worker has rendered the version and projected the grants."""
        assert derogation.version is not None
        paper = store(
            derogation.version.content.encode(), name="d.pdf", content_type="application/pdf"
        )
        tasks.store_version_paper(version=derogation.version, paper=paper, by=SYSTEM)
        project_signing_grants(organisation=self.root.organisation, by=SYSTEM)
        derogation.refresh_from_db()


def make_asking() -> Asking:
    """The world as it stands before anything is asked."""
    root = OrganisationFactory(name="Ville du Lac").branches.get()
    rank = ContractRankFactory(provider=ProviderFactory(code="rogers", name="Rogers"), rank=2)
    ContractRankFactory(contract=rank.contract, rank=1)
    alice = respondent_user(Role.RCELL, root)
    denis = UserFactory()
    line = DelegationFactory(
        plan=DelegationPlanFactory(organisation=root.organisation),
        holder=denis.person,
        beyond_fiscal_year=True,
    )
    return Asking(root, rank, alice, denis, line)
