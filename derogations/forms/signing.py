"""The shape of what a signer types: heads granted, the gesture, a refusal, a question."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from derogations.actions.refusals import HeadRefusal
from derogations.declarations import power_text
from derogations.kinds import RefusalReason
from derogations.proofs import Answer, CodeAnswer, PasskeyAnswer
from derogations.reading import Target
from members.powers import DerogationKind
from members.queries.delegations import StandingPower

AREA = {"rows": 3}


class ReviewForm(forms.Form):
    """What the signer decides on the first page: heads granted, and the power relied on."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("J'accorde"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Un volet laissé vide est refusé, avec son motif, à l'étape suivante."
        ),
        error_messages={
            "required": gettext_lazy(
                "Choisissez au moins un volet à accorder. Pour tout refuser, servez-vous de "
                "« Refuser »."
            )
        },
    )
    power = forms.ChoiceField(label=gettext_lazy("Pouvoir invoqué"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        kinds: Sequence[str],
        powers: Sequence[tuple[str, StandingPower]],
        **options: Any,
    ) -> None:
        super().__init__(data, initial={"kinds": list(kinds)}, **options)
        self.asked = list(kinds)
        labels = [(kind, DerogationKind(kind).label) for kind in kinds]
        self.fields["kinds"].choices = labels  # type: ignore[attr-defined]
        choices = [(key, power_text(power)) for key, power in powers]
        self.fields["power"].choices = choices  # type: ignore[attr-defined]
        if len(labels) == 1:
            del self.fields["kinds"]
        if len(choices) < 2:
            del self.fields["power"]

    @property
    def granted(self) -> list[str]:
        """The heads granted: the only one, or those ticked."""
        return list(self.cleaned_data.get("kinds", self.asked))


class GestureForm(forms.Form):
    """The unticked box, and the proof: a key's answer, or a password and a fresh code."""

    declared = forms.BooleanField(
        label=gettext_lazy("Déclaration"),
        error_messages={
            "required": gettext_lazy("Cochez la déclaration : sans elle, rien n'est signé.")
        },
    )
    credential = forms.CharField(required=False, widget=forms.HiddenInput)
    password = forms.CharField(
        label=gettext_lazy("Mot de passe"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=gettext_lazy("Code de l'application d'authentification"),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, data: Any = None, *, declaration: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.declaration = declaration

    def clean(self) -> dict[str, Any]:
        """One proof, whole."""
        told = super().clean() or self.cleaned_data
        if (
            "declared" in told
            and not told.get("credential")
            and not (told.get("password") and told.get("code"))
        ):
            raise forms.ValidationError(
                _("Servez-vous de votre clé d'accès, ou écrivez votre mot de passe et le code.")
            )
        return told

    @property
    def answer(self) -> Answer:
        """The proof as the action takes it."""
        told = self.cleaned_data
        if told["credential"]:
            return PasskeyAnswer(told["credential"])
        return CodeAnswer(told["password"], told["code"])


class RefusalFields(forms.Form):
    """A reason, its explanation and what the requester may do instead (F-19)."""

    reason = forms.ChoiceField(label=gettext_lazy("Motif"), choices=RefusalReason.choices)
    text = forms.CharField(label=gettext_lazy("Explication"), widget=forms.Textarea(AREA))
    next_step = forms.CharField(
        label=gettext_lazy("Prochaine étape proposée"),
        help_text=gettext_lazy("Ce que le demandeur peut faire maintenant."),
        widget=forms.Textarea(AREA),
    )

    @property
    def refusal(self) -> HeadRefusal:
        """The words as the action takes them."""
        told = self.cleaned_data
        return HeadRefusal(told["reason"], told["text"], told["next_step"])


class RefusingForm(forms.Form):
    """A form that holds, beside its fields, the words of each head refused (R-20)."""

    refusals: Sequence[tuple[str, RefusalFields]] = ()

    def is_valid(self) -> bool:
        """With the words of every head refused."""
        return all([super().is_valid(), *(form.is_valid() for _kind, form in self.refusals)])

    @property
    def refusal_errors(self) -> list[dict[str, str]]:
        """What is wrong in the words of a head refused, as the summary links to it."""
        return [
            {"message": f"{title}, {field.label} – {error}", "url": f"#{field.id_for_label}"}
            for title, form in self.titled
            for field in form
            for error in field.errors
        ]

    @cached_property
    def titled(self) -> list[tuple[str, RefusalFields]]:
        """The heads that may be refused, by name."""
        return [(str(DerogationKind(kind).label), form) for kind, form in self.refusals]

    @property
    def refused(self) -> dict[str, HeadRefusal]:
        """The words of each head refused."""
        told = ((kind, form.refusal) for kind, form in self.refusals)
        return {kind: refusal for kind, refusal in told if refusal.reason}


class SignForm(GestureForm, RefusingForm):
    """The gesture of a signature; heads left out are refused in it (R-20)."""

    together_reason = forms.CharField(
        label=gettext_lazy("Pourquoi ces demandes sont-elles distinctes ?"),
        help_text=gettext_lazy(
            "Avec les demandes semblables des 90 derniers jours, le plafond est dépassé."
        ),
        widget=forms.Textarea(AREA),
    )

    def __init__(
        self, data: Any = None, *, refused: Sequence[str], needs_reason: bool, **options: Any
    ) -> None:
        super().__init__(data, **options)
        if not needs_reason:
            del self.fields["together_reason"]
        self.refusals = [(kind, RefusalFields(data, prefix=kind)) for kind in refused]


class WithdrawForm(GestureForm):
    """The gesture of a withdrawal, with its reason (R-22)."""

    reason = forms.CharField(
        label=gettext_lazy("Pourquoi retirez-vous cette dérogation ?"), widget=forms.Textarea(AREA)
    )


class QuestionForm(forms.Form):
    """What must be completed: a comment on each field or part concerned, one at least (F-30)."""

    def __init__(self, data: Any = None, *, targets: Sequence[tuple[str, list[Target]]]) -> None:
        super().__init__(data)
        self.parts = [(title, [target.field for target in rows]) for title, rows in targets]
        for _title, rows in targets:
            for target in rows:
                self.fields[target.field] = forms.CharField(
                    label=target.label,
                    help_text=target.value or gettext_lazy("Rien n'est inscrit."),
                    required=False,
                    max_length=2000,
                    widget=forms.Textarea(AREA),
                )

    def clean(self) -> dict[str, Any]:
        """One comment at least."""
        told = super().clean() or self.cleaned_data
        if not self.errors and not any(text.strip() for text in told.values()):
            raise forms.ValidationError(_("Dites ce qu'il faut compléter, dans un champ au moins."))
        return told

    @property
    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each part, under its title."""
        return [(title, [self[name] for name in names]) for title, names in self.parts]

    @property
    def comments(self) -> dict[str, str]:
        """What is asked, by field; what was left empty asks nothing."""
        return {name: text for name, text in self.cleaned_data.items() if text.strip()}
