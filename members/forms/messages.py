"""What is typed in messages with the administering body, and the filters of their lists."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.forms.fields import DayField
from members.forms.holdings import BranchForm
from members.models import ItqMessage, Organisation
from portal.clock import midnight, today


class ReplyForm(forms.Form):
    """An answer."""

    body = forms.CharField(
        label=gettext_lazy("Réponse"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8})
    )


class MessageForm(BranchForm):
    """A message to ITQ in the name of a branch."""

    subject = forms.CharField(label=gettext_lazy("Objet"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Message"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8})
    )


class StaffMessageForm(forms.Form):
    """A message from ITQ to a member."""

    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Organisme"), queryset=Organisation.objects.all()
    )
    subject = forms.CharField(label=gettext_lazy("Objet"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Message"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8})
    )


class AuthoriseForm(forms.Form):
    """Until when someone may write to ITQ."""

    until = DayField(
        label=gettext_lazy("Jusqu'au"),
        required=False,
        help_text=gettext_lazy("L'autorisation prend fin au début de ce jour. Vide : sans fin."),
    )

    def clean_until(self) -> Any:
        """The instant at which the day begins, to come."""
        day = self.cleaned_data["until"]
        if day and day <= today():
            raise ValidationError(_("La fin doit être à venir."))
        return midnight(day) if day else None


class MessageFilters(django_filters.FilterSet):
    """Which way, and whether someone dealt with it."""

    sens = django_filters.ChoiceFilter(
        field_name="direction",
        label=gettext_lazy("Sens"),
        choices=ItqMessage.Direction.choices,
        empty_label=gettext_lazy("Tous"),
    )
    etat = django_filters.ChoiceFilter(
        label=gettext_lazy("État"),
        method="handled",
        choices=[("open", gettext_lazy("À traiter")), ("done", gettext_lazy("Traités"))],
        empty_label=gettext_lazy("Tous"),
    )

    def handled(self, rows: QuerySet[ItqMessage], _name: str, value: str) -> QuerySet[ItqMessage]:
        """Dealt with by its addressee or not."""
        return rows.filter(handled_at__isnull=value == "open")
