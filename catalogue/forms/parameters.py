"""What ITQ's administrators keep by date: body, providers, contracts, joining rule, taxes."""

from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from members.forms.fields import DayField
from members.models import ContractPhase, JoiningRule, Provider

TAXES = (("tps", "TPS"), ("tvq", "TVQ"))


def order_kinds() -> list[tuple[str, Any]]:
    """Codes and labels of the kinds that a phase may accept; their app stands to the right."""
    choices: list[tuple[str, Any]] = import_string(settings.ORDER_KINDS).choices
    return choices


class BodyForm(forms.Form):
    """Who runs the group from a day on."""

    name = forms.CharField(label=_("Nom"), max_length=100, help_text=_("Par exemple, ITQ."))
    full_name = forms.CharField(label=_("Nom complet"), max_length=200)
    advisers_email = forms.EmailField(
        label=_("Courriel des conseillers"),
        help_text=_("Les messages que les organismes écrivent y sont annoncés."),
    )
    approval_email = forms.EmailField(label=_("Courriel d'approbation"))
    since = DayField(label=_("À compter du"))


class ProviderForm(forms.Form):
    """A provider."""

    name = forms.CharField(label=_("Nom"), max_length=100)
    code = forms.SlugField(
        label=_("Code"),
        max_length=20,
        help_text=_(
            "Par exemple, telus ou rogers. Il nomme le dossier où ses factures sont déposées, "
            "et ne change plus."
        ),
    )


class JoiningRuleForm(forms.Form):
    """The rule on the MAMH's authorisation from a day on (R-03)."""

    mode = forms.ChoiceField(
        label=_("Quand l'autorisation manque"),
        choices=JoiningRule.Mode.choices,
        initial=JoiningRule.Mode.BLOCK,
        widget=forms.RadioSelect,
    )
    population_under = forms.IntegerField(
        label=_("Population inférieure à"), min_value=1, initial=100_000
    )
    years_over = forms.IntegerField(
        label=_("Contrat de plus de (ans)"), min_value=0, max_value=100, initial=5
    )
    source = forms.CharField(
        label=_("Source"), max_length=300, help_text=_("La loi, la directive ou l'avis suivi.")
    )
    since = DayField(label=_("À compter du"))


class ContractForm(forms.Form):
    """A contract and its two providers by rank."""

    title = forms.CharField(label=_("Titre"), max_length=200)
    since = DayField(label=_("Conclu le"))
    until = DayField(label=_("Fin, ce jour non compris"), required=False)
    first_provider = forms.ModelChoiceField(
        Provider.objects.all(), label=_("Prestataire de premier rang")
    )
    first_number = forms.CharField(label=_("Numéro du contrat de premier rang"), max_length=30)
    second_provider = forms.ModelChoiceField(
        Provider.objects.all(), label=_("Prestataire de second rang"), required=False
    )
    second_number = forms.CharField(
        label=_("Numéro du contrat de second rang"), max_length=30, required=False
    )

    def clean(self) -> dict[str, Any]:
        """Two different providers, each with its number; an end after its beginning."""
        typed = super().clean() or {}
        first, second = typed.get("first_provider"), typed.get("second_provider")
        if second and first == second:
            self.add_error(
                "second_provider", _("Choisissez un autre prestataire qu'au premier rang.")
            )
        if bool(second) != bool(typed.get("second_number")):
            self.add_error(
                "second_number", _("Le prestataire de second rang et son numéro vont ensemble.")
            )
        refuse_backwards(self, typed)
        return typed


class PhaseForm(forms.Form):
    """A dated phase of a contract, with what it accepts (R-18)."""

    kind = forms.ChoiceField(label=_("Genre de phase"), choices=ContractPhase.Kind.choices)
    since = DayField(label=_("Commence le"))
    until = DayField(label=_("Fin, ce jour non compris"), required=False)
    order_kinds = forms.MultipleChoiceField(
        label=_("Commandes acceptées"),
        choices=order_kinds,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Aucune : la phase n'accepte plus de commandes."),
    )
    act_reference = forms.CharField(
        label=_("Acte"), max_length=200, required=False, help_text=_("Avenant, décision, numéro.")
    )

    def clean(self) -> dict[str, Any]:
        """An end after its beginning."""
        typed = super().clean() or {}
        refuse_backwards(self, typed)
        return typed


class TaxForm(forms.Form):
    """A tax's rate from a day on."""

    code = forms.ChoiceField(label=_("Taxe"), choices=TAXES)
    percent = forms.DecimalField(
        label=_("Taux (%)"),
        min_value=Decimal(0),
        max_value=Decimal(50),
        decimal_places=3,
        help_text=_("Par exemple, 9,975."),
        localize=True,
    )
    since = DayField(label=_("À compter du"))


def refuse_backwards(form: forms.Form, typed: dict[str, Any]) -> None:
    """An end that does not follow its beginning."""
    since, until = typed.get("since"), typed.get("until")
    if since and until and until <= since:
        form.add_error("until", _("La fin doit suivre le début."))
