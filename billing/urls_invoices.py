"""The addresses of a member's bills, under its name; ``billing/urls.py`` gathers them."""

from django.urls import URLPattern

invoice_patterns: list[URLPattern] = []
