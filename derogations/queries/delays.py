"""The usual delay: median and 90th percentile of the last twelve months, by kind (F-35)."""

from dataclasses import dataclass

from django.db import connection

from members.powers import DerogationKind

_USUAL = """
SELECT kind, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY took),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY took)
FROM (
    SELECT h.kind, extract(epoch FROM decided.at - asked.at) / 86400 AS took
    FROM derogations_derogation d
    JOIN derogations_head h ON h.derogation_id = d.id
    JOIN LATERAL (
        SELECT min(submitted_at) AS at FROM derogations_version WHERE derogation_id = d.id
    ) asked ON asked.at IS NOT NULL
    JOIN LATERAL (
        SELECT COALESCE(d.signed_at, max(r.refused_at)) AS at
        FROM derogations_version v
        LEFT JOIN derogations_refusal r ON r.version_id = v.id
        WHERE v.derogation_id = d.id
    ) decided ON decided.at >= clock_timestamp() - interval '365 days'
    WHERE d.origin = 'request'
      AND d.state IN ('signed', 'refused', 'exhausted', 'expired', 'withdrawn')
) took
GROUP BY kind
"""


@dataclass(frozen=True, slots=True)
class Delay:
    """How many requests of a kind were decided in a year, and in how many days."""

    kind: DerogationKind
    count: int
    median_days: int
    p90_days: int


def usual_delays() -> list[Delay]:
    """One row a kind that was decided in the last twelve months; days are rounded, one at least.

    From the first submission to the last signature or refusal. It names nobody, so everybody who
    may ask may read it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_USUAL)
        found = {row[0]: row for row in cursor.fetchall()}
    return [
        Delay(kind, found[kind][1], _days(found[kind][2]), _days(found[kind][3]))
        for kind in DerogationKind
        if kind in found
    ]


def _days(took: float) -> int:
    return max(1, round(took))
