"""How a provider receives orders from a day on (R-19)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.forms.fields import DayField
from members.models import Provider
from orders.kinds import SendingMode


class DispatchModeForm(forms.Form):
    """A provider, a way, a first day."""

    provider = forms.ModelChoiceField(
        Provider.objects.all(), label=_("Prestataire"), empty_label=_("Choisissez")
    )
    mode = forms.TypedChoiceField(
        label=_("Mode de transmission"),
        choices=SendingMode.choices,
        coerce=SendingMode,
        widget=forms.RadioSelect,
    )
    email = forms.EmailField(
        label=_("Courriel où le prestataire reçoit"),
        required=False,
        help_text=_("Pour le mode par courriel seulement."),
    )
    since = DayField(
        label=_("À compter du"),
        help_text=_(
            "Le mode d'avant prend fin la veille de ce jour. Un mode qui commence ce jour-là ou "
            "après est remplacé, s'il n'a pas commencé avant aujourd'hui."
        ),
    )
