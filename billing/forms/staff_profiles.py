"""Forms of format profiles: a sample, a definition in JSON, a file to try, a written acceptance."""

import json
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.kinds import FileKind
from billing.models import BillFile, ProfileVersion
from billing.proposals import written
from members.models import Provider
from portal.models import StoredFile
from portal.uploads import LARGEST, Upload


class SampleForm(forms.Form):
    """A provider's file from which a profile is drawn; gives an ``Upload``."""

    provider = forms.ModelChoiceField(
        Provider.objects.all(), label=gettext_lazy("Prestataire"), empty_label=None
    )
    kind = forms.ChoiceField(label=gettext_lazy("Genre de fichier"), choices=FileKind.choices)
    name = forms.CharField(
        label=gettext_lazy("Nom du profil"),
        max_length=120,
        help_text=gettext_lazy("Comme on le reconnaîtra : « TELUS, rapport de frais »."),
    )
    is_expected = forms.BooleanField(
        label=gettext_lazy("Attendu pour chaque compte à chaque cycle"), required=False
    )
    sample = forms.FileField(
        label=gettext_lazy("Échantillon"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
        help_text=gettext_lazy(
            "Un vrai fichier d'un cycle, en texte, 20 Mo au plus. Il est conservé avec la version."
        ),
    )

    def clean_sample(self) -> Upload:
        """Refused by its size before it is read."""
        file: UploadedFile = self.cleaned_data["sample"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(
                _("L'échantillon dépasse 20 Mo : coupez-le après quelques milliers de lignes.")
            )
        return Upload(file.read(), file.name or "echantillon", file.content_type or "text/plain")


class DefinitionForm(forms.Form):
    """A definition as JSON, and what it changes."""

    note = forms.CharField(label=gettext_lazy("Ce qui change"), max_length=300, required=False)
    definition = forms.CharField(
        label=gettext_lazy("Définition (JSON)"),
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "class": "code"}),
        help_text=gettext_lazy(
            "Un brouillon peut être enregistré avec des fautes : chacune est montrée à sa place."
        ),
    )

    def clean_definition(self) -> dict[str, Any]:
        """The JSON read; where it breaks is told by line and column."""
        try:
            read = json.loads(self.cleaned_data["definition"])
        except json.JSONDecodeError as error:
            raise forms.ValidationError(
                _("Ce texte n'est pas du JSON : ligne %(line)s, colonne %(column)s.")
                % {"line": error.lineno, "column": error.colno}
            ) from error
        if not isinstance(read, dict):
            raise forms.ValidationError(_("La définition commence par « { » et finit par « } »."))
        return read

    @classmethod
    def of(cls, version: ProfileVersion, data: Any = None) -> "DefinitionForm":
        """The form over a draft."""
        initial = {"note": version.note, "definition": written(version.definition)}
        return cls(data, initial=initial)


class FileChoiceForm(forms.Form):
    """Which stored file a version is tried on; the sample comes first when there is one."""

    fichier = forms.ChoiceField(label=gettext_lazy("Fichier"), required=False)

    def __init__(
        self, *args: Any, sample: StoredFile | None, files: list[BillFile], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        first = [("", _("Échantillon : %(name)s") % {"name": sample.name})] if sample else []
        choices = [(str(file.pk), _file_label(file)) for file in files]
        self.fields["fichier"].choices = [*first, *choices]  # type: ignore[attr-defined]


class CompareForm(FileChoiceForm):
    """A file, and the other version that reads it."""

    avec = forms.ChoiceField(label=gettext_lazy("Comparer avec"))
    field_order = ("avec", "fichier")

    def __init__(self, *args: Any, others: list[ProfileVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["avec"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.number} ({one.get_state_display()})") for one in others
        ]


class AcceptanceForm(forms.Form):
    """Why what the controls do not see is accepted (D-42)."""

    acceptance = forms.CharField(
        label=gettext_lazy("Pourquoi l'acceptez-vous ?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Chaque fichier lu sous cette version attendra qu'une personne compare le nombre de "
            "lignes et le total avec le cycle précédent."
        ),
    )


def _file_label(file: BillFile) -> str:
    """The file, whose it is, and its day."""
    return f"{file.name} ({file.branch or _('regroupement')}, {file.sent_at:%Y-%m-%d})"
