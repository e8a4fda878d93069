"""One holder or one line of a branch: a list where they are few, a search where they are many."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

FEW = 50
"""Rows that a plain list still shows well."""
NEAR = 20
"""Rows that a search proposes."""
PICKED = "id:"
"""What stands before a key, so that no number typed is taken for one."""


class SearchInput(forms.TextInput):
    """Words to search; once rows are found, a list of them with the words beside it."""

    template_name = "orders/picking.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: Sequence[tuple[str, str]] = ()

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """New words count before what was picked."""
        return typed(data, name)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """The rows found; ``kept`` is what the list sends while none is picked."""
        picked = value in dict(self.found)
        return {
            **super().get_context(name, value, attrs),
            "found": self.found,
            "kept": "" if picked else value or "",
        }


def typed(data: Any, name: str) -> str:
    """What a searched field sends: words, or a key after ``PICKED``."""
    words: str = data.get(f"{name}-q", "").strip() or data.get(name, "").strip()
    return words


class PickField(forms.ModelChoiceField):
    """A choice among rows that may be thousands; ``search`` narrows them to some words."""

    def __init__(
        self,
        queryset: QuerySet[Any],
        *,
        search: Callable[[QuerySet[Any], str], QuerySet[Any]],
        words: Callable[[Any], str],
        **options: Any,
    ) -> None:
        super().__init__(queryset, empty_label=gettext_lazy("Choisir…"), **options)
        self.search, self.words = search, words
        self.is_searched = False

    def label_from_instance(self, obj: Any) -> str:
        """A row in words."""
        return self.words(obj)

    def read_few(self) -> list[Any]:
        """The rows of a plain list, and one more when it would be too long."""
        return list(self._rows[: FEW + 1])

    def offer(self, few: Sequence[Any]) -> None:
        """Show the rows that ``read_few`` gave, or ask for words."""
        self.is_searched = len(few) > FEW
        if not self.is_searched:
            rows = [(row.pk, self.words(row)) for row in few]
            self.widget.choices = [("", self.empty_label), *rows]  # type: ignore[union-attr]
            return
        self.widget = SearchInput()
        self.widget.is_required = self.required
        self.help_text = _("Une partie du nom ou du numéro suffit.")

    def prepare_value(self, value: Any) -> Any:
        """The key that a list sends; a row already picked is the whole of its list."""
        if not self.is_searched or not value:
            return super().prepare_value(value)
        key = f"{PICKED}{value.pk}" if isinstance(value, Model) else str(value)
        if not key.startswith(PICKED):
            return value
        picked = self._rows.filter(pk=_integer(key.removeprefix(PICKED))).first()
        self._find([picked] if picked else [])
        return key if picked else ""

    def to_python(self, value: Any) -> Any:
        """The row picked, or the only one that the words find."""
        if not self.is_searched or not value:
            return super().to_python(value)
        self._find([])
        if value.startswith(PICKED):
            return super().to_python(value.removeprefix(PICKED))
        near = list(self.search(self._rows, value)[: NEAR + 1])
        same = [row for row in near if str(row).casefold() == value.casefold()]
        if len(near) == 1 or len(same) == 1:
            return (same or near)[0]
        self._find(near[:NEAR])
        raise forms.ValidationError(_refusal(len(near)) % {"words": value})

    @property
    def _rows(self) -> QuerySet[Any]:
        """All that may be chosen."""
        assert self.queryset is not None
        return self.queryset

    def _find(self, rows: Sequence[Any]) -> None:
        self.widget.found = [(f"{PICKED}{row.pk}", self.words(row)) for row in rows]  # type: ignore[union-attr]


def _integer(key: str) -> int:
    """A primary key as the list sent it; one that no row has otherwise."""
    return int(key) if key.isdecimal() else 0


def _refusal(count: int) -> str:
    """Why words did not name one row, and what to do."""
    if not count:
        return _("Rien ne correspond à « %(words)s » : écrivez moins de mots, ou autrement.")
    if count > NEAR:
        return _(
            "Trop de choix correspondent à « %(words)s » : prenez le bon parmi les premiers, ou "
            "précisez."
        )
    return _("Plusieurs choix correspondent à « %(words)s » : prenez le bon dans la liste.")
