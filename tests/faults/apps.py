"""The stand's own app: in every process, a disk that can be full, imports that can be stopped."""

from importlib import import_module

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    """Tasks that misbehave, the disk, the points of an import."""

    name = "tests.faults"

    def ready(self) -> None:
        """Once files and models can be imported."""
        import_module("tests.faults.disk")
        import_module("tests.faults.points")
