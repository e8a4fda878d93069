"""What a line never cuts, set on the finished page: French punctuation, a request's number."""

import re

from django import template
from django.template.defaultfilters import stringfilter

register = template.Library()
# In a text: never inside a tag (what follows would meet a ">" first), nor in what is chosen, typed
# or copied as it is.
IN_TEXT = r"(?=[^<>]*(?:<(?!/(?:textarea|option|pre|code|script|style)\b)|\Z))"
# A simple space before : ; ? ! » or a unit, or after «.
LOOSE_SPACE = re.compile(r" (?:(?=[:;?!»])|(?<=« )|(?<=\d )(?=%|[GM]o\b))" + IN_TEXT)
# C-2026-00042, as ``next_number`` gives it: a browser may cut it after a hyphen.
NUMBER = re.compile(r"\b[A-Z]-\d{4}-\d{5,}\b" + IN_TEXT)


@register.filter(is_safe=True)
@stringfilter
def typeset(page: str) -> str:
    """The same page: « mot », « mot : » and C-2026-00042 are never cut at the end of a line."""
    return NUMBER.sub(r'<span class="nowrap">\g<0></span>', LOOSE_SPACE.sub("\u00a0", page))
