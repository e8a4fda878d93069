"""The shape of what ITQ sets over derogations."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from derogations.completeness import Proof
from members.forms.fields import DayField, DocumentField
from members.models import Provider
from members.powers import DerogationKind


class ProofRuleForm(forms.Form):
    """What a kind must prove from a day on (F-33)."""

    kind = forms.ChoiceField(label=_("Genre de dérogation"), choices=DerogationKind.choices)
    required = forms.MultipleChoiceField(
        label=_("Chacune de ces preuves"),
        choices=Proof.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    one_of = forms.MultipleChoiceField(
        label=_("Et l'une de celles-ci, au choix"),
        choices=Proof.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    since = DayField(label=_("À compter du"))

    def sets(self) -> list[list[str]]:
        """One set a required proof, then the set of which one is enough."""
        data: dict[str, Any] = self.cleaned_data
        return [*([proof] for proof in data["required"]), data["one_of"]]


class ProviderFormForm(forms.Form):
    """A provider's authorisation form, by kind, from a day on (R-14)."""

    provider = forms.ModelChoiceField(Provider.objects.all(), label=_("Prestataire"))
    kind = forms.ChoiceField(label=_("Genre de dérogation"), choices=DerogationKind.choices)
    upload = DocumentField(label=_("Formulaire"))
    field_map = forms.CharField(
        label=_("Champs préremplis"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "Pour un PDF à champs, une rangée par champ : nom du champ dans le PDF = champ de la "
            "demande (number, member, need, quantity, ends_on…). Rien : il se remplit à la main."
        ),
    )
    since = DayField(label=_("À compter du"))

    def clean_field_map(self) -> dict[str, str]:
        """PDF field → request field; a sentence names the first row that is not one."""
        found = {}
        for row in self.cleaned_data["field_map"].splitlines():
            name, sign, field = (part.strip() for part in row.rpartition("="))
            if not row.strip():
                continue
            if not (name and sign and field):
                raise forms.ValidationError(
                    _("« %(row)s » n'est pas de la forme : champ du PDF = champ de la demande."),
                    params={"row": row.strip()[:60]},
                )
            found[name] = field
        return found


class ReplyTemplateForm(forms.Form):
    """A ready answer (F-32)."""

    title = forms.CharField(label=_("Titre"), max_length=100)
    text = forms.CharField(label=_("Texte"), widget=forms.Textarea(attrs={"rows": 6}))
    is_offered = forms.BooleanField(label=_("Offerte"), required=False, initial=True)


class ReminderDelaysForm(forms.Form):
    """After how many working days signers are recalled (F-20)."""

    days = forms.CharField(
        label=_("Relances après, en jours ouvrables"),
        max_length=60,
        help_text=_("Séparez les délais par des virgules : 2, 5, 8."),
    )
    steps_up_from = forms.IntegerField(
        label=_("Passer au poste suivant à partir de la relance du jour"),
        min_value=1,
        required=False,
        help_text=_("Pour les organismes qui l'ont choisi à leur plan ; vide : jamais."),
    )

    def clean_days(self) -> list[int]:
        """Whole numbers, separated by commas."""
        try:
            return [int(part) for part in self.cleaned_data["days"].split(",") if part.strip()]
        except ValueError as error:
            raise forms.ValidationError(
                _("Écrivez des nombres entiers séparés par des virgules.")
            ) from error

    def delays(self) -> list[tuple[int, bool]]:
        """(working days, steps up) for each."""
        since = self.cleaned_data["steps_up_from"]
        return [(days, since is not None and days >= since) for days in self.cleaned_data["days"]]
