"""ITQ's pages over format profiles: the list, a profile drawn from a sample, its versions."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.actions.profiles import draft_version, record_profile, set_expectation
from billing.formats.detection import detect
from billing.formats.faults import FormatRefused
from billing.forms.staff_profiles import SampleForm
from billing.kinds import FileKind, ProfileState
from billing.models import FormatProfile, ProfileVersion
from billing.proposals import ENTITIES, following, proposed_definition
from billing.queries.staff_profiles import (
    file_to_try,
    profiles_managed,
    version_served,
)
from billing.trials import TrialRefused, drifts_of
from billing.views.staff_tabs import staff_tabs
from members.permissions import WHOLE_GROUP, require
from members.requests import SignedInRequest
from members.roles import StaffMay
from members.views.acts import acted, pressed
from portal.models import StoredFile
from portal.uploads import Upload

TONES: dict[str, str] = {
    ProfileState.DRAFT: "",
    ProfileState.TESTED: "info",
    ProfileState.ACTIVE: "success",
    ProfileState.RETIRED: "warning",
}


@require_safe
def staff_profile_list(request: SignedInRequest) -> HttpResponse:
    """Every profile with what serves and what is being prepared."""
    profiles = list(profiles_managed(request.user))
    page = {"rows": [_row(one) for one in profiles], "tabs": staff_tabs(request)}
    return render(request, "billing/staff_profile_list.html", page)


@require_http_methods(["GET", "POST"])
def staff_profile_new(request: SignedInRequest) -> HttpResponse:
    """A profile drawn from a sample: what is detected becomes a draft to complete."""
    require(request.user, StaffMay.MANAGE_FORMATS, on=WHOLE_GROUP)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = SampleForm(*sent)
    made: list[ProfileVersion] = []
    if acted(request, form, lambda: made.append(_drawn(request, form))):
        messages.success(request, _("Brouillon préparé : vérifiez ce qui a été reconnu."))
        return redirect("billing:staff_version_detail", made[0].pk)
    status = 422 if form.errors else 200
    return render(request, "billing/staff_profile_new.html", {"form": form}, status=status)


@require_safe
def staff_profile_detail(request: SignedInRequest, profile: int) -> HttpResponse:
    """A profile's versions, the latest first."""
    held = get_object_or_404(profiles_managed(request.user), pk=profile)
    versions = [{"version": one, "tone": TONES[one.state]} for one in held.versions.all()]
    return render(
        request, "billing/staff_profile_detail.html", {"profile": held, "versions": versions}
    )


@require_POST
def staff_profile_expect(request: SignedInRequest, profile: int) -> HttpResponse:
    """Ask for such a file of every account and cycle, or no longer."""
    held = get_object_or_404(profiles_managed(request.user), pk=profile)
    wanted = request.POST.get("is_expected") == "1"
    return pressed(
        request,
        lambda: set_expectation(profile=held, is_expected=wanted, by=request.user),
        _("Les fichiers attendus suivent ce choix dès maintenant."),
        reverse("billing:staff_profile_detail", args=[profile]),
    )


@require_POST
def staff_version_new(request: SignedInRequest, profile: int) -> HttpResponse:
    """One click: the version in service as a draft, which follows a file's new headers if any."""
    held = get_object_or_404(profiles_managed(request.user), pk=profile)
    base = version_served(request.user, held)
    if base is None:
        messages.error(request, _("Ce profil n'a aucune version."))
        return redirect("billing:staff_profile_detail", profile)
    sample = file_to_try(request.user, base, request.POST.get("fichier", ""))
    definition, note = _followed(base, sample)
    version = draft_version(
        profile=held, definition=definition, note=note, sample=sample, by=request.user
    )
    messages.success(request, _("Version %(number)s en brouillon.") % {"number": version.number})
    return redirect("billing:staff_version_detail", version.pk)


def _row(profile: FormatProfile) -> dict[str, object]:
    """A profile with the version that serves and those in preparation."""
    versions = list(profile.versions.all())
    active = [one for one in versions if one.state == ProfileState.ACTIVE]
    drafts = [one for one in versions if one.state in (ProfileState.DRAFT, ProfileState.TESTED)]
    return {"profile": profile, "active": active[0] if active else None, "drafts": drafts}


def _drawn(request: SignedInRequest, form: SampleForm) -> ProfileVersion:
    """The profile that a sample proposes; raises ValidationError when it cannot be read."""
    given = form.cleaned_data
    sample: Upload = given["sample"]
    kind = FileKind(given["kind"])
    try:
        proposal = detect(sample.content, sample.name, ENTITIES[kind])
    except FormatRefused as error:
        raise ValidationError({"sample": error.fault.message}) from error
    definition = proposed_definition(
        proposal, provider=given["provider"].code, kind=kind, name=given["name"]
    )
    return record_profile(
        provider=given["provider"],
        kind=kind,
        name=given["name"],
        definition=definition,
        sample=sample,
        is_expected=given["is_expected"],
        by=request.user,
    )


def _followed(base: ProfileVersion, sample: StoredFile | None) -> tuple[dict[str, object], str]:
    """The definition of a version, with the headers that a file now has, and what it changes."""
    definition = base.definition
    if sample is None:
        return definition, ""
    try:
        drifts = drifts_of(definition, sample)
    except TrialRefused:
        return definition, ""
    names = []
    for part, found in drifts.items():
        definition = following(definition, part, found)
        names += [f"« {one.header} »" for one in found if one.kind == "renamed"]
    told = _("Suit les en-têtes %(names)s de %(file)s.") % {
        "names": ", ".join(names),
        "file": sample.name,
    }
    return definition, told[:300] if names else ""
