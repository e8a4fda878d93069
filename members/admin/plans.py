"""The console over delegation plans: versions, lines, interims, absences, how many sign."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import (
    Absence,
    Delegation,
    DelegationPlan,
    Interim,
    Organisation,
    Person,
    SigningRule,
)
from members.roles import May
from portal.console import console
from portal.console_filters import ConfirmedFilter, EndedFilter, StandingFilter, ValidFilter
from portal.read_only import PLACE, ReadOnlyAdmin, Related

OF_PLAN = _("plan de délégation")


@admin.register(DelegationPlan, site=console)
class DelegationPlanAdmin(ReadOnlyAdmin):
    """Each version of a member's plan, with the act that approved it (F-10)."""

    permission = May.SEE_PLAN
    nouns = _("Plans de délégation")
    list_display = ("organisation", "version", "approved_on", "act_reference", "recorded_at")
    list_filter = ("tax_basis", "steps_up")
    list_select_related = ("organisation", "act_file", "recorded_by")
    search_fields = ("organisation__name", "act_reference")
    date_hierarchy = "approved_on"
    ordering = ("-pk",)
    fields = (
        *("organisation", "version", "approved_on", "act_reference", "act_file", "tax_basis"),
        *("fiscal_year_ends", "steps_up", "recorded_at", "recorded_by"),
    )
    tables = (
        Related(
            _("Lignes"),
            "lines",
            ("clause", "post", "branch", "kinds", "ceiling_amount", "valid", "confirmed_at"),
            ("branch",),
        ),
        Related(_("Combien signent"), "signing_rules", ("kind", "from_amount", "needed", "posts")),
    )

    def page_url(self, request: HttpRequest, row: DelegationPlan) -> str:
        """The version's page."""
        return reverse("members:plan_detail", args=[row.organisation.slug, row.pk])


@admin.register(Delegation, site=console)
class DelegationAdmin(ReadOnlyAdmin):
    """Lines of the plans, each as the portal held it for true and as long as it did (F-11)."""

    permission = May.SEE_PLAN
    nouns = _("Lignes des plans de délégation")
    list_display = (
        *("clause", "post", "titular", "branch__organisation", "kinds", "ceiling_amount"),
        *("valid", "confirmed_at"),
    )
    list_filter = (ValidFilter, StandingFilter, ConfirmedFilter, "beyond_fiscal_year")
    list_select_related = (
        *("plan__organisation", "branch__organisation", "holder", "recorded_by"),
        *("confirmed_by", "replaces"),
    )
    search_fields = (
        *("clause", "post", "holder__given_name", "holder__family_name"),
        "branch__organisation__name",
    )
    ordering = ("-pk",)
    fields = (
        *("of_plan", *PLACE, "clause", "post", "titular", "kinds", "ceiling_amount"),
        *("beyond_fiscal_year", "needs_credit_certificate", "valid", "recorded", "recorded_by"),
        *("confirmed_at", "confirmed_by", "replaces", "change_reason"),
    )
    tables = (
        Related(
            _("Intérims"),
            "interims",
            ("person", "valid", "act_reference", "confirmed_at", "ended_at"),
            ("person",),
        ),
    )

    @admin.display(description=OF_PLAN)
    def of_plan(self, row: Delegation) -> DelegationPlan:
        """« plan » elsewhere is a telephone's."""
        return row.plan

    @admin.display(description=_("titulaire"), ordering="holder__family_name")
    def titular(self, row: Delegation) -> Person | None:
        """« détenteur » elsewhere holds a line in service."""
        return row.holder

    def page_url(self, request: HttpRequest, row: Delegation) -> str:
        """The line's page."""
        return reverse("members:delegation_detail", args=[row.branch.organisation.slug, row.pk])


@admin.register(Interim, site=console)
class InterimAdmin(ReadOnlyAdmin):
    """Persons named in writing to hold a post for a time (R-02)."""

    permission = May.SEE_PLAN
    nouns = _("Intérims")
    list_display = (
        *("person", "delegation", "branch__organisation", "valid", "confirmed_at", "ended_at"),
    )
    list_filter = (ValidFilter, ConfirmedFilter, EndedFilter)
    list_select_related = (
        *("person", "delegation", "branch__organisation", "act_file", "recorded_by"),
        *("confirmed_by", "ended_by"),
    )
    search_fields = (
        *("person__given_name", "person__family_name", "delegation__clause"),
        *("delegation__post", "branch__organisation__name"),
    )
    ordering = ("-pk",)
    fields = (
        *("person", "delegation", *PLACE, "valid", "act_reference", "act_file", "recorded_at"),
        *("recorded_by", "confirmed_at", "confirmed_by", "ended_at", "ended_by"),
    )


@admin.register(Absence, site=console)
class AbsenceAdmin(ReadOnlyAdmin):
    """Days on which a signer is away, and who stands in (F-12)."""

    permission = May.SEE_PLAN
    nouns = _("Absences de signataires")
    list_display = ("person", "substitute", "branch__organisation", "valid", "ended_at")
    list_filter = (ValidFilter, EndedFilter)
    list_select_related = (
        *("person", "substitute", "branch__organisation", "recorded_by", "ended_by"),
    )
    search_fields = (
        *("person__given_name", "person__family_name", "substitute__family_name"),
        "branch__organisation__name",
    )
    ordering = ("-pk",)
    fields = (
        *("person", "substitute", *PLACE, "valid", "recorded_at", "recorded_by"),
        *("ended_at", "ended_by"),
    )


@admin.register(SigningRule, site=console)
class SigningRuleAdmin(ReadOnlyAdmin):
    """How many sign, by kind and amount (F-16, D-20)."""

    permission = May.SEE_PLAN
    nouns = _("Signatures exigées")
    list_display = ("of_member", "of_plan", "kind", "from_amount", "needed", "posts")
    list_filter = ("kind",)
    list_select_related = ("plan__organisation", "recorded_by", "confirmed_by", "removed_by")
    search_fields = ("plan__organisation__name",)
    ordering = ("-pk",)
    fields = (
        *("of_member", "of_plan", "kind", "from_amount", "needed", "posts", "recorded_at"),
        *("recorded_by", "confirmed_at", "confirmed_by", "removed_at", "removed_by"),
    )

    @admin.display(description=_("organisme"), ordering="plan__organisation__name")
    def of_member(self, row: SigningRule) -> Organisation:
        """Whose plan it is."""
        return row.plan.organisation

    @admin.display(description=OF_PLAN, ordering="plan__version")
    def of_plan(self, row: SigningRule) -> DelegationPlan:
        """« plan » elsewhere is a telephone's."""
        return row.plan
