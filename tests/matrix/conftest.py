"""The world, built once for each module."""

import logging

import pytest
from django.db import transaction

from members import permissions
from tests.matrix import objects


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Personas and objects, inside one transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield objects.furnished_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def data_dir(settings):
    """The files of the world's objects, written once."""
    settings.DATA_DIR = objects.DATA
    settings.DEMONSTRATION = False
    return objects.DATA


@pytest.fixture
def rights_kept(world, monkeypatch):
    """Each persona's rights are read once for the world: ``fresh`` has its own test."""
    for name in ("_respondent_rights", "_staff_rights"):
        read = getattr(permissions, name)
        known = world.rights.setdefault(name, {})

        def remembered(user, read=read, known=known):
            if user.pk not in known:
                known[user.pk] = read(user)
            return known[user.pk]

        monkeypatch.setattr(permissions, name, remembered)


@pytest.fixture
def quiet():
    """Thousands of refusals are not worth a line each in the log."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)
