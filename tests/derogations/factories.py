"""Factories of the derogations' tables; plain rows, so that tests choose what the actions do."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factory
import pgtrigger
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from derogations import models
from derogations.freezing import Terms, canonical, frozen_text
from derogations.kinds import (
    AttachmentKind,
    DerogationState,
    NetworkNature,
    RefusalReason,
    SignatureLevel,
    TestResult,
)
from members.powers import DerogationKind, TaxBasis
from members.signing_steps import ONE
from tests.catalogue.factories import StoredFileFactory
from tests.members.factories import (
    BranchFactory,
    ContractFactory,
    DelegationFactory,
    PersonFactory,
    ProviderFactory,
    UserFactory,
)

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NAME = factory.LazyAttribute(lambda row: str(row.person))
OTHER_NAME = factory.LazyAttribute(lambda row: str(getattr(row, "acting_for", None) or ""))
BARE_TERMS = Terms(None, TaxBasis.BEFORE_TAX, None, ONE)
NETWORK_FIELDS = {
    "need": "Les équipes de nuit doivent joindre la centrale au lac Fictif.",
    "insufficiency": "Aucun signal du premier rang au lac.",
    "wanted_on": date(2026, 1, 15),
    "ends_on": date(2028, 1, 15),
    "monthly_amount": Decimal("40.00"),
    "network_nature": NetworkNature.COVERAGE,
    "ticket_answer": "TELUS confirme l'absence de couverture.",
    "ticket_reference": "T-1234",
}
"""Enough for a network request to be submitted, with one place."""


class FrozenPart(factory.django.DjangoModelFactory):
    """A part that a test may add to a request already frozen, as if it had always held it."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        names = [f"{model_class._meta.label}:{row.name}" for row in model_class._meta.triggers]
        with pgtrigger.ignore(*names):
            return super()._create(model_class, *args, **kwargs)


class DerogationFactory(factory.django.DjangoModelFactory):
    """A draft with one network head; ``kinds=[…]`` sets others, ``filled=True`` fills it.

    ``frozen=True`` gives it a version ready to sign (its PDF a row without bytes) and the state
    ``submitted``; pass ``state=`` for another.
    """

    class Meta:
        model = models.Derogation
        skip_postgeneration_save = True

    number = factory.Sequence(lambda n: f"D-2020-{n:05}")
    branch = factory.SubFactory(BranchFactory)
    contract = factory.SubFactory(ContractFactory)
    provider = factory.SubFactory(ProviderFactory, code="rogers", name="Rogers")
    created_by = factory.SubFactory(UserFactory)
    requester = factory.SelfAttribute("created_by.person")
    last_editor = factory.SelfAttribute("requester")

    class Params:
        filled = factory.Trait(**NETWORK_FIELDS)

    @factory.post_generation
    def kinds(self, create, value, **kwargs):
        for kind in value or [DerogationKind.NETWORK]:
            HeadFactory(derogation=self, kind=kind)

    @factory.post_generation
    def frozen(self, create, value, **kwargs):
        state = self.wanted_state
        if value:
            self.version = VersionFactory(derogation=self)
            state = state or DerogationState.SUBMITTED
        if state:
            models.Derogation.objects.filter(pk=self.pk).update(state=state, version=self.version)
            self.state = state

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        state = kwargs.pop("state", None)
        row = super()._create(model_class, *args, **kwargs)
        row.wanted_state = state
        return row


class HeadFactory(FrozenPart):
    class Meta:
        model = models.Head

    derogation = factory.SubFactory(DerogationFactory, kinds=[DerogationKind.TECHNOLOGICAL])
    kind = DerogationKind.NETWORK


class PlaceFactory(FrozenPart):
    class Meta:
        model = models.Place

    derogation = factory.SubFactory(DerogationFactory)
    address = "1, chemin du Lac"
    municipality = "Saint-Fictif"
    administrative_region = "Outaouais"


class CoverageTestFactory(FrozenPart):
    class Meta:
        model = models.CoverageTest

    place = factory.SubFactory(PlaceFactory)
    provider = factory.SubFactory(ProviderFactory)
    tested_on = date(2026, 1, 5)
    device = "Téléphone modèle"
    signal_dbm = -118
    result = TestResult.WEAK


class AttachmentFactory(FrozenPart):
    """A row whose file has no bytes."""

    class Meta:
        model = models.Attachment

    derogation = factory.SubFactory(DerogationFactory)
    kind = AttachmentKind.COVERAGE_MAP
    file = factory.SubFactory(StoredFileFactory, name="carte.pdf", content_type="application/pdf")
    name = "carte.pdf"
    added_by = factory.SelfAttribute("derogation.created_by")


class FieldCommentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.FieldComment

    derogation = factory.SubFactory(DerogationFactory)
    field = "need"
    text = "Précisez les heures."
    written_by = factory.SubFactory(UserFactory)


class MessageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Message

    derogation = factory.SubFactory(DerogationFactory)
    text = "Bonjour, la carte suit."
    written_by = factory.SubFactory(UserFactory)


class AnnexFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Annex

    derogation = factory.SubFactory(DerogationFactory)
    asked_by = factory.SubFactory(UserFactory)


class ReplyTemplateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ReplyTemplate

    title = factory.Sequence(lambda n: f"Réponse type {n}")
    text = "Joignez la carte de couverture du jour."


class ProofRuleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ProofRule

    kind = DerogationKind.NETWORK
    any_of = ["ticket_answer", "coverage_map", "test"]
    valid = DateRange(LONG_AGO.date(), None)


class ProviderFormFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ProviderForm

    provider = factory.SubFactory(ProviderFactory)
    kind = DerogationKind.NON_ZERO_COST
    file = factory.SubFactory(
        StoredFileFactory, name="formulaire.pdf", content_type="application/pdf"
    )
    valid = DateRange(LONG_AGO.date(), None)
    recorded_by = factory.SubFactory(UserFactory)


class ReminderDelayFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.ReminderDelay
        django_get_or_create = ("working_days",)

    working_days = 2


class VersionFactory(factory.django.DjangoModelFactory):
    """A frozen version, ready to sign for 60 days; ``pdf=None`` is still being rendered."""

    class Meta:
        model = models.Version

    derogation = factory.SubFactory(DerogationFactory)
    number = factory.LazyAttribute(lambda row: row.derogation.versions.count() + 1)
    content = factory.LazyAttribute(
        lambda row: frozen_text(canonical(row.derogation, BARE_TERMS, row.number))[0]
    )
    content_sha256 = factory.LazyAttribute(
        lambda row: hashlib.sha256(row.content.encode()).hexdigest()
    )
    pdf = factory.SubFactory(StoredFileFactory, name="demande.pdf", content_type="application/pdf")
    steps = [1]
    total_amount = Decimal("960.00")
    submitted_by = factory.SelfAttribute("derogation.created_by")
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=60))


class ReminderFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Reminder

    version = factory.SubFactory(VersionFactory)
    person = factory.SubFactory(PersonFactory)
    working_days = 2


class ChallengeFactory(factory.django.DjangoModelFactory):
    """Ten minutes long, of the signer's own account."""

    class Meta:
        model = models.Challenge

    version = factory.SubFactory(VersionFactory)
    kinds = [DerogationKind.NETWORK]
    user = factory.SubFactory(UserFactory)
    person = factory.SelfAttribute("user.person")
    person_name = NAME
    acting_for_name = OTHER_NAME
    session_sha256 = factory.Sequence(lambda n: f"{n:064x}")
    nonce = factory.Sequence(lambda n: f"{n:032x}")
    content_sha256 = factory.SelfAttribute("version.content_sha256")
    pdf_sha256 = factory.SelfAttribute("version.pdf_sha256")
    declaration_version = "2026-1"
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=10))


class SignatureFactory(factory.django.DjangoModelFactory):
    """One given at the lesser level, in the first slot."""

    class Meta:
        model = models.Signature

    version = factory.SubFactory(VersionFactory)
    step = 1
    slot = 1
    kinds = [DerogationKind.NETWORK]
    user = factory.SubFactory(UserFactory)
    person = factory.SelfAttribute("user.person")
    person_name = NAME
    acting_for_name = OTHER_NAME
    level = SignatureLevel.PASSWORD_TOTP
    declaration_version = "2026-1"
    content_sha256 = factory.SelfAttribute("version.content_sha256")
    pdf_sha256 = factory.SelfAttribute("version.pdf_sha256")
    signed_at = factory.LazyFunction(timezone.now)


class ReexaminationFactory(factory.django.DjangoModelFactory):
    """Open: nobody looked at the signature again yet."""

    class Meta:
        model = models.Reexamination

    signature = factory.SubFactory(SignatureFactory)
    delegation = factory.SubFactory(DelegationFactory)


class RefusalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Refusal

    version = factory.SubFactory(VersionFactory)
    kinds = [DerogationKind.NETWORK]
    user = factory.SubFactory(UserFactory)
    person = factory.SelfAttribute("user.person")
    person_name = NAME
    acting_for_name = OTHER_NAME
    reason = RefusalReason.PROOF_LACKING
    text = "La carte manque."
    next_step = "Joignez la carte du jour."
    refused_at = factory.LazyFunction(timezone.now)


class WithdrawalFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = models.Withdrawal

    derogation = factory.SubFactory(DerogationFactory, frozen=True, state=DerogationState.WITHDRAWN)
    user = factory.SubFactory(UserFactory)
    person = factory.SelfAttribute("user.person")
    person_name = NAME
    acting_for_name = OTHER_NAME
    reason = "Le besoin a cessé."
    level = SignatureLevel.PASSWORD_TOTP
    challenge = factory.SubFactory(
        ChallengeFactory, version=factory.SelfAttribute("..derogation.version"), act="withdraw"
    )
    withdrawn_at = factory.LazyFunction(timezone.now)


class PaperSignatureFactory(factory.django.DjangoModelFactory):
    """A scan that nobody confirmed yet."""

    class Meta:
        model = models.PaperSignature

    version = factory.SubFactory(VersionFactory)
    person = factory.SubFactory(PersonFactory)
    signed_on = date(2026, 1, 20)
    scan = factory.SubFactory(StoredFileFactory, name="signe.pdf", content_type="application/pdf")
    attached_by = factory.SubFactory(UserFactory)


class SealFactory(factory.django.DjangoModelFactory):
    """A seal that awaits its document."""

    class Meta:
        model = models.Seal

    version = factory.SubFactory(VersionFactory)
    token = factory.Sequence(lambda n: f"{n:032x}")


class RegisterStampFactory(factory.django.DjangoModelFactory):
    """A stamp of before any seal: no bundle carries it, so its files need no bytes."""

    class Meta:
        model = models.RegisterStamp

    stamped_at = datetime(2020, 1, 1, tzinfo=UTC)
    hashes = factory.SubFactory(StoredFileFactory)
    stamp = factory.SubFactory(StoredFileFactory)


def submitted_derogation(**values: object) -> models.Derogation:
    """A filled network request with one place, frozen in version 1, that awaits its signer."""
    row = DerogationFactory(filled=True, frozen=True, **values)
    PlaceFactory(derogation=row)
    return row
