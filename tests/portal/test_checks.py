"""What a deployment is refused for, and a database that would lose French letters."""

import os
import subprocess
import sys

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, connections

from tests.house.tree import ROOT

SEALED = {
    "pkcs12": "/etc/portail/seal.p12",
    "key": "",
    "root": "/etc/portail/seal-root.pem",
    "timestamp_url": "https://horodatage.example.org/",
}
DEPLOYED = {
    "DEMONSTRATION": False,
    "SEAL": SEALED,
}


def refusals(settings, said):
    """Which of the portal's own checks refuse a deployment with these settings."""
    for name, value in said.items():
        setattr(settings, name, value)
    found = run_checks(include_deployment_checks=True)
    return [one.id for one in found if str(one.id).startswith("portal.")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, []),
        ({"SEAL": SEALED | {"pkcs12": "", "key": "/etc/portail/seal.pem"}}, []),
        ({"DEMONSTRATION": True}, ["portal.E001"]),
        *(
            ({"SEAL": SEALED | {name: ""}}, ["portal.E003"])
            for name in ("pkcs12", "root", "timestamp_url")
        ),
    ],
)
def test_a_deployment_is_refused_for_what_would_undo_it(settings, changes, refused):
    assert refusals(settings, DEPLOYED | changes) == refused


@pytest.mark.parametrize(("role", "refused"), [("portal_app", False), ("portal_owner", True)])
def test_the_worker_of_the_compose_file_is_told_the_truth(role, refused):
    kept = {name: os.environ[name] for name in ("PATH", "SECRET_KEY", "REDIS_URL", "DATA_DIR")}
    said = {
        "DATABASE_URL": os.environ["DATABASE_OWNER_URL"],
        "PGOPTIONS": f"-c role={role}",
        "BASE_URL": "https://portail.example.org",
        "SEAL_PKCS12": "/run/secrets/seal",
        "SEAL_ROOT": "/run/secrets/seal_root",
        "TIMESTAMP_URL": "https://horodatage.example.org/",
    }
    command = [sys.executable, "manage.py", "check", "--deploy"]
    answer = subprocess.run(command, env=kept | said, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == refused, answer.stderr
    assert ("portal.E002" in answer.stderr) is refused


@pytest.mark.django_db
@pytest.mark.parametrize("owner", ["the database's", "the journal's"])
def test_a_role_that_owns_the_journal_is_refused(settings, owner):
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        if owner == "the journal's":
            cursor.execute("GRANT CREATE ON SCHEMA public TO portal_app")
            cursor.execute("ALTER TABLE portal_auditevent OWNER TO portal_app")
            cursor.execute("SET ROLE portal_app")
    assert refusals(settings, DEPLOYED) == ["portal.E002"]


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
