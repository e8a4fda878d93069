"""Whatever the profile, and wherever its file is spoiled: all is read exactly, or refused."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.formats.canonical import COLUMNS, Entity
from billing.formats.controls import blind_spots
from billing.formats.definition import parse_definition
from tests.billing.drawn.cases import cases
from tests.billing.drawn.files import Case
from tests.billing.drawn.spoil import KINDS
from tests.billing.drawn.values import ACCOUNTS
from tests.billing.formats.reads import Read, read_file

EXAMPLES = settings(
    deadline=None,
    max_examples=15,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ANY = st.sampled_from(["charge", "charge", "usage", "inventory"]).flatmap(cases)
"""Files of charges, of use, of an inventory."""


def told(case: Case) -> list[dict[str, object]]:
    """The canonical rows that a file says, every column of them."""
    fields = COLUMNS[Entity(case.entity)]
    return [{name: row.get(name) for name in fields} for row in case.truth()]


def rows(read: Read, case: Case) -> list[dict[str, object]]:
    fields = list(COLUMNS[Entity(case.entity)])
    return list(read.rows["charges"].select(fields).iter_rows(named=True))


def read_of(case: Case, data: bytes, folder) -> Read:
    path = folder / case.name
    path.write_bytes(data)
    return read_file(path, parse_definition(case.definition), accounts=ACCOUNTS)


def blocking(read: Read) -> list[str]:
    return [f"{fault.place} : {fault.message}" for fault in read.faults if fault.is_blocking]


@EXAMPLES
@given(case=ANY)
def test_what_is_read_is_what_the_file_says(tmp_path, case):
    profile = parse_definition(case.definition)
    assert blind_spots(profile) == []
    read = read_of(case, case.packed(case.content(case.rows)), tmp_path)
    assert (blocking(read), read.rejects) == ([], [])
    assert rows(read, case) == told(case)


@pytest.mark.parametrize("kind", KINDS)
@EXAMPLES
@given(case=ANY, at=st.integers(0, 100_000))
def test_any_single_corruption_is_refused_with_its_place(tmp_path, kind, case, at):
    spoiled = KINDS[kind](case, at)
    read = read_of(case, spoiled.data, tmp_path)
    said = blocking(read)
    if not said:
        assert rows(read, case) == told(case)
        assert not spoiled.is_seen
        return
    assert spoiled.told.search("\n".join(said)), said
