"""The shape of what is typed about holders and delivery addresses."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Branch
from orders.models import Holder

POSTAL_CODE = r"[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d"


class BranchForm(forms.Form):
    """A form that asks for a branch when the person keeps several; the only one otherwise."""

    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("Organisme ou subdivision"), empty_label=_("Choisir…")
    )

    def __init__(self, *args: Any, branches: Sequence[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only = branches[0] if len(branches) == 1 else None
        if self.only:
            del self.fields["branch"]
        else:
            field = self.fields["branch"]
            field.queryset = Branch.objects.filter(  # type: ignore[attr-defined]
                pk__in=[branch.pk for branch in branches]
            )

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, with its branch."""
        return {"branch": self.only, **self.cleaned_data}


class HolderFields(forms.Form):
    """What is known of a holder: as little as needed."""

    name = forms.CharField(
        label=_("Nom"),
        max_length=150,
        help_text=_("Une personne, ou un poste partagé : « Garage municipal, camion 4 »."),
    )
    function = forms.CharField(label=_("Fonction"), max_length=150, required=False)
    employee_number = forms.CharField(label=_("Matricule"), max_length=40, required=False)


class HolderForm(BranchForm, HolderFields):
    """A new holder of a branch."""

    field_order = ("branch", "name", "function", "employee_number")


class AddressForm(BranchForm):
    """A new place of delivery."""

    label = forms.CharField(
        label=_("Nom du lieu"), max_length=100, help_text=_("Par exemple : Hôtel de ville.")
    )
    street = forms.CharField(
        label=_("Adresse"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    city = forms.CharField(
        label=_("Municipalité"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    postal_code = forms.RegexField(
        POSTAL_CODE,
        label=_("Code postal"),
        max_length=7,
        help_text=_("Par exemple : G1R 5H1."),
        error_messages={"invalid": _("Écrivez le code postal comme G1R 5H1.")},
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )

    def clean_postal_code(self) -> str:
        """In capitals, with its space."""
        bare = self.cleaned_data["postal_code"].replace(" ", "").upper()
        return f"{bare[:3]} {bare[3:]}"


class HolderFilters(django_filters.FilterSet):
    """Subdivision, and whether the holder is in function."""

    etat = django_filters.ChoiceFilter(
        label=_("État"),
        choices=[("en_fonction", _("En fonction")), ("retires", _("Retirés"))],
        empty_label=_("Tous"),
        method="by_state",
    )
    subdivision = django_filters.ModelChoiceFilter(
        field_name="branch",
        label=_("Subdivision"),
        queryset=Branch.objects.none(),
        empty_label=_("Toutes"),
    )

    class Meta:
        model = Holder
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, branches: Sequence[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(branches) == 1:
            del self.filters["subdivision"]
        else:
            self.filters["subdivision"].field.queryset = Branch.objects.filter(
                pk__in=[branch.pk for branch in branches]
            )

    def by_state(self, queryset: Any, name: str, value: str) -> Any:
        """In function, or retired."""
        return queryset.filter(is_active=value == "en_fonction")
