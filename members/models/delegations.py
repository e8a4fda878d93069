"""The delegation plan: who may bind the member, by post, for what, up to how much (F-10 to F-12).

A respondent's role and a delegation line are two different things (signing.md §1). Lines are
bitemporal: ``valid`` says when the line empowers, ``recorded`` when the portal held it for true.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateRangeField,
    DateTimeRangeField,
    RangeOperators,
)
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.organisations import Branch, Organisation
from members.models.people import Person, User
from members.powers import DerogationKind, TaxBasis
from members.signing_steps import Step, steps_of
from portal.models import ClockTimestamp, StoredFile


def _whole(act: str, name: str) -> models.CheckConstraint:
    """Both ``<act>_at`` and ``<act>_by``, or neither."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{act}_at__isnull": True, f"{act}_by__isnull": True})
        | models.Q(**{f"{act}_at__isnull": False, f"{act}_by__isnull": False}),
        name=f"{name}_{act}_whole",
    )


class DelegationPlan(models.Model):
    """One version of a member's plan, with the act that approved it."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="delegation_plans"
    )
    version = models.PositiveSmallIntegerField(_("version"))
    approved_on = models.DateField(_("approuvé le"))
    act_reference = models.CharField(_("acte d'approbation"), max_length=200)
    act_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    tax_basis = models.CharField(
        _("base des plafonds"),
        max_length=12,
        choices=TaxBasis.choices,
        default=TaxBasis.BEFORE_TAX,
    )
    fiscal_year_ends = models.CharField(
        _("fin de l'exercice (MM-JJ)"), max_length=5, default="12-31"
    )
    steps_up = models.BooleanField(_("une demande en retard passe au poste suivant"), default=False)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["organisation_id", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "version"], name="one_plan_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, plan {self.version}"


class DelegationQuerySet(models.QuerySet["Delegation"]):
    """Delegation lines, by both times."""

    def standing(self) -> "DelegationQuerySet":
        """Lines that the portal holds for true now, whatever their days."""
        return self.filter(recorded__contains=ClockTimestamp())

    def in_force(self, day: object) -> "DelegationQuerySet":
        """Confirmed lines held for true now, that empower on a day in Montréal (E4)."""
        return self.standing().filter(confirmed_at__isnull=False, valid__contains=day)


class Delegation(models.Model):
    """A line of the plan: a post, its holder, what it may bind, where, up to how much, when."""

    plan = models.ForeignKey(DelegationPlan, on_delete=models.PROTECT, related_name="lines")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="delegations")
    clause = models.CharField(_("article du plan"), max_length=30)
    post = models.CharField(_("poste"), max_length=150)
    holder = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, related_name="delegations"
    )
    kinds = ArrayField(models.CharField(max_length=20, choices=DerogationKind.choices))
    ceiling_amount = models.DecimalField(
        _("plafond par demande"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    beyond_fiscal_year = models.BooleanField(_("peut engager au-delà de l'exercice"), default=False)
    needs_credit_certificate = models.BooleanField(
        _("exige un certificat de crédits"), default=False
    )
    valid = DateRangeField(_("en vigueur"))
    recorded = DateTimeRangeField(default_bounds="[)")
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    replaces = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    change_reason = models.CharField(_("motif"), max_length=300, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["plan_id", "clause", "pk"]
        constraints = [
            _whole("confirmed", "delegation"),
            models.CheckConstraint(
                condition=models.Q(ceiling_amount__isnull=True) | models.Q(ceiling_amount__gte=0),
                name="delegation_ceiling_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.clause} {self.post}"


class Interim(models.Model):
    """A person named in writing to hold a post of a line for some days (F-11).

    Like the line, it empowers once a second person confirmed it against the writing (R-02).
    """

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, related_name="interims")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="interims")
    valid = DateRangeField(_("en vigueur"))
    act_reference = models.CharField(_("acte de désignation"), max_length=200)
    act_file = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["delegation_id", "valid", "pk"]
        constraints = [
            _whole("confirmed", "interim"),
            _whole("ended", "interim"),
            ExclusionConstraint(
                name="one_interim_row_per_person_and_day",
                expressions=[
                    ("delegation", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(ended_at__isnull=True),
                violation_error_message=_("Cette personne assure déjà l'intérim à ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.delegation}"


class Absence(models.Model):
    """Days on which a signer is away from a member, and who stands in for him (F-12)."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    substitute = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    valid = DateRangeField(_("période"))
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["branch_id", "-valid", "pk"]
        constraints = [
            _whole("ended", "absence"),
            ExclusionConstraint(
                name="one_absence_at_a_time",
                expressions=[
                    ("branch", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("valid", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(ended_at__isnull=True),
                violation_error_message=_("Une absence couvre déjà une partie de ces dates."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}"


class SigningRule(models.Model):
    """How many sign, from an amount up (F-16, D-20).

    The ``posts`` sign one after the other, each once; the others of ``needed`` then sign in
    parallel, whoever has the power. Like a line, what takes something away counts once a second
    person confirmed it: a rule that is not confirmed, or whose removal is not, never makes fewer
    sign (R-02).
    """

    plan = models.ForeignKey(DelegationPlan, on_delete=models.PROTECT, related_name="signing_rules")
    kind = models.CharField(_("genre"), max_length=20, choices=DerogationKind.choices)
    from_amount = models.DecimalField(_("à partir de"), max_digits=12, decimal_places=2, default=0)
    needed = models.PositiveSmallIntegerField(_("signatures"), default=1)
    posts = ArrayField(models.CharField(max_length=150), default=list, verbose_name=_("postes"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=ClockTimestamp(), editable=False)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, help_text="its removal was asked")
    removed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["plan_id", "kind", "from_amount", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "kind", "from_amount"],
                condition=models.Q(removed_at__isnull=True),
                name="one_signing_rule_per_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(needed__gte=1, posts__len__lte=models.F("needed")),
                name="signing_rule_holds_its_posts",
            ),
            _whole("confirmed", "signing_rule"),
            _whole("removed", "signing_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ≥ {self.from_amount} $"

    @property
    def asked(self) -> tuple[Step, ...]:
        """Its steps."""
        return steps_of(self.needed, self.posts)
