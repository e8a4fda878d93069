"""The bills' tables, one aggregate a file."""

from billing.models.findings import Finding, Gap, LineProposal
from billing.models.imports import BillFile, Import, QuarantinedRow
from billing.models.invoices import Invoice, InvoiceVersion, Payment, Release
from billing.models.profiles import FormatProfile, ProfileVersion
from billing.models.rows import Charge, Usage
from billing.models.statements import MonthStatement, PaymentRule
from billing.models.storages import RowStorage
from billing.models.totals import CentreTotal, CentreUse, LineTotal, LineUse

__all__ = [
    "BillFile",
    "CentreTotal",
    "CentreUse",
    "Charge",
    "Finding",
    "FormatProfile",
    "Gap",
    "Import",
    "Invoice",
    "InvoiceVersion",
    "LineProposal",
    "LineTotal",
    "LineUse",
    "MonthStatement",
    "Payment",
    "PaymentRule",
    "ProfileVersion",
    "QuarantinedRow",
    "Release",
    "RowStorage",
    "Usage",
]
