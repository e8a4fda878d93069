"""What is typed about the delegation plan: versions, lines, interims, absences, rules, files."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.fiscal_years import as_month_day
from members.forms.fields import DayField, DocumentField
from members.forms.holdings import BranchForm
from members.forms.people import PERSON_FIELDS, PersonFields
from members.models import Branch, Delegation, Person
from members.powers import DerogationKind, LineFacts, TaxBasis
from portal.clock import today
from portal.tabular.table import MAX_BYTES

ORDER = ("first", "second", "third")
"""The fields that name a rule's posts, in the order in which they sign."""

LINE_STANDINGS = [
    ("in_force", gettext_lazy("En vigueur")),
    ("unconfirmed", gettext_lazy("À confirmer")),
    ("to_come", gettext_lazy("À venir")),
    ("ended", gettext_lazy("Terminée")),
    ("replaced", gettext_lazy("Remplacée")),
]
_WRITING = gettext_lazy("Demande écrite de l'organisme")
_WRITING_HELP = gettext_lazy("ITQ inscrit sur demande écrite seulement : sa date et sa référence.")


class WrittenForm(forms.Form):
    """A form that asks ITQ for the written request on which it acts."""

    reason = forms.CharField(label=_WRITING, max_length=300, help_text=_WRITING_HELP)

    def __init__(self, *args: Any, asks_writing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_writing:
            del self.fields["reason"]


class PlanForm(WrittenForm):
    """A version of the plan and its approval act (F-10)."""

    approved_on = DayField(label=gettext_lazy("Approuvé le"))
    act_reference = forms.CharField(
        label=gettext_lazy("Acte d'approbation"),
        max_length=200,
        help_text=gettext_lazy("Par exemple : règlement 1234, résolution 2026-045."),
    )
    act_file = DocumentField(label=gettext_lazy("Texte de l'acte"))
    tax_basis = forms.ChoiceField(label=gettext_lazy("Base des plafonds"), choices=TaxBasis.choices)
    fiscal_year_ends = forms.CharField(
        label=gettext_lazy("Fin de l'exercice financier"),
        max_length=5,
        help_text=gettext_lazy("Mois et jour : 12-31, 03-31, 06-30."),
    )
    steps_up = forms.BooleanField(
        label=gettext_lazy(
            "Une demande qui tarde passe au poste suivant qui détient le même pouvoir."
        ),
        required=False,
    )
    ends_previous_on = DayField(
        label=gettext_lazy("Les lignes des versions précédentes ne valent plus à compter du"),
        required=False,
        help_text=gettext_lazy("Laissez vide pour y mettre fin plus tard, d'un seul geste."),
    )

    def __init__(self, *args: Any, has_previous: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_previous:
            del self.fields["ends_previous_on"]

    def clean_fiscal_year_ends(self) -> str:
        """A month and a day that every year has."""
        typed = as_month_day(self.cleaned_data["fiscal_year_ends"])
        if typed is None:
            raise ValidationError(_("Écrivez le mois et le jour ainsi : 12-31."))
        return typed


class LineFields(PersonFields):
    """What a line says: a post, its holder, what it may bind (F-10, F-11)."""

    clause = forms.CharField(
        label=gettext_lazy("Article du plan"),
        max_length=30,
        help_text=gettext_lazy("Tel qu'écrit dans l'acte : 4.2."),
    )
    post = forms.CharField(
        label=gettext_lazy("Poste"),
        max_length=150,
        help_text=gettext_lazy("Le pouvoir tient au poste, non à la personne."),
    )
    is_vacant = forms.BooleanField(label=gettext_lazy("Le poste est vacant."), required=False)
    person = forms.ModelChoiceField(
        label=gettext_lazy("Titulaire"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=gettext_lazy("Une nouvelle personne"),
    )
    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Dérogations que ce poste peut signer"),
        choices=DerogationKind.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    ceiling_amount = forms.DecimalField(
        label=gettext_lazy("Plafond par demande ($)"),
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=False,
        localize=True,
        help_text=gettext_lazy("Quantité × (coût unique + coût mensuel × mois d'engagement)."),
    )
    is_unlimited = forms.BooleanField(
        label=gettext_lazy("L'acte ne fixe aucun plafond."), required=False
    )
    beyond_fiscal_year = forms.BooleanField(
        label=gettext_lazy("Ce poste peut engager au-delà de l'exercice financier."),
        required=False,
    )
    needs_credit_certificate = forms.BooleanField(
        label=gettext_lazy("Un certificat de crédits est exigé."), required=False
    )
    since = DayField(label=gettext_lazy("En vigueur à compter du"))
    last_day = DayField(
        label=gettext_lazy("Dernier jour"),
        required=False,
        help_text=gettext_lazy("Ce jour-là compris. Laissez vide sans fin."),
    )
    field_order = (
        *("branch", "clause", "post", "person", *PERSON_FIELDS, "is_vacant", "kinds"),
        *("ceiling_amount", "is_unlimited", "beyond_fiscal_year", "needs_credit_certificate"),
        *("since", "last_day", "reason"),
    )

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["email"].help_text = _("Pour l'avertir de ce qui attend sa signature.")

    def clean(self) -> dict[str, Any]:
        """``someone`` is None for a vacant post; a ceiling, or none said outright."""
        cleaned = super().clean()
        if cleaned.pop("is_vacant", False):
            cleaned["someone"] = None
            for name in PERSON_FIELDS:
                self.errors.pop(name, None)
        unlimited, ceiling = cleaned.pop("is_unlimited", False), cleaned.get("ceiling_amount")
        if "ceiling_amount" not in self.errors and unlimited is (ceiling is not None):
            self.add_error(
                "ceiling_amount",
                _("Indiquez un plafond, ou cochez que l'acte n'en fixe aucun : l'un des deux."),
            )
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        """What the act of recording takes: ``holder`` and ``facts``."""
        told = self.cleaned_data
        names = ("clause", "post", "since", "ceiling_amount", "last_day")
        flags = ("beyond_fiscal_year", "needs_credit_certificate")
        facts = {name: told[name] for name in (*names, *flags)}
        return {
            "holder": told["someone"],
            "facts": LineFacts(kinds=tuple(told["kinds"]), **facts),
        }


class LineForm(WrittenForm, BranchForm, LineFields):
    """A line of the plan, and the branch that it binds."""


class CorrectionForm(LineFields):
    """The line as the act says it, and why the portal said otherwise."""

    why = forms.CharField(
        label=gettext_lazy("Motif de la correction"),
        max_length=300,
        help_text=gettext_lazy("Ce que le portail disait et que l'acte ne dit pas."),
    )


def line_initial(line: Delegation) -> dict[str, Any]:
    """A line as the form of its correction shows it."""
    names = ("clause", "post", "kinds", "ceiling_amount", "beyond_fiscal_year")
    upper = line.valid.upper
    return {name: getattr(line, name) for name in names} | {
        "needs_credit_certificate": line.needs_credit_certificate,
        "person": line.holder_id,
        "is_vacant": line.holder_id is None,
        "is_unlimited": line.ceiling_amount is None,
        "since": line.valid.lower,
        "last_day": type(upper).fromordinal(upper.toordinal() - 1) if upper else None,
    }


class LineEndForm(forms.Form):
    """From which day a line, or a version of the plan, empowers no more."""

    on = DayField(
        label=gettext_lazy("Ne vaut plus à compter du"),
        help_text=gettext_lazy("Dès le début de ce jour. Ce qui a été signé avant demeure valide."),
    )
    reason = forms.CharField(label=gettext_lazy("Motif"), max_length=200)


class InterimForm(PersonFields):
    """Who holds a post for some days, and the writing that names that person (F-11)."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Intérimaire"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=gettext_lazy("Une nouvelle personne"),
    )
    since = DayField(label=gettext_lazy("Premier jour"))
    last_day = DayField(
        label=gettext_lazy("Dernier jour"), help_text=gettext_lazy("Ce jour-là compris.")
    )
    act_reference = forms.CharField(
        label=gettext_lazy("Écrit qui désigne l'intérimaire"),
        max_length=200,
        help_text=gettext_lazy("Sa nature, sa date et qui l'a signé."),
    )
    act_file = DocumentField(label=gettext_lazy("Cet écrit"))
    field_order = ("person", *PERSON_FIELDS)

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["email"].help_text = _("Pour l'avertir de ce qui attend sa signature.")

    @property
    def said(self) -> dict[str, Any]:
        """What the act takes."""
        told = dict(self.cleaned_data)
        return {"person": told.pop("someone"), **told}


class OwnAbsenceForm(BranchForm):
    """When I am away, and who stands in for me (F-12)."""

    since = DayField(label=gettext_lazy("Premier jour"), initial=today)
    last_day = DayField(
        label=gettext_lazy("Dernier jour"), help_text=gettext_lazy("Ce jour-là compris.")
    )
    substitute = forms.ModelChoiceField(
        label=gettext_lazy("Substitut"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=gettext_lazy("Personne"),
        help_text=gettext_lazy(
            "Une personne dont la ligne donne les mêmes genres et un plafond au moins égal."
        ),
    )

    def __init__(self, *args: Any, signers: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["substitute"].queryset = signers  # type: ignore[attr-defined]


class AbsenceForm(OwnAbsenceForm):
    """When a signer is away, recorded by INTRL."""

    person = forms.ModelChoiceField(
        label=gettext_lazy("Personne absente"), queryset=Person.objects.none()
    )
    field_order = ("branch", "person", "since", "last_day", "substitute")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = kwargs["signers"]  # type: ignore[attr-defined]


class RuleForm(forms.Form):
    """How many sign, from an amount up, and which posts first, one after the other (F-16)."""

    kind = forms.ChoiceField(label=gettext_lazy("Genre"), choices=DerogationKind.choices)
    from_amount = forms.DecimalField(
        label=gettext_lazy("À partir de ($)"),
        max_digits=12,
        decimal_places=2,
        min_value=0,
        localize=True,
        help_text=gettext_lazy("0 pour toutes les demandes de ce genre."),
    )
    needed = forms.IntegerField(
        label=gettext_lazy("Signatures exigées, en tout"),
        min_value=1,
        max_value=5,
        initial=1,
        help_text=gettext_lazy("Sans poste nommé, elles se donnent dans n'importe quel ordre."),
    )
    first = forms.ChoiceField(label=gettext_lazy("Poste qui signe d'abord"), required=False)
    second = forms.ChoiceField(label=gettext_lazy("Poste qui signe ensuite"), required=False)
    third = forms.ChoiceField(
        label=gettext_lazy("Poste qui signe en troisième"),
        required=False,
        help_text=gettext_lazy("Chaque poste est avisé à son tour ; les autres signent après."),
    )

    def __init__(self, *args: Any, posts: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ORDER:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Aucun en particulier")), *((post, post) for post in posts)]

    def clean(self) -> dict[str, Any]:
        """``posts`` in their order, without a hole, each once."""
        cleaned = super().clean() or {}
        named = [cleaned.pop(name, "") for name in ORDER]
        for name, before, post in zip(ORDER[1:], named, named[1:], strict=False):
            if post and not before:
                self.add_error(name, _("Nommez d'abord le poste qui signe avant celui-ci."))
            elif post and post in named[: ORDER.index(name)]:
                self.add_error(name, _("Ce poste signe déjà avant : choisissez-en un autre."))
        cleaned["posts"] = [post for post in named if post]
        return cleaned


class SheetForm(WrittenForm):
    """A file of lines (F-10)."""

    file = forms.FileField(
        label=gettext_lazy("Fichier du plan"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=gettext_lazy("CSV ou XLSX, 500 lignes au plus, avec les en-têtes du modèle."),
    )
    field_order = ("file", "reason")

    def clean_file(self) -> UploadedFile:
        """Refused by its size before it is read."""
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > MAX_BYTES:
            raise ValidationError(_("Le fichier dépasse 20 Mo : séparez-le en plusieurs fichiers."))
        return file


class DayForm(forms.Form):
    """A day on which to look at the plan."""

    au = DayField(label=gettext_lazy("Qui peut signer le"), required=False)


class DelegationFilters(django_filters.FilterSet):
    """Kind, branch, standing."""

    genre = django_filters.ChoiceFilter(
        label=gettext_lazy("Genre"),
        choices=DerogationKind.choices,
        empty_label=gettext_lazy("Tous"),
        method="of_kind",
    )
    etat = django_filters.ChoiceFilter(
        label=gettext_lazy("État"),
        choices=LINE_STANDINGS,
        empty_label=gettext_lazy("Toutes sauf remplacées"),
        method="standing",
    )
    subdivision = django_filters.ModelChoiceFilter(
        field_name="branch",
        label=gettext_lazy("Subdivision"),
        queryset=Branch.objects.none(),
        empty_label=gettext_lazy("Toutes"),
    )

    class Meta:
        model = Delegation
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["subdivision"].queryset = branches
        self.filters["subdivision"].field.queryset = branches

    @property
    def qs(self) -> QuerySet[Delegation]:
        """Replaced rows are history: shown only when asked for."""
        rows: QuerySet[Delegation] = super().qs
        asked = self.form.cleaned_data.get("etat") if self.form.is_valid() else ""
        return rows if asked else rows.exclude(Q(("stands", "replaced")))

    def of_kind(self, rows: QuerySet[Delegation], _name: str, kind: str) -> QuerySet[Delegation]:
        """Lines that cover a kind, alone or with others."""
        return rows.filter(kinds__contains=[kind])

    def standing(self, rows: QuerySet[Delegation], _name: str, value: str) -> QuerySet[Delegation]:
        """Lines that stand there today."""
        return rows.filter(Q(("stands", value)))
