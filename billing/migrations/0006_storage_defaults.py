"""A storage knows its own number and, when it is one file's, its import: COPY sends neither."""

from django.db import migrations

OPEN = """
CREATE OR REPLACE FUNCTION billing_open_storage(storage integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
    owner bigint;
BEGIN
    SELECT * INTO t FROM public.billing_storage_table(storage);
    EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS)', t.own, t.parent);
    EXECUTE format(
        'ALTER TABLE public.%I ADD CONSTRAINT %I CHECK (storage_id = %s)',
        t.own, t.own || '_is_its_own', storage
    );
    EXECUTE format(
        'ALTER TABLE public.%I ALTER COLUMN storage_id SET DEFAULT %s', t.own, storage
    );
    SELECT i.id INTO owner FROM public.billing_import i WHERE i.storage_id = storage LIMIT 1;
    IF owner IS NOT NULL AND NOT t.shared THEN
        EXECUTE format(
            'ALTER TABLE public.%I ALTER COLUMN import_id SET DEFAULT %s', t.own, owner
        );
    END IF;
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'portal_app') THEN
        EXECUTE format('REVOKE ALL ON public.%I FROM portal_app', t.own);
        EXECUTE format('GRANT SELECT, INSERT, DELETE ON public.%I TO portal_app', t.own);
    END IF;
    UPDATE public.billing_rowstorage SET opened_at = clock_timestamp() WHERE id = storage;
END $$;
"""


class Migration(migrations.Migration):
    """Runs as the owner; the first version of the function lacks the defaults alone."""

    dependencies = [("billing", "0005_open_imports")]
    operations = [migrations.RunSQL(OPEN, migrations.RunSQL.noop)]
