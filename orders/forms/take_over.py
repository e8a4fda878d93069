"""The upload of an existing fleet."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from members.forms.fields import DayField
from members.models import Branch, Provider
from orders.forms.holders import BranchForm
from portal.clock import today
from portal.tabular.table import MAX_BYTES


class FleetFileForm(BranchForm):
    """Whose lines, at which provider, since when, and the file."""

    provider = forms.ModelChoiceField(
        Provider.objects.all(), label=_("Prestataire"), empty_label=_("Choisir…")
    )
    starts_on = DayField(
        label=_("En service depuis le"),
        initial=today,
        help_text=_(
            "La date à laquelle ce fichier dit vrai : les lignes sont inscrites ce jour-là."
        ),
    )
    file = forms.FileField(
        label=_("Fichier du parc"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=_("CSV ou XLSX, 20 Mo au plus, avec les en-têtes du modèle."),
    )

    def __init__(self, *args: Any, branches: Sequence[Branch], **kwargs: Any) -> None:
        super().__init__(*args, branches=branches, **kwargs)
        self.order_fields(["branch", "provider", "starts_on", "file"])

    def clean_file(self) -> UploadedFile:
        """Refused by its size before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("Le fichier dépasse 20 Mo : séparez-le en plusieurs fichiers.")
            )
        return file

    @property
    def upload(self) -> dict[str, Any]:
        """What the dry run takes."""
        file = self.cleaned_data["file"]
        return {
            "branch": self.values["branch"],
            "provider": self.cleaned_data["provider"],
            "starts_on": self.cleaned_data["starts_on"],
            "name": file.name,
            "content": file.read(),
            "content_type": file.content_type or "application/octet-stream",
        }
