"""What is typed to designate, end, hand over, attest and invite."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.designation import LACKS_FILE, LACKS_REFERENCE
from members.forms.fields import DayField, DocumentField
from members.models import Branch, Organisation, Person, Respondent
from members.newcomers import NewPerson
from members.roles import Role
from portal.clock import midnight, today

STANDINGS = [
    ("in_force", gettext_lazy("En vigueur")),
    ("to_come", gettext_lazy("À venir")),
    ("unconfirmed", gettext_lazy("À confirmer")),
    ("ended", gettext_lazy("Terminé")),
    ("retracted", gettext_lazy("Annulé")),
]


PERSON_FIELDS = ("given_name", "family_name", "function", "email")


class PersonFields(forms.Form):
    """Someone who has no row yet; a subclass may offer people already known."""

    missing = gettext_lazy("Choisissez une personne, ou remplissez ce champ.")

    given_name = forms.CharField(label=gettext_lazy("Prénom"), max_length=100, required=False)
    family_name = forms.CharField(label=gettext_lazy("Nom"), max_length=100, required=False)
    function = forms.CharField(label=gettext_lazy("Fonction"), max_length=150, required=False)
    email = forms.EmailField(
        label=gettext_lazy("Courriel"),
        required=False,
        help_text=gettext_lazy("Une invitation y sera envoyée."),
    )

    def clean(self) -> dict[str, Any]:
        """``someone``: the person chosen, or the new one that the fields describe."""
        cleaned = super().clean() or {}
        typed = {name: cleaned.pop(name, "") for name in PERSON_FIELDS}
        chosen = cleaned.pop("person", None)
        if chosen is None:
            for name in ("given_name", "family_name", "email"):
                if not typed[name] and name not in self.errors:
                    self.add_error(name, self.missing)
        cleaned["someone"] = chosen or NewPerson(**typed)
        return cleaned


class DesignationForm(PersonFields):
    """A role, where, for whom, from when."""

    role = forms.ChoiceField(label=gettext_lazy("Rôle"), choices=())
    branch = forms.ModelChoiceField(
        label=gettext_lazy("Organisme ou subdivision"),
        queryset=Branch.objects.none(),
        empty_label=None,
    )
    person = forms.ModelChoiceField(
        label=gettext_lazy("Personne déjà inscrite"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=gettext_lazy("Une nouvelle personne"),
    )
    sector = forms.CharField(
        label=gettext_lazy("Secteur d'activité"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Pour un gestionnaire de secteur ou un lecteur."),
    )
    since = DayField(
        label=gettext_lazy("À compter du"),
        required=False,
        help_text=gettext_lazy("Laissez vide pour maintenant."),
    )
    until = DayField(
        label=gettext_lazy("Jusqu'au"),
        required=False,
        help_text=gettext_lazy("Le rôle prend fin au début de ce jour. Laissez vide sans fin."),
    )
    act_reference = forms.CharField(
        label=gettext_lazy("Référence de l'acte"), max_length=200, required=False
    )
    field_order = ("role", "branch", "person", "given_name", "family_name", "function", "email")

    def __init__(
        self,
        *args: Any,
        roles: list[Role],
        branches: QuerySet[Branch],
        people: QuerySet[Person],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        self.fields["branch"].queryset = branches  # type: ignore[attr-defined]
        self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Days become instants; a sector manager has a sector."""
        cleaned = super().clean()
        if cleaned.get("role") == Role.SECTOR_MANAGER and not cleaned.get("sector"):
            self.add_error("sector", _("Nommez le secteur de ce gestionnaire."))
        since, until = cleaned.get("since"), cleaned.get("until")
        if until and until <= (since or today()):
            self.add_error("until", _("La fin doit suivre le début."))
        cleaned["role"] = Role(cleaned["role"]) if cleaned.get("role") else None
        cleaned["since"] = midnight(since) if since else None
        cleaned["until"] = midnight(until) if until else None
        return cleaned


class InterlocutorForm(PersonFields):
    """ITQ designates an INTRL on a written designation (R-01)."""

    missing = gettext_lazy("Ce champ est obligatoire.")
    branch = forms.ModelChoiceField(
        label=gettext_lazy("Organisme ou subdivision"), queryset=Branch.objects.none()
    )
    act_reference = forms.CharField(
        label=gettext_lazy("Référence de la désignation écrite"), max_length=200
    )
    act_file = DocumentField(label=gettext_lazy("Désignation écrite"))
    field_order = ("branch", "given_name", "family_name", "function", "email")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["branch"].queryset = organisation.branches.all()  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """When and why a role ends."""

    at = DayField(
        label=gettext_lazy("Fin au début du"),
        required=False,
        help_text=gettext_lazy("Laissez vide pour maintenant."),
    )
    reason = forms.CharField(label=gettext_lazy("Motif"), max_length=200)

    def clean_at(self) -> Any:
        """The instant at which the day begins."""
        day = self.cleaned_data["at"]
        return midnight(day) if day else None


class HandOverForm(forms.Form):
    """The successor of an INTRL, who has an account already, and the day.

    ``written``: ITQ acts, on a written designation that it names and files (R-01).
    """

    successor = forms.ModelChoiceField(
        label=gettext_lazy("Successeur"),
        queryset=Person.objects.none(),
        help_text=gettext_lazy(
            "Une personne de l'organisme qui a déjà un compte, pour qu'aucun jour ne reste sans "
            "interlocuteur."
        ),
    )
    at = DayField(
        label=gettext_lazy("Remise au début du"),
        required=False,
        help_text=gettext_lazy("Laissez vide pour maintenant."),
    )
    act_reference = forms.CharField(
        label=gettext_lazy("Référence de l'acte"), max_length=200, required=False
    )
    act_file = DocumentField(
        label=gettext_lazy("Désignation écrite"), error_messages={"required": LACKS_FILE}
    )

    def __init__(self, *args: Any, people: QuerySet[Person], written: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = people  # type: ignore[attr-defined]
        if not written:
            del self.fields["act_file"]
            return
        reference = self.fields["act_reference"]
        reference.label = _("Référence de la désignation écrite")
        reference.required = True
        reference.error_messages["required"] = LACKS_REFERENCE

    def clean_at(self) -> Any:
        """The instant at which the day begins."""
        day = self.cleaned_data["at"]
        if day and day <= today():
            raise ValidationError(_("Choisissez un jour à venir, ou laissez vide pour maintenant."))
        return midnight(day) if day else None


class ReasonForm(forms.Form):
    """Why an act is done."""

    reason = forms.CharField(label=gettext_lazy("Motif"), max_length=200)


class MethodForm(forms.Form):
    """How an identity was checked."""

    method = forms.CharField(
        label=gettext_lazy("Comment l'identité a été vérifiée"),
        max_length=200,
        help_text=gettext_lazy("Par exemple : carte d'employé vue en personne."),
    )


class NameForm(forms.Form):
    """One's own name and function."""

    given_name = forms.CharField(
        label=gettext_lazy("Prénom"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    family_name = forms.CharField(
        label=gettext_lazy("Nom"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    function = forms.CharField(
        label=gettext_lazy("Fonction"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )


class EmailForm(forms.Form):
    """Where an invitation goes."""

    email = forms.EmailField(label=gettext_lazy("Courriel"))


class InvitationFilters(django_filters.FilterSet):
    """Role, and whether the link still works."""

    role = django_filters.ChoiceFilter(
        label=gettext_lazy("Rôle"), choices=Role.choices, empty_label=gettext_lazy("Tous")
    )
    etat = django_filters.ChoiceFilter(
        field_name="status",
        label=gettext_lazy("État"),
        choices=[
            ("open", gettext_lazy("En attente")),
            ("accepted", gettext_lazy("Acceptée")),
            ("expired", gettext_lazy("Expirée")),
            ("revoked", gettext_lazy("Révoquée")),
        ],
        empty_label=gettext_lazy("Tous"),
    )


class RespondentFilters(django_filters.FilterSet):
    """Role, branch, standing, and the register of a day (F-07)."""

    role = django_filters.ChoiceFilter(
        label=gettext_lazy("Rôle"), choices=Role.choices, empty_label=gettext_lazy("Tous")
    )
    subdivision = django_filters.ModelChoiceFilter(
        field_name="branch",
        label=gettext_lazy("Subdivision"),
        queryset=Branch.objects.none(),
        empty_label=gettext_lazy("Toutes"),
    )
    etat = django_filters.ChoiceFilter(
        field_name="stands",
        label=gettext_lazy("État"),
        choices=STANDINGS,
        empty_label=gettext_lazy("Tous"),
    )
    au = django_filters.DateFilter(
        label=gettext_lazy("En vigueur au"),
        method="on_day",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = Respondent
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["subdivision"].queryset = branches
        self.filters["subdivision"].field.queryset = branches

    def on_day(self, rows: QuerySet[Respondent], _name: str, day: Any) -> QuerySet[Respondent]:
        """Who held which role at some moment of that day (F-07)."""
        whole_day = DateTimeTZRange(midnight(day), midnight(day + timedelta(days=1)))
        return rows.filter(period__overlap=whole_day, retracted_at__isnull=True)
