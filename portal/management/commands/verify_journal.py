"""``manage.py verify_journal``: read the whole chain and name each break (X-30)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.journal_check import journal_faults
from portal.models import JournalLink


class Command(BaseCommand):
    """Exit 1 when the journal was tampered with."""

    help = "Vérifie la chaîne du journal et la compare au registre externe."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a fault."""
        faults = list(journal_faults())
        for fault in faults:
            self.stdout.write(fault)
        if faults:
            raise CommandError(f"Journal altéré : {len(faults)} anomalie(s).")
        self.stdout.write(f"Journal intact : {JournalLink.objects.count()} maillon(s).")
