"""The shape of a dated act on one line, or on several."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.forms.fields import DayField
from members.models import Branch, CostCentre, ProviderAccount
from orders.kinds import SimKind
from orders.models import Holder, LineVersion
from portal.clock import today


class CentreField(forms.ModelChoiceField):
    """A cost centre, told with its branch."""

    def label_from_instance(self, obj: CostCentre) -> str:
        """« T-110 Voirie (Travaux publics) »."""
        return f"{obj} ({obj.branch})"


class DatedActForm(forms.Form):
    """When, and why."""

    on = DayField(
        label=_("À compter du"),
        initial=today,
        help_text=_("Aujourd'hui, ou une date passée depuis le dernier changement."),
    )
    reason = forms.CharField(
        label=_("Motif"),
        max_length=200,
        required=False,
        help_text=_("Il reste dans l'historique de la ligne."),
    )


class LineChangeForm(DatedActForm):
    """Every field of a line in service, filled with what it is; what changes is what differs."""

    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("Organisme ou subdivision"), empty_label=None
    )
    holder = forms.ModelChoiceField(
        Holder.objects.none(),
        label=_("Détenteur"),
        required=False,
        empty_label=_("Sans détenteur"),
    )
    cost_centre = CentreField(
        CostCentre.objects.none(),
        label=_("Centre de coûts"),
        required=False,
        empty_label=_("Aucun"),
    )
    account = forms.ModelChoiceField(
        ProviderAccount.objects.none(),
        label=_("Compte chez le prestataire"),
        required=False,
        empty_label=_("Aucun"),
    )
    number = forms.CharField(label=_("Numéro"), max_length=20)
    sim_kind = forms.ChoiceField(
        label=_("Carte"), choices=[("", _("Non précisée")), *SimKind.choices], required=False
    )
    sim_number = forms.CharField(
        label=_("Numéro de la carte (ICCID)"), max_length=30, required=False
    )
    device_label = forms.CharField(label=_("Appareil"), max_length=200, required=False)
    imei = forms.CharField(
        label=_("IMEI"),
        max_length=20,
        required=False,
        help_text=_("Composez *#06# sur l'appareil pour le lire."),
    )
    subsidy_ends_on = DayField(label=_("Fin de la subvention"), required=False)
    plan_label = forms.CharField(label=_("Forfait"), max_length=200, required=False)
    is_flexible = forms.BooleanField(label=_("C'est le forfait flexible"), required=False)
    commitment_ends_on = DayField(label=_("Fin de l'engagement"), required=False)

    GROUPS = (
        (_("Le changement"), ("on", "reason")),
        (_("Qui la porte, où elle est imputée"), ("branch", "holder", "cost_centre", "account")),
        (_("Numéro et carte"), ("number", "sim_kind", "sim_number")),
        (_("Appareil"), ("device_label", "imei", "subsidy_ends_on")),
        (_("Forfait"), ("plan_label", "is_flexible", "commitment_ends_on")),
    )

    def __init__(
        self, *args: Any, version: LineVersion, branches: Sequence[Branch], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(
            {name: getattr(version, name) for name in self.fields if name not in _ACT}
        )
        ids = [branch.pk for branch in branches]
        holders = Holder.objects.filter(
            Q(branch=version.branch_id, is_active=True) | Q(pk=version.holder_id)
        )
        centres = CostCentre.objects.filter(
            Q(branch__in=ids, is_active=True) | Q(pk=version.cost_centre_id)
        ).select_related("branch")
        accounts = ProviderAccount.objects.filter(
            branch__organisation=version.branch.organisation_id,
            provider=version.service_line.provider_id,
        )
        self._narrow("branch", Branch.objects.filter(pk__in=ids))
        self._narrow("holder", holders)
        self._narrow("cost_centre", centres)
        self._narrow("account", accounts.select_related("provider"))
        if len(ids) == 1:
            del self.fields["branch"]

    def _narrow(self, name: str, queryset: Any) -> None:
        self.fields[name].queryset = queryset  # type: ignore[attr-defined]

    @property
    def changes(self) -> dict[str, Any]:
        """The fields of the line that the person changed."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name not in _ACT}

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings, for the page."""
        return [
            (title, [self[name] for name in names if name in self.fields])
            for title, names in self.GROUPS
        ]


class LinesChangeForm(DatedActForm):
    """The same cost centre, or the same branch, for several lines."""

    branch = forms.ModelChoiceField(
        Branch.objects.none(),
        label=_("Nouvel organisme ou nouvelle subdivision"),
        required=False,
        empty_label=_("Ne pas changer"),
        help_text=_("Les lignes gardent leur détenteur ; choisissez aussi un centre de coûts."),
    )
    cost_centre = CentreField(
        CostCentre.objects.none(),
        label=_("Nouveau centre de coûts"),
        required=False,
        empty_label=_("Ne pas changer"),
    )
    field_order = ("cost_centre", "branch", "on", "reason")

    def __init__(self, *args: Any, branches: Sequence[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [branch.pk for branch in branches]
        centres = CostCentre.objects.filter(branch__in=ids, is_active=True).select_related("branch")
        self.fields["cost_centre"].queryset = centres  # type: ignore[attr-defined]
        self.fields["branch"].queryset = Branch.objects.filter(  # type: ignore[attr-defined]
            pk__in=ids
        )
        if len(ids) == 1:
            del self.fields["branch"]

    @property
    def changes(self) -> dict[str, Any]:
        """What was chosen."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in _ACT and value is not None
        }


_ACT = frozenset(DatedActForm.base_fields)
