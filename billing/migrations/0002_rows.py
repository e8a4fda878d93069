"""The rows' partitioned tables, and the functions by which the application alone makes storages.

``portal_app`` has no right to make tables (D-30). Each function runs as the owner, takes one number
and reads from the register what it stands for; none takes a name or a text (D-40).
"""

from django.db import migrations

TABLES = """
CREATE TABLE billing_charge (
    storage_id integer NOT NULL,
    line integer NOT NULL,
    import_id bigint NOT NULL,
    account text NOT NULL,
    number text,
    subscriber text,
    code text,
    label text,
    category text NOT NULL,
    period_start date,
    period_end date,
    quantity numeric(14, 4),
    unit_amount numeric(14, 4),
    amount numeric(14, 2) NOT NULL,
    tps_amount numeric(14, 2),
    tvq_amount numeric(14, 2),
    other_tax_amount numeric(14, 2),
    cost_centre_text text,
    raw text
) PARTITION BY LIST (storage_id);

CREATE TABLE billing_usage (
    storage_id integer NOT NULL,
    line integer NOT NULL,
    import_id bigint NOT NULL,
    account text NOT NULL,
    number text NOT NULL,
    occurred_at timestamp NOT NULL,
    kind text NOT NULL,
    roaming text NOT NULL,
    quantity bigint NOT NULL,
    unit text,
    amount numeric(12, 4),
    called_hash bigint,
    place text,
    raw text
) PARTITION BY LIST (storage_id);
"""
NO_TABLES = "DROP TABLE billing_usage; DROP TABLE billing_charge;"

FUNCTIONS = """
CREATE FUNCTION billing_storage_table(storage integer, OUT parent text, OUT own text, OUT shared boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT 'billing_' || r.kind, 'billing_' || r.kind || '_' || r.id, r.month IS NOT NULL
        INTO parent, own, shared
        FROM public.billing_rowstorage r
        WHERE r.id = storage AND r.kind IN ('charge', 'usage') AND r.dropped_at IS NULL;
    IF own IS NULL THEN
        RAISE EXCEPTION 'no storage % in the register', storage USING ERRCODE = 'no_data_found';
    END IF;
END $$;

-- A table of its own, that no reader sees; the check lets it be attached without being read again.
-- It knows its number and, when it is one file's, its import: COPY sends neither.
CREATE FUNCTION billing_open_storage(storage integer) RETURNS void
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

-- Once filled: by line number for a file's own table; by import first where several share it.
CREATE FUNCTION billing_index_storage(storage integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
    moment text;
BEGIN
    SELECT * INTO t FROM public.billing_storage_table(storage);
    moment := CASE t.parent WHEN 'billing_usage' THEN 'occurred_at' ELSE 'category' END;
    IF t.shared THEN
        EXECUTE format('CREATE INDEX ON public.%I (import_id, number, %I)', t.own, moment);
        EXECUTE format('CREATE INDEX ON public.%I (import_id, line)', t.own);
    ELSE
        EXECUTE format('CREATE INDEX ON public.%I (number, %I)', t.own, moment);
        EXECUTE format('CREATE INDEX ON public.%I USING brin (line)', t.own);
    END IF;
END $$;

-- Readers of the whole go on: attaching waits only for another change of the same kind.
CREATE FUNCTION billing_attach_storage(storage integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE t record;
BEGIN
    SELECT * INTO t FROM public.billing_storage_table(storage);
    EXECUTE format(
        'ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES IN (%s)',
        t.parent, t.own, storage
    );
    UPDATE public.billing_rowstorage SET attached_at = clock_timestamp() WHERE id = storage;
END $$;

-- Detaching waits behind readers and makes others wait: a short try, that the caller makes again.
CREATE FUNCTION billing_drop_storage(storage integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms' AS $$
DECLARE t record;
BEGIN
    SELECT * INTO t FROM public.billing_storage_table(storage);
    IF EXISTS (
        SELECT 1
        FROM public.billing_import i
        JOIN public.billing_invoiceversion v ON i.id IN (v.charge_import_id, v.usage_import_id)
        JOIN public.billing_invoice n ON n.current_id = v.id
        WHERE i.storage_id = storage
    ) THEN
        RAISE EXCEPTION 'storage % holds the rows of a current invoice', storage
            USING ERRCODE = 'object_in_use';
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS public.%I', t.own);
    UPDATE public.billing_rowstorage SET dropped_at = clock_timestamp() WHERE id = storage;
END $$;
"""
NO_FUNCTIONS = """
DROP FUNCTION billing_drop_storage(integer);
DROP FUNCTION billing_attach_storage(integer);
DROP FUNCTION billing_index_storage(integer);
DROP FUNCTION billing_open_storage(integer);
DROP FUNCTION billing_storage_table(integer);
"""

RIGHTS = """
REVOKE ALL ON FUNCTION billing_storage_table(integer), billing_open_storage(integer),
    billing_index_storage(integer), billing_attach_storage(integer), billing_drop_storage(integer)
    FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'portal_app') THEN
        GRANT EXECUTE ON FUNCTION billing_open_storage(integer), billing_index_storage(integer),
            billing_attach_storage(integer), billing_drop_storage(integer) TO portal_app;
        REVOKE ALL ON billing_charge, billing_usage FROM portal_app;
        GRANT SELECT, INSERT, DELETE ON billing_charge, billing_usage TO portal_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    """Runs as the owner, whose rights the functions lend."""

    dependencies = [("billing", "0001_initial")]
    operations = [
        migrations.RunSQL(TABLES, NO_TABLES),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
