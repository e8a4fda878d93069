"""The addresses of ITQ's pages over the portal's own work."""

from django.urls import path

from members.views import console

console_patterns = [
    path("itq/taches-abandonnees/", console.dead_letter_list, name="dead_letter_list"),
]
