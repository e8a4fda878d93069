"""The shape of what is typed while an order is built, submitted and followed."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue.models import Offer
from members.forms.fields import DayField
from members.models import Branch, CostCentre, ProviderAccount
from orders.actions.drafts import LineDraft
from orders.forms.picking import PickField
from orders.identifiers import imei
from orders.kinds import FIELDS_OF_KIND, MilestoneKind, OrderKind, SimKind
from orders.models import DeliveryAddress, Holder, OrderLine, ServiceLine
from orders.queries.picking import (
    holders_like,
    holders_to_name,
    lines_like,
    lines_to_name,
)
from portal.templatetags.portal import money

MANY_AT_ONCE = (OrderKind.NEW_LINE, OrderKind.SIM_ONLY)
"""Kinds whose page asks for several holders at once: one order line each."""
ROW_FIELDS = ("holder", "cost_centre", "own_imei")
ROWS_SHOWN = 3
SHARED = ("holder", "cost_centre")


class OfferField(forms.ModelChoiceField):
    """A choice among offers, grouped by provider and by what they cost."""

    def __init__(self, kind: str, label: Any, **options: Any) -> None:
        super().__init__(Offer.objects.none(), label=label, empty_label=_("Choisir…"), **options)
        self.kind = kind

    def set_offers(self, offers: Iterable[Offer]) -> None:
        """Offer these and no other; one query made them."""
        kept = [offer for offer in offers if offer.kind == self.kind]
        self.queryset = Offer.objects.filter(pk__in=[offer.pk for offer in kept])
        groups: dict[str, list[tuple[int, str]]] = {}
        for offer in kept:
            groups.setdefault(_group(offer), []).append((offer.pk, offer_label(offer)))
        self.widget.choices = [("", self.empty_label), *groups.items()]


def _group(offer: Offer) -> str:
    """The heading under which an offer is listed."""
    provider = offer.version.rank.provider.name
    if offer.kind != Offer.Kind.DEVICE:
        return provider
    cost = _("à coût nul") if offer.is_zero_cost else _("avec dérogation")
    return f"{provider}, {cost}"


def offer_label(offer: Offer) -> str:
    """An offer in one line: its name and what it costs, before taxes."""
    prices = []
    if offer.one_off_amount or not offer.monthly_amount:
        prices.append(money(offer.one_off_amount))
    if offer.monthly_amount:
        prices.append(_("%(amount)s par mois") % {"amount": money(offer.monthly_amount)})
    return f"{offer.name} – {', '.join(str(price) for price in prices)}"


def _holder(holder: Holder) -> str:
    """Two people may have one name: the function and the number tell them apart."""
    return ", ".join(filter(None, (holder.name, holder.function, holder.employee_number)))


def _line(line: Any) -> str:
    """A line's number and who carries it."""
    return ", ".join(filter(None, (str(line), line.carrier)))


class OrderLineForm(forms.Form):
    """The fields of one order line, narrowed to its kind (F-23)."""

    service_line = PickField(
        ServiceLine.objects.none(), search=lines_like, words=_line, label=_("Ligne en service")
    )
    device = OfferField(Offer.Kind.DEVICE, _("Appareil"))
    plan = OfferField(Offer.Kind.PLAN, _("Forfait"))
    accessory = OfferField(Offer.Kind.ACCESSORY, _("Accessoire"))
    quantity = forms.IntegerField(label=_("Quantité"), min_value=1, max_value=500, initial=1)
    sim_kind = forms.ChoiceField(
        label=_("Carte"), choices=SimKind.choices, initial=SimKind.SIM, widget=forms.RadioSelect
    )
    own_imei = forms.CharField(
        label=_("IMEI de l'appareil que vous détenez"),
        max_length=20,
        help_text=_("Composez *#06# sur l'appareil pour le lire."),
    )
    holder = PickField(
        Holder.objects.none(), search=holders_like, words=_holder, label=_("Détenteur")
    )
    cost_centre = forms.ModelChoiceField(
        CostCentre.objects.none(), label=_("Centre de coûts"), empty_label=_("Choisir…")
    )
    address = forms.ModelChoiceField(
        DeliveryAddress.objects.none(), label=_("Adresse de livraison"), empty_label=_("Choisir…")
    )

    def __init__(
        self,
        *args: Any,
        kind: OrderKind,
        branch: Branch,
        offers: Iterable[Offer],
        without: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        wanted = FIELDS_OF_KIND[kind]
        self.fields = {name: self.fields[name] for name in wanted.names if name not in without}
        for name, field in self.fields.items():
            field.required = name in wanted.required
            if isinstance(field, OfferField):
                field.set_offers(offers)
        _narrow(self.fields, branch)
        for field in self.fields.values():
            if isinstance(field, PickField):
                field.offer(field.read_few())

    def clean_own_imei(self) -> str:
        """Fifteen digits whose last one checks the others."""
        return imei(self.cleaned_data["own_imei"])

    def draft(self) -> LineDraft:
        """What was chosen, as the action takes it."""
        return LineDraft(kind=self.kind, **{k: v for k, v in self.cleaned_data.items() if v})

    @classmethod
    def values_of(cls, line: OrderLine) -> dict[str, Any]:
        """The initial values that show a line as it stands."""
        return {name: getattr(line, name) for name in FIELDS_OF_KIND[OrderKind(line.kind)].names}


class HolderRowForm(forms.Form):
    """One holder of several: an existing one or a new name, and the cost centre."""

    holder = PickField(
        Holder.objects.none(),
        search=holders_like,
        words=_holder,
        label=_("Détenteur"),
        required=False,
    )
    new_holder = forms.CharField(label=_("ou nouveau nom"), max_length=150, required=False)
    cost_centre = forms.ModelChoiceField(
        CostCentre.objects.none(),
        label=_("Centre de coûts"),
        required=False,
        empty_label=_("Choisir…"),
    )
    own_imei = forms.CharField(label=_("IMEI de l'appareil détenu"), max_length=20, required=False)

    def __init__(self, *args: Any, kind: OrderKind, branch: Branch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "own_imei" not in FIELDS_OF_KIND[kind].names:
            del self.fields["own_imei"]
        _narrow(self.fields, branch)

    def clean_own_imei(self) -> str:
        """Fifteen digits whose last one checks the others."""
        return imei(self.cleaned_data["own_imei"])

    def clean(self) -> dict[str, Any]:
        """A row that says something says all: whose line it is, and where it is charged."""
        data = super().clean() or {}
        if not any(data.values()) and not self.errors:
            return data
        named = data.get("holder") or data.get("new_holder")
        if not named and "holder" not in self.errors:
            self.add_error("holder", _("Choisissez un détenteur, ou écrivez un nouveau nom."))
        if not data.get("cost_centre") and "cost_centre" not in self.errors:
            self.add_error("cost_centre", _("Choisissez le centre de coûts de cette ligne."))
        if "own_imei" in self.fields and not data.get("own_imei") and "own_imei" not in self.errors:
            self.add_error("own_imei", _("Inscrivez l'IMEI de l'appareil que vous détenez."))
        return data

    @property
    def is_filled(self) -> bool:
        """Whether the row says something."""
        return any(self.cleaned_data.values())


class HolderRows(forms.BaseFormSet):  # type: ignore[type-arg]
    """Several holders; at least one. Every row offers the same choices, read once."""

    def _construct_form(self, i: int, **kwargs: Any) -> forms.Form:
        """A row; the first one reads the choices of all."""
        row: forms.Form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        holder, centre = (row.fields[name] for name in SHARED)
        if not hasattr(self, "_choices"):
            self._choices = (holder.read_few(), list(centre.choices))  # type: ignore[attr-defined]
        holder.offer(self._choices[0])  # type: ignore[attr-defined]
        centre.widget.choices = self._choices[1]  # type: ignore[attr-defined]
        return row

    def clean(self) -> None:
        """Ask for one holder when every row is empty."""
        if not any(self.errors) and not any(row.is_filled for row in self.forms):
            raise forms.ValidationError(_("Choisissez au moins un détenteur."))

    def drafts(self, common: LineDraft) -> list[LineDraft]:
        """One draft a filled row, with what all rows share."""
        return [
            LineDraft(
                **{**_plain(common), **{k: v for k, v in row.cleaned_data.items() if v}},
            )
            for row in self.forms
            if row.is_filled
        ]


HolderRowSet = forms.formset_factory(
    HolderRowForm, formset=HolderRows, extra=ROWS_SHOWN, max_num=50, absolute_max=60
)


def _plain(draft: LineDraft) -> dict[str, Any]:
    """A draft's chosen values."""
    return {name: getattr(draft, name) for name in LineDraft.__dataclass_fields__}


def _narrow(fields: dict[str, forms.Field], branch: Branch) -> None:
    """Choices of the order's own branch, in use, and no other."""
    narrowed = {
        "holder": holders_to_name(branch),
        "cost_centre": CostCentre.objects.filter(branch=branch, is_active=True),
        "address": DeliveryAddress.objects.filter(branch=branch, retired_at__isnull=True),
        "service_line": lines_to_name(branch),
    }
    for name, queryset in narrowed.items():
        field = fields.get(name)
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = queryset


class SubmitForm(forms.Form):
    """The member's own reference, and the professional-use attestation (R-12)."""

    reference = forms.CharField(
        label=_("Votre référence"),
        max_length=60,
        required=False,
        help_text=_("Un numéro de demande ou de dossier, imprimé sur le bon de commande."),
    )
    attested = forms.BooleanField(
        error_messages={
            "required": _("Cochez l'attestation d'usage professionnel pour soumettre la commande.")
        }
    )

    def __init__(self, *args: Any, wording: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attested"].label = wording


class ReasonForm(forms.Form):
    """Why: kept in the journal."""

    reason = forms.CharField(
        label=_("Motif"),
        max_length=300,
        error_messages={"required": _("Dites pourquoi, en quelques mots.")},
    )


class ProviderEntryForm(forms.Form):
    """The confirmation number that the provider's own portal gave (R-19)."""

    confirmation = forms.CharField(
        label=_("Numéro de confirmation du prestataire"),
        max_length=60,
        error_messages={"required": _("Inscrivez le numéro donné par le portail du prestataire.")},
    )


class PlacedForm(SubmitForm, ProviderEntryForm):
    """When a draft was placed at the provider already, and the number that it gave (R-19)."""

    placed_on = DayField(label=_("Placée chez le prestataire le"))

    field_order = ("placed_on", "confirmation", "reference", "attested")


class SettleForm(forms.Form):
    """What the provider answered of an uncertain sending (X-22)."""

    arrived = forms.TypedChoiceField(
        label=_("Le prestataire a-t-il la commande ?"),
        choices=[("oui", _("Oui, elle est arrivée")), ("non", _("Non, la transmettre de nouveau"))],
        coerce=lambda value: value == "oui",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Qui a répondu, et quand"), max_length=300)


class MilestoneForm(forms.Form):
    """One milestone of one line; the activation's facts where the kind has them."""

    kind = forms.ChoiceField(label=_("Jalon"), choices=MilestoneKind.choices)
    reached_on = forms.DateField(
        label=_("Date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    number = forms.CharField(
        label=_("Numéro de la ligne"),
        max_length=20,
        required=False,
        help_text=_("À l'activation d'une nouvelle ligne."),
    )
    sim_number = forms.CharField(
        label=_("Numéro de la carte (ICCID)"), max_length=26, required=False
    )
    imei = forms.CharField(label=_("IMEI de l'appareil"), max_length=20, required=False)
    account = forms.ModelChoiceField(
        ProviderAccount.objects.none(),
        label=_("Compte de facturation"),
        required=False,
        empty_label=_("Choisir…"),
        help_text=_("À l'activation d'une nouvelle ligne."),
    )
    note = forms.CharField(label=_("Précision"), max_length=300, required=False)

    def __init__(
        self, *args: Any, line: OrderLine, accounts: Sequence[ProviderAccount] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        standing = {milestone.kind for milestone in line.milestones.all()}
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            choice for choice in MilestoneKind.choices if choice[0] not in standing
        ]
        if line.kind not in MANY_AT_ONCE:
            del self.fields["number"], self.fields["sim_number"]
        if line.device_id is None:
            del self.fields["imei"]
        self._offer_accounts(accounts if line.kind in MANY_AT_ONCE else ())

    def _offer_accounts(self, accounts: Sequence[ProviderAccount]) -> None:
        """The accounts to choose among, read once for all lines; no field without them."""
        if not accounts:
            del self.fields["account"]
            return
        field = self.fields["account"]
        field.queryset = ProviderAccount.objects.filter(pk__in=[one.pk for one in accounts])  # type: ignore[attr-defined]
        shown = [(one.pk, one.number) for one in accounts]
        field.widget.choices = [("", field.empty_label), *shown]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """An activation says the account, where it is asked."""
        data = super().clean() or {}
        missing = "account" in self.fields and not data.get("account")
        if missing and data.get("kind") == MilestoneKind.ACTIVATED and "account" not in self.errors:
            self.add_error("account", _("Choisissez le compte auquel la ligne est facturée."))
        return data

    @property
    def has_choices(self) -> bool:
        """Whether a milestone is still to be recorded."""
        return bool(self.fields["kind"].choices)  # type: ignore[attr-defined]
