"""The parties' agreements: administering body, providers, contracts, phases, memberships."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.organisations import Branch, Organisation
from members.models.people import User
from portal.models import ClockTimestamp, StoredFile


class AdministeringBody(models.Model):
    """Who runs the group, by date: its name and addresses change (domain.md §1)."""

    name = models.CharField(_("nom"), max_length=100)
    full_name = models.CharField(_("nom complet"), max_length=200)
    advisers_email = models.EmailField(_("courriel des conseillers"))
    approval_email = models.EmailField(_("courriel d'approbation"))
    valid = DateRangeField(_("période"))

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_administering_body",
                expressions=[("valid", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return self.name


class Provider(models.Model):
    """A provider of cellular services."""

    code = models.SlugField(unique=True, max_length=20)
    name = models.CharField(_("nom"), max_length=100)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Contract(models.Model):
    """A group contract, with its dates and providers by rank."""

    title = models.CharField(_("titre"), max_length=200)
    valid = DateRangeField(_("période, de la conclusion à la fin"))

    def __str__(self) -> str:
        return self.title


class ContractRank(models.Model):
    """A provider's place and contract number in a contract: rank 1 by default (R-13)."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="ranks")
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="ranks")
    rank = models.PositiveSmallIntegerField(_("rang"))
    number = models.CharField(_("numéro de contrat"), max_length=30, unique=True)

    class Meta:
        ordering = ["contract_id", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "rank"], name="one_provider_per_rank"),
            models.UniqueConstraint(fields=["contract", "provider"], name="one_rank_per_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.provider}, contrat {self.number}"


class ContractPhase(models.Model):
    """A dated phase of a contract, with the order kinds it accepts (R-18)."""

    class Kind(models.TextChoices):
        """The four kinds of phase."""

        FIRM = "firm", _("Durée ferme")
        OPTION = "option", _("Option")
        EXTENSION = "extension", _("Prolongation")
        EXIT = "exit", _("Sortie")

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="phases")
    kind = models.CharField(_("genre"), max_length=10, choices=Kind.choices)
    valid = DateRangeField(_("période"))
    order_kinds = ArrayField(models.CharField(max_length=20), verbose_name=_("genres acceptés"))
    act_reference = models.CharField(_("acte"), max_length=200, blank=True)
    is_fictitious = models.BooleanField(default=False)

    class Meta:
        ordering = ["contract_id", "valid"]
        constraints = [
            ExclusionConstraint(
                name="one_phase_at_a_time",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.contract})"


class JoiningRule(models.Model):
    """The MAMH authorisation rule, as dated data with a mode (R-03)."""

    class Mode(models.TextChoices):
        """What the rule does when the authorisation is missing."""

        BLOCK = "block", _("Bloquer les commandes")
        WARN = "warn", _("Avertir")
        OFF = "off", _("Ne rien faire")

    mode = models.CharField(_("mode"), max_length=5, choices=Mode.choices)
    population_under = models.PositiveIntegerField(_("population inférieure à"), default=100_000)
    years_over = models.PositiveSmallIntegerField(_("contrat de plus de (ans)"), default=5)
    source = models.CharField(_("source"), max_length=300)
    valid = DateRangeField(_("période"))

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_joining_rule", expressions=[("valid", RangeOperators.OVERLAPS)]
            )
        ]

    def __str__(self) -> str:
        return self.get_mode_display()


class Membership(models.Model):
    """A member's agreement to a contract's terms, and the MAMH's authorisation (R-03, F-09)."""

    class Authorisation(models.TextChoices):
        """Where the MAMH's authorisation stands."""

        REQUIRED = "required", _("Requise")
        FILED = "filed", _("Déposée, à confirmer")
        OBTAINED = "obtained", _("Obtenue")
        NOT_REQUIRED = "not_required", _("Non requise")

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="memberships")
    valid = DateRangeField(_("période"))
    agreement = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    agreement_on = models.DateField(_("date de l'entente"), null=True)
    bound_by = models.CharField(_("personne qui a lié l'organisme"), max_length=200, blank=True)
    filed_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    authorisation = models.CharField(
        _("autorisation du MAMH"), max_length=15, choices=Authorisation.choices
    )
    authorisation_reference = models.CharField(_("référence"), max_length=100, blank=True)
    authorisation_resolution = models.CharField(_("résolution"), max_length=100, blank=True)
    authorisation_on = models.DateField(_("date de l'autorisation"), null=True, blank=True)
    authorisation_file = models.ForeignKey(
        StoredFile, null=True, on_delete=models.PROTECT, related_name="+"
    )
    authorisation_reason = models.CharField(_("motif"), max_length=300, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    taken_over = models.BooleanField(_("repris avec des lignes en service"), default=False)

    class Meta:
        ordering = ["organisation_id", "-valid"]
        constraints = [
            ExclusionConstraint(
                name="one_membership_per_contract",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("contract", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="membership_confirmed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} : {self.contract}"
