"""What anyone types or drops to check a document."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.uploads import LARGEST


class TokenForm(forms.Form):
    """The code printed on the document."""

    code = forms.CharField(
        label=gettext_lazy("Code du document"),
        help_text=gettext_lazy(
            "32 chiffres et lettres, à la dernière page, sous « Vérifier ce document »."
        ),
        max_length=60,
        strip=True,
    )

    def clean_code(self) -> str:
        """Without the spaces that help to copy it."""
        typed = "".join(self.cleaned_data["code"].split()).replace("-", "").lower()
        if not typed.isalnum():
            raise ValidationError(_("Le code n'a que des chiffres et des lettres : recopiez-le."))
        return typed


class FileForm(forms.Form):
    """The file received, as it was received."""

    file = forms.FileField(
        label=gettext_lazy("Fichier PDF à vérifier"),
        help_text=gettext_lazy(
            "Le fichier reçu, sans l'imprimer ni le réenregistrer ; 20 Mo au plus. Il n'est pas "
            "conservé."
        ),
        widget=forms.FileInput(attrs={"accept": ".pdf"}),
    )

    def clean_file(self) -> bytes:
        """Its bytes, whatever they are: the register says what they are worth."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise ValidationError(_("Ce fichier dépasse 20 Mo : aucun document scellé n'est tel."))
        content: bytes = file.read()
        return content
