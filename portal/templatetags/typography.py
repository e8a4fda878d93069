"""French punctuation keeps to its word: spaces that must not break, set on the finished page."""

import re

from django import template
from django.template.defaultfilters import stringfilter

register = template.Library()
# A simple space before : ; ? ! » or a unit, or after «, in a text: never inside a tag (what follows
# would meet a ">" first), nor in what is chosen, typed or copied as it is.
LOOSE_SPACE = re.compile(
    r" (?:(?=[:;?!»])|(?<=« )|(?<=\d )(?=%|[GM]o\b))"
    r"(?=[^<>]*(?:<(?!/(?:textarea|option|pre|code|script|style)\b)|\Z))"
)


@register.filter(is_safe=True)
@stringfilter
def typeset(page: str) -> str:
    """The same page, where « mot » and « mot : » are never cut at the end of a line."""
    return LOOSE_SPACE.sub("\u00a0", page)
