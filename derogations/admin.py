"""The console over derogations, their versions and signatures, and what ITQ sets."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from derogations.models import (
    Challenge,
    Derogation,
    PaperSignature,
    ProofRule,
    ProviderForm,
    Reexamination,
    Refusal,
    RegisterStamp,
    Reminder,
    ReplyTemplate,
    Seal,
    Signature,
    Version,
    Withdrawal,
)
from members.roles import May, StaffMay
from portal.console import console
from portal.console_filters import (
    ConfirmedTwiceFilter,
    ConsumedFilter,
    SealedFilter,
    ValidFilter,
)
from portal.read_only import PLACE, ReadOnlyAdmin, Related


@admin.register(Derogation, site=console)
class DerogationAdmin(ReadOnlyAdmin):
    """Every member's derogations; what is said and proved is on the request's own page."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Dérogations")
    list_display = (
        *("number", "state", "branch__organisation", "provider", "origin", "quantity"),
        *("ends_on", "signed_at"),
    )
    list_filter = ("state", "origin", "provider")
    list_select_related = ("branch__organisation", "provider")
    search_fields = ("number", "need", "branch__organisation__name")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    fields = (
        *("number", "state", "origin", *PLACE, "provider", "contract", "offer", "created_at"),
        *("created_by", "requester", "last_editor", "edited_at", "need", "insufficiency"),
        *("consequence", "quantity", "is_quantity_limited", "one_off_amount", "monthly_amount"),
        *("wanted_on", "ends_on", "external_reference", "version", "signed_at"),
    )
    tables = (
        Related(_("Volets"), "heads", ("kind", "decision", "refusal_reason", "next_step")),
        Related(
            _("Pièces"),
            "attachments",
            ("kind", "name", "file", "added_at", "added_by", "removed_at"),
            ("file", "added_by"),
        ),
        Related(
            _("Versions"),
            "versions",
            ("number", "submitted_at", "total_amount", "steps", "expires_at", "voided_at"),
        ),
    )

    def page_url(self, request: HttpRequest, row: Derogation) -> str:
        """The request's page."""
        return reverse(
            "derogations:request_detail", args=[row.branch.organisation.slug, row.number]
        )


@admin.register(Version, site=console)
class VersionAdmin(ReadOnlyAdmin):
    """What was frozen, and what became of it."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Versions de dérogations")
    list_display = ("derogation", "number", "submitted_at", "total_amount", "expires_at")
    list_filter = ("derogation__state",)
    list_select_related = ("derogation",)
    search_fields = ("derogation__number", "content_sha256")
    date_hierarchy = "submitted_at"
    ordering = ("-pk",)
    fields = (
        *("derogation", "number", "content_sha256", "pdf", "steps", "step_posts"),
        *("total_amount", "submitted_at", "submitted_by", "expires_at", "voided_at"),
        "void_reason",
    )
    tables = (
        Related(
            _("Signatures"),
            "signatures",
            ("signed_at", "person", "capacity", "acting_for", "level", "voided_at"),
            ("person", "acting_for"),
        ),
        Related(
            _("Refus"),
            "refusals",
            ("refused_at", "person", "capacity", "reason", "next_step"),
            ("person",),
        ),
        Related(
            _("Relances"),
            "reminders",
            ("sent_at", "person", "working_days"),
            ("person",),
        ),
    )


@admin.register(Signature, site=console)
class SignatureAdmin(ReadOnlyAdmin):
    """Who signed, in what capacity, at what level; the gesture's proof is in the evidence."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Signatures de dérogations")
    list_display = ("signed_at", "version", "person", "capacity", "acting_for", "level")
    list_filter = ("level", "capacity")
    list_select_related = ("version__derogation", "person", "acting_for")
    search_fields = ("version__derogation__number", "person__family_name")
    date_hierarchy = "signed_at"
    ordering = ("-pk",)
    fields = (
        *("version", "step", "slot", "kinds", "person", "user", "delegation", "own_delegation"),
        "capacity",
        *("acting_for", "level", "declaration_version", "together_reason", "content_sha256"),
        *("pdf_sha256", "signed_at", "voided_at", "void_reason"),
    )


@admin.register(Reexamination, site=console)
class ReexaminationAdmin(ReadOnlyAdmin):
    """Signatures whose line was said otherwise since, and why they stand (signing.md §3.9)."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Signatures à réexaminer")
    list_display = ("flagged_at", "signature", "delegation", "closed_at", "closed_by")
    list_select_related = (
        *("signature__version__derogation", "signature__person", "delegation", "closed_by"),
    )
    search_fields = ("signature__version__derogation__number",)
    date_hierarchy = "flagged_at"
    ordering = ("-pk",)
    fields = ("signature", "delegation", "flagged_at", "closed_at", "closed_by", "reason")


@admin.register(Refusal, site=console)
class RefusalAdmin(ReadOnlyAdmin):
    """Refusals with their reason and next step (F-19)."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Refus de dérogations")
    list_display = ("refused_at", "version", "person", "reason")
    list_filter = ("reason",)
    list_select_related = ("version__derogation", "person")
    search_fields = ("version__derogation__number", "text")
    date_hierarchy = "refused_at"
    ordering = ("-pk",)
    fields = (
        *("version", "kinds", "person", "delegation", "capacity", "acting_for", "reason"),
        *("text", "next_step", "refused_at"),
    )


@admin.register(Reminder, site=console)
class ReminderAdmin(ReadOnlyAdmin):
    """Recalls that were sent (F-20)."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Relances de signataires")
    list_display = ("sent_at", "version", "person", "working_days")
    list_filter = ("working_days",)
    list_select_related = ("version__derogation", "person")
    search_fields = ("version__derogation__number",)
    date_hierarchy = "sent_at"
    ordering = ("-pk",)
    fields = ("version", "person", "working_days", "sent_at")


@admin.register(Withdrawal, site=console)
class WithdrawalAdmin(ReadOnlyAdmin):
    """Signatures taken back by a new signed act; its proof is in no column (R-22)."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Retraits de signatures")
    list_display = ("withdrawn_at", "derogation", "person", "capacity", "level")
    list_filter = ("level", "capacity")
    list_select_related = ("derogation", "person", "acting_for", "delegation", "user")
    search_fields = (
        *("derogation__number", "person__given_name", "person__family_name", "reason"),
        "derogation__branch__organisation__name",
    )
    date_hierarchy = "withdrawn_at"
    ordering = ("-pk",)
    fields = (
        *("derogation", "person", "user", "delegation", "capacity", "acting_for", "reason"),
        *("level", "withdrawn_at"),
    )


@admin.register(PaperSignature, site=console)
class PaperSignatureAdmin(ReadOnlyAdmin):
    """Scans of documents signed by hand, council's resolutions, who confirmed (D-25, R-24)."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Signatures sur papier")
    list_display = (
        *("attached_at", "version", "person", "signed_on", "resolution_number", "confirmed_at"),
        "confirmed_again_at",
    )
    list_filter = (ConfirmedTwiceFilter, "version__derogation__state")
    list_select_related = (
        *("version__derogation__branch__organisation", "person", "delegation", "scan"),
        *("attached_by", "confirmed_by", "confirmed_again_by", "signature"),
    )
    search_fields = (
        *("version__derogation__number", "person__given_name", "person__family_name"),
        *("resolution_number", "version__derogation__branch__organisation__name"),
    )
    date_hierarchy = "attached_at"
    ordering = ("-pk",)
    fields = (
        *("version", "person", "delegation", "signed_on", "scan", "resolution_number"),
        *("resolution_on", "attached_at", "attached_by", "confirmed_at", "confirmed_by"),
        *("confirmed_again_at", "confirmed_again_by", "signature"),
    )

    def page_url(self, request: HttpRequest, row: PaperSignature) -> str:
        """Where it is confirmed."""
        derogation = row.version.derogation
        slug = derogation.branch.organisation.slug
        return reverse("derogations:paper_detail", args=[slug, derogation.number])


@admin.register(Challenge, site=console)
class ChallengeAdmin(ReadOnlyAdmin):
    """Gestures that were opened, and used or left; neither nonce nor session is shown."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Gestes de signature ouverts")
    list_display = ("created_at", "version", "person", "act", "expires_at", "consumed_at")
    list_filter = ("act", ConsumedFilter)
    list_select_related = ("version__derogation", "person", "user", "delegation", "acting_for")
    search_fields = ("version__derogation__number", "person__given_name", "person__family_name")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    fields = (
        *("version", "act", "kinds", "person", "user", "delegation", "capacity", "acting_for"),
        *("content_sha256", "pdf_sha256", "declaration_version", "created_at", "expires_at"),
        "consumed_at",
    )


@admin.register(Seal, site=console)
class SealAdmin(ReadOnlyAdmin):
    """The register of sealed documents, and what waits; the verification code is not shown."""

    permission = May.SEE_DEROGATIONS
    nouns = _("Sceaux")
    list_display = ("asked_at", "version", "sealed_at", "journal_position", "last_error")
    list_filter = (SealedFilter, "version__derogation__state")
    list_select_related = ("version__derogation", "file", "evidence")
    search_fields = (
        *("version__derogation__number", "file__sha256", "last_error"),
        "version__derogation__branch__organisation__name",
    )
    date_hierarchy = "asked_at"
    ordering = ("-pk",)
    fields = (
        *("version", "asked_at", "sealed_at", "file", "evidence", "journal_position"),
        "last_error",
    )


@admin.register(RegisterStamp, site=console)
class RegisterStampAdmin(ReadOnlyAdmin):
    """Yearly timestamps over the register's hashes (signing.md §3.6)."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Horodatages du registre")
    list_display = ("stamped_at", "good_until", "hashes", "stamp")
    list_select_related = ("hashes", "stamp")
    search_fields = ("hashes__sha256", "stamp__sha256")
    date_hierarchy = "stamped_at"
    ordering = ("-pk",)
    fields = ("stamped_at", "good_until", "hashes", "stamp")


@admin.register(ProofRule, site=console)
class ProofRuleAdmin(ReadOnlyAdmin):
    """What each kind must prove, by date (F-33)."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Preuves exigées")
    list_display = ("kind", "any_of", "valid", "recorded_at")
    list_filter = ("kind", ValidFilter)
    ordering = ("kind", "-valid", "pk")
    fields = ("kind", "any_of", "valid", "recorded_at", "recorded_by")


@admin.register(ProviderForm, site=console)
class ProviderFormAdmin(ReadOnlyAdmin):
    """Providers' authorisation forms, by date (R-14)."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Formulaires des prestataires")
    list_display = ("provider", "kind", "file", "valid")
    list_filter = ("provider", "kind", ValidFilter)
    list_select_related = ("provider", "file")
    ordering = ("provider", "kind", "-valid")
    fields = ("provider", "kind", "file", "valid", "recorded_at", "recorded_by")


@admin.register(ReplyTemplate, site=console)
class ReplyTemplateAdmin(ReadOnlyAdmin):
    """Ready answers (F-32)."""

    permission = StaffMay.OPEN_CONSOLE
    nouns = _("Réponses types")
    list_display = ("title", "is_offered")
    list_filter = ("is_offered",)
    search_fields = ("title", "text")
    ordering = ("title",)
    fields = ("title", "text", "is_offered")
