"""The derogations app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DerogationsConfig(AppConfig):
    """The exception: requests, signatures, seals, verification."""

    name = "derogations"
    verbose_name = _("Dérogations")
