"""What ``check --deploy`` refuses in production, and ``migrate`` of a database."""

from collections.abc import Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection, connections

OWNS_THE_JOURNAL = """
SELECT bool_or(pg_has_role(current_user, owner, 'MEMBER')) FROM (
    SELECT datdba AS owner FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT relowner FROM pg_class WHERE oid = to_regclass('portal_auditevent')
) AS owners
"""
"""Before the first migration the database's owner is asked; a superuser may be any role."""


@register(Tags.security, deploy=True)
def no_demonstration(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The demonstration lifts the second factor and shows every mail: never in production."""
    if not settings.DEMONSTRATION:
        return []
    return [Error("DEMONSTRATION est actif : à ne jamais mettre en production.", id="portal.E001")]


@register(Tags.security, deploy=True)
def the_journal_is_not_ours(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """The application must not be the database's owner (D-30), whatever addresses it was given."""
    with connection.cursor() as cursor:
        cursor.execute(OWNS_THE_JOURNAL)
        if not cursor.fetchone()[0]:
            return []
    return [
        Error(
            "Le rôle de DATABASE_URL est le propriétaire de la base, ou peut agir comme lui : le "
            "journal n'est pas gardé.",
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


@register(Tags.database)
def utf8_database(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """French names are kept whole only in UTF-8; ``migrate`` stops before it writes (D-50)."""
    faults: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            encoding = cursor.fetchone()[0]
        if encoding != "UTF8":
            faults.append(
                Error(
                    f"La base de données est encodée en {encoding}, et non en UTF8.",
                    hint="CREATE DATABASE … ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0",
                    id="portal.E004",
                )
            )
    return faults
