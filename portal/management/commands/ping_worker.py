"""``manage.py ping_worker``: promise one task and wait until the worker has run it."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.models import QueuedTask
from portal.queue import later


class Command(BaseCommand):
    """Exit 0 when the worker answered in time."""

    help = "Promet une tâche et attend que le travailleur l'ait faite."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--timeout`` in seconds."""
        parser.add_argument("--timeout", type=float, default=20)

    def handle(self, *args: Any, **options: Any) -> None:
        """Wait, looking at the row four times a second."""
        row = later("portal.ping")
        deadline = time.monotonic() + options["timeout"]
        while time.monotonic() < deadline:
            if QueuedTask.objects.filter(pk=row.pk, done_at__isnull=False).exists():
                return
            time.sleep(0.25)
        raise CommandError("Le travailleur n'a pas répondu : voyez le journal du travailleur.")
