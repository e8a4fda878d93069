"""A database that would lose French letters is refused before anything is written."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, connections


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
