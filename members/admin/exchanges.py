"""The console over what passes between members and ITQ (R-07)."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from members.models import ItqMessage, StandingAuthorisation
from members.roles import May, StaffMay
from portal.console import console
from portal.console_filters import HandledFilter, PeriodFilter
from portal.read_only import PLACE, ReadOnlyAdmin


@admin.register(ItqMessage, site=console)
class MessageAdmin(ReadOnlyAdmin):
    """What passes between the members and ITQ (R-07)."""

    permission = StaffMay.ANSWER_MEMBERS
    nouns = _("Messages")
    list_display = ("subject", "direction", "branch__organisation", "sent_at", "handled_at")
    list_filter = ("direction", HandledFilter)
    list_select_related = ("branch__organisation",)
    search_fields = ("subject", "body", "branch__organisation__name")
    date_hierarchy = "sent_at"
    ordering = ("-pk",)
    fields = (
        *("subject", "body", "direction", *PLACE, "in_reply_to", "sent_at", "sent_by"),
        *("handled_at", "handled_by", "copy_seen_at", "copy_seen_by"),
    )


@admin.register(StandingAuthorisation, site=console)
class StandingAuthorisationAdmin(ReadOnlyAdmin):
    """Who may write to ITQ in a member's name (R-07)."""

    permission = May.SEE_MEMBER
    nouns = _("Autorisations d'écrire à ITQ")
    list_display = (
        *("respondent", "branch__organisation", "period", "authorised_at", "authorised_by"),
    )
    list_filter = (PeriodFilter,)
    list_select_related = ("respondent__person", "branch__organisation", "authorised_by")
    search_fields = ("respondent__person__family_name", "branch__organisation__name")
    ordering = ("-pk",)
    fields = ("respondent", *PLACE, "period", "authorised_at", "authorised_by")
