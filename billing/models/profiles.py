"""Format profiles: what a provider's file looks like, as versioned data (billing.md §2)."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from billing.kinds import FileKind, ProfileState
from members.models import Provider, User
from portal.models import ClockTimestamp, Fold, StoredFile

_FROZEN = """
    OLD.state IN ('active', 'retired') AND (
        to_jsonb(OLD) - 'state' IS DISTINCT FROM to_jsonb(NEW) - 'state'
        OR NEW.state NOT IN (OLD.state, 'retired')
    )
"""
"""Nothing of a version that served may change, but that it is retired."""


class FormatProfile(models.Model):
    """One layout of one provider's files; what it says lives in its versions."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="profiles")
    kind = models.CharField(_("genre de fichier"), max_length=10, choices=FileKind.choices)
    name = models.CharField(_("nom"), max_length=120)
    is_expected = models.BooleanField(
        _("attendu à chaque cycle"),
        default=False,
        help_text="the checklist asks for one of every account and cycle",
    )
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["provider_id", Fold("name"), "pk"]
        constraints = [
            models.UniqueConstraint("provider", Fold("name"), name="one_profile_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ProfileVersion(models.Model):
    """A definition held to ``billing.formats.definition``; once active, the database freezes it.

    ``acceptance`` is what an administrator wrote of what its controls cannot see (D-42);
    ``sample`` is the file that it was drawn from, kept so that it can be tried on it again.
    """

    profile = models.ForeignKey(
        FormatProfile,
        on_delete=models.PROTECT,
        related_name="versions",
        verbose_name=_("profil"),
    )
    number = models.PositiveSmallIntegerField(_("version"))
    definition = models.JSONField(_("définition"))
    note = models.CharField(_("ce qui change"), max_length=300, blank=True)
    sample = models.ForeignKey(
        StoredFile,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("échantillon"),
    )
    state = models.CharField(
        _("état"), max_length=8, choices=ProfileState.choices, default=ProfileState.DRAFT
    )
    blind_spots = models.JSONField(
        _("angles morts"), default=list, help_text="codes of billing.formats.controls"
    )
    acceptance = models.TextField(_("acceptation écrite des angles morts"), blank=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["profile_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "number"], name="one_profile_version"),
            models.UniqueConstraint(
                fields=["profile"],
                condition=models.Q(state=ProfileState.ACTIVE),
                name="one_active_version_per_profile",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="profile_version_accepted_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ProfileState.ACTIVE)
                | models.Q(blind_spots=[])
                | (models.Q(accepted_at__isnull=False) & ~models.Q(acceptance="")),
                name="blind_spots_are_accepted",
                violation_error_message=_(
                    "Une personne administratrice d'ITQ doit d'abord accepter par écrit ce que "
                    "les contrôles de ce profil ne voient pas."
                ),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="profile_version_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__state__in=[ProfileState.ACTIVE, ProfileState.RETIRED]),
            ),
            pgtrigger.Protect(
                name="profile_version_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(_FROZEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile}, version {self.number}"
