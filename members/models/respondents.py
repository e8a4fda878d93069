"""Respondents: who holds which role, where and when; and the invitations that lead there."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.organisations import Branch
from members.models.people import Person, User
from members.models.periods import Dated, DatedQuerySet
from members.roles import CONFIRMED_ROLES, SIGNER_LABEL, SOLE_ROLES, Role
from portal.models import ClockTimestamp, StoredFile

_NEEDS_NO_CONFIRMATION = ~models.Q(role__in=sorted(CONFIRMED_ROLES))


class RespondentQuerySet(DatedQuerySet):
    """Respondents, dated."""

    def effective(self) -> "RespondentQuerySet":
        """In force, not retracted, and confirmed where the role asks for it (R-02)."""
        return self.in_force().filter(
            _NEEDS_NO_CONFIRMATION | models.Q(confirmed_at__isnull=False), retracted_at__isnull=True
        )


class Respondent(Dated):
    """A person holds a role on a branch over a period: the source of every right (D-02)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="respondents")
    role = models.CharField(_("rôle"), max_length=20, choices=Role.choices)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="respondents")
    sector = models.CharField(_("secteur d'activité"), max_length=150, blank=True)
    act_reference = models.CharField(_("acte de désignation"), max_length=200, blank=True)
    act_file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    end_reason = models.CharField(_("motif de fin"), max_length=200, blank=True)
    retracted_at = models.DateTimeField(null=True)
    retracted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = RespondentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["branch_id", "role", "-period", "pk"]
        indexes = [models.Index(fields=["person", "role"], name="respondent_by_person")]
        constraints = [
            ExclusionConstraint(
                name="one_interlocutor_at_any_instant",
                expressions=[
                    ("branch", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(role__in=[*SOLE_ROLES], retracted_at__isnull=True),
                violation_error_message=_(
                    "Cet organisme ou cette subdivision a déjà un interlocuteur à ces dates."
                ),
            ),
            ExclusionConstraint(
                name="one_row_per_person_role_branch",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("branch", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(retracted_at__isnull=True),
                violation_error_message=_("Cette personne tient déjà ce rôle à ces dates."),
            ),
            *(
                models.CheckConstraint(
                    condition=models.Q(**{f"{act}_at__isnull": True, f"{act}_by__isnull": True})
                    | models.Q(**{f"{act}_at__isnull": False, f"{act}_by__isnull": False}),
                    name=f"respondent_{act}_whole",
                )
                for act in ("confirmed", "ended", "retracted")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()}"


class Invitation(models.Model):
    """A link by e-mail to a role, or to a line of the plan that names the person.

    14 days, once, dead with its inviter (F-05) and with the line (E3 asks no role).
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="invitations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(_("courriel"))
    role = models.CharField(  # noqa: DJ001 - a signer is invited without any role
        _("rôle"), max_length=20, choices=Role.choices, null=True, blank=True
    )
    delegation = models.ForeignKey(
        "members.Delegation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="invitations",
        verbose_name=_("ligne du plan"),
    )
    sector = models.CharField(_("secteur d'activité"), max_length=150, blank=True)
    nonce = models.CharField(max_length=32, default="")
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-invited_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(role__isnull=False, delegation__isnull=True)
                | models.Q(role__isnull=True, delegation__isnull=False),
                name="invitation_to_a_role_or_a_line",
            ),
        ]

    @property
    def purpose(self) -> str:
        """The role, or « Signataire » with the line that names the person."""
        if self.delegation is None:
            return str(self.get_role_display())
        return f"{SIGNER_LABEL}, {self.delegation}"

    def __str__(self) -> str:
        return f"{self.email} ({self.purpose})"
