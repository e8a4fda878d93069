"""What is typed over many rows at once: billed lines to settle, proposals, mandates."""

from collections.abc import Container, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.models import Gap
from members.forms.fields import DayField
from orders.forms.holders import BranchForm
from orders.identifiers import phone_number
from portal.clock import today


class GapsForm(forms.Form):
    """What is said of the billed lines chosen; to match them, each names a line of the fleet."""

    settlement = forms.ChoiceField(
        label=_("Que faire de ces lignes ?"),
        choices=[
            ("match", _("Les associer aux lignes du parc indiquées")),
            ("explain", _("Les expliquer : la facture a raison")),
            ("ignore", _("Les écarter : ne plus rien demander à leur sujet")),
        ],
        initial="match",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Explication"),
        max_length=300,
        required=False,
        help_text=_("Nécessaire pour expliquer ; utile pour écarter."),
    )

    def __init__(
        self, *args: Any, gaps: Sequence[Gap], suggested: dict[int, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.gaps = gaps
        self.numbers: dict[int, str] = {}
        for gap in gaps:
            self.fields[f"line_{gap.pk}"] = forms.CharField(
                label=_("Ligne du parc pour %(number)s") % {"number": gap.number},
                max_length=20,
                required=False,
                initial=suggested.get(gap.pk, ""),
            )

    def clean(self) -> dict[str, Any]:
        """To match, each billed line has a number that reads."""
        told: dict[str, Any] = super().clean() or {}
        if told.get("settlement") != "match":
            return told
        for gap in self.gaps:
            name = f"line_{gap.pk}"
            try:
                self.numbers[gap.pk] = phone_number(told.get(name, ""))
            except forms.ValidationError:
                self.add_error(
                    name, _("Écrivez le numéro d'une ligne du parc, ou réglez cet écart à part.")
                )
        return told

    def require_known(self, lines: Container[str]) -> None:
        """Each number is one of the fleet's; raises ValidationError on the fields that are not."""
        faults = {
            f"line_{pk}": gettext("Aucune ligne en service n'a ce numéro dans votre parc.")
            for pk, number in self.numbers.items()
            if number not in lines
        }
        if faults:
            raise forms.ValidationError(faults)


class ProposalsForm(forms.Form):
    """What is decided of the proposals chosen."""

    decision = forms.ChoiceField(
        label=_("Que faire des propositions choisies ?"),
        choices=[
            ("accept", _("Les accepter : le parc change")),
            ("decline", _("Les refuser : le parc reste ainsi")),
        ],
        initial="accept",
        widget=forms.RadioSelect,
    )
    on = DayField(
        label=_("À compter du"),
        initial=today,
        help_text=_("Le jour de l'inventaire, ou un plus tardif ; pas un jour à venir."),
    )
    reason = forms.CharField(label=_("Motif d'un refus"), max_length=300, required=False)


class MandateForm(BranchForm):
    """For which branch, and until when."""

    until = DayField(
        label=_("Jusqu'au (inclus)"),
        required=False,
        help_text=_("Vide : sans fin. Vous pouvez le retirer à tout moment."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["branch", "until"])


class SeparationForm(BranchForm):
    """Whether releasing and paying are two people's acts."""

    is_separated = forms.BooleanField(
        label=_("Une même personne ne libère pas une facture et n'en inscrit pas le paiement"),
        required=False,
    )
