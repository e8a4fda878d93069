"""What the tests of the ground share."""

import psycopg
import pytest
from django.db import connection


@pytest.fixture
def other_session(db):
    """Another session of the test's database, as another process would open."""
    asked = connection.get_connection_params()
    known = {name: asked[name] for name in ("dbname", "user", "host", "port") if asked.get(name)}
    with psycopg.connect(**known) as session:
        yield session
        session.rollback()
