"""The upload of providers' files, their filters, and what a person says of an import."""

from typing import Any

import django_filters
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from billing.kinds import ImportPart, ImportState
from billing.models import BillFile
from billing.queries.bill_files import last_readings
from members.models import Branch, Provider
from orders.forms.holders import BranchForm


class SeveralFilesInput(forms.FileInput):
    """A file field in which several are chosen at once."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One file at least; gives the list."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Each file judged as one would be."""
        files = data if isinstance(data, list | tuple) else [data]
        return [super(SeveralFilesField, self).clean(file, initial) for file in files or [None]]


class BillFilesFields(forms.Form):
    """From which provider, and the files."""

    provider = forms.ModelChoiceField(
        Provider.objects.all(), label=_("Prestataire"), empty_label=_("Choisir…")
    )
    uploads = SeveralFilesField(
        label=_("Fichiers"),
        help_text=_(
            "Tels que le prestataire les donne : ZIP, CSV, texte ou XLSX. Plusieurs à la fois."
        ),
    )


class MemberFilesForm(BranchForm, BillFilesFields):
    """A member's files: for the branch that one imports for."""

    field_order = ("branch", "provider", "uploads")


class GroupFilesForm(BillFilesFields):
    """ITQ's files: the whole group's, or those of a member under its mandate (R-44)."""

    branch = forms.ModelChoiceField(
        Branch.objects.none(),
        label=_("Factures de"),
        required=False,
        empty_label=_("Tout le regroupement"),
        help_text=_("Un organisme n'est offert que s'il en a donné le mandat à ITQ."),
    )
    field_order = ("branch", "provider", "uploads")

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = branches  # type: ignore[attr-defined]

    @property
    def values(self) -> dict[str, Any]:
        """What was typed; no branch is the whole group."""
        return self.cleaned_data


class RefusalForm(forms.Form):
    """Why a prepared import is refused."""

    reason = forms.CharField(
        label=_("Pourquoi le refuser ?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class BillFileFilters(django_filters.FilterSet):
    """Files by provider, state and part of an import."""

    prestataire = django_filters.ModelChoiceFilter(
        label=_("Prestataire"),
        field_name="provider",
        queryset=Provider.objects.all(),
        empty_label=_("Tous"),
    )
    etat = django_filters.ChoiceFilter(
        label=_("État"),
        method="of_state",
        choices=ImportState.choices,
        empty_label=_("Tous"),
    )
    partie = django_filters.ChoiceFilter(
        label=_("Partie"),
        field_name="imports__part",
        choices=ImportPart.choices,
        empty_label=_("Toutes"),
        distinct=True,
    )

    class Meta:
        model = BillFile
        fields: tuple[str, ...] = ()

    def of_state(self, files: QuerySet[BillFile], name: str, state: str) -> QuerySet[BillFile]:
        """Those of which a part is in that state now, as the list says."""
        return files.filter(pk__in=last_readings().filter(state=state).values("bill_file"))
