#!/usr/bin/env python
"""Django's command line for the portal; migrations run as the database's owner (D-30)."""

import os
import sys

OWNER_COMMANDS = {"migrate", "makemigrations", "test", "createcachetable", "flush"}


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["PORTAL_DATABASE_ROLE"] = "owner"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
