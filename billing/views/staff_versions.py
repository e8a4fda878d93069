"""ITQ's pages over one version of a profile: definition, dry run, comparison, drift, service."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.actions.profiles import (
    activate_version,
    change_definition,
    pass_test,
    retire_version,
)
from billing.actions.readings import open_trial
from billing.formats.detection import detect
from billing.formats.drifts import Drift
from billing.formats.faults import FormatRefused
from billing.forms.staff_profiles import (
    AcceptanceForm,
    CompareForm,
    DefinitionForm,
    FileChoiceForm,
)
from billing.kinds import FileKind, ProfileState
from billing.models import ProfileVersion
from billing.proposals import ENTITIES, written
from billing.queries.staff_profiles import (
    FILES_OFFERED,
    file_to_try,
    files_to_try,
    sample_seen,
    versions_managed,
)
from billing.states import PROFILE_TRANSITIONS
from billing.trials import TrialRefused, blindness_told, drifts_of, faults_in, try_on
from billing.views.staff_profiles import TONES
from billing.views.staff_trial_page import columns, comparison_page, told, trial_page
from members.requests import SignedInRequest
from members.views.acts import acted, pressed
from portal.files import read
from portal.models import StoredFile
from portal.workflow import open_transitions

DETECTED = 262_144
"""bytes of a sample from which its settings are detected"""


@require_safe
def staff_version_detail(request: SignedInRequest, version: int) -> HttpResponse:
    """What a version says: its faults, what its controls do not see, what its sample shows."""
    held = _fetch(request, version)
    faults = _faults(held)
    page = {
        **_base(request, held),
        "faults": [told(fault) for fault in faults],
        "blind": [] if faults else blindness_told(held.definition),
        "definition": written(held.definition),
        "detected": _detected(request, held) if held.state == ProfileState.DRAFT else None,
        "detected_columns": columns(
            _("En-tête"), _("Champ proposé"), _("Ressemblance"), _("Exemple")
        ),
        "acts": {row.name for row in open_transitions(PROFILE_TRANSITIONS, held)},
    }
    return render(request, "billing/staff_version_detail.html", page)


@require_http_methods(["GET", "POST"])
def staff_version_edit(request: SignedInRequest, version: int) -> HttpResponse:
    """Write a draft's definition; its faults stand beside it, each at its place."""
    held = _fetch(request, version)
    form = DefinitionForm.of(held, request.POST if request.method == "POST" else None)
    if acted(
        request,
        form,
        lambda: change_definition(version=held, by=request.user, **form.cleaned_data),
    ):
        faults = faults_in(form.cleaned_data["definition"], held.profile.provider.code)
        if not faults:
            messages.success(request, _("Définition enregistrée : elle est complète."))
            return redirect("billing:staff_version_detail", version)
        messages.warning(request, _("Définition enregistrée, avec des fautes à corriger."))
        return redirect("billing:staff_version_edit", version)
    page = {
        **_base(request, held),
        "form": form,
        "faults": [told(fault) for fault in _faults(held)],
    }
    status = 422 if form.errors else 200
    return render(request, "billing/staff_version_edit.html", page, status=status)


@require_safe
def staff_version_try(request: SignedInRequest, version: int) -> HttpResponse:
    """A dry run on a stored file: the first rows, rejects, totals and what controls say."""
    held = _fetch(request, version)
    form, file = _chosen(request, held)
    page = {
        **_base(request, held),
        "form": form,
        "file": file,
        "chosen": request.GET.get("fichier", ""),
    }
    page |= _tried(request, held, file)
    return render(request, "billing/staff_version_try.html", page)


@require_POST
def staff_version_test(request: SignedInRequest, version: int) -> HttpResponse:
    """Hold the version for tested on that file."""
    held = _fetch(request, version)
    chosen = request.POST.get("fichier", "")
    file = file_to_try(request.user, held, chosen)
    back = reverse("billing:staff_version_detail", args=[version])
    if file is None:
        messages.error(request, _("Choisissez d'abord un fichier sur lequel essayer la version."))
        return redirect(back)
    return pressed(
        request,
        lambda: pass_test(version=held, file=file, by=request.user),
        _("Version essayée : elle peut être mise en service."),
        back,
    )


@require_safe
def staff_version_compare(request: SignedInRequest, version: int) -> HttpResponse:
    """The same file under this version and another."""
    held = _fetch(request, version)
    others = list(versions_managed(request.user).filter(profile=held.profile).exclude(pk=held.pk))
    files = list(files_to_try(request.user, held)[:FILES_OFFERED])
    sample = sample_seen(request.user, held)
    form = CompareForm(request.GET or None, sample=sample, files=files, others=others)
    asked = request.GET.get("avec", "")
    other = next((one for one in others if str(one.pk) == asked), others[0] if others else None)
    chosen = request.GET.get("fichier", "")
    file = file_to_try(request.user, held, chosen) if chosen else sample
    page = {**_base(request, held), "form": form, "other": other, "file": file}
    if other is not None:
        page |= _compared(request, held, other, file)
        page["measure_columns"] = [
            {"label": _("Mesure")},
            *({"label": _("Version %s") % one.number, "numeric": True} for one in (held, other)),
            {"label": _("Écart"), "numeric": True},
        ]
        page["cell_columns"] = columns(
            _("Partie et ligne"),
            _("Champ"),
            _("Version %s") % held.number,
            _("Version %s") % other.number,
        )
    return render(request, "billing/staff_version_compare.html", page)


@require_safe
def staff_version_drift(request: SignedInRequest, version: int) -> HttpResponse:
    """How a file's headers differ from the version, with the nearest known one."""
    held = _fetch(request, version)
    form, file = _chosen(request, held)
    page = {
        **_base(request, held),
        "form": form,
        "file": file,
        "chosen": request.GET.get("fichier", ""),
        "columns": columns(_("Changement"), _("En-tête"), _("Le plus proche"), _("Effet")),
        "parts": [],
        "refusal": "",
    }
    if file is not None and not _faults(held):
        try:
            drifts = drifts_of(held.definition, file)
        except TrialRefused as error:
            page["refusal"] = str(error)
        else:
            page["parts"] = [
                (code, [_drift_row(d) for d in found]) for code, found in drifts.items()
            ]
            page["drifted"] = any(drifts.values())
    return render(request, "billing/staff_version_drift.html", page)


@require_http_methods(["GET", "POST"])
def staff_version_activate(request: SignedInRequest, version: int) -> HttpResponse:
    """Put in service; what the controls do not see is accepted in writing first (D-42)."""
    held = _fetch(request, version)
    blind = [] if _faults(held) else blindness_told(held.definition)
    form = AcceptanceForm(request.POST if request.method == "POST" else None)
    form.fields["acceptance"].required = bool(blind)
    if acted(
        request,
        form,
        lambda: activate_version(
            version=held, acceptance=form.cleaned_data["acceptance"], by=request.user
        ),
    ):
        messages.success(request, _("Version en service : les prochains fichiers la suivent."))
        return redirect("billing:staff_version_detail", version)
    page = {**_base(request, held), "form": form, "blind": blind}
    status = 422 if form.errors else 200
    return render(request, "billing/staff_version_activate.html", page, status=status)


@require_POST
def staff_version_retire(request: SignedInRequest, version: int) -> HttpResponse:
    """Take a version out of service, or give a draft up."""
    held = _fetch(request, version)
    return pressed(
        request,
        lambda: retire_version(version=held, by=request.user),
        _("Version retirée : plus aucun fichier n'est lu avec elle."),
        reverse("billing:staff_version_detail", args=[version]),
    )


def _fetch(request: SignedInRequest, version: int) -> ProfileVersion:
    """The version that an address names, for those who manage formats."""
    return get_object_or_404(versions_managed(request.user), pk=version)


def _base(request: SignedInRequest, version: ProfileVersion) -> dict[str, Any]:
    """What every page of a version shows."""
    return {
        "profile_version": version,
        "tabs": _tabs(request, version),
        "profile": version.profile,
        "tone": TONES[version.state],
        "is_draft": version.state == ProfileState.DRAFT,
        "is_tested": version.state == ProfileState.TESTED,
    }


def _tabs(request: SignedInRequest, version: ProfileVersion) -> list[dict[str, Any]]:
    """The pages of a version, beside one another."""
    pages = (
        (_("Définition"), "billing:staff_version_detail"),
        (_("Essai à blanc"), "billing:staff_version_try"),
        (_("Comparaison"), "billing:staff_version_compare"),
        (_("En-têtes"), "billing:staff_version_drift"),
    )
    urls = [(label, reverse(name, args=[version.pk])) for label, name in pages]
    return [{"label": label, "url": url, "current": url == request.path} for label, url in urls]


def _faults(version: ProfileVersion) -> list[Any]:
    """What the vocabulary says of its definition."""
    return faults_in(version.definition, version.profile.provider.code)


def _chosen(
    request: SignedInRequest, version: ProfileVersion
) -> tuple[FileChoiceForm, StoredFile | None]:
    """The choice of a file, and the one chosen; the latest where there is no sample."""
    files = list(files_to_try(request.user, version)[:FILES_OFFERED])
    sample = sample_seen(request.user, version)
    form = FileChoiceForm(request.GET or None, sample=sample, files=files)
    chosen = request.GET.get("fichier", "")
    file = file_to_try(request.user, version, chosen) if chosen else sample
    return form, file


def _tried(
    request: SignedInRequest, version: ProfileVersion, file: StoredFile | None
) -> dict[str, Any]:
    """The dry run's outcome, or why there is none."""
    nothing: dict[str, Any] = {"refusal": "", "ran": False}
    if file is None:
        return nothing
    if _faults(version):
        return {**nothing, "refusal": _("La définition a des fautes : corrigez-les d'abord.")}
    try:
        outcome = try_on(version.definition, file)
    except TrialRefused as error:
        return {**nothing, "refusal": str(error)}
    open_trial(version=version, file=file, by=request.user)
    return {**nothing, "ran": True, **trial_page(outcome)}


def _compared(
    request: SignedInRequest,
    version: ProfileVersion,
    other: ProfileVersion,
    file: StoredFile | None,
) -> dict[str, Any]:
    """Both outcomes side by side, or why there is none."""
    if file is None:
        return {"refusal": "", "ran": False}
    if _faults(version) or _faults(other):
        refusal = _("L'une des deux définitions a des fautes : corrigez-les d'abord.")
        return {"refusal": refusal, "ran": False}
    try:
        outcomes = try_on(version.definition, file), try_on(other.definition, file)
    except TrialRefused as error:
        return {"refusal": str(error), "ran": False}
    open_trial(version=version, file=file, by=request.user)
    return {"refusal": "", "ran": True, **comparison_page(*outcomes)}


def _detected(request: SignedInRequest, version: ProfileVersion) -> dict[str, Any] | None:
    """What the sample seems to be; None where it is no text, or not to be seen."""
    sample = sample_seen(request.user, version)
    entity = ENTITIES[FileKind(version.profile.kind)]
    if sample is None:
        return None
    try:
        proposal = detect(read(sample)[:DETECTED], sample.name, entity)
    except FormatRefused:
        return None
    period = _("du %(start)s au %(end)s") % dict(
        zip(("start", "end"), proposal.period or ("", ""), strict=True)
    )
    return {
        "facts": [
            (_("Encodage"), proposal.encoding),
            (_("Délimiteur"), {"\t": _("tabulation")}.get(proposal.delimiter, proposal.delimiter)),
            (_("Ligne d'en-tête"), proposal.header_line),
            (_("Période"), period if proposal.period else ""),
            (_("Gabarit le plus proche"), proposal.nearest_profile or ""),
        ],
        "rows": [
            [c.header, c.field or "–", f"{round(c.likeness * 100)} %", c.sample or "–"]
            for c in proposal.columns
        ],
    }


def _drift_row(found: Drift) -> list[str]:
    """A difference, in words."""
    words = {
        "renamed": _("Renommée"),
        "moved": _("Déplacée"),
        "added": _("Nouvelle"),
        "absent": _("Absente"),
    }
    effects = {
        "renamed": _("À ajouter aux en-têtes acceptés"),
        "moved": _("Sans effet : l'ordre est libre"),
        "added": _("Colonne inconnue du profil"),
        "absent": _("Fichier refusé") if found.is_required else _("Colonne facultative"),
    }
    return [words[found.kind], found.header, found.nearest or "–", effects[found.kind]]
