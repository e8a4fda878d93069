"""Fields that several forms share: a day, a document whose content is checked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.uploads import LARGEST, Upload, type_of


class DayField(forms.DateField):
    """A day, chosen in the browser's calendar or typed as 2026-11-22."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)


class DocumentField(forms.FileField):
    """A PDF, PNG or JPEG of 20 Mo at most, judged by its first bytes; gives an ``Upload``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("PDF, PNG ou JPEG, 20 Mo au plus."))
        super().__init__(widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Upload | None:
        """The bytes with the type that they show."""
        file: UploadedFile | None = super().clean(data, initial)
        if not file:
            return None
        if (file.size or 0) > LARGEST:
            raise ValidationError(_("Ce fichier dépasse 20 Mo : déposez-en un plus léger."))
        content = file.read()
        content_type = type_of(content)
        if content_type is None:
            raise ValidationError(_("Ce fichier n'est ni un PDF, ni un PNG, ni un JPEG."))
        return Upload(content, file.name or "document", content_type)
