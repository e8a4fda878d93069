"""The addresses of signing."""

from django.urls.resolvers import URLPattern

signing_patterns: list[URLPattern] = []
