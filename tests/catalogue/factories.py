"""Factories of the catalogue's tables; traits say what they are for."""

from datetime import date
from decimal import Decimal

import factory
from django.db.backends.postgresql.psycopg_any import DateRange

from catalogue import models
from portal.models import StoredFile
from tests.members.factories import (
    BranchFactory,
    ContractPhaseFactory,
    ContractRankFactory,
    ProviderFactory,
    UserFactory,
)

LONG_AGO = date(2020, 1, 1)


class StoredFileFactory(factory.django.DjangoModelFactory):
    """A row without its bytes."""

    class Meta:
        model = StoredFile

    sha256 = factory.Sequence(lambda n: f"{n:064x}")
    name = "liste.csv"
    content_type = "text/csv"
    size = 10


class CatalogueVersionFactory(factory.django.DjangoModelFactory):
    """A provider's list in force since long ago."""

    class Meta:
        model = models.CatalogueVersion

    rank = factory.SubFactory(ContractRankFactory)
    number = factory.Sequence(lambda n: n + 1)
    effective_on = LONG_AGO
    published_by = factory.SubFactory(UserFactory)


class OfferFactory(factory.django.DjangoModelFactory):
    """A zero-cost subsidised phone; ``plan``, ``flexible`` and ``accessory`` are the others."""

    class Meta:
        model = models.Offer

    version = factory.SubFactory(CatalogueVersionFactory)
    kind = models.Offer.Kind.DEVICE
    code = factory.Sequence(lambda n: f"CODE-{n}")
    name = "Téléphone modèle"
    brand = "Marque"
    label_fr = "TEL MODELE"
    label_en = "PHONE MODEL"
    is_zero_cost = True
    is_subsidised = True
    commitment_months = 24
    valid = DateRange(LONG_AGO, None)

    class Params:
        dear = factory.Trait(is_zero_cost=False, one_off_amount=Decimal("329.00"))
        plan = factory.Trait(
            kind=models.Offer.Kind.PLAN,
            name="Voix et données, 5 Go",
            brand="",
            is_zero_cost=False,
            is_subsidised=False,
            monthly_amount=Decimal("19.50"),
            included_gb=Decimal(5),
        )
        flexible = factory.Trait(
            kind=models.Offer.Kind.PLAN,
            name="Forfait flexible",
            brand="",
            is_zero_cost=False,
            is_subsidised=False,
            is_flexible=True,
            tier_basis=models.Offer.TierBasis.LINE,
            monthly_amount=Decimal("14.00"),
            extra_gb_amount=Decimal("1.50"),
        )
        accessory = factory.Trait(
            kind=models.Offer.Kind.ACCESSORY,
            name="Étui renforcé",
            is_zero_cost=False,
            is_subsidised=False,
            one_off_amount=Decimal("24.00"),
        )


class PlanTierFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.PlanTier

    offer = factory.SubFactory(OfferFactory, flexible=True)
    up_to_gb = Decimal(10_000)
    monthly_amount = Decimal("900.00")


class CatalogueImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.CatalogueImport

    rank = factory.SubFactory(ContractRankFactory)
    file = factory.SubFactory(StoredFileFactory)
    effective_on = LONG_AGO
    uploaded_by = factory.SubFactory(UserFactory)


class OfferRequestFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.OfferRequest

    branch = factory.SubFactory(BranchFactory)
    provider = factory.SubFactory(ProviderFactory)
    wanted = "Tablette renforcée"
    need = "Relever les compteurs dehors."
    asked_by = factory.SubFactory(UserFactory)


class TaxRateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.TaxRate

    code = "tps"
    label = "TPS"
    rate = Decimal("0.05000")
    valid = DateRange(LONG_AGO, None)


def two_lists(*, day: date = LONG_AGO) -> tuple[models.CatalogueVersion, models.CatalogueVersion]:
    """A contract in phase, with a list of the first rank and one of the second."""
    first = ContractRankFactory(rank=1)
    second = ContractRankFactory(
        contract=first.contract, provider=ProviderFactory(code="rogers", name="Rogers"), rank=2
    )
    ContractPhaseFactory(contract=first.contract)
    return (
        CatalogueVersionFactory(rank=first, effective_on=day),
        CatalogueVersionFactory(rank=second, effective_on=day),
    )
