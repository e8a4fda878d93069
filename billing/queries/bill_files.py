"""Providers' files and their imports: a member's own, ITQ's for the group, under mandate (R-44)."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from billing.formats.canonical import Entity
from billing.kinds import Detail, ImportPart
from billing.models import BillFile, Import, Invoice, InvoiceVersion, QuarantinedRow
from billing.queries.expected import refused_still
from members.models import Branch, Organisation, User
from members.permissions import WHOLE_GROUP, can, reach_of, require, visible
from members.permissions import mandated_branches as under_mandate
from members.roles import May, StaffMay


def bill_files_of(user: User, organisation: Organisation) -> QuerySet[BillFile]:
    """The files of the member's branches for which ``user`` imports bills."""
    files = BillFile.objects.filter(branch__organisation=organisation)
    return _shown(visible(user, May.IMPORT_BILLS, files))


def bill_files_of_group(user: User) -> QuerySet[BillFile]:
    """ITQ's files for the group, and those of members who gave it a mandate (R-44)."""
    require(user, StaffMay.IMPORT_GROUP_BILLS, on=WHOLE_GROUP)
    reached = reach_of(user, May.IMPORT_BILLS) or []
    return _shown(BillFile.objects.filter(Q(branch__isnull=True) | Q(branch__in=reached)))


def imports_within(files: QuerySet[BillFile]) -> QuerySet[Import]:
    """The imports of files that a query above let through."""
    return Import.objects.filter(bill_file__in=files.order_by().values("pk")).select_related(
        "bill_file", "branch", "provider", "profile_version__profile"
    )


def last_readings() -> QuerySet[Import]:
    """The last import of each part of each file: what stands of it, whatever came before."""
    later = Import.objects.filter(
        bill_file=OuterRef("bill_file"), part=OuterRef("part"), pk__gt=OuterRef("pk")
    )
    return Import.objects.filter(~Exists(later))


def holds_use(bill_file: BillFile) -> bool:
    """Whether a file tells use record by record: a part is its use, or it was refused under a
    profile that has such a part.
    """
    return any(
        one.part == ImportPart.USAGE or (one.refusal and _has_use(one.profile_version.definition))
        for one in bill_file.imports.all()
    )


def typed_in_place(bill_import: Import) -> dict[str, Invoice]:
    """Of an import already let through: the accounts whose charges its use awaits, and the invoice
    of its period that was typed instead, which has no line for use to stand on (R-44).
    """
    typed = Invoice.objects.filter(
        account__provider=bill_import.provider_id,
        account__number__in=bill_import.totals.get("without_charges", []),
        current__detail=Detail.NONE,
        period__overlap=bill_import.period,
    )
    if bill_import.branch_id is None:
        typed = typed.filter(branch__in=under_mandate())
    return {one.account.number: one for one in typed.select_related("account").order_by("period")}


def may_take(user: User, bill_file: BillFile) -> bool:
    """Whether a file already let through may be downloaded (R-44)."""
    if bill_file.branch_id is None or not holds_use(bill_file):
        return True
    return can(user, May.SEE_USE_DETAIL, on=bill_file)


def is_recalled(bill_file: BillFile) -> bool:
    """Whether a refusal of a file already let through still asks for something."""
    return refused_still().filter(bill_file=bill_file).exists()


def quarantine_of(bill_file: BillFile) -> QuerySet[QuarantinedRow]:
    """What the last reading of a file already let through set aside, in the file's order."""
    readings = last_readings().filter(bill_file=bill_file)
    return QuarantinedRow.objects.filter(bill_import__in=readings).select_related("bill_import")


def invoices_made_by(user: User, bill_file: BillFile) -> QuerySet[InvoiceVersion]:
    """The invoices that a file's charges are shown in now, of branches whose bills ``user`` sees:
    of the group's file, those whose mandate is in force (R-44).
    """
    shown = InvoiceVersion.objects.filter(charge_import__bill_file=bill_file)
    reach = reach_of(user, May.SEE_INVOICES)
    if reach is not None:
        shown = shown.filter(invoice__branch__in=reach)
    return shown.filter(shown_by__isnull=False).select_related(
        "invoice__account", "invoice__branch__organisation"
    )


def branches_told_in(bill_file: BillFile) -> list[int]:
    """The branches of which a file held charges or use that were taken."""
    taken = Q(charge_import__bill_file=bill_file) | Q(usage_import__bill_file=bill_file)
    versions = InvoiceVersion.objects.filter(taken).order_by("invoice__branch")
    return list(versions.values_list("invoice__branch", flat=True).distinct())


def mandated_branches(user: User) -> QuerySet[Branch]:
    """The branches whose bills ITQ may import, because they gave it a mandate (R-44)."""
    require(user, StaffMay.IMPORT_GROUP_BILLS, on=WHOLE_GROUP)
    reached = reach_of(user, May.IMPORT_BILLS) or []
    return Branch.objects.filter(pk__in=reached).select_related("organisation")


def _has_use(definition: dict[str, Any]) -> bool:
    return any(part.get("entity") == Entity.USAGE for part in definition.get("parts", ()))


def _shown(files: QuerySet[BillFile]) -> QuerySet[BillFile]:
    """With what a list and a page read of each."""
    imports = Import.objects.select_related(
        "profile_version__profile", "confirmed_by__person"
    ).order_by("pk")
    return files.select_related("branch", "provider", "file", "sent_by__person").prefetch_related(
        Prefetch("imports", imports)
    )
