"""The app's declaration."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """See the package's first sentence."""

    name = "catalogue"
    verbose_name = "Catalogue"
