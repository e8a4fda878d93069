"""The console's addresses; its tables are declared in each app's ``admin.py``."""

from django.urls import path

from portal.console import console

urlpatterns = [path("", console.urls)]
