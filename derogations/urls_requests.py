"""The addresses of requests."""

from django.urls.resolvers import URLPattern

request_patterns: list[URLPattern] = []
