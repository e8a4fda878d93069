"""What is typed over an invoice: its release, a reason, its payment, or the invoice itself."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.queries.payments import hold_end_fault
from members.forms.fields import DayField, DocumentField
from members.models import ProviderAccount
from portal.clock import today


class AmountField(forms.DecimalField):
    """Dollars and cents, typed with a comma or a point, with or without spaces."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal"}))
        super().__init__(max_digits=14, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Any:
        """« 1 234,50 $ » as 1234.50."""
        if isinstance(value, str):
            bare = value.replace("$", "").replace("\u2212", "-")
            value = "".join(bare.split()).replace(",", ".")
        return super().to_python(value)


class VersionForm(forms.Form):
    """An act over the version that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(VersionForm):
    """The same, with a reason."""

    reason = forms.CharField(
        label=gettext_lazy("Motif"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PeriodForm(ReasonForm):
    """The right period of an invoice that was typed under another."""

    starts_on = DayField(label=gettext_lazy("Premier jour de la période"))
    ends_on = DayField(label=gettext_lazy("Dernier jour de la période"))
    field_order = ("version", "starts_on", "ends_on", "reason")


class HoldForm(ReasonForm):
    """The same, until when."""

    until = DayField(
        label=gettext_lazy("Retenir jusqu'au"),
        help_text=gettext_lazy("Ce jour-là, votre page d'accueil vous rappellera d'en décider."),
    )

    def clean_until(self) -> date:
        """A day to come, told beside what else is wrong."""
        until: date = self.cleaned_data["until"]
        if fault := hold_end_fault(until):
            raise forms.ValidationError(fault)
        return until


class ReleaseForm(VersionForm):
    """How much may be paid, why less, and the waiver where a control blocks.

    Where nothing is to pay, only the waiver is asked.
    """

    amount = AmountField(
        label=gettext_lazy("Montant à payer"),
        required=False,
        help_text=gettext_lazy("Vide : tout ce qui reste à libérer."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Motif d'un paiement en partie"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    waiver = forms.CharField(
        label=gettext_lazy("Renonciation écrite aux contrôles bloquants"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Pourquoi la facture peut être payée malgré eux. Ce texte reste au dossier."
        ),
    )

    def __init__(self, *args: Any, blocked: bool, is_owed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not blocked:
            del self.fields["waiver"]
        if not is_owed:
            del self.fields["amount"], self.fields["reason"]


class PaymentForm(forms.Form):
    """What the payer did."""

    reference = forms.CharField(
        label=gettext_lazy("Référence du paiement"),
        max_length=60,
        help_text=gettext_lazy("Le numéro que SAGIR, UGO ou votre banque a donné."),
    )
    paid_on = DayField(label=gettext_lazy("Payé le"), initial=today)
    amount = AmountField(label=gettext_lazy("Montant payé"))


class UseReasonForm(forms.Form):
    """Why a line's rows are opened."""

    reason = forms.CharField(
        label=gettext_lazy("Motif de la consultation"),
        max_length=300,
        help_text=gettext_lazy("Il est inscrit au journal avec votre nom."),
    )


class AccountField(forms.ModelChoiceField):
    """An account, told with its branch."""

    def label_from_instance(self, obj: ProviderAccount) -> str:
        """« Prestataire 123456789 (Travaux publics) »."""
        return f"{obj} ({obj.branch})"


class TypedInvoiceForm(forms.Form):
    """The totals of an invoice, as its paper states them, with that paper."""

    account = AccountField(
        ProviderAccount.objects.none(),
        label=gettext_lazy("Compte chez le prestataire"),
        empty_label=gettext_lazy("Choisir…"),
    )
    invoice_number = forms.CharField(
        label=gettext_lazy("Numéro de facture"), max_length=60, required=False
    )
    starts_on = DayField(label=gettext_lazy("Période, du"))
    ends_on = DayField(label=gettext_lazy("au (inclus)"))
    issued_on = DayField(label=gettext_lazy("Date de la facture"), required=False)
    due_on = DayField(label=gettext_lazy("Échéance"))
    previous_balance_amount = AmountField(
        label=gettext_lazy("Solde précédent"), required=False, initial=Decimal(0)
    )
    received_amount = AmountField(
        label=gettext_lazy("Paiements reçus"),
        required=False,
        initial=Decimal(0),
        help_text=gettext_lazy("En dollars, sans signe : ils viennent en moins."),
        min_value=Decimal(0),
    )
    adjustments_amount = AmountField(
        label=gettext_lazy("Rajustements"),
        required=False,
        initial=Decimal(0),
        help_text=gettext_lazy("Un crédit s'écrit avec un moins : −25,00."),
    )
    charges_amount = AmountField(label=gettext_lazy("Frais du mois, avant taxes"))
    tps_amount = AmountField(label=gettext_lazy("TPS"))
    tvq_amount = AmountField(label=gettext_lazy("TVQ"))
    other_taxes_amount = AmountField(
        label=gettext_lazy("Autres taxes"), required=False, initial=Decimal(0)
    )
    due_amount = AmountField(label=gettext_lazy("Montant dû"))
    document = DocumentField(
        label=gettext_lazy("Facture du prestataire"),
        help_text=gettext_lazy("Le PDF reçu du prestataire, 20 Mo au plus."),
    )

    GROUPS = (
        (gettext_lazy("La facture"), ("account", "invoice_number", "starts_on", "ends_on")),
        (gettext_lazy("Dates"), ("issued_on", "due_on")),
        (
            gettext_lazy("Solde reporté"),
            ("previous_balance_amount", "received_amount", "adjustments_amount"),
        ),
        (
            gettext_lazy("Ce mois"),
            ("charges_amount", "tps_amount", "tvq_amount", "other_taxes_amount", "due_amount"),
        ),
        (gettext_lazy("Le document"), ("document",)),
    )

    def __init__(self, *args: Any, accounts: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The period is a period."""
        told: dict[str, Any] = super().clean() or {}
        first, last = told.get("starts_on"), told.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("La période finit avant de commencer."))
        return told

    @property
    def groups(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS]

    @property
    def told(self) -> dict[str, Any]:
        """What the act takes: payments come off, a blank is nothing."""
        values = dict(self.cleaned_data)
        values["payments_amount"] = -(values.pop("received_amount") or Decimal(0))
        for name in ("previous_balance_amount", "adjustments_amount", "other_taxes_amount"):
            values[name] = values[name] or Decimal(0)
        return values
