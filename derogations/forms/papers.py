"""The shape of what is typed on paper's path: a scan, the council's resolution, a confirmation."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from derogations.declarations import power_key, power_text
from derogations.forms.signing import AREA, RefusalFields, RefusingForm
from derogations.kinds import RefusalReason
from members.forms.fields import DayField, DocumentField
from members.models import Person
from members.queries.delegations import StandingPower


class HeadOnPaper(RefusalFields):
    """A head that the paper grants, unless a reason says that it refuses it (R-20)."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Décision"),
        required=False,
        choices=[("", gettext_lazy("Accordé")), *RefusalReason.choices],
        help_text=gettext_lazy("Si le document refuse ce volet, choisissez le motif."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["text"].required = self.fields["next_step"].required = False

    def clean(self) -> dict[str, Any]:
        """A refusal is whole, or there is none."""
        told = super().clean() or self.cleaned_data
        words = {name: told.get(name, "").strip() for name in ("reason", "text", "next_step")}
        if any(words.values()):
            for name in [name for name, word in words.items() if not word]:
                self.add_error(
                    name, _("Un refus dit son motif, son explication et la prochaine étape.")
                )
        return told


class HeadsForm(RefusingForm):
    """What the paper says of each head, where the request has several to decide."""

    def __init__(self, data: Any = None, *args: Any, heads: Sequence[str], **options: Any) -> None:
        super().__init__(data, *args, **options)
        several = heads if len(heads) > 1 else ()
        self.refusals = [(kind, HeadOnPaper(data, prefix=kind)) for kind in several]


class PaperForm(HeadsForm):
    """Who signed by hand, when, the scan, and E6's reason where it is needed."""

    power = forms.ChoiceField(label=gettext_lazy("Qui a signé"))
    signed_on = DayField(label=gettext_lazy("Signée le"))
    scan = DocumentField(label=gettext_lazy("Document signé, numérisé"))
    together_reason = forms.CharField(
        label=gettext_lazy("Pourquoi les demandes semblables sont-elles distinctes ?"),
        help_text=gettext_lazy(
            "Seulement si, avec celles des 90 derniers jours, le plafond est dépassé."
        ),
        required=False,
        widget=forms.Textarea(AREA),
    )

    def __init__(self, *args: Any, powers: Sequence[StandingPower], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(power_key(row), f"{row.person}, {power_text(row)}") for row in powers]
        self.fields["power"].choices = choices  # type: ignore[attr-defined]


class ResolutionForm(HeadsForm):
    """The council's resolution and its certified extract (R-24)."""

    clerk = forms.ModelChoiceField(
        Person.objects.none(), label=gettext_lazy("Personne qui certifie l'extrait")
    )
    number = forms.CharField(label=gettext_lazy("Numéro de la résolution"), max_length=60)
    adopted_on = DayField(label=gettext_lazy("Adoptée le"))
    extract = DocumentField(label=gettext_lazy("Extrait certifié conforme"))

    def __init__(self, *args: Any, people: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["clerk"].queryset = people  # type: ignore[attr-defined]


class ConfirmForm(forms.Form):
    """Which scan was read; E6's reason where like requests were signed since it was attached."""

    scan_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    together_reason = forms.CharField(
        label=gettext_lazy("Pourquoi les demandes semblables sont-elles distinctes ?"),
        required=False,
        widget=forms.Textarea(AREA),
    )
