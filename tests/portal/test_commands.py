"""An action: keyword-only, whole or nothing, done again when the database asks (X-10)."""

import pytest
from django.db import IntegrityError, OperationalError

from portal.commands import TRIES, action
from portal.models import QueuedTask

DEADLOCK, SERIALIZATION, SHUTDOWN = "40P01", "40001", "57P01"


class DriverError(Exception):
    """What psycopg raises under Django's error."""

    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


def database_error(sqlstate):
    error = OperationalError("the database asks")
    error.__cause__ = DriverError(sqlstate)
    return error


@action
def promise(*, errors, by, tried):
    """Write a row, then fail as often as there are errors."""
    tried.append(by)
    QueuedTask.objects.create(task_name="tests.act")
    if errors:
        raise errors.pop(0)
    return "done"


def test_an_action_takes_its_arguments_by_name():
    with pytest.raises(TypeError, match="keyword-only"):

        @action
        def submit(order, *, by):
            pass


def test_an_action_says_who_acts():
    with pytest.raises(TypeError, match="by="):

        @action
        def submit(*, order):
            pass


def test_an_action_is_known_as_one():
    assert promise.is_action
    assert promise.__name__ == "promise"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sqlstate", [DEADLOCK, SERIALIZATION])
def test_a_deadlock_has_the_whole_action_done_again_once(sqlstate):
    tried = []
    errors = [database_error(sqlstate) for _ in range(TRIES - 1)]
    assert promise(errors=errors, by="A", tried=tried) == "done"
    assert len(tried) == TRIES
    assert QueuedTask.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_after_five_tries_the_error_is_told_and_nothing_stays():
    tried = []
    with pytest.raises(OperationalError):
        promise(errors=[database_error(DEADLOCK) for _ in range(9)], by="A", tried=tried)
    assert len(tried) == TRIES
    assert not QueuedTask.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "error", [database_error(SHUTDOWN), OperationalError("gone"), IntegrityError(), ValueError()]
)
def test_any_other_error_undoes_the_action_without_another_try(error):
    tried = []
    with pytest.raises(type(error)):
        promise(errors=[error], by="A", tried=tried)
    assert len(tried) == 1
    assert not QueuedTask.objects.exists()


@pytest.mark.django_db
def test_inside_another_action_the_error_goes_up_for_the_whole_to_be_done_again():
    tried = []
    with pytest.raises(OperationalError):
        promise(errors=[database_error(DEADLOCK)], by="A", tried=tried)
    assert len(tried) == 1
