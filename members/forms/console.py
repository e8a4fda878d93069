"""The dead letters that ITQ ticks to replay."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.models import QueuedTask


class ReplayForm(forms.Form):
    """Dead letters to replay; one that is none refuses the whole."""

    tasks = forms.ModelMultipleChoiceField(
        QueuedTask.objects.none(),
        label=_("Tâches à relancer"),
        error_messages={
            "required": _("Cochez au moins une tâche à relancer."),
            "invalid_choice": _(
                "La tâche %(value)s n'est plus abandonnée : relisez la liste, puis recommencez."
            ),
        },
    )

    def __init__(self, *args: Any, letters: QuerySet[QueuedTask], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tasks"].queryset = letters  # type: ignore[attr-defined]
