"""The catalogue's tables, one aggregate a file."""

from catalogue.models.imports import CatalogueImport
from catalogue.models.offers import CatalogueVersion, Offer, PlanTier
from catalogue.models.requests import OfferRequest
from catalogue.models.taxes import TaxRate

__all__ = [
    "CatalogueImport",
    "CatalogueVersion",
    "Offer",
    "OfferRequest",
    "PlanTier",
    "TaxRate",
]
