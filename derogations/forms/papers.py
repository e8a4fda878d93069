"""The shape of what is typed on the paper path: a scan, or the council's resolution."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from derogations.declarations import power_key, power_text
from members.forms.fields import DayField, DocumentField
from members.models import Person
from members.queries.delegations import StandingPower


class PaperForm(forms.Form):
    """Who signed by hand, when, and the scan."""

    power = forms.ChoiceField(label=gettext_lazy("Qui a signé"))
    signed_on = DayField(label=gettext_lazy("Signée le"))
    scan = DocumentField(label=gettext_lazy("Document signé, numérisé"))

    def __init__(self, *args: Any, powers: Sequence[StandingPower], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(power_key(row), f"{row.person}, {power_text(row)}") for row in powers]
        self.fields["power"].choices = choices  # type: ignore[attr-defined]


class ResolutionForm(forms.Form):
    """The council's resolution and its certified extract (R-24)."""

    clerk = forms.ModelChoiceField(
        Person.objects.none(), label=gettext_lazy("Personne qui certifie l'extrait")
    )
    number = forms.CharField(label=gettext_lazy("Numéro de la résolution"), max_length=60)
    adopted_on = DayField(label=gettext_lazy("Adoptée le"))
    extract = DocumentField(label=gettext_lazy("Extrait certifié conforme"))

    def __init__(self, *args: Any, people: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["clerk"].queryset = people  # type: ignore[attr-defined]
