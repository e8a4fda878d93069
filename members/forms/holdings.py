"""What is typed about memberships, accounts, accesses and cost centres."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from members.forms.fields import DayField, DocumentField
from members.models import Branch, Contract, Person, Provider, ProviderAccess
from portal.clock import today


class MembershipForm(forms.Form):
    """The agreement to a contract's terms: document, date, who bound the member (R-03)."""

    contract = forms.ModelChoiceField(
        label=gettext_lazy("Contrat"), queryset=Contract.objects.none()
    )
    agreement = DocumentField(label=gettext_lazy("Entente signée"))
    agreement_on = DayField(label=gettext_lazy("Date de l'entente"))
    bound_by = forms.CharField(
        label=gettext_lazy("Personne qui a lié l'organisme"),
        max_length=200,
        help_text=gettext_lazy("Nom et fonction."),
    )
    taken_over = forms.BooleanField(
        label=gettext_lazy("L'organisme a déjà des lignes en service sous ce contrat."),
        required=False,
    )

    def __init__(self, *args: Any, contracts: QuerySet[Contract], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contract"].queryset = contracts  # type: ignore[attr-defined]


class AuthorisationForm(forms.Form):
    """The MAMH's authorisation (R-03)."""

    document = DocumentField(label=gettext_lazy("Autorisation"))
    reference = forms.CharField(label=gettext_lazy("Référence du MAMH"), max_length=100)
    resolution = forms.CharField(
        label=gettext_lazy("Résolution du conseil"), max_length=100, required=False
    )
    authorised_on = DayField(label=gettext_lazy("Date de l'autorisation"))


class BranchForm(forms.Form):
    """A form about one of the branches where the person may act."""

    branch = forms.ModelChoiceField(
        label=gettext_lazy("Organisme ou subdivision"),
        queryset=Branch.objects.none(),
        empty_label=None,
    )

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = branches  # type: ignore[attr-defined]


class ProviderForm(BranchForm):
    """The same, at one provider."""

    provider = forms.ModelChoiceField(
        label=gettext_lazy("Prestataire"), queryset=Provider.objects.all()
    )


class AskAccountForm(ProviderForm):
    """« Ouvrir un compte » (R-17)."""

    asked_on = DayField(label=gettext_lazy("Demandé au prestataire le"), initial=today)


class AccountForm(ProviderForm):
    """A billing account's number and opening."""

    number = forms.CharField(
        label=gettext_lazy("Numéro de compte (BAN)"),
        max_length=25,
        help_text=gettext_lazy("Des chiffres seulement, comme sur la facture."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    opened_on = DayField(label=gettext_lazy("Ouvert le"))


class CloseAccountForm(forms.Form):
    """When an account was closed."""

    closed_on = DayField(label=gettext_lazy("Fermé le"), initial=today)


class AccountManagerForm(ProviderForm):
    """The provider's account manager (R-06)."""

    name = forms.CharField(label=gettext_lazy("Nom"), max_length=150)
    email = forms.EmailField(label=gettext_lazy("Courriel"), required=False)
    phone = forms.CharField(label=gettext_lazy("Téléphone"), max_length=30, required=False)


class AccessForm(ProviderForm):
    """An access to a provider's portal (R-06)."""

    person = forms.ModelChoiceField(label=gettext_lazy("Personne"), queryset=Person.objects.none())
    account_name = forms.CharField(
        label=gettext_lazy("Nom du compte au portail du prestataire"),
        max_length=150,
        required=False,
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Portée"),
        choices=ProviderAccess.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    asked_on = DayField(label=gettext_lazy("Demandé le"), initial=today)
    granted_on = DayField(label=gettext_lazy("Accordé le"), required=False)

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class GrantForm(forms.Form):
    """When the provider opened an access."""

    granted_on = DayField(label=gettext_lazy("Accordé le"), initial=today)


class RevokeForm(forms.Form):
    """When the provider closed an access."""

    revoked_on = DayField(label=gettext_lazy("Retiré le"), initial=today)


class CostCentreForm(BranchForm):
    """A cost centre of a branch."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Nom"), max_length=150)


class CostCentreNameForm(forms.Form):
    """A cost centre's code and name."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Nom"), max_length=150)


class CostCentreFilters(django_filters.FilterSet):
    """Branch, in use or retired."""

    subdivision = django_filters.ModelChoiceFilter(
        field_name="branch",
        label=gettext_lazy("Subdivision"),
        queryset=Branch.objects.none(),
        empty_label=gettext_lazy("Toutes"),
    )
    usage = django_filters.ChoiceFilter(
        field_name="is_active",
        label=gettext_lazy("Usage"),
        choices=[("True", gettext_lazy("En usage")), ("False", gettext_lazy("Retirés"))],
        empty_label=gettext_lazy("Tous"),
    )

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["subdivision"].queryset = branches
        self.filters["subdivision"].field.queryset = branches


class AccessFilters(django_filters.FilterSet):
    """Provider, and where the access stands."""

    prestataire = django_filters.ModelChoiceFilter(
        field_name="provider",
        label=gettext_lazy("Prestataire"),
        queryset=Provider.objects.all(),
        empty_label=gettext_lazy("Tous"),
    )
    etat = django_filters.ChoiceFilter(
        label=gettext_lazy("État"),
        method="standing",
        choices=[
            ("asked", gettext_lazy("Demandé")),
            ("granted", gettext_lazy("Accordé")),
            ("to_revoke", gettext_lazy("À faire retirer")),
            ("revoked", gettext_lazy("Retiré")),
        ],
        empty_label=gettext_lazy("Tous"),
    )

    def standing(
        self, rows: QuerySet[ProviderAccess], _name: str, value: str
    ) -> QuerySet[ProviderAccess]:
        """From the four dates."""
        open_rows = rows.filter(revoked_on__isnull=True)
        kept = open_rows.filter(revocation_asked_on__isnull=True)
        return {
            "asked": kept.filter(granted_on__isnull=True),
            "granted": kept.filter(granted_on__isnull=False),
            "to_revoke": open_rows.filter(revocation_asked_on__isnull=False),
            "revoked": rows.filter(revoked_on__isnull=False),
        }[value]
