"""Organisations and their branches: a member's root and its billing subdivisions (D-01, F-01)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.roles import MAY_LABELS
from portal.models import Fold


class Organisation(models.Model):
    """A public body of the purchasing group."""

    class Kind(models.TextChoices):
        """What kind of public body it is."""

        MINISTRY = "ministry", _("Ministère ou organisme")
        MUNICIPALITY = "municipality", _("Municipalité")
        SCHOOL = "school", _("Centre de services scolaire")
        HEALTH = "health", _("Établissement de santé")
        COLLEGE = "college", _("Cégep")
        UNIVERSITY = "university", _("Université")

    class PaymentSystem(models.TextChoices):
        """How the member pays (R-04)."""

        SAGIR = "sagir", _("SAGIR (LSA)")
        UGO = "ugo", _("UGO")
        OWN = "own", _("Méthode propre à l'organisme")

    class Status(models.TextChoices):
        """Whether the organisation takes part in the group now."""

        JOINING = "joining", _("En adhésion")
        ACTIVE = "active", _("Membre")
        LEFT = "left", _("A quitté le regroupement")

    name = models.CharField(_("nom"), max_length=200)
    slug = models.SlugField(unique=True, max_length=60)
    kind = models.CharField(_("genre"), max_length=20, choices=Kind.choices)
    neq = models.CharField(_("NEQ"), max_length=10, blank=True)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    administrative_region = models.CharField(_("région administrative"), max_length=60, blank=True)
    payment_system = models.CharField(
        _("système de paiement"), max_length=10, choices=PaymentSystem.choices
    )
    payment_reference = models.CharField(_("référence de paiement"), max_length=60, blank=True)
    status = models.CharField(
        _("statut"), max_length=10, choices=Status.choices, default=Status.JOINING
    )
    is_fictitious = models.BooleanField(default=False)

    class Meta:
        ordering = [Fold("name"), "pk"]
        constraints = [models.UniqueConstraint(Fold("name"), name="one_organisation_per_name")]

    def __str__(self) -> str:
        return self.name


class Branch(models.Model):
    """What rights hang on: a member's root, or one of its billing subdivisions (D-01)."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="branches"
    )
    name = models.CharField(_("nom"), max_length=200)
    is_root = models.BooleanField(default=False)

    class Meta:
        ordering = ["organisation_id", "-is_root", Fold("name"), "pk"]
        default_permissions = ()
        permissions = [(may.value, str(label)) for may, label in MAY_LABELS.items()]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(is_root=True), name="one_root"
            ),
            models.UniqueConstraint(
                "organisation", Fold("name"), name="one_branch_name_per_organisation"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CostCentre(models.Model):
    """Where a line's cost is charged inside a branch (F-01)."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="cost_centres")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("nom"), max_length=150)
    is_active = models.BooleanField(_("en usage"), default=True)

    class Meta:
        ordering = ["branch_id", "code"]
        constraints = [
            models.UniqueConstraint(fields=["branch", "code"], name="one_cost_centre_code")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
