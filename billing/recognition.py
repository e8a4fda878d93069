"""Under which profile in service a provider's file is read, and what its imports publish."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from billing.formats.canonical import Entity
from billing.formats.definition import Profile
from billing.formats.nearest import nearest
from billing.formats.package import recognise
from billing.kinds import ImportPart

PART_OF = {
    Entity.STATEMENT: ImportPart.CHARGES,
    Entity.CHARGE: ImportPart.CHARGES,
    Entity.USAGE: ImportPart.USAGE,
    Entity.INVENTORY: ImportPart.INVENTORY,
}
"""Which import reads a part of a package (D-41)."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The place of the profile in the list that was given, the imports, first one first, and
    whether the profile has the file's signs, or is only the one that it most looks like.
    """

    index: int
    parts: tuple[ImportPart, ...]
    is_sure: bool


def recognised(path: Path, name: str, profiles: Sequence[Profile]) -> Recognised:
    """The profile that finds the most parts in a file; else the one that it most looks like.

    Under the latter the reading refuses it, with what is wrong and its place.
    """
    matches = recognise(path, name, profiles)
    if matches:
        profile, found = matches[0].profile, set(matches[0].parts)
    else:
        profile = nearest(path, name, profiles)
        found = {part.code for part in profile.parts if part.required}
    told = {PART_OF[part.entity] for part in profile.parts if part.code in found}
    parts = tuple(part for part in ImportPart if part in told)
    return Recognised(profiles.index(profile), parts, bool(matches))
