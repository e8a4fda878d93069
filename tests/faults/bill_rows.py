"""Every row that the bills of a member come to, ids and instants apart: two members compare."""

from typing import Any

from django.db import connection
from django.db.models import F, QuerySet

from billing.models import (
    BillFile,
    CentreTotal,
    CentreUse,
    Charge,
    Finding,
    Gap,
    Import,
    Invoice,
    InvoiceVersion,
    LineTotal,
    LineUse,
    QuarantinedRow,
    RowStorage,
    Usage,
)
from portal.models import AuditEvent
from tests.faults.bills import Member

APART = {"id", "name", "digest", "rows_expected", "object_id", "object_label", "branch_id"}
"""What two members do not share, beside keys and instants; a digest covers the accounts."""

Rows = dict[str, list[str]]


def rows_of(member: Member) -> Rows:
    """The rows by table, each as a text, sorted; the member's accounts stand for any others."""
    return {
        name: sorted(_plain(member, row) for row in found.values(*_fields(found)))
        for name, found in _tables(member).items()
    }


def differences(one: Rows, other: Rows) -> list[str]:
    """What is in one and not in the other, or not as many times, by table."""
    return [
        f"{name}: {len(one[name])} rows beside {len(other[name])}, "
        f"such as {next((row for row in one[name] if row not in other[name]), 'the same')}"
        for name in one
        if one[name] != other[name]
    ]


def rows_of_nobody() -> int:
    """Rows in any table that stands, of no import that has its rows there; tables of no import."""
    left = 0
    for storage in RowStorage.objects.filter(dropped_at__isnull=True):
        imports = list(storage.imports.values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {storage.table} WHERE import_id <> ALL(%s)",
                [imports],
            )
            left += cursor.fetchone()[0] + (not imports and storage.month is None)
    return left


def _fields(found: QuerySet[Any]) -> list[str]:
    """The fields that are told: neither keys nor instants, but what was annotated."""
    model = found.model
    kept = [
        field.attname
        for field in model._meta.concrete_fields
        if not field.is_relation
        and field.attname not in {*APART, "storage_id", "import_id"}
        and not field.attname.endswith("_at")
    ]
    return [*kept, *found.query.annotations]


def _tables(member: Member) -> dict[str, QuerySet[Any]]:
    """What the bills of a member are, table by table."""
    files = BillFile.objects.filter(branch__organisation=member.organisation)
    imports = Import.objects.filter(bill_file__in=files)
    ids = list(imports.values_list("pk", flat=True))
    versions = InvoiceVersion.objects.filter(invoice__branch__organisation=member.organisation)
    of = F("version__invoice__account__number")
    placed = {
        model.__name__: model.objects.filter(version__in=versions).annotate(of=of)  # type: ignore[attr-defined]
        for model in (LineTotal, LineUse, CentreTotal, CentreUse, Finding, Gap)
    }
    return {
        "BillFile": files.annotate(of=F("provider__code")),
        "Import": imports.annotate(
            month=F("storage__month"), kind=F("storage__kind"), gone=F("storage__dropped_at")
        ),
        "QuarantinedRow": QuarantinedRow.objects.filter(bill_import__in=imports),
        "Invoice": Invoice.objects.filter(branch__organisation=member.organisation).annotate(
            of=F("account__number"), version=F("current__number")
        ),
        "InvoiceVersion": versions.annotate(
            of=F("invoice__account__number"),
            charges=F("charge_import__part"),
            use=F("usage_import__part"),
        ),
        "Charge": Charge.objects.filter(import_id__in=ids),
        "Usage": Usage.objects.filter(import_id__in=ids),
        "AuditEvent": _events(ids),
        **placed,
    }


def _events(ids: list[int]) -> QuerySet[Any]:
    """What the journal says of the imports, but that one began again."""
    told = AuditEvent.objects.filter(object_type="billing.import", object_id__in=ids)
    return told.exclude(data__again=True)


def _plain(member: Member, row: dict[str, Any]) -> str:
    """A row without what is its own: the import's number in a copy of evidence, the accounts."""
    for told in (row.get("evidence"), row.get("data")):
        if told:
            told.pop("import", None)
    text = repr(sorted(row.items()))
    for place, account in enumerate(member.accounts):
        text = text.replace(account, f"account {place}")
    return text
