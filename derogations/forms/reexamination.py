"""The shape of what is typed once a signature was looked at again."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReexaminationForm(forms.Form):
    """Why the signature stands."""

    reason = forms.CharField(
        label=_("Ce qui a été vérifié"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Pourquoi la signature tient, ou ce qui a été fait : un retrait, par exemple."),
        error_messages={"required": _("Écrivez ce que vous avez vérifié.")},
    )
