"""The gallery: every component in every state, for those who build and check the pages."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal.charts import bars, columns

KINDS = [("new", _("Nouvelle ligne")), ("upgrade", _("Remplacement d'appareil"))]
OPTIONS = [
    ("fr", _("Français")),
    (_("Régions"), [("03", _("Capitale-Nationale")), ("06", _("Montréal"))]),
]
TONES = ["info", "success", "warning", "danger"]
STATES = [
    ("draft", _("Brouillon")),
    ("submitted", _("Soumise")),
    ("awaiting_derogation", _("En attente de dérogation")),
    ("signed", _("Signée")),
    ("refused", _("Refusée")),
    ("sending_unknown", _("Transmission incertaine")),
    ("delivered", _("Reçue")),
    ("cancelled", _("Annulée")),
]


class SampleForm(forms.Form):
    """One field of each kind."""

    holder = forms.CharField(label=_("Titulaire"), help_text=_("La fonction plutôt que le nom."))
    email = forms.EmailField(label=_("Adresse courriel"))
    wanted_on = forms.DateField(
        label=_("Date souhaitée"),
        required=False,
        help_text=_("Par exemple, 2026-11-22."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    region = forms.ChoiceField(label=_("Région"), choices=OPTIONS)
    kind = forms.ChoiceField(label=_("Genre de commande"), choices=KINDS, widget=forms.RadioSelect)
    needs = forms.MultipleChoiceField(
        label=_("Accessoires"),
        choices=[("case", _("Étui")), ("charger", _("Chargeur"))],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Aucun n'est obligatoire."),
    )
    reason = forms.CharField(label=_("Motif"), widget=forms.Textarea, required=False)
    proof = forms.FileField(
        label=_("Pièce jointe"), required=False, help_text=_("PDF, 10 Mo au plus.")
    )
    professional = forms.BooleanField(
        label=_("J'atteste que l'usage est professionnel."),
        help_text=_("L'attestation est conservée avec la commande."),
    )
    number = forms.CharField(label=_("Numéro de contrat"), required=False, disabled=True)


class SampleFilters(forms.Form):
    """Filters of a list, as an app would declare them."""

    q = forms.CharField(
        label=_("Rechercher"), required=False, widget=forms.TextInput(attrs={"type": "search"})
    )
    state = forms.ChoiceField(label=_("État"), choices=[("", _("Tous")), *STATES], required=False)
    since = forms.DateField(
        label=_("Depuis le"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    late = forms.BooleanField(label=_("En retard seulement"), required=False)


@login_not_required
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Show every component; ``?vide=1`` shows the page without header menus."""
    context = {**forms_shown(), **lists_shown(), **moves_shown(), **figures_shown()}
    context |= charts_shown()
    if "vide" not in request.GET:
        context |= face_shown()
    return render(request, "portal/gallery.html", context)


def charts_shown() -> dict[str, Any]:
    """Columns of three months, and a bar."""
    shares = (("09", "4,0"), ("10", "6,5"), ("11", "5,2"))
    rows = [(month, Decimal(value.replace(",", ".")), value) for month, value in shares]
    return {"chart": columns(rows), "bar": bars([10, 7])[1]}


def face_shown() -> dict[str, Any]:
    """Header, navigation and member switcher of a fictitious person."""
    member = _("Ville de Val-Boréal")
    return {
        "demonstration": True,
        "signed_in_name": "Maïka Thériault-Desrosiers",
        "nav": [
            {"label": _("Accueil"), "url": "#", "current": False},
            {"label": _("Commandes"), "url": "#", "current": True},
            {"label": _("Lignes en service"), "url": "#", "current": False},
            {"label": _("Catalogue"), "url": "#", "current": False},
            {"label": _("Répondants"), "url": "#", "current": False},
        ],
        "hats": [
            {"label": member, "url": "#", "current": True},
            {"label": _("Centre de services scolaire des Hautes-Rivières"), "url": "#"},
        ],
    }


def forms_shown() -> dict[str, Any]:
    """The sample form empty, and the same with errors."""
    return {
        "form": SampleForm(initial={"number": "999726687"}),
        "wrong_form": SampleForm({"wrong-email": "maika@"}, prefix="wrong"),
        "filters": SampleFilters(),
        "summary_errors": [
            {"message": _("La ligne 2 n'a pas d'adresse de livraison."), "url": "#champs"},
            {"message": _("Le contrat n'accepte plus de commandes."), "url": ""},
        ],
    }


def lists_shown() -> dict[str, Any]:
    """Rows, columns and pages."""
    return {
        "states": STATES,
        "tones": TONES,
        "columns": [
            {"label": _("Numéro"), "key": "number"},
            {"label": _("Titulaire"), "key": "holder"},
            {"label": _("État")},
            {"label": _("Montant"), "key": "amount", "numeric": True},
        ],
        "rows": [
            {"number": f"C-2026-{n:05}", "holder": _("Contremaître, travaux publics"), "n": n}
            | {"state": STATES[n % 8][0], "state_label": STATES[n % 8][1], "amount": amount}
            for n, amount in enumerate([Decimal("1234.5"), Decimal("89.95"), Decimal(0)], 41)
        ],
        "plain_columns": [
            {"label": _("Poste")},
            {"label": _("Quantité"), "numeric": True},
            {"label": _("Précision")},
        ],
        "plain_rows": [[_("Téléphones"), 3, _("Sans frais")], [_("Étuis"), 2, "—"]],
        "page": Paginator(range(1234), 50).page(3),
        "no_page": Paginator([], 50).page(1),
    }


def moves_shown() -> dict[str, Any]:
    """Inbox, steps, history and tabs."""
    since = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
    return {
        "inbox": [
            {
                "title": _("Confirmer la réception de la commande C-2026-00042"),
                "url": "#",
                "kind": _("Commande"),
                "since": since,
                "detail": _("3 appareils"),
                "member": _("Ville de Val-Boréal"),
                "urgent": True,
            },
            {"title": _("Confirmer une désignation"), "url": "#", "kind": _("Répondant")}
            | {"since": since, "detail": "", "member": "", "urgent": False},
        ],
        "steps": [
            {"label": _("Besoin"), "state": "done", "url": "#"},
            {"label": _("Appareils"), "state": "current"},
            {"label": _("Titulaires"), "state": "todo"},
            {"label": _("Vérification"), "state": "todo"},
        ],
        "entries": [
            {"label": _("Transmise à TELUS"), "at": since, "by": "M. Thériault", "state": "done"},
            {"label": _("Expédiée"), "on": date(2026, 11, 22), "note": _("Colis 1 sur 2.")}
            | {"state": "current"},
            {"label": _("Activée"), "state": "todo"},
        ],
        "tabs": [
            {"label": _("Détail"), "url": "#", "current": True},
            {"label": _("Lignes"), "url": "#", "count": 12},
            {"label": _("Historique"), "url": "#"},
        ],
    }


def figures_shown() -> dict[str, Any]:
    """Amounts, facts and the words of a confirmation."""
    return {
        "amount": Decimal("12345.6"),
        "facts": [
            (_("Numéro de contrat"), "999726687"),
            (_("Mode de paiement"), "SAGIR"),
            (_("Adresse de livraison"), ""),
        ],
        "consequences": [
            _("La commande ne sera pas transmise au fournisseur."),
            _("Elle reste dans l'historique."),
        ],
        "hidden": [("order", "42")],
    }
