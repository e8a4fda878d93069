"""ITQ's console: Django's admin behind the portal's own sign-in."""

from django.contrib import admin
from django.urls import path

urlpatterns = [path("", admin.site.urls)]
