"""``manage.py check_grants``: prove that stored grants equal recomputed ones."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.projection import drift, stored_grants


class Command(BaseCommand):
    """Exit 1 and name each grant that drifted."""

    help = "Compare les droits conservés aux droits recalculés depuis les répondants."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a difference, then the verdict."""
        found = drift()
        for grant in sorted(found.missing):
            self.stdout.write(f"manque : compte {grant[0]}, {grant[1]}, direction {grant[2]}")
        for grant in sorted(found.extra):
            self.stdout.write(f"en trop : compte {grant[0]}, {grant[1]}, direction {grant[2]}")
        if found.missing or found.extra:
            raise CommandError("Les droits conservés diffèrent des droits recalculés.")
        self.stdout.write(f"Droits conformes : {len(stored_grants())}, écart 0.")
