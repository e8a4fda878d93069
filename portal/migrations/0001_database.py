"""The database's own ground: extensions, ``fold(text)``, rights of ``portal_app``, the cache."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

FOLD = """
CREATE FUNCTION fold(text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE  -- half the cost of LANGUAGE sql: measured
    AS $$ BEGIN RETURN lower(public.unaccent('public.unaccent', $1)); END $$;
"""
RIGHTS = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'portal_app') THEN
        GRANT USAGE ON SCHEMA public TO portal_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO portal_app;
        GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO portal_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT USAGE, SELECT ON SEQUENCES TO portal_app;
    END IF;
END $$;
"""
CACHE = """
CREATE TABLE IF NOT EXISTS portal_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS portal_cache_expires ON portal_cache (expires);
"""


class Migration(migrations.Migration):
    """Runs as the owner; everything made afterwards is readable and writable by the application."""

    initial = True
    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(FOLD, "DROP FUNCTION fold(text)"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.RunSQL(CACHE, "DROP TABLE portal_cache"),
    ]
