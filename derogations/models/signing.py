"""Signatures: the challenge, the gesture, the refusal, the withdrawal, the paper (signing.md)."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from derogations.kinds import RefusalReason, SignatureLevel, SigningAct
from derogations.models.requests import Derogation
from derogations.models.versions import Version
from members.models import Absence, Delegation, Interim, Person, User
from members.powers import Capacity, DerogationKind
from portal.models import ClockTimestamp, StoredFile


class Power(models.Model):
    """The power that an act relies on: its line, and how the person holds it (F-11, F-13).

    ``own_delegation`` is the line of one's own that a substitute stands on (F-12). The names are
    those of the instant of the act: who is renamed later changes nothing of what was said.
    """

    delegation = models.ForeignKey(
        Delegation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    own_delegation = models.ForeignKey(
        Delegation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    interim = models.ForeignKey(Interim, null=True, on_delete=models.PROTECT, related_name="+")
    absence = models.ForeignKey(Absence, null=True, on_delete=models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=12, choices=Capacity.choices, blank=True)
    acting_for = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=201)
    acting_for_name = models.CharField(max_length=201, blank=True)

    class Meta:
        abstract = True


class Challenge(Power):
    """A nonce bound to one act of one person and session; ten minutes, once (signing.md §3.3)."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="challenges")
    act = models.CharField(max_length=10, choices=SigningAct.choices, default=SigningAct.SIGN)
    kinds = ArrayField(models.CharField(max_length=20, choices=DerogationKind.choices))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    session_sha256 = models.CharField(max_length=64)
    nonce = models.CharField(max_length=32, unique=True, help_text="128 bits, hexadecimal")
    content_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    declaration_version = models.CharField(max_length=20)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Protect(
                name="challenge_kept_once_used",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.consumed_at IS NOT NULL"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.version}"


class Signature(Power):
    """One effective signature in one slot; never changed but to be voided (D-20).

    ``proof`` is what lets anyone check the gesture again: the WebAuthn assertion, the credential's
    public key and the challenge's parts, or the code's counter at the lesser level.
    """

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="signatures")
    step = models.PositiveSmallIntegerField()
    slot = models.PositiveSmallIntegerField()
    kinds = ArrayField(models.CharField(max_length=20, choices=DerogationKind.choices))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=14, choices=SignatureLevel.choices)
    challenge = models.OneToOneField(Challenge, null=True, on_delete=models.PROTECT)
    declaration_version = models.CharField(max_length=20)
    together_reason = models.TextField(
        blank=True, help_text="why, when like requests pass the ceiling together (E6)"
    )
    content_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    proof = models.JSONField(default=dict)
    signed_at = models.DateTimeField(help_text="the legal instant (D-21)")
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["version_id", "step", "slot"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "step", "slot"],
                condition=models.Q(voided_at__isnull=True),
                name="one_signature_per_slot",
            ),
            models.UniqueConstraint(
                fields=["version", "person"],
                condition=models.Q(voided_at__isnull=True, delegation__isnull=False),
                name="one_signature_per_person",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="signature_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="signature_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["voided_at", "void_reason"]),
            ),
            pgtrigger.Protect(
                name="signature_voided_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.voided_at IS NOT NULL"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.version}"


class Reexamination(models.Model):
    """A signature whose line was said otherwise since: open until a person says why it stands.

    ``delegation`` is the recorded line that closed (signing.md §3.9). Nothing is voided by it.
    """

    signature = models.ForeignKey(
        Signature, on_delete=models.PROTECT, related_name="reexaminations"
    )
    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, related_name="+")
    flagged_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("motif"), blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["signature", "delegation"], name="one_reexamination_per_line"
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_by__isnull=True)
                | models.Q(closed_at__isnull=False, closed_by__isnull=False),
                name="reexamination_closed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.signature}, {self.delegation}"


class Refusal(Power):
    """A signer's refusal of one or both heads, with its reason and the next step (R-22, F-19)."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="refusals")
    kinds = ArrayField(models.CharField(max_length=20, choices=DerogationKind.choices))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("motif"), max_length=20, choices=RefusalReason.choices)
    text = models.TextField(_("explication"))
    next_step = models.TextField(_("prochaine étape proposée"))
    refused_at = models.DateTimeField()

    class Meta:
        ordering = ["version_id", "pk"]
        triggers = [
            pgtrigger.Protect(name="refusal_kept", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.version}"


class Withdrawal(Power):
    """A new signed act that takes a signature back; the original stays (R-22, signing.md §3.8)."""

    derogation = models.OneToOneField(
        Derogation, on_delete=models.PROTECT, related_name="withdrawal"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("motif"))
    level = models.CharField(max_length=14, choices=SignatureLevel.choices)
    challenge = models.OneToOneField(Challenge, on_delete=models.PROTECT)
    proof = models.JSONField(default=dict)
    withdrawn_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        triggers = [
            pgtrigger.Protect(name="withdrawal_kept", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.derogation}, {self.person}"


class PaperSignature(models.Model):
    """A printed PDF signed by hand, its scan, and the two who confirm it (D-25).

    A version that several sign has a paper for each person; ``signature`` is the one slot that it
    filled once confirmed. ``resolution_*`` are given when no line suffices and the council decides
    (R-24): ``person`` is then the clerk who certifies the extract, whatever else they signed.
    ``refused`` holds, by head, the reason, text and next step that the paper says (R-20).
    """

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="papers")
    signature = models.OneToOneField(
        Signature, null=True, on_delete=models.PROTECT, related_name="paper"
    )
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    delegation = models.ForeignKey(
        Delegation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_on = models.DateField(_("signée le"))
    scan = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    refused = models.JSONField(default=dict, blank=True)
    together_reason = models.TextField(
        blank=True, help_text="why, when like requests pass the ceiling together (E6)"
    )
    resolution_number = models.CharField(_("numéro de la résolution"), max_length=60, blank=True)
    resolution_on = models.DateField(_("adoptée le"), null=True, blank=True)
    attached_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    attached_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_again_at = models.DateTimeField(null=True)
    confirmed_again_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            *(
                models.CheckConstraint(
                    condition=models.Q(**{f"{act}_at__isnull": True, f"{act}_by__isnull": True})
                    | models.Q(**{f"{act}_at__isnull": False, f"{act}_by__isnull": False}),
                    name=f"paper_{act}_whole",
                )
                for act in ("confirmed", "confirmed_again")
            ),
            models.UniqueConstraint(
                fields=["version", "person"],
                condition=models.Q(delegation__isnull=False),
                name="one_paper_per_person",
            ),
            models.UniqueConstraint(
                fields=["version"],
                condition=models.Q(delegation__isnull=True),
                name="one_resolution_per_version",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_again_at__isnull=False, signature__isnull=False)
                | models.Q(confirmed_again_at__isnull=True, signature__isnull=True),
                name="paper_signs_once_confirmed",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="paper_kept_once_confirmed",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.confirmed_again_at IS NOT NULL"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.version}, {self.person}"

    @property
    def refused_told(self) -> list[tuple[str, dict[str, str]]]:
        """The heads that the paper refuses, by name, with their words."""
        return [(str(DerogationKind(kind).label), told) for kind, told in self.refused.items()]


class Seal(models.Model):
    """The sealed document of a signed version: the register's row (signing.md §3.6, §3.7).

    ``file`` holds the only original; ``evidence`` the bundle that checks without the portal.
    """

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="seal")
    token = models.CharField(max_length=32, unique=True, help_text="of the verification address")
    file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    sealed_at = models.DateTimeField(null=True, help_text="the timestamp authority's instant")
    journal_position = models.BigIntegerField(null=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(file__isnull=True, sealed_at__isnull=True)
                | models.Q(file__isnull=False, sealed_at__isnull=False),
                name="seal_whole",
            )
        ]
        triggers = [
            pgtrigger.Protect(name="seal_kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="seal_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.file_id IS NOT NULL AND (OLD.file_id, OLD.token, OLD.version_id,"
                    " OLD.evidence_id, OLD.sealed_at, OLD.journal_position) IS DISTINCT FROM"
                    " (NEW.file_id, NEW.token, NEW.version_id, NEW.evidence_id, NEW.sealed_at,"
                    " NEW.journal_position)"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}"


class RegisterStamp(models.Model):
    """A fresh timestamp over the register's hashes, kept beside files that never change."""

    stamped_at = models.DateTimeField()
    good_until = models.DateTimeField(null=True, help_text="the end of the stamp's certificate")
    hashes = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    stamp = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-stamped_at"]

    def __str__(self) -> str:
        return f"{self.stamped_at:%Y-%m-%d}"
