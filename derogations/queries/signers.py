"""Who signed what a list shows: names, capacity and line of the plan (F-13)."""

from collections.abc import Iterator

from django.db.models import Prefetch, QuerySet

from derogations.declarations import line_text
from derogations.models import Derogation, Signature


def with_signers(rows: QuerySet[Derogation]) -> QuerySet[Derogation]:
    """Each with the effective signatures of its version; one query more for a list."""
    effective = Signature.objects.filter(voided_at__isnull=True).select_related("delegation__plan")
    return rows.prefetch_related(
        Prefetch("version__signatures", effective.order_by("step", "slot"), to_attr="effective")
    )


def signed_by(derogation: Derogation) -> str:
    """The persons who signed, in order."""
    return " ; ".join(signature.person_name for signature in _effective(derogation))


def signed_for(derogation: Derogation) -> str:
    """For whom a substitute signed; empty for who signed in his own name."""
    return " ; ".join(one.acting_for_name for one in _effective(derogation) if one.acting_for_name)


def signed_as(derogation: Derogation) -> str:
    """In what capacity: holder, interim, substitute."""
    return " ; ".join(one.get_capacity_display() for one in _effective(derogation))


def signed_under(derogation: Derogation) -> str:
    """The line of the plan relied on; a council's resolution rests on none."""
    return " ; ".join(line_text(one.delegation) for one in _effective(derogation) if one.delegation)


def _effective(derogation: Derogation) -> Iterator[Signature]:
    """The signatures that count, of a row that ``with_signers`` read."""
    return iter(getattr(derogation.version, "effective", ()))
