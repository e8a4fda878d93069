"""The upload of a provider's list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.forms.fields import DayField
from members.models import ContractRank
from portal.tabular.table import MAX_BYTES


class UploadForm(forms.Form):
    """Which provider's list, from which day, and the file."""

    rank = forms.ModelChoiceField(
        ContractRank.objects.none(), label=_("Prestataire et contrat"), empty_label=None
    )
    effective_on = DayField(
        label=_("En vigueur le"),
        help_text=_("Les prix changent ce jour-là ; ceux des commandes soumises restent."),
    )
    file = forms.FileField(
        label=_("Liste du prestataire"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=_("CSV ou XLSX, 20 Mo au plus, avec les en-têtes du modèle."),
    )

    def __init__(self, *args: object, ranks: list[ContractRank], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["rank"].queryset = ContractRank.objects.filter(  # type: ignore[attr-defined]
            pk__in=[rank.pk for rank in ranks]
        ).select_related("provider", "contract")

    def clean_file(self) -> object:
        """Refused by its size before it is read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("Le fichier dépasse 20 Mo : séparez-le, ou retirez les images du classeur.")
            )
        return file
