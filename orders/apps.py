"""The app's declaration."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """See the package's first sentence."""

    name = "orders"
    verbose_name = "Commandes et lignes"
