"""What ``check --deploy`` refuses in production."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def no_demonstration(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The demonstration lifts the second factor and shows every mail: never in production."""
    if not settings.DEMONSTRATION:
        return []
    return [Error("DEMONSTRATION est actif : à ne jamais mettre en production.", id="portal.E001")]


@register(Tags.security, deploy=True)
def two_database_roles(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The application must not be the database's owner (D-30)."""
    if settings.APP_DATABASE_URL != settings.OWNER_DATABASE_URL:
        return []
    return [
        Error(
            "DATABASE_URL et DATABASE_OWNER_URL nomment le même rôle : le journal n'est pas gardé.",
            id="portal.E002",
        )
    ]


@register(Tags.security, deploy=True)
def a_seal_is_given(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Without a key, a root and a trusted time, signed derogations would wait for ever."""
    said = settings.SEAL
    if (said["pkcs12"] or said["key"]) and said["root"] and said["timestamp_url"]:
        return []
    return [
        Error(
            "SEAL_PKCS12 (ou SEAL_KEY), SEAL_ROOT et TIMESTAMP_URL sont requis : sans eux, aucun "
            "document signé n'est scellé.",
            id="portal.E003",
        )
    ]
