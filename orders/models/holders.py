"""Who carries a line, and where things are delivered; RCELL keeps both (D-13)."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Branch, User
from portal.models import ClockTimestamp, Fold


class Holder(models.Model):
    """A person, or a shared post, that carries lines of a branch."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="holders")
    name = models.CharField(_("nom"), max_length=150)
    function = models.CharField(_("fonction"), max_length=150, blank=True)
    employee_number = models.CharField(_("matricule"), max_length=40, blank=True)
    is_active = models.BooleanField(_("en fonction"), default=True)

    class Meta:
        ordering = [Fold("name"), "pk"]
        indexes = [
            GinIndex(OpClass(Fold("name"), name="gin_trgm_ops"), name="holder_name_words"),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryAddress(models.Model):
    """An address of a branch; INTRL confirms it, otherwise a submission asks a second factor."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="addresses")
    label = models.CharField(_("nom du lieu"), max_length=100)
    street = models.CharField(_("adresse"), max_length=200)
    city = models.CharField(_("municipalité"), max_length=100)
    postal_code = models.CharField(_("code postal"), max_length=7)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)

    class Meta:
        ordering = ["branch_id", Fold("label"), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="delivery_address_confirmed_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label}, {self.street}, {self.city} {self.postal_code}"
