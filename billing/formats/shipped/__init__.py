"""The profiles that the portal ships, each « gabarit à confirmer avec le prestataire »."""

import json
from functools import cache
from importlib import resources
from typing import Any

from billing.formats.definition import Profile, parse_definition


def shipped_definitions() -> dict[str, dict[str, Any]]:
    """The JSON definition of each shipped profile by its code, in the order of the codes."""
    found = sorted(
        (file for file in resources.files(__name__).iterdir() if file.name.endswith(".json")),
        key=lambda file: file.name,
    )
    definitions = (json.loads(file.read_text(encoding="utf-8")) for file in found)
    return {definition["code"]: definition for definition in definitions}


@cache
def shipped_profile(code: str) -> Profile:
    """One shipped profile; KeyError where none has this code."""
    return parse_definition(shipped_definitions()[code])
