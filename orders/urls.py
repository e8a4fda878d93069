"""The app's addresses."""

from django.urls import URLPattern

app_name = "orders"
urlpatterns: list[URLPattern] = []
