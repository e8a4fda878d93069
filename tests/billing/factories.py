"""Factories of the bills' tables; plain rows, so that tests choose what the actions are for."""

from datetime import date
from decimal import Decimal

import factory
from django.db.backends.postgresql.psycopg_any import DateRange

from billing import models
from billing.kinds import (
    Detail,
    FileKind,
    ImportPart,
    ProposalKind,
    ReleaseKind,
    RowKind,
    Severity,
)
from tests.catalogue.factories import StoredFileFactory
from tests.members.factories import (
    BranchFactory,
    ProviderAccountFactory,
    ProviderFactory,
    UserFactory,
)

MONTH = DateRange(date(2020, 1, 1), date(2020, 2, 1))


class FormatProfileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.FormatProfile

    provider = factory.SubFactory(ProviderFactory)
    kind = FileKind.CHARGES
    name = factory.Sequence(lambda n: f"Frais, gabarit {n}")


class ProfileVersionFactory(factory.django.DjangoModelFactory):
    """A draft whose definition says nothing yet."""

    class Meta:
        model = models.ProfileVersion

    profile = factory.SubFactory(FormatProfileFactory)
    number = factory.Sequence(lambda n: n + 1)
    definition = factory.LazyFunction(dict)


class BillFileFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.BillFile

    branch = factory.SubFactory(BranchFactory)
    provider = factory.SubFactory(ProviderFactory)
    file = factory.SubFactory(StoredFileFactory)
    name = "frais.csv"
    sent_by = factory.SubFactory(UserFactory)


class RowStorageFactory(factory.django.DjangoModelFactory):
    """A line of the register, without its table."""

    class Meta:
        model = models.RowStorage

    kind = RowKind.CHARGE
    provider = factory.SubFactory(ProviderFactory)


class ImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Import

    branch = factory.SubFactory(BranchFactory)
    provider = factory.SubFactory(ProviderFactory)
    bill_file = factory.SubFactory(
        BillFileFactory,
        branch=factory.SelfAttribute("..branch"),
        provider=factory.SelfAttribute("..provider"),
    )
    profile_version = factory.SubFactory(
        ProfileVersionFactory, profile__provider=factory.SelfAttribute("...provider")
    )
    part = ImportPart.CHARGES
    period = MONTH


class QuarantinedRowFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.QuarantinedRow

    bill_import = factory.SubFactory(ImportFactory)
    part_code = "frais"
    line = factory.Sequence(lambda n: n + 2)
    column = "Montant"
    reason = "Ce montant ne se lit pas."
    raw = "12,3x"


class InvoiceFactory(factory.django.DjangoModelFactory):
    """An invoice of which nothing is shown yet."""

    class Meta:
        model = models.Invoice

    branch = factory.SubFactory(BranchFactory)
    account = factory.SubFactory(ProviderAccountFactory, branch=factory.SelfAttribute("..branch"))
    period = MONTH


class InvoiceVersionFactory(factory.django.DjangoModelFactory):
    """Typed by hand; ``shown=True`` makes it the invoice's current one."""

    class Meta:
        model = models.InvoiceVersion
        skip_postgeneration_save = True

    invoice = factory.SubFactory(InvoiceFactory)
    number = factory.Sequence(lambda n: n + 1)
    detail = Detail.NONE
    charges_amount = Decimal("100.00")
    tps_amount = Decimal("5.00")
    tvq_amount = Decimal("9.98")
    other_taxes_amount = Decimal("0.00")
    due_amount = Decimal("114.98")

    @factory.post_generation
    def shown(self, create, value=False, **fields):
        if value:
            self.invoice.current = self
            self.invoice.save(update_fields=["current"])


class ReleaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Release

    branch = factory.SubFactory(BranchFactory)
    invoice = factory.SubFactory(InvoiceFactory, branch=factory.SelfAttribute("..branch"))
    version = factory.SubFactory(InvoiceVersionFactory, invoice=factory.SelfAttribute("..invoice"))
    kind = ReleaseKind.FULL
    amount = Decimal("114.98")
    released_by = factory.SubFactory(UserFactory)


class PaymentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Payment

    branch = factory.SubFactory(BranchFactory)
    release = factory.SubFactory(ReleaseFactory, branch=factory.SelfAttribute("..branch"))
    reference = factory.Sequence(lambda n: f"PMT-{n:05}")
    paid_on = date(2020, 2, 20)
    amount = Decimal("114.98")
    recorded_by = factory.SubFactory(UserFactory)


class _OfVersion(factory.django.DjangoModelFactory):
    """What hangs on an invoice's version, at its branch."""

    class Meta:
        abstract = True

    branch = factory.SubFactory(BranchFactory)
    version = factory.SubFactory(
        InvoiceVersionFactory, invoice__branch=factory.SelfAttribute("...branch")
    )


class LineTotalFactory(_OfVersion):
    """A line's only category, which carries what the line comes to."""

    class Meta:
        model = models.LineTotal

    number = factory.Sequence(lambda n: f"418556{n:04}")
    category = "recurring_plan"
    amount = Decimal("40.00")
    tps_amount = Decimal("2.00")
    tvq_amount = Decimal("3.99")
    other_tax_amount = Decimal("0.00")
    charge_count = 1
    line_amount = factory.SelfAttribute("amount")
    line_tax_amount = Decimal("5.99")
    line_charge_count = factory.SelfAttribute("charge_count")


class LineUseFactory(_OfVersion):
    class Meta:
        model = models.LineUse

    number = factory.Sequence(lambda n: f"418557{n:04}")
    kind = "data"
    roaming = "none"
    unit = "byte"
    quantity = 2_000_000_000
    amount = Decimal("0.0000")
    record_count = 31


class CentreTotalFactory(_OfVersion):
    class Meta:
        model = models.CentreTotal

    month = MONTH.lower
    category = "recurring_plan"
    amount = Decimal("40.00")
    tps_amount = Decimal("2.00")
    tvq_amount = Decimal("3.99")
    other_tax_amount = Decimal("0.00")
    line_count = 1


class CentreUseFactory(_OfVersion):
    class Meta:
        model = models.CentreUse

    month = MONTH.lower
    kind = "data"
    roaming = "none"
    unit = "byte"
    quantity = 2_000_000_000
    amount = Decimal("0.0000")
    line_count = 1


class FindingFactory(_OfVersion):
    class Meta:
        model = models.Finding

    rule = "A08"
    severity = Severity.BLOCKS


class GapFactory(_OfVersion):
    class Meta:
        model = models.Gap

    number = factory.Sequence(lambda n: f"418558{n:04}")
    amount = Decimal("40.00")


class LineProposalFactory(factory.django.DjangoModelFactory):
    """A line to open."""

    class Meta:
        model = models.LineProposal

    branch = factory.SubFactory(BranchFactory)
    account = factory.SubFactory(ProviderAccountFactory, branch=factory.SelfAttribute("..branch"))
    bill_import = factory.SubFactory(
        ImportFactory, branch=factory.SelfAttribute("..branch"), part=ImportPart.INVENTORY
    )
    line = factory.Sequence(lambda n: n + 2)
    kind = ProposalKind.OPEN
    number = factory.Sequence(lambda n: f"418559{n:04}")


class MonthStatementFactory(factory.django.DjangoModelFactory):
    """Asked for, not made yet."""

    class Meta:
        model = models.MonthStatement

    branch = factory.SubFactory(BranchFactory)
    month = MONTH.lower
    asked_by = factory.SubFactory(UserFactory)


class PaymentRuleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.PaymentRule

    branch = factory.SubFactory(BranchFactory)
    is_separated = True
    decided_by = factory.SubFactory(UserFactory)
