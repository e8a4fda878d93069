"""What is published is what a drawn file says, to the cent; a spoiled one leaves nothing (X-14)."""

from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.actions.files import receive_bill_file
from billing.bills import SUMS
from billing.formats.canonical import COLUMNS, Entity
from billing.kinds import ImportState, ProfileState
from billing.models import (
    CentreTotal,
    Charge,
    Import,
    InvoiceVersion,
    LineTotal,
    LineUse,
    ProfileVersion,
    Usage,
)
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
SPOILED = settings(EXAMPLES, max_examples=3)
"""Of each kind of corruption: ``formats`` draws more of them, without a database."""
FIELDS = list(COLUMNS[Entity.CHARGE])
USE_FIELDS = list(COLUMNS[Entity.USAGE])
USE = cases("usage").filter(lambda case: not case.has_statement)
"""Files of use alone: a statement beside it would be of charges, in an import of its own."""

CHARGED = "Compte,Montant,Note\n123456789,10.00,\n987654321,20.00,\nTOTAL,30.00,2\n"
"""The charges of the drawn use: two accounts, in January."""


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


@pytest.fixture
def charged(factu):
    """The same FACTU, once the charges of the month are shown: use comes after them (D-41)."""
    user, root, provider, _profile = factu
    other = FormatProfileFactory(provider=provider)
    name = "base_2026-01-01_2026-01-31.csv"
    one = received((user, root, provider, other), charges_definition(), CHARGED.encode(), name)
    assert (one.state, one.refusal) == (ImportState.PUBLISHED, "")
    return factu


def charges_definition():
    """The least that reads ``CHARGED``."""
    day, total = r"(\d{4}-\d\d-\d\d)", {"cell": 1, "pattern": "^TOTAL"}
    facts = {"period_start": f"_{day}_", "period_end": rf"_{day}\."}
    part = {
        "code": "base",
        "entity": "charge",
        "signature": {"name": "^base_"},
        "reader": {"kind": "delimited"},
        "layout": {
            "header": {"kind": "row"},
            "facts": [
                {"name": name, "place": "name", "pattern": told} for name, told in facts.items()
            ],
            "totals": [
                {"rule": total, "cell": 2, "field": "amount"},
                {"rule": total, "cell": 3, "field": None},
            ],
        },
        "columns": [
            {"field": "account", "source": {"headers": ["Compte"]}},
            {"field": "amount", "source": {"headers": ["Montant"]}},
        ],
        "unread_columns": ["Note"],
    }
    return {"code": "base", "provider": "telus", "title": "Base", "parts": [part]}


def sent(factu, case: Case, data: bytes) -> Import:
    """The import of a drawn file, read as the worker does."""
    return received(factu, case.definition, data, case.name)


def received(factu, definition, data: bytes, name: str) -> Import:
    user, root, provider, profile = factu
    version = ProfileVersionFactory(profile=profile, definition=definition)
    ProfileVersion.objects.filter(pk=version.pk).update(state=ProfileState.ACTIVE)
    upload = ContentFile(data, name=name)
    kept = receive_bill_file(upload=upload, provider=provider, branch=root, by=user)
    work()
    return kept.imports.get()


def published(one: Import) -> list[tuple[object, ...]]:
    """The charges that readers see, whatever their order in one line of the file."""
    rows = Charge.objects.filter(storage_id=one.storage_id, import_id=one.pk)
    return sorted(rows.values_list(*FIELDS), key=repr)


def told(case: Case, fields: list[str] = FIELDS) -> list[tuple[object, ...]]:
    return sorted((tuple(map(row.get, fields)) for row in case.truth()), key=repr)


TAXES = {"tax_tps": "tps_amount", "tax_tvq": "tvq_amount", "tax_other": "other_tax_amount"}
NOT_CHARGED = (*TAXES, "balance_forward", "payment", "memo")


def sums(case: Case, by: str) -> dict[object, list[Decimal]]:
    """Charges before taxes, and each tax, of each line or account."""
    found: dict[object, list[Decimal]] = {}
    for row in case.truth():
        category, amount = row["category"], row["amount"]
        told = [Decimal(0) if category in NOT_CHARGED else amount]
        for tax, column in TAXES.items():
            told.append((row.get(column) or Decimal(0)) + (amount if category == tax else 0))
        key = row.get(by) or ""
        found[key] = [a + b for a, b in zip(found.get(key, [0] * 4), told, strict=True)]
    return found


def added(rows: Any, by: str, *names: str) -> dict[object, list[Decimal]]:
    """The same of what is shown."""
    summed = rows.order_by().values(by).annotate(**{f"of_{name}": Sum(name) for name in names})
    return {row[by]: [row[f"of_{name}"] for name in names] for row in summed}


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
        made = {"version__charge_import": one}
        columns, by_account = ("amount", *TAXES.values()), sums(case, "account")
        assert added(LineTotal.objects.filter(**made), "number", *columns) == sums(case, "number")
        account = "version__invoice__account__number"
        assert added(CentreTotal.objects.filter(**made), account, *columns) == by_account
        versions = InvoiceVersion.objects.filter(charge_import=one)
        told_of = added(versions, "invoice__account__number", *SUMS)
        assert {key: sums for key, sums in told_of.items() if key in by_account} == by_account
        assert not any(any(sums) for key, sums in told_of.items() if key not in by_account)


@pytest.mark.parametrize("kind", KINDS)
@SPOILED
@given(case=cases(), at=st.integers(0, 100_000))
def test_a_spoiled_file_is_refused_with_its_place_and_leaves_nothing(factu, kind, case, at):
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


@EXAMPLES
@given(case=USE)
def test_what_is_published_of_use_is_what_the_file_says(charged, case):
    with undone():
        one = sent(charged, case, case.packed(case.content(case.rows)))
        assert (one.state, one.refusal) == (ImportState.PUBLISHED, "")
        assert published_use(one) == unhashed(told(case, USE_FIELDS))
        uses = LineUse.objects.filter(version__usage_import=one)
        assert sum(use.quantity for use in uses) == sum(row["quantity"] for row in case.truth())


def published_use(one: Import) -> list[tuple[object, ...]]:
    """The records that readers see."""
    rows = Usage.objects.filter(storage_id=one.storage_id, import_id=one.pk)
    return unhashed(rows.values_list(*USE_FIELDS))


def unhashed(rows) -> list[tuple[object, ...]]:
    """The rows, whether each has a hash in the place of it: the key is the portal's own."""
    place = USE_FIELDS.index("called_hash")
    return sorted(((*r[:place], r[place] is not None, *r[place + 1 :]) for r in rows), key=repr)


@pytest.mark.parametrize("kind", KINDS)
@SPOILED
@given(case=USE, at=st.integers(0, 100_000))
def test_spoiled_use_is_refused_with_its_place_and_leaves_nothing(charged, kind, case, at):
    spoiled = KINDS[kind](case, at)
    with undone():
        one = sent(charged, case, spoiled.data)
        if one.state == ImportState.PUBLISHED:
            assert published_use(one) == unhashed(told(case, USE_FIELDS))
            assert not spoiled.is_seen
            return
        assert one.state == ImportState.REFUSED
        assert spoiled.told.search(one.refusal), one.refusal
        assert not Usage.objects.exists()
        assert not LineUse.objects.exists()
