"""What the members' and the catalogue's addresses name."""

from collections.abc import Callable

from django.db.models import Model

from catalogue.models import CatalogueImport
from members.models import Branch, ItqMessage, Membership, Respondent
from members.roles import Role
from portal.files import store
from tests.catalogue.factories import CatalogueImportFactory, OfferRequestFactory
from tests.matrix.order_objects import Shop
from tests.members.factories import (
    AbsenceFactory,
    CostCentreFactory,
    DelegationFactory,
    DelegationPlanFactory,
    FactorResetFactory,
    InterimFactory,
    InvitationFactory,
    ItqMessageFactory,
    MembershipFactory,
    PersonFactory,
    ProviderAccessFactory,
    ProviderAccountFactory,
    RespondentFactory,
    SigningRuleFactory,
    StaffAppointmentFactory,
    StandingAuthorisationFactory,
)
from tests.orders.factories import (
    DeliveryAddressFactory,
    FleetImportFactory,
    HolderFactory,
    ServiceLineFactory,
)

Builder = Callable[[Branch, str], Model]


def someone(mark: str) -> Model:
    """A person whose name says where they belong."""
    return PersonFactory(family_name=mark, email=f"{mark.lower()}@example.test")


def file_of(mark: str) -> Model:
    """A stored file with its bytes."""
    return store(f"Lignes de {mark}".encode(), name="liste.csv", content_type="text/csv")


def respondent(branch: Branch, mark: str) -> Model:
    """A mandatary, whose role the interlocutor may end."""
    return RespondentFactory(person=someone(mark), branch=branch, role=Role.MANDA)


def unconfirmed_dero(branch: Branch, mark: str) -> Model:
    return RespondentFactory(
        person=someone(mark), branch=branch, role=Role.DERO, confirmed_at=None, confirmed_by=None
    )


def interlocutor(branch: Branch, mark: str) -> Model:
    """The INTRL of a branch: one of the personas, or someone else where there is none."""
    held = Respondent.objects.filter(branch=branch, role=Role.INTRL).first()
    return held or RespondentFactory(person=someone(mark), branch=branch, role=Role.INTRL)


def person(branch: Branch, mark: str) -> Model:
    return RespondentFactory(person=someone(mark), branch=branch, role=Role.MANDA).person


def invitation(branch: Branch, mark: str) -> Model:
    return InvitationFactory(branch=branch, person=someone(mark), role=Role.MANDA)


def membership(branch: Branch, mark: str) -> Model:
    """Filed by the member, not confirmed yet."""
    return MembershipFactory(
        organisation=branch.organisation,
        authorisation=Membership.Authorisation.FILED,
        authorisation_reference=mark,
        confirmed_at=None,
        confirmed_by=None,
    )


def authorisation(branch: Branch, mark: str) -> Model:
    return StandingAuthorisationFactory(respondent=respondent(branch, mark))


def line(branch: Branch, mark: str) -> Model:
    return ServiceLineFactory(branch=branch, version__device_label=f"Appareil {mark}")


def appointment(branch: Branch, mark: str) -> Model:
    """Someone else of ITQ's."""
    return StaffAppointmentFactory(person=someone("Consultant"))


def plan(branch: Branch, mark: str) -> Model:
    return DelegationPlanFactory(
        organisation=branch.organisation, act_reference=mark, act_file=file_of(mark)
    )


def delegation(branch: Branch, mark: str) -> Model:
    """A line that waits for its confirmation."""
    return DelegationFactory(
        plan=plan(branch, mark),
        branch=branch,
        post=f"Poste {mark}",
        holder=someone(mark),
        confirmed_at=None,
        confirmed_by=None,
    )


def interim(branch: Branch, mark: str) -> Model:
    """An interim that waits for its confirmation, with its writing."""
    return InterimFactory(
        delegation=delegation(branch, mark),
        person=someone(mark),
        act_file=file_of(mark),
        confirmed_at=None,
        confirmed_by=None,
    )


def member_kinds(shop: Shop) -> dict[str, Builder]:
    """A builder for each kind of object."""
    provider = shop.version.rank.provider
    return {
        "respondent": respondent,
        "dero": unconfirmed_dero,
        "interlocutor": interlocutor,
        "person": person,
        "invitation": invitation,
        "membership": membership,
        "authorisation": authorisation,
        "plan": plan,
        "delegation": delegation,
        "interim": interim,
        "absence": lambda branch, mark: AbsenceFactory(branch=branch, person=someone(mark)),
        "signing_rule": lambda branch, mark: SigningRuleFactory(plan=plan(branch, mark)),
        "appointment": appointment,
        "line": line,
        "reset": lambda branch, mark: FactorResetFactory(),
        "contract": lambda branch, mark: shop.version.rank.contract,
        "offer": lambda branch, mark: shop.phone,
        "version": lambda branch, mark: shop.version,
        "cost_centre": lambda branch, mark: CostCentreFactory(branch=branch, name=mark),
        "account": lambda branch, mark: ProviderAccountFactory(branch=branch, provider=provider),
        "access": lambda branch, mark: ProviderAccessFactory(branch=branch, person=someone(mark)),
        "message": lambda branch, mark: ItqMessageFactory(branch=branch, subject=mark),
        "answer": lambda branch, mark: ItqMessageFactory(
            branch=branch, subject=mark, direction=ItqMessage.Direction.FROM_ITQ
        ),
        "offer_request": lambda branch, mark: OfferRequestFactory(branch=branch, wanted=mark),
        "holder": lambda branch, mark: HolderFactory(branch=branch, name=mark),
        "address": lambda branch, mark: DeliveryAddressFactory(branch=branch, label=mark),
        "fleet_import": lambda branch, mark: FleetImportFactory(
            branch=branch, provider=provider, file=file_of(mark)
        ),
        "list_import": lambda branch, mark: CatalogueImportFactory(
            rank=shop.version.rank, state=CatalogueImport.State.REFUSED, file=file_of(mark)
        ),
    }
