"""What the database refuses to change of a request that is frozen."""

import pgtrigger


def frozen_with(name: str, derogations: str, *, unless: str = "") -> pgtrigger.Trigger:
    """Refuse any change of a part of a request that is neither a draft nor returned.

    ``derogations`` is the SQL that names its requests; ``unless`` what may change all the same.
    """
    frozen = (
        f"SELECT 1 FROM derogations_derogation WHERE id IN ({derogations})"  # noqa: S608  our words
        " AND state NOT IN ('draft', 'returned')"
    )
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF {f"NOT ({unless}) AND " if unless else ""}EXISTS ({frozen}) THEN
                RAISE EXCEPTION 'pgtrigger: Cannot change % of a frozen request', TG_TABLE_NAME;
            END IF;
            RETURN NULL;
        """,
    )
