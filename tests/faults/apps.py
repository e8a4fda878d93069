"""The stand's own app: in every process, a disk that can be full."""

from importlib import import_module

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """Tasks that misbehave, and the disk."""

    name = "tests.faults"

    def ready(self) -> None:
        """Once files can be imported."""
        import_module("tests.faults.disk")
