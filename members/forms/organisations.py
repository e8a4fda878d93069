"""What ITQ types about organisations, and the filters of its lists."""

from typing import Any

import django_filters
from django import forms
from django.core.validators import RegexValidator
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy

from members.models import Organisation, Respondent
from members.roles import Role, StaffRole

NEQ = RegexValidator(r"^\d{10}$", gettext_lazy("Le NEQ s'écrit en dix chiffres."))


class OrganisationFactsForm(forms.Form):
    """What is known of an organisation."""

    kind = forms.ChoiceField(label=gettext_lazy("Genre"), choices=Organisation.Kind.choices)
    neq = forms.CharField(
        label=gettext_lazy("NEQ"), max_length=10, required=False, validators=[NEQ]
    )
    population = forms.IntegerField(
        label=gettext_lazy("Population"),
        min_value=0,
        max_value=20_000_000,
        required=False,
        help_text=gettext_lazy("Pour une municipalité : elle décide de l'autorisation du MAMH."),
    )
    administrative_region = forms.CharField(
        label=gettext_lazy("Région administrative"), max_length=60, required=False
    )
    payment_system = forms.ChoiceField(
        label=gettext_lazy("Système de paiement"), choices=Organisation.PaymentSystem.choices
    )
    payment_reference = forms.CharField(
        label=gettext_lazy("Référence de paiement"), max_length=60, required=False
    )


class OrganisationForm(OrganisationFactsForm):
    """A new organisation."""

    name = forms.CharField(label=gettext_lazy("Nom"), max_length=200)
    field_order = ("name",)


class OrganisationChangeForm(OrganisationFactsForm):
    """An organisation already recorded."""

    status = forms.ChoiceField(label=gettext_lazy("Statut"), choices=Organisation.Status.choices)


class SubdivisionForm(forms.Form):
    """A billing subdivision."""

    name = forms.CharField(label=gettext_lazy("Nom de la subdivision"), max_length=200)


class StaffForm(forms.Form):
    """Someone of ITQ who receives an account."""

    given_name = forms.CharField(label=gettext_lazy("Prénom"), max_length=100)
    family_name = forms.CharField(label=gettext_lazy("Nom"), max_length=100)
    email = forms.EmailField(label=gettext_lazy("Courriel"))
    role = forms.ChoiceField(label=gettext_lazy("Fonction"), choices=StaffRole.choices)


class FactorResetForm(forms.Form):
    """A first agent called the person back."""

    email = forms.EmailField(label=gettext_lazy("Courriel du compte"))
    callback_note = forms.CharField(
        label=gettext_lazy("Compte rendu du rappel"),
        max_length=300,
        help_text=gettext_lazy("Numéro rappelé, date, comment la personne a été reconnue."),
    )


class OrganisationFilters(django_filters.FilterSet):
    """Kind, status, and a vacant role (F-03)."""

    genre = django_filters.ChoiceFilter(
        field_name="kind",
        label=gettext_lazy("Genre"),
        choices=Organisation.Kind.choices,
        empty_label=gettext_lazy("Tous"),
    )
    statut = django_filters.ChoiceFilter(
        field_name="status",
        label=gettext_lazy("Statut"),
        choices=Organisation.Status.choices,
        empty_label=gettext_lazy("Tous"),
    )
    vacant = django_filters.ChoiceFilter(
        label=gettext_lazy("Rôle vacant"),
        method="lacking",
        choices=[
            (role.value, role.label)
            for role in (Role.INTRL, Role.RCELL, Role.MANDA, Role.FACTU, Role.DERO)
        ],
        empty_label=gettext_lazy("Peu importe"),
    )

    def lacking(
        self, rows: QuerySet[Organisation], _name: str, role: str
    ) -> QuerySet[Organisation]:
        """Organisations that take part and whose root nobody covers for that role."""
        held: Any = Respondent.objects.effective()
        holders = held.filter(role=role, branch__is_root=True, branch__organisation=OuterRef("pk"))
        return rows.exclude(status=Organisation.Status.LEFT).filter(~Exists(holders))
