"""The application may add to the journal and read it, never change it (D-30)."""

from django.db import migrations

RIGHTS = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'portal_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER ON portal_auditevent, portal_journallink
            FROM portal_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    """Two walls: a trigger for everyone, and no right at all for the application."""

    dependencies = [("portal", "0002_ground")]
    operations = [migrations.RunSQL(RIGHTS, migrations.RunSQL.noop)]
