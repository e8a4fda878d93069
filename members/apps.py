"""The app of people and members."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    """Who."""

    name = "members"
    verbose_name = "Organismes et répondants"
