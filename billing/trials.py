"""A dry run: what a stored file gives under a definition, read as an import would, kept nowhere."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from billing.formats.controls import blind_spots
from billing.formats.definition import parse_definition
from billing.formats.detection import Outcome, header_names, try_profile
from billing.formats.drifts import Drift, drift
from billing.formats.faults import Fault, FormatRefused
from billing.formats.mistakes import definition_faults
from billing.formats.package import open_package
from billing.formats.reading import Context
from portal.files import path_of

if TYPE_CHECKING:
    from portal.models import StoredFile

MOST_BYTES = 64_000_000
"""bytes; a page answers within seconds, a larger file is for an import"""

CONTEXT = Context(hash_key=b"essai")
"""What it reads is shown once and kept nowhere, so its hashes need no secret."""


class TrialRefused(Exception):
    """The dry run cannot begin; the sentence says why."""


def faults_in(definition: object, provider: str) -> list[Fault]:
    """Every fault of a definition, and one when it speaks of another provider's files."""
    faults = definition_faults(definition)
    told = definition.get("provider") if isinstance(definition, dict) else None
    if not faults and told != provider:
        message = _("Ce profil est celui de « %(provider)s » : écrivez ce code ici.")
        faults = [Fault("provider", "provider", message % {"provider": provider})]
    return faults


def blindness(definition: Any) -> list[str]:
    """The codes, ``part:kind``, of what the controls of a valid definition cannot see (D-42)."""
    return [f"{spot.part}:{spot.kind}" for spot in blind_spots(parse_definition(definition))]


def blindness_told(definition: Any) -> list[str]:
    """The same in French."""
    return [spot.message for spot in blind_spots(parse_definition(definition))]


def try_on(definition: Any, file: "StoredFile") -> Outcome:
    """What the file gives under a valid definition; raises TrialRefused when it is too large."""
    _refuse_large(file)
    return try_profile(parse_definition(definition), path_of(file.sha256), file.name, CONTEXT)


def is_passed(outcome: Outcome) -> bool:
    """Whether a version may be held for tested: rows were read, and nothing blocks."""
    return any(outcome.counts.values()) and not any(f.is_blocking for f in outcome.faults)


def drifts_of(definition: Any, file: "StoredFile") -> dict[str, list[Drift]]:
    """For each part of the file, how its header differs from the definition.

    Raises TrialRefused when no part is recognised, even by its name.
    """
    _refuse_large(file)
    profile = parse_definition(definition)
    try:
        parts = open_package(path_of(file.sha256), file.name, profile).parts
        return {part.spec.code: drift(part.spec, header_names(part)) for part in parts}
    except FormatRefused as error:
        raise TrialRefused(str(error)) from error


def _refuse_large(file: "StoredFile") -> None:
    if file.size > MOST_BYTES:
        raise TrialRefused(
            _("Ce fichier dépasse 64 Mo : essayez le profil sur un cycle plus petit.")
        )
