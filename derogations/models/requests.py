"""A request: what is asked, its heads, proof, papers and talk (R-20, F-28 to F-35)."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.models import Offer
from derogations.kinds import (
    AttachmentKind,
    DerogationOrigin,
    DerogationState,
    HeadDecision,
    NetworkNature,
    RefusalReason,
    TestResult,
)
from derogations.models.triggers import frozen_with
from members.models import Branch, Contract, Person, Provider, User
from members.powers import DerogationKind
from portal.models import ClockTimestamp, StoredFile

NOT_FROZEN = "'{state,version_id,signed_at,resolution_number}'::text[]"
"""What still moves in a request's row once it is submitted; the database refuses the rest."""


class Derogation(models.Model):
    """What a branch asks to be allowed, outside the contract's principles, for a time (R-20).

    ``beneficiary`` stays out of the frozen text: it serves R-21 only. Amounts are before taxes,
    for one unit. ``service_numbers`` are a snapshot of line numbers (D-12).
    """

    number = models.CharField(_("numéro"), max_length=20, unique=True)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="derogations")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="+", verbose_name=_("prestataire voulu")
    )
    offer = models.ForeignKey(
        Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(
        _("état"), max_length=12, choices=DerogationState.choices, default=DerogationState.DRAFT
    )
    origin = models.CharField(
        max_length=10, choices=DerogationOrigin.choices, default=DerogationOrigin.REQUEST
    )
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    last_editor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    beneficiary = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    edited_at = models.DateTimeField(db_default=ClockTimestamp())

    need = models.TextField(_("besoin"), blank=True)
    insufficiency = models.TextField(_("pourquoi l'offre courante ne convient pas"), blank=True)
    consequence = models.TextField(_("conséquence d'un refus"), blank=True)
    quantity = models.PositiveSmallIntegerField(
        _("quantité"), default=1, validators=[MinValueValidator(1), MaxValueValidator(5000)]
    )
    is_quantity_limited = models.BooleanField(_("limitée à cette quantité"), default=True)
    one_off_amount = models.DecimalField(
        _("coût unique par unité"), max_digits=12, decimal_places=2, default=0
    )
    monthly_amount = models.DecimalField(
        _("coût mensuel par unité"), max_digits=12, decimal_places=2, default=0
    )
    wanted_on = models.DateField(_("voulue le"), null=True, blank=True)
    ends_on = models.DateField(_("fin"), null=True, blank=True)
    external_reference = models.CharField(_("référence externe"), max_length=60, blank=True)
    service_numbers = ArrayField(models.CharField(max_length=20), default=list, blank=True)

    network_nature = models.CharField(
        _("nature"), max_length=12, choices=NetworkNature.choices, blank=True
    )
    ticket_reference = models.CharField(_("billet chez TELUS"), max_length=60, blank=True)
    ticket_answer = models.TextField(_("réponse de TELUS"), blank=True)
    second_rank_serves = models.TextField(_("ce qui montre que Rogers dessert"), blank=True)
    requirement = models.TextField(_("exigence technique"), blank=True)
    first_rank_gap = models.TextField(_("ce que le premier rang n'offre pas"), blank=True)
    first_rank_answer = models.TextField(_("réponse du premier rang"), blank=True)
    compatibility = models.TextField(_("compatibilité"), blank=True)
    device_model = models.CharField(_("modèle"), max_length=150, blank=True)
    device_amount = models.DecimalField(
        _("prix de l'appareil"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    nearest_zero_cost = models.CharField(
        _("appareil à coût nul le plus proche"), max_length=150, blank=True
    )
    nearest_why_not = models.TextField(_("pourquoi il ne convient pas"), blank=True)
    user_function = models.CharField(_("fonction de l'utilisateur"), max_length=150, blank=True)
    budget = models.CharField(_("budget"), max_length=150, blank=True)

    renews = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewals"
    )
    version = models.ForeignKey(
        "derogations.Version", null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(_("signée le"), null=True)
    resolution_number = models.CharField(_("résolution"), max_length=60, blank=True)

    class Meta:
        ordering = ["-pk"]
        permissions = [("sign_derogation", "Signer cette dérogation")]
        indexes = [
            models.Index(fields=["branch", "-id"], name="derogation_by_branch"),
            models.Index(fields=["state", "-id"], name="derogation_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "cancelled"])
                | models.Q(origin="earlier")
                | models.Q(version__isnull=False),
                name="derogation_frozen_once_submitted",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="request_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state NOT IN ('draft', 'returned') AND "
                    f"to_jsonb(OLD) - {NOT_FROZEN} IS DISTINCT FROM to_jsonb(NEW) - {NOT_FROZEN}"
                ),
            )
        ]

    def __str__(self) -> str:
        return self.number


class Head(models.Model):
    """One kind that a request asks for, and what was decided: each is refusable alone (R-20)."""

    derogation = models.ForeignKey(Derogation, on_delete=models.CASCADE, related_name="heads")
    kind = models.CharField(_("genre"), max_length=20, choices=DerogationKind.choices)
    decision = models.CharField(
        _("décision"),
        max_length=10,
        choices=HeadDecision.choices,
        default=HeadDecision.PENDING,
    )
    refusal_reason = models.CharField(
        _("motif"), max_length=20, choices=RefusalReason.choices, blank=True
    )
    refusal_text = models.TextField(_("explication"), blank=True)
    next_step = models.TextField(_("prochaine étape proposée"), blank=True)

    class Meta:
        ordering = ["derogation_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["derogation", "kind"], name="one_head_per_kind")
        ]
        triggers = [
            frozen_with(
                "head_frozen",
                "OLD.derogation_id, NEW.derogation_id",
                unless="TG_OP = 'UPDATE' AND OLD.decision = 'pending' AND"
                " (OLD.id, OLD.derogation_id, OLD.kind) = (NEW.id, NEW.derogation_id, NEW.kind)",
            )
        ]

    def __str__(self) -> str:
        return f"{self.derogation}, {self.get_kind_display()}"


class Place(models.Model):
    """Where the first rank does not serve (F-33)."""

    derogation = models.ForeignKey(Derogation, on_delete=models.CASCADE, related_name="places")
    address = models.CharField(_("adresse"), max_length=200)
    municipality = models.CharField(_("municipalité"), max_length=100)
    administrative_region = models.CharField(_("région administrative"), max_length=60)

    class Meta:
        ordering = ["derogation_id", "pk"]
        triggers = [frozen_with("place_frozen", "OLD.derogation_id, NEW.derogation_id")]

    def __str__(self) -> str:
        return f"{self.address}, {self.municipality}"


class CoverageTest(models.Model):
    """A test made at a place: device, day, signal, result (F-33)."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="tests")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    tested_on = models.DateField(_("fait le"))
    device = models.CharField(_("appareil"), max_length=150)
    signal_dbm = models.SmallIntegerField(_("signal (dBm)"), null=True, blank=True)
    result = models.CharField(_("résultat"), max_length=12, choices=TestResult.choices)

    class Meta:
        ordering = ["place_id", "tested_on", "pk"]
        triggers = [
            frozen_with(
                "test_frozen",
                "SELECT derogation_id FROM derogations_place"
                " WHERE id IN (OLD.place_id, NEW.place_id)",
            )
        ]

    def __str__(self) -> str:
        return f"{self.tested_on:%Y-%m-%d} {self.get_result_display()}"


class Attachment(models.Model):
    """A paper kept with a request, typed by its content; a removed one keeps its row."""

    derogation = models.ForeignKey(Derogation, on_delete=models.PROTECT, related_name="attachments")
    kind = models.CharField(_("genre"), max_length=20, choices=AttachmentKind.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("nom"), max_length=200)
    added_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["derogation_id", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=True, removed_by__isnull=True)
                | models.Q(removed_at__isnull=False, removed_by__isnull=False),
                name="attachment_removed_whole",
            )
        ]
        triggers = [frozen_with("attachment_frozen", "OLD.derogation_id, NEW.derogation_id")]

    def __str__(self) -> str:
        return self.name


class FieldComment(models.Model):
    """What must be completed in one field: a return opens only those fields (F-30)."""

    derogation = models.ForeignKey(Derogation, on_delete=models.PROTECT, related_name="comments")
    field = models.CharField(_("champ"), max_length=40)
    text = models.TextField(_("ce qu'il faut compléter"))
    written_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["derogation_id", "pk"]

    def __str__(self) -> str:
        return f"{self.field} : {self.text[:40]}"


class Message(models.Model):
    """A word said inside a request, kept with the file (F-32)."""

    derogation = models.ForeignKey(Derogation, on_delete=models.PROTECT, related_name="messages")
    text = models.TextField(_("message"))
    written_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["derogation_id", "pk"]

    def __str__(self) -> str:
        return self.text[:40]


class Annex(models.Model):
    """A dated copy of the messages kept with a file, as a PDF: asked for, then rendered (F-32)."""

    derogation = models.ForeignKey(Derogation, on_delete=models.PROTECT, related_name="annexes")
    asked_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    produced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["derogation_id", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(file__isnull=True, produced_at__isnull=True)
                | models.Q(file__isnull=False, produced_at__isnull=False),
                name="annex_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.derogation}, {self.asked_at:%Y-%m-%d}"


class ReplyTemplate(models.Model):
    """A ready answer that ITQ offers to those who write in requests (F-32)."""

    title = models.CharField(_("titre"), max_length=100)
    text = models.TextField(_("texte"))
    is_offered = models.BooleanField(_("offert"), default=True)

    class Meta:
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title


class ProofRule(models.Model):
    """What a kind of request must prove, by date: ITQ's setting (F-33).

    ``any_of`` names proofs, one of which is enough: a place, TELUS's answer, the day's map, a test.
    """

    kind = models.CharField(_("genre"), max_length=20, choices=DerogationKind.choices)
    any_of = ArrayField(models.CharField(max_length=20))
    valid = DateRangeField(_("période"))
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["kind", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} : {', '.join(self.any_of)}"


class ProviderForm(models.Model):
    """A provider's current authorisation form, entered by ITQ (R-14).

    ``field_map`` says which field of the PDF holds which field of a request: data, not code.
    """

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("genre"), max_length=20, choices=DerogationKind.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    field_map = models.JSONField(default=dict, blank=True, help_text="PDF field → request field")
    valid = DateRangeField(_("période"))
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["provider_id", "kind", "-valid"]

    def __str__(self) -> str:
        return f"{self.provider}, {self.get_kind_display()}"


class ReminderDelay(models.Model):
    """After how many working days a request is recalled, then steps up: ITQ's times (F-20)."""

    working_days = models.PositiveSmallIntegerField(_("jours ouvrables"), unique=True)
    steps_up = models.BooleanField(_("passe au poste suivant"), default=False)

    class Meta:
        ordering = ["working_days"]

    def __str__(self) -> str:
        return str(self.working_days)


class Reminder(models.Model):
    """A recall that was sent: once per version, turn, person and delay (F-20).

    ``turn`` counts the signatures given before it, where posts sign in series (F-16); else nought.
    """

    version = models.ForeignKey(
        "derogations.Version", on_delete=models.PROTECT, related_name="reminders"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    working_days = models.PositiveSmallIntegerField()
    turn = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ["version_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "person", "working_days", "turn"],
                name="one_reminder_per_delay",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.working_days} j"
