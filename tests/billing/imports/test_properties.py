"""What is published is what a drawn file says, to the cent; a spoiled one leaves nothing (X-14)."""

from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.actions.files import receive_bill_file
from billing.formats.canonical import COLUMNS, Entity
from billing.kinds import ImportState, ProfileState
from billing.models import Charge, Import, LineTotal, ProfileVersion
from members.roles import Role
from tests.billing.drawn.cases import cases
from tests.billing.drawn.files import Case
from tests.billing.drawn.spoil import KINDS
from tests.billing.drawn.values import ACCOUNTS
from tests.billing.factories import FormatProfileFactory, ProfileVersionFactory
from tests.billing.imports.test_refusals import nothing_is_left
from tests.billing.imports.world import work
from tests.members.factories import (
    OrganisationFactory,
    ProviderAccountFactory,
    ProviderFactory,
    respondent_user,
)

EXAMPLES = settings(
    deadline=None,
    max_examples=8,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
UNSTORED = {"raw"}
FIELDS = [name for name in COLUMNS[Entity.CHARGE] if name not in UNSTORED]


@pytest.fixture
def factu(db):
    """FACTU of a member that has the accounts of the drawn files."""
    root = OrganisationFactory().branches.get()
    provider = ProviderFactory(code="telus")
    for number in ACCOUNTS:
        ProviderAccountFactory(branch=root, provider=provider, number=number)
    profile = FormatProfileFactory(provider=provider)
    return respondent_user(Role.FACTU, root), root, provider, profile


@contextmanager
def undone():
    """One example, of which the next finds nothing."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def sent(factu, case: Case, data: bytes) -> Import:
    """The import of a file's charges, read as the worker does."""
    user, root, provider, profile = factu
    version = ProfileVersionFactory(profile=profile, definition=case.definition)
    ProfileVersion.objects.filter(pk=version.pk).update(state=ProfileState.ACTIVE)
    upload = ContentFile(data, name=case.name)
    received = receive_bill_file(upload=upload, provider=provider, branch=root, by=user)
    work()
    return received.imports.get()


def published(one: Import) -> list[tuple[object, ...]]:
    """The charges that readers see, whatever their order in one line of the file."""
    rows = Charge.objects.filter(storage_id=one.storage_id, import_id=one.pk)
    return sorted(rows.values_list(*FIELDS), key=repr)


def told(case: Case) -> list[tuple[object, ...]]:
    return sorted((tuple(map(charge.get, FIELDS)) for charge in case.truth()), key=repr)


def sums(rows: list[tuple[object, ...]]) -> dict[object, object]:
    """Amounts by line of the invoice."""
    number, amount = FIELDS.index("number"), FIELDS.index("amount")
    found: dict[object, object] = {}
    for row in rows:
        key = row[number] or ""
        found[key] = found.get(key, 0) + row[amount]
    return found


def shown(case: Case) -> ImportState:
    """What becomes of a clean file: one that means no charge and no statement changes nothing."""
    is_filled = case.truth() or case.has_statement
    return ImportState.PUBLISHED if is_filled else ImportState.UNCHANGED


@EXAMPLES
@given(case=cases())
def test_what_is_published_is_what_the_file_says(factu, case):
    with undone():
        one = sent(factu, case, case.packed(case.content(case.rows)))
        assert (one.state, one.refusal) == (shown(case), "")
        assert published(one) == told(case)
        lines = LineTotal.objects.filter(version__charge_import=one)
        billed = {}
        for number, amount in lines.values_list("number", "amount"):
            billed[number] = billed.get(number, 0) + amount
        assert billed == sums(told(case))


@EXAMPLES
@given(case=cases(), kind=st.sampled_from(list(KINDS)), at=st.integers(0, 100_000))
def test_a_spoiled_file_is_refused_with_its_place_and_leaves_nothing(factu, case, kind, at):
    spoiled = KINDS[kind](case, at)
    with undone():
        one = sent(factu, case, spoiled.data)
        if one.state == shown(case):
            assert published(one) == told(case)
            assert not spoiled.is_seen
            return
        assert one.state == ImportState.REFUSED
        assert spoiled.told.search(one.refusal), one.refusal
        nothing_is_left()
