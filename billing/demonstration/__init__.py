"""The demonstration's bills: thirteen small months of both providers, fictitious (D-55).

``load()`` runs after ``orders.demonstration.load()`` and again without effect.
"""

import time

from django.db import connection

from billing.actions.shipped import install_shipped_profiles
from billing.models import FormatProfile
from billing.months import MONTHS_SHOWN
from members.actions.mandates import give_billing_mandate
from members.models import Branch, User
from portal.clock import database_clock
from portal.models import QueuedTask, WorkerBeat
from portal.queue import LEASE, later

ADMINISTRATOR = "admin.itq@exemple.test"
MANDATES = (
    ("Ville de Val-Boréal", "intrl.ville@exemple.test"),
    ("Centre de services scolaire des Trois-Épinettes", "intrl.css@exemple.test"),
)
"""Who lets ITQ import its bills (R-44), by its interlocutor."""

PATIENCE = 60
"""Seconds left to a living worker to read every month, before the portal opens."""


def load(months: int = MONTHS_SHOWN) -> None:
    """Once: the shipped profiles, the members' mandates, the months promised to the worker."""
    if FormatProfile.objects.exists():
        return
    install_shipped_profiles(by=User.objects.get(email=ADMINISTRATOR))
    for name, interlocutor in MANDATES:
        give_billing_mandate(
            branch=Branch.objects.get(organisation__name=name, is_root=True),
            by=User.objects.get(email=interlocutor),
        )
    promised = later("billing.demonstrate", months=months)
    _wait_for(promised)


def _wait_for(promised: QueuedTask) -> None:
    """Until a worker that lives has done it; nobody else sees what is not committed."""
    if connection.in_atomic_block:
        return
    alive = WorkerBeat.objects.filter(seen_at__gte=database_clock() - LEASE).exists()
    deadline = time.monotonic() + PATIENCE
    waiting = QueuedTask.objects.filter(pk=promised.pk, done_at__isnull=True, dead_at__isnull=True)
    while alive and time.monotonic() < deadline and waiting.exists():
        time.sleep(0.1)
