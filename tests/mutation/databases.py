"""The databases of the mutants: the matrix's world made once for good, and a copy for each slot."""

import os
import pickle
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection
from factory.django import DjangoModelFactory

if TYPE_CHECKING:
    from tests.personas import World

WORLD = "mutation_world"
WORLD_NUMBERS = 5_000
"""From where the world's rows are numbered: what a test makes beside it is numbered from nought."""


def committed_world(kept: Path) -> "World":
    """A copy of the test database that holds the matrix's world for good; returns the world."""
    copy_database(connection.settings_dict["NAME"], WORLD)
    child = os.fork()
    if child == 0:
        os._exit(make_world(kept))
    if os.waitpid(child, 0)[1]:
        raise RuntimeError("the matrix's world could not be made")
    world: World = pickle.loads(kept.read_bytes())
    return world


def make_world(kept: Path) -> int:
    """In a child, whose threads end with it: make the world's rows, keep its objects."""
    from tests.matrix.objects import furnished_world

    try:
        for maker in every_factory(DjangoModelFactory):
            maker.reset_sequence(WORLD_NUMBERS, force=True)
        connection.settings_dict["NAME"] = WORLD
        kept.write_bytes(pickle.dumps(furnished_world()))
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def every_factory(maker: type[DjangoModelFactory]) -> Iterator[type[DjangoModelFactory]]:
    """The factories that were imported, at any depth."""
    for one in maker.__subclasses__():
        yield one
        yield from every_factory(one)


def copy_database(source: str, name: str) -> None:
    """A fresh copy, in the place of an older one."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')


def own_databases(slot: int) -> None:
    """Two mutants that run at once share no row: each slot has its copies."""
    for source in (connection.settings_dict["NAME"], WORLD):
        own_database(source, slot)


def own_database(source: str, slot: int) -> None:
    """The copy of one slot."""
    copy_database(source, f"{source}_{slot}")


def use_database(name: str) -> None:
    """From now on, the tests of this child stand there."""
    connection.close()
    connection.settings_dict["NAME"] = name
