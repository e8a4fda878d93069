"""What a deployment is refused for, and a database that would lose French letters."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, connections

SEALED = {
    "pkcs12": "/etc/portail/seal.p12",
    "key": "",
    "root": "/etc/portail/seal-root.pem",
    "timestamp_url": "https://horodatage.example.org/",
}
DEPLOYED = {
    "DEMONSTRATION": False,
    "APP_DATABASE_URL": "postgres://portal_app@/portal",
    "OWNER_DATABASE_URL": "postgres://portal_owner@/portal",
    "SEAL": SEALED,
}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, []),
        ({"SEAL": SEALED | {"pkcs12": "", "key": "/etc/portail/seal.pem"}}, []),
        ({"DEMONSTRATION": True}, ["portal.E001"]),
        ({"OWNER_DATABASE_URL": DEPLOYED["APP_DATABASE_URL"]}, ["portal.E002"]),
        *(
            ({"SEAL": SEALED | {name: ""}}, ["portal.E003"])
            for name in ("pkcs12", "root", "timestamp_url")
        ),
    ],
)
def test_a_deployment_is_refused_for_what_would_undo_it(settings, changes, refused):
    for name, value in (DEPLOYED | changes).items():
        setattr(settings, name, value)
    found = run_checks(include_deployment_checks=True)
    assert [one.id for one in found if str(one.id).startswith("portal.")] == refused


@pytest.mark.django_db
def test_an_utf8_database_passes():
    call_command("check", databases=["default"])


@pytest.mark.django_db(transaction=True)
def test_another_encoding_is_refused_with_the_way_to_mend_it(monkeypatch):
    with connection._nodb_cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("DROP DATABASE IF EXISTS portal_latin")
        cursor.execute(
            "CREATE DATABASE portal_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
        )
    plain = connections["default"].settings_dict["NAME"]
    connection.close()
    monkeypatch.setitem(connections["default"].settings_dict, "NAME", "portal_latin")
    try:
        with pytest.raises(SystemCheckError, match=r"LATIN1, et non en UTF8"):
            call_command("check", databases=["default"])
    finally:
        connection.close()
        monkeypatch.setitem(connections["default"].settings_dict, "NAME", plain)
        with connection._nodb_cursor() as cursor:
            cursor.execute("DROP DATABASE portal_latin")
