"""Every address of the portal, found in the URL resolver."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Address:
    """One pattern: its full name (or its path when nobody named it), its parameters, its view as
    file and function.
    """

    name: str
    path: str
    parameters: tuple[str, ...]
    view: tuple[str, str]


@cache
def addresses() -> dict[str, Address]:
    """Every address by its name."""
    return {address.name: address for address in _walk(get_resolver().url_patterns, "", "", ())}


def _walk(
    patterns: list[URLPattern | URLResolver], path: str, spaces: str, parameters: tuple[str, ...]
) -> Iterator[Address]:
    for pattern in patterns:
        longer = path + str(pattern.pattern)
        names = (*parameters, *pattern.pattern.converters, *_groups(pattern))
        if isinstance(pattern, URLResolver):
            inner = f"{spaces}{pattern.namespace}:" if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, longer, inner, names)
        else:
            name = f"{spaces}{pattern.name}" if pattern.name else longer
            view = pattern.callback
            file = f"{view.__module__.replace('.', '/')}.py"
            yield Address(name, longer, tuple(dict.fromkeys(names)), (file, view.__name__))


def _groups(pattern: URLPattern | URLResolver) -> list[str]:
    """The named groups of a regular expression."""
    regex = getattr(pattern.pattern, "_regex", None)
    return list(pattern.pattern.regex.groupindex) if regex is not None else []
