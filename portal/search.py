"""French search: accents and case ignored, every word must be found (D-50)."""

from django.db import models
from django.db.models import CharField, F, Q, TextField, Transform, Value

from portal.models import Fold


@CharField.register_lookup
@TextField.register_lookup
class FoldTransform(Transform):
    """``name__fold``: the field through ``fold(text)``; trigram indexes carry it."""

    lookup_name = "fold"
    function = "fold"
    output_field = TextField()


def matching(
    queryset: models.QuerySet[models.Model], text: str, fields: tuple[str, ...]
) -> models.QuerySet[models.Model]:
    """Rows in which each word of ``text`` is found, at any place, in one of ``fields``."""
    for word in text.split()[:8]:
        condition = Q()
        for field in fields:
            condition |= Q(**{f"{field}__fold__contains": Fold(Value(word))})
        queryset = queryset.filter(condition)
    return queryset


def by_name(field: str) -> models.OrderBy:
    """French order: « Écoles » before « Zoo »."""
    return Fold(F(field)).asc()
