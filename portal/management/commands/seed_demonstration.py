"""``manage.py seed_demonstration``: load the fictitious data once, through the actions."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string


class Command(BaseCommand):
    """Load each app's demonstration in order; print the accounts when asked."""

    help = "Charge les données de démonstration, une seule fois."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--accounts`` prints one JSON line an account: role, member, email, password."""
        parser.add_argument("--accounts", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse outside a demonstration."""
        if not settings.DEMONSTRATION:
            raise CommandError("DEMONSTRATION n'est pas actif : rien n'a été chargé.")
        for path in settings.DEMONSTRATION_SOURCES:
            for account in import_string(path)() or []:
                if options["accounts"]:
                    self.stdout.write(json.dumps(account, ensure_ascii=False))
