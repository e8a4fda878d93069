"""The filters of the bills' lists, read from the address."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.kinds import GapState, InvoiceState, ProposalKind, ProposalState, Severity
from billing.models import Finding, Gap, Invoice, LineProposal, LineTotal
from billing.months import next_month, read_month
from members.models import Branch, CostCentre, Provider


class MonthInput(forms.TextInput):
    """A month, chosen in the browser or typed as 2026-11."""

    input_type = "month"


class MonthField(forms.CharField):
    """Its first day."""

    widget = MonthInput(attrs={"placeholder": "2026-11"})

    def clean(self, value: Any) -> Any:
        """« 2026-11 » as a date; raises ValidationError for what is no month."""
        text = super().clean(value)
        month = read_month(text) if text else None
        if text and month is None:
            raise forms.ValidationError(gettext("Écrivez le mois ainsi : 2026-11."))
        return month


class MonthFilter(django_filters.Filter):
    """A month of the address."""

    field_class = MonthField


class BranchFilters(django_filters.FilterSet):
    """Filters with a subdivision, for whoever sees several."""

    subdivision = django_filters.ModelChoiceFilter(
        field_name="branch",
        label=_("Subdivision"),
        queryset=Branch.objects.none(),
        empty_label=_("Toutes"),
    )

    def __init__(self, *args: Any, branches: Sequence[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branch_ids = [branch.pk for branch in branches]
        if len(self.branch_ids) == 1:
            del self.filters["subdivision"]
        else:
            seen = Branch.objects.filter(pk__in=self.branch_ids)
            self.filters["subdivision"].field.queryset = seen


class InvoiceFilters(BranchFilters):
    """Month, provider, state, and what findings say."""

    mois = MonthFilter(label=_("Mois"), method="in_month")
    prestataire = django_filters.ModelChoiceFilter(
        field_name="account__provider",
        label=_("Prestataire"),
        queryset=Provider.objects.all(),
        empty_label=_("Tous"),
    )
    etat = django_filters.ChoiceFilter(
        field_name="state", label=_("État"), choices=InvoiceState.choices, empty_label=_("Tous")
    )
    constats = django_filters.ChoiceFilter(
        label=_("Constats"),
        choices=Severity.choices,
        empty_label=_("Tous"),
        method="with_findings",
    )

    class Meta:
        model = Invoice
        fields: tuple[str, ...] = ()

    def in_month(self, queryset: QuerySet[Any], name: str, month: date) -> QuerySet[Any]:
        """Invoices whose period ends in that month."""
        return queryset.filter(period__endswith__gt=month, period__endswith__lte=next_month(month))

    def with_findings(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Invoices on which something of that weight was found."""
        found = Finding.objects.filter(severity=value).order_by().values("version")
        return queryset.filter(current__in=found)


class LineFilters(BranchFilters):
    """Subdivision, cost centre, and lines that no fleet holds."""

    centre = django_filters.ModelChoiceFilter(
        field_name="cost_centre",
        label=_("Centre de coûts"),
        queryset=CostCentre.objects.none(),
        empty_label=_("Tous"),
    )
    parc = django_filters.ChoiceFilter(
        label=_("Parc"),
        choices=[("absente", _("Absentes du parc"))],
        empty_label=_("Toutes les lignes"),
        method="out_of_fleet",
    )

    class Meta:
        model = LineTotal
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        centres = CostCentre.objects.filter(branch__in=self.branch_ids)
        self.filters["centre"].field.queryset = centres

    def out_of_fleet(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Lines with a number that is matched to nothing."""
        return queryset.filter(service_line__isnull=True).exclude(number="")


class MonthLineFilters(LineFilters):
    """The same, with the month that chose the lines before any filter."""

    mois = MonthFilter(label=_("Mois"), method="as_it_is")

    def as_it_is(self, queryset: QuerySet[Any], name: str, month: date) -> QuerySet[Any]:
        """The month narrowed the lines before any filter."""
        return queryset


class GapFilters(BranchFilters):
    """State and provider of billed lines to settle."""

    etat = django_filters.ChoiceFilter(
        field_name="state", label=_("État"), choices=GapState.choices, empty_label=_("Tous")
    )
    prestataire = django_filters.ModelChoiceFilter(
        field_name="version__invoice__account__provider",
        label=_("Prestataire"),
        queryset=Provider.objects.all(),
        empty_label=_("Tous"),
    )

    class Meta:
        model = Gap
        fields: tuple[str, ...] = ()


class ProposalFilters(BranchFilters):
    """State and kind of what inventories propose."""

    etat = django_filters.ChoiceFilter(
        field_name="state", label=_("État"), choices=ProposalState.choices, empty_label=_("Tous")
    )
    genre = django_filters.ChoiceFilter(
        field_name="kind",
        label=_("Proposition"),
        choices=ProposalKind.choices,
        empty_label=_("Toutes"),
    )

    class Meta:
        model = LineProposal
        fields: tuple[str, ...] = ()
