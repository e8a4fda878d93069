"""The Celery application: the database holds the work, the broker carries hints (X-07)."""

import ctypes
import os
import signal

from celery import Celery
from celery.signals import worker_process_init

from portal import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

broker.install()
app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

PR_SET_PDEATHSIG = 1


@worker_process_init.connect
def die_with_the_worker(**kwargs: object) -> None:
    """A pool child never outlives its worker, however that one ended (Linux)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
