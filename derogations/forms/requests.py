"""The shape of what is typed in a request: one form a part (F-28)."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from derogations.kinds import AttachmentKind, TestResult
from derogations.models import Derogation
from derogations.regions import REGIONS
from members.forms.fields import DayField, DocumentField
from members.models import Branch, ContractRank, Person, Provider
from members.powers import DerogationKind

REGION_CHOICES = [("", _("Choisir…")), *((name, name) for name in REGIONS)]
TEXTS = (
    *("need", "insufficiency", "consequence", "ticket_answer", "second_rank_serves"),
    *("requirement", "first_rank_gap", "first_rank_answer", "compatibility", "nearest_why_not"),
)
MAX_NUMBERS = 500
AMOUNTS = ("one_off_amount", "monthly_amount", "device_amount")
DAYS = ("wanted_on", "ends_on")
HINTS = {
    "need": _("Ce que les personnes doivent pouvoir faire, où et quand."),
    "insufficiency": _("Ce que l'offre courante du premier rang ne permet pas."),
    "quantity": _("Nombre de lignes ou d'appareils."),
    "is_quantity_limited": _(
        "Sinon, la dérogation vaut pour toute quantité jusqu'à sa fin : seule une ligne du plan "
        "sans plafond le permet."
    ),
    "one_off_amount": _("Avant taxes, pour une unité. L'un des deux coûts au moins est demandé."),
    "monthly_amount": _("Avant taxes, pour une unité."),
    "ends_on": _("Par défaut, la fin de l'engagement."),
    "device_amount": _("Avant taxes."),
    "user_function": _("La fonction, jamais le nom : elle est inscrite au document."),
    "ticket_reference": _("Le numéro du billet ouvert au soutien de TELUS."),
}


class NumbersField(forms.CharField):
    """Line numbers, one a row, cleaned to digits (D-12)."""

    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        """Each row as digits, once; a sentence names the first that is not a number."""
        found = []
        for row in super().clean(value).splitlines():
            digits = "".join(sign for sign in row if sign.isdigit())
            if not row.strip():
                continue
            if not 7 <= len(digits) <= 15:
                raise forms.ValidationError(
                    _("« %(row)s » n'est pas un numéro de ligne."), params={"row": row.strip()[:30]}
                )
            found.append(digits)
        if len(found) > MAX_NUMBERS:
            raise forms.ValidationError(
                _("Au plus %(count)s lignes par demande."), params={"count": MAX_NUMBERS}
            )
        return list(dict.fromkeys(found))


class RequestNewForm(forms.Form):
    """What opens a request: for whom, at which provider, of which kinds (R-17, R-20)."""

    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("Organisme ou subdivision"), empty_label=None
    )
    rank = forms.ModelChoiceField(
        ContractRank.objects.none(), label=_("Prestataire voulu"), empty_label=None
    )
    kinds = forms.MultipleChoiceField(
        label=_("Genre de dérogation"),
        choices=DerogationKind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Un article qui en demande deux fait une seule demande, à deux volets."),
        error_messages={"required": _("Choisissez au moins un genre.")},
    )
    need = forms.CharField(
        label=_("Besoin"), widget=forms.Textarea(attrs={"rows": 4}), help_text=HINTS["need"]
    )
    quantity = forms.IntegerField(
        label=_("Quantité"), min_value=1, max_value=5000, initial=1, help_text=HINTS["quantity"]
    )

    numbers = NumbersField(
        label=_("Lignes visées"),
        required=False,
        help_text=_("Un numéro par rangée ; rien pour de nouvelles lignes."),
    )

    def __init__(
        self,
        *args: Any,
        branches: QuerySet[Branch],
        ranks: QuerySet[ContractRank],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = branches  # type: ignore[attr-defined]
        self.fields["rank"].queryset = ranks  # type: ignore[attr-defined]


class KindsForm(forms.Form):
    """The kinds of a draft, chosen again (R-20)."""

    kinds = forms.MultipleChoiceField(
        label=_("Genre de dérogation"),
        choices=DerogationKind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choisissez au moins un genre.")},
    )


class PartForm(forms.Form):
    """One part of a request: the fields named, as the model declares them."""

    def __init__(
        self,
        *args: Any,
        names: Collection[str],
        people: QuerySet[Person] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= fields_for_model(  # type: ignore[arg-type]
            Derogation,
            fields=list(names),
            widgets={name: forms.Textarea(attrs={"rows": 4}) for name in TEXTS},
            field_classes=dict.fromkeys(DAYS, DayField),
            help_texts={name: str(hint) for name, hint in HINTS.items()},
        )
        for name in set(AMOUNTS) & set(self.fields):
            self.fields[name].required = False
            self.fields[name].min_value = Decimal(0)  # type: ignore[attr-defined]
            self.fields[name].widget.attrs |= {"min": "0", "step": "0.01"}
        if people is not None and "user_function" in names:
            self.fields["beneficiary"] = forms.ModelChoiceField(
                people,
                label=_("Utilisateur, s'il est connu"),
                required=False,
                empty_label=_("Inconnu"),
                help_text=_("Gardé à côté du document : cette personne ne pourra pas signer."),
            )

    def clean(self) -> dict[str, Any]:
        """Amounts are never below zero; an empty one is zero where the table says so."""
        data = super().clean() or {}
        for name in set(AMOUNTS) & set(data):
            if data[name] is None and name != "device_amount":
                data[name] = Decimal(0)
            elif data[name] is not None and data[name] < 0:
                self.add_error(name, _("Un montant n'est jamais négatif."))
        return data

    @classmethod
    def values_of(cls, derogation: Derogation, names: Iterable[str]) -> dict[str, Any]:
        """The initial values that show a request as it stands."""
        held = {name: getattr(derogation, name) for name in names}
        return {**held, "beneficiary": derogation.beneficiary}


class PlaceForm(forms.Form):
    """Where the first rank does not serve (F-33)."""

    address = forms.CharField(
        label=_("Adresse ou repère"),
        max_length=200,
        help_text=_("À défaut d'adresse, un repère ou des coordonnées."),
    )
    municipality = forms.CharField(label=_("Municipalité"), max_length=100)
    administrative_region = forms.ChoiceField(
        label=_("Région administrative"), choices=REGION_CHOICES
    )


class CoverageTestForm(forms.Form):
    """A test made at a place (F-33)."""

    provider = forms.ModelChoiceField(
        Provider.objects.all(), label=_("Réseau essayé"), empty_label=None
    )
    tested_on = DayField(label=_("Fait le"))
    device = forms.CharField(label=_("Appareil"), max_length=150)
    signal_dbm = forms.IntegerField(
        label=_("Signal (dBm)"),
        required=False,
        help_text=_("Entre -150 et 0, tel que l'appareil l'affiche."),
    )
    result = forms.ChoiceField(label=_("Résultat"), choices=TestResult.choices)


class ServiceNumbersForm(forms.Form):
    """The lines that the request is for (D-12)."""

    numbers = NumbersField(
        label=_("Numéros de ligne"),
        required=False,
        help_text=_("Un numéro par rangée ; rien pour de nouvelles lignes."),
    )


class AttachmentForm(forms.Form):
    """A paper, typed by its content (F-33)."""

    kind = forms.ChoiceField(
        label=_("Genre de pièce"),
        choices=[pair for pair in AttachmentKind.choices if pair[0] != AttachmentKind.SCAN],
    )
    upload = DocumentField(label=_("Fichier"))


class MessageForm(forms.Form):
    """A word in the file (F-32)."""

    text = forms.CharField(
        label=_("Votre message"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5000,
        error_messages={"required": _("Écrivez votre message.")},
    )


class CancelForm(forms.Form):
    """Why a request is given up."""

    reason = forms.CharField(
        label=_("Motif"),
        max_length=300,
        error_messages={"required": _("Dites pourquoi, en quelques mots.")},
    )


class EarlierForm(RequestNewForm):
    """A derogation signed before the portal, with its scan."""

    is_quantity_limited = forms.BooleanField(
        label=_("Limitée à cette quantité"), required=False, initial=True
    )
    signed_on = DayField(label=_("Signée le"))
    ends_on = DayField(label=_("Fin"), help_text=_("Le dernier jour où elle vaut."))
    external_reference = forms.CharField(
        label=_("Référence du document"), max_length=60, required=False
    )
    scan = DocumentField(label=_("Document numérisé"))
    numbers = NumbersField(
        label=_("Lignes qu'elle tient en règle"),
        required=False,
        help_text=_("Un numéro par rangée : ces lignes quittent la liste « à régulariser »."),
    )
