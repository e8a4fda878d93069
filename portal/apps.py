"""The ground's app: catalogues compiled at start, deploy checks."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The ground."""

    name = "portal"
    verbose_name = "Journal, tâches et fichiers"

    def ready(self) -> None:
        """Compile the plural catalogues and register the deploy checks."""
        from portal import checks
        from portal.catalogues import compile_catalogues

        compile_catalogues()
        assert checks
