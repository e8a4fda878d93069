"""Forms of a member's pages: the cost of a use, an article that is missing."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Branch, Provider


class UseForm(forms.Form):
    """« Combien coûterait un mois ? »: read from the address, so that it can be shared."""

    go = forms.DecimalField(
        label=_("Go utilisés dans le mois"),
        min_value=Decimal(0),
        max_value=Decimal(1_000_000),
        decimal_places=2,
        localize=True,
        help_text=_("Par exemple, 12,5."),
    )
    lignes = forms.IntegerField(
        label=_("Lignes du groupe"), min_value=1, max_value=100_000, initial=1
    )

    def __init__(self, *args: object, pooled: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not pooled:
            del self.fields["lignes"]


class OfferRequestForm(forms.Form):
    """What is missing, and what for."""

    branch = forms.ModelChoiceField(Branch.objects.none(), label=_("Pour"), empty_label=None)
    provider = forms.ModelChoiceField(
        Provider.objects.none(), label=_("Liste du prestataire"), empty_label=None
    )
    wanted = forms.CharField(
        label=_("Article recherché"),
        max_length=200,
        help_text=_("Le modèle exact, si vous le connaissez."),
    )
    need = forms.CharField(
        label=_("Besoin"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "À quoi il servirait, et pourquoi les articles offerts ne conviennent pas. Ne nommez "
            "personne : la fonction suffit."
        ),
    )

    def __init__(
        self, *args: object, branches: list[Branch], providers: list[Provider], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["branch"].queryset = Branch.objects.filter(  # type: ignore[attr-defined]
            pk__in=[branch.pk for branch in branches]
        )
        self.fields["provider"].queryset = Provider.objects.filter(  # type: ignore[attr-defined]
            pk__in=[provider.pk for provider in providers]
        )
        if len(branches) == 1:
            self.fields["branch"].initial = branches[0]
            self.fields["branch"].widget = forms.HiddenInput()


class AnswerForm(forms.Form):
    """ITQ's answer to a request."""

    answer = forms.CharField(
        label=_("Réponse"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("L'article sera-t-il ajouté, et quand ? Sinon, pourquoi, et quoi choisir ?"),
    )
