"""Factories of the orders' tables; plain rows, so that tests choose what the actions are for."""

from datetime import date
from decimal import Decimal

import factory
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from derogations.kinds import DerogationState, HeadDecision
from derogations.models import Derogation
from members.powers import DerogationKind
from orders import models
from orders.kinds import LineStatus, MilestoneKind, OrderKind, Origin, SendingMode
from tests.catalogue.factories import OfferFactory, StoredFileFactory
from tests.derogations.factories import DerogationFactory
from tests.members.factories import (
    BranchFactory,
    ContractRankFactory,
    ProviderFactory,
    UserFactory,
)

LONG_AGO = date(2020, 1, 1)


class HolderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Holder

    branch = factory.SubFactory(BranchFactory)
    name = factory.Sequence(lambda n: f"Détentrice {n}")
    function = "Contremaître"


class DeliveryAddressFactory(factory.django.DjangoModelFactory):
    """An address that nobody confirmed yet."""

    class Meta:
        model = models.DeliveryAddress

    branch = factory.SubFactory(BranchFactory)
    label = factory.Sequence(lambda n: f"Garage {n}")
    street = "12, rue des Érables"
    city = "Saint-Fictif"
    postal_code = "G1A 1A1"


class ServiceLineFactory(factory.django.DjangoModelFactory):
    """A line in service since long ago, with its one version.

    ``version__<field>`` sets the version's fields; ``version=False`` makes none.
    """

    class Meta:
        model = models.ServiceLine
        skip_postgeneration_save = True

    branch = factory.SubFactory(BranchFactory)
    provider = factory.SubFactory(ProviderFactory)
    number = factory.Sequence(lambda n: f"418555{n:04}")
    origin = Origin.TAKE_OVER

    @factory.post_generation
    def version(self, create, value=True, **fields):
        if value is not False:
            LineVersionFactory(service_line=self, **fields)


class LineVersionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.LineVersion

    service_line = factory.SubFactory(ServiceLineFactory, version=False)
    branch = factory.SelfAttribute("service_line.branch")
    number = factory.SelfAttribute("service_line.number")
    valid = DateRange(LONG_AGO, None)
    status = LineStatus.ACTIVE
    recorded_by = factory.SubFactory(UserFactory)


class FleetImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.FleetImport

    branch = factory.SubFactory(BranchFactory)
    provider = factory.SubFactory(ProviderFactory)
    file = factory.SubFactory(StoredFileFactory)
    starts_on = LONG_AGO
    uploaded_by = factory.SubFactory(UserFactory)


class OrderFactory(factory.django.DjangoModelFactory):
    """A draft."""

    class Meta:
        model = models.Order

    number = factory.Sequence(lambda n: f"C-2020-{n:05}")
    branch = factory.SubFactory(BranchFactory)
    rank = factory.SubFactory(ContractRankFactory)
    created_by = factory.SubFactory(UserFactory)


class OrderLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.OrderLine

    order = factory.SubFactory(OrderFactory)
    position = 1
    kind = OrderKind.DEVICE_ONLY
    device = factory.SubFactory(OfferFactory, version__rank=factory.SelfAttribute("...order.rank"))


class MilestoneFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Milestone

    order_line = factory.SubFactory(OrderLineFactory)
    kind = MilestoneKind.ACKNOWLEDGED
    reached_on = LONG_AGO
    recorded_by = factory.SubFactory(UserFactory)


class DispatchModeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.DispatchMode

    provider = factory.SubFactory(ProviderFactory)
    mode = SendingMode.EMAIL
    email = "commandes@telus.test"
    valid = DateRange(LONG_AGO, None)


class DispatchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Dispatch

    order = factory.SubFactory(OrderFactory)
    branch = factory.SelfAttribute("order.branch")
    mode = SendingMode.EMAIL


class RelianceFactory(factory.django.DjangoModelFactory):
    """A line and a draft asked for it."""

    class Meta:
        model = models.Reliance

    order_line = factory.SubFactory(OrderLineFactory)
    derogation = factory.SubFactory(
        DerogationFactory, branch=factory.SelfAttribute("..order_line.order.branch")
    )
    recorded_by = factory.SubFactory(UserFactory)


class DrawFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Draw

    order_line = factory.SubFactory(OrderLineFactory)
    branch = factory.SelfAttribute("order_line.order.branch")
    derogation = factory.SubFactory(DerogationFactory, branch=factory.SelfAttribute("..branch"))
    kinds = [DerogationKind.NETWORK]
    quantity = 1


def signed_derogation(order_rank, branch, *, kinds=(), **fields) -> Derogation:
    """A derogation whose every head is granted, on a branch and a provider; signed by default.

    Its costs are those of any article of the tests.
    """
    fields.setdefault("signed_at", timezone.now())
    fields.setdefault("one_off_amount", Decimal(2000))
    fields.setdefault("monthly_amount", Decimal(200))
    derogation = DerogationFactory(
        frozen=True,
        state=fields.pop("state", DerogationState.SIGNED),
        branch=branch,
        provider=order_rank.provider,
        contract=order_rank.contract,
        kinds=list(kinds) or [DerogationKind.NETWORK],
        **fields,
    )
    derogation.heads.update(decision=HeadDecision.SIGNED)
    return derogation
