"""Where a request is for: its first place, else its member's region."""

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from derogations.models import Place


def place_region(derogation: str = "", *, unknown: str = "–") -> Coalesce:
    """The region of the request's first place, else of its member; ``derogation`` is the path."""
    path = f"{derogation}__" if derogation else ""
    first = Place.objects.filter(derogation=OuterRef(derogation or "pk")).order_by("pk")
    told = Subquery(first.values("administrative_region")[:1])
    member = F(f"{path}branch__organisation__administrative_region")
    return Coalesce(NullIf(told, Value("")), NullIf(member, Value("")), Value(unknown))
