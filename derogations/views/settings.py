"""ITQ's pages over what derogations obey: proofs, forms, ready answers, times of recall."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from derogations.actions.settings import (
    set_proof_rules,
    set_provider_form,
    set_reminder_delays,
    set_reply_template,
)
from derogations.completeness import Proof
from derogations.forms.settings import (
    ProofRuleForm,
    ProviderFormForm,
    ReminderDelaysForm,
    ReplyTemplateForm,
)
from derogations.models import ReplyTemplate
from derogations.queries.settings import (
    delays_managed,
    forms_managed,
    replies_managed,
    rules_managed,
)
from members.powers import DerogationKind
from members.requests import SignedInRequest
from portal.clock import today
from portal.files import attachment
from portal.forms import show_refusal


@require_safe
def proof_rule_list(request: SignedInRequest) -> HttpResponse:
    """What each kind must prove (F-33)."""
    kinds = [
        {
            "kind": row.kind,
            "sets": [_words(rule.any_of) for rule in row.in_force] or _default(row.default),
            "is_default": bool(row.default),
            "others": [(_words(rule.any_of), rule.valid) for rule in row.others],
        }
        for row in rules_managed(request.user)
    ]
    return render(request, "derogations/proof_rule_list.html", {"kinds": kinds})


@require_http_methods(["GET", "POST"])
def proof_rule_new(request: SignedInRequest) -> HttpResponse:
    """Fix what a kind must prove from a day on."""
    rules_managed(request.user)
    form = ProofRuleForm(
        request.POST or None, initial={"since": today(), "kind": request.GET.get("genre")}
    )

    def save(typed: dict[str, Any]) -> object:
        return set_proof_rules(
            kind=DerogationKind(typed["kind"]),
            sets=form.sets(),
            since=typed["since"],
            by=request.user,
        )

    return _saved(
        request, form, save, "derogations:proof_rule_list", _("Preuves fixées.")
    ) or _form(
        request,
        form,
        title=_("Fixer les preuves exigées"),
        label=_("Fixer les preuves"),
        back="derogations:proof_rule_list",
    )


@require_safe
def provider_form_list(request: SignedInRequest) -> HttpResponse:
    """Each provider's authorisation forms, as they are dated (R-14)."""
    context = {"rows": forms_managed(request.user), "day": today()}
    return render(request, "derogations/provider_form_list.html", context)


@require_http_methods(["GET", "POST"])
def provider_form_new(request: SignedInRequest) -> HttpResponse:
    """Enter a provider's form from a day on."""
    forms_managed(request.user)
    form = ProviderFormForm(request.POST or None, request.FILES or None, initial={"since": today()})

    def save(typed: dict[str, Any]) -> object:
        return set_provider_form(
            provider=typed["provider"],
            kind=DerogationKind(typed["kind"]),
            upload=typed["upload"],
            since=typed["since"],
            field_map=typed["field_map"],
            by=request.user,
        )

    return _saved(
        request, form, save, "derogations:provider_form_list", _("Formulaire inscrit.")
    ) or _form(
        request,
        form,
        title=_("Inscrire un formulaire de prestataire"),
        label=_("Inscrire le formulaire"),
        back="derogations:provider_form_list",
    )


@require_safe
def staff_form_file(request: SignedInRequest, form: int) -> FileResponse:
    """A provider's form, downloaded."""
    return attachment(get_object_or_404(forms_managed(request.user), pk=form).file)


@require_safe
def reply_template_list(request: SignedInRequest) -> HttpResponse:
    """The ready answers (F-32)."""
    context = {"rows": replies_managed(request.user)}
    return render(request, "derogations/reply_template_list.html", context)


@require_http_methods(["GET", "POST"])
def reply_template_new(request: SignedInRequest) -> HttpResponse:
    """Write a ready answer."""
    replies_managed(request.user)
    return _reply(request, None, _("Écrire une réponse type"))


@require_http_methods(["GET", "POST"])
def reply_template_edit(request: SignedInRequest, reply: int) -> HttpResponse:
    """Change a ready answer, or no longer offer it."""
    row = get_object_or_404(replies_managed(request.user), pk=reply)
    return _reply(request, row, _("Modifier la réponse type"))


def _reply(request: SignedInRequest, row: ReplyTemplate | None, title: str) -> HttpResponse:
    """The form of a ready answer."""
    initial = (
        {"title": row.title, "text": row.text, "is_offered": row.is_offered}
        if row
        else {"is_offered": True}
    )
    form = ReplyTemplateForm(request.POST or None, initial=initial)

    def save(typed: dict[str, Any]) -> object:
        return set_reply_template(template=row, by=request.user, **typed)

    return _saved(
        request, form, save, "derogations:reply_template_list", _("Réponse type enregistrée.")
    ) or _form(
        request,
        form,
        title=title,
        label=_("Enregistrer"),
        back="derogations:reply_template_list",
    )


@require_http_methods(["GET", "POST"])
def reminder_delay_edit(request: SignedInRequest) -> HttpResponse:
    """The times of recall (F-20)."""
    delays = delays_managed(request.user)
    form = ReminderDelaysForm(
        request.POST or None,
        initial={
            "days": ", ".join(str(days) for days, _steps_up in delays),
            "steps_up_from": min((days for days, steps_up in delays if steps_up), default=None),
        },
    )

    def save(typed: dict[str, Any]) -> object:
        return set_reminder_delays(delays=form.delays(), by=request.user)

    return _saved(
        request, form, save, "derogations:reminder_delay_edit", _("Délais fixés.")
    ) or _form(
        request,
        form,
        title=_("Relances des signataires"),
        label=_("Fixer les délais"),
        back="admin:index",
    )


def _saved(
    request: SignedInRequest,
    form: forms.Form,
    save: Callable[[dict[str, Any]], object],
    to: str,
    told: str,
) -> HttpResponse | None:
    """The answer once a posted form is saved; None when the form is still to show."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        save(form.cleaned_data)
    except ValidationError as error:
        show_refusal(form, error)
        return None
    messages.success(request, told)
    return redirect(to)


def _form(
    request: SignedInRequest, form: forms.Form, *, title: str, label: str, back: str
) -> HttpResponse:
    """A page of ITQ's that is one form."""
    context = {"form": form, "title": title, "label": label, "back": redirect(back).url}
    status = 422 if form.errors else 200
    return render(request, "derogations/setting_form.html", context, status=status)


def _words(proofs: list[str]) -> list[str]:
    """Proofs as a person reads them."""
    return [str(Proof(proof).label) for proof in proofs]


def _default(sets: tuple[tuple[str, ...], ...]) -> list[list[str]]:
    return [_words(list(proofs)) for proofs in sets]
