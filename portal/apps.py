"""The ground's app: catalogues compiled at start, the folder of uploads, deploy checks."""

from contextlib import suppress

from django.apps import AppConfig
from django.conf import settings


class PortalConfig(AppConfig):
    """The ground."""

    name = "portal"
    verbose_name = "Journal, tâches et fichiers"

    def ready(self) -> None:
        """Compile the plural catalogues, make the folder of uploads, register the checks."""
        from portal import checks
        from portal.catalogues import compile_catalogues

        compile_catalogues()
        assert checks
        with suppress(OSError):  # Django's files.E001 names a folder that is not there
            settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
