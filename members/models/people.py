"""Accounts, people and the administering body's staff (D-07)."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from members.models.periods import Dated
from members.roles import StaffRole
from portal.models import ClockTimestamp, Fold


class Person(models.Model):
    """A human being, with none, one or several accounts; roles and R-21 name the person."""

    given_name = models.CharField(_("prénom"), max_length=100)
    family_name = models.CharField(_("nom"), max_length=100)
    function = models.CharField(_("fonction"), max_length=150, blank=True)
    email = models.EmailField(_("courriel"), blank=True)
    phone = PhoneNumberField(_("téléphone"), blank=True)
    identity_attested_at = models.DateTimeField(null=True)
    identity_attested_by = models.ForeignKey(
        "members.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    identity_method = models.CharField(max_length=200, blank=True)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="aliases",
        help_text="whom frozen rows still name by this row (D-07)",
    )

    class Meta:
        ordering = [Fold("family_name"), Fold("given_name"), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    identity_attested_at__isnull=True, identity_attested_by__isnull=True
                )
                | models.Q(identity_attested_at__isnull=False, identity_attested_by__isnull=False),
                name="person_identity_attested_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


class UserManager(BaseUserManager["User"]):
    """Accounts by e-mail; there is no superuser for business purposes."""

    def get_queryset(self) -> models.QuerySet["User"]:
        """With the person, whom every page names: one query less a page."""
        return super().get_queryset().select_related("person")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account; ``email`` is kept in lower case."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """An account: an e-mail, a password, a person. Rights come from respondents only."""

    email = models.EmailField(_("courriel"), unique=True)
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="accounts"
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_superuser=False), name="nobody_is_superuser"
            )
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this; the gate answers for the console instead."""
        return False

    @property
    def audit_label(self) -> str:
        """How the journal names this actor."""
        return f"{self.person} <{self.email}>" if self.person else self.email


class StaffAppointment(Dated):
    """A dated row that makes a person ITQ's agent or administrator (D-05)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=10, choices=StaffRole.choices)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_staff_role_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"
