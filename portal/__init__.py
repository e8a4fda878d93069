"""The ground: settings, and the few mechanisms that every app shares; imports no app."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
