"""The app's declaration."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """See the package's first sentence."""

    name = "billing"
    verbose_name = "Facturation"
