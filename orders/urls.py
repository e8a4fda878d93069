"""The orders' addresses: under the member's name, ITQ's, and the provider's link."""

from django.urls import path

from orders.urls_fleet import fleet_patterns
from orders.views import acts, derogations, dispatch_modes, drafts, orders, statistics

app_name = "orders"

_ONE = "organismes/<slug:member>/commandes/<str:number>"
_LINE = f"{_ONE}/lignes/<int:position>"
_DEROGATION = "organismes/<slug:member>/derogations/<str:number>"
urlpatterns = [
    path("organismes/<slug:member>/commandes/", orders.order_list, name="order_list"),
    path("organismes/<slug:member>/commander/", drafts.order_start, name="order_start"),
    path("organismes/<slug:member>/commander/<slug:kind>/", drafts.line_add, name="line_add"),
    path(f"{_ONE}/", orders.order_detail, name="order_detail"),
    path(f"{_ONE}/bon.pdf", orders.order_sheet, name="order_sheet"),
    path(f"{_ONE}/refaire/", drafts.order_repeat, name="order_repeat"),
    path(f"{_ONE}/mettre-a-jour/", acts.order_update, name="order_update"),
    path(f"{_ONE}/soumettre/", acts.order_submit, name="order_submit"),
    path(f"{_ONE}/deja-placee/", acts.order_placed, name="order_placed"),
    path(f"{_ONE}/annuler/", acts.order_cancel, name="order_cancel"),
    path(f"{_ONE}/rouvrir/", acts.order_reopen, name="order_reopen"),
    path(f"{_ONE}/saisie/", acts.order_provider_entry, name="order_provider_entry"),
    path(f"{_ONE}/nouveau-lien/", acts.order_new_link, name="order_new_link"),
    path(f"{_ONE}/trancher/", acts.order_settle, name="order_settle"),
    path(f"{_ONE}/recevoir/", acts.order_receive, name="order_receive"),
    path(f"{_ONE}/clore/", acts.order_close, name="order_close"),
    path(f"{_ONE}/lignes/<int:position>/", drafts.line_edit, name="line_edit"),
    path(f"{_ONE}/lignes/<int:position>/retirer/", drafts.line_remove, name="line_remove"),
    path(f"{_LINE}/derogation/", derogations.line_derogation_ask, name="line_derogation_ask"),
    path(
        f"{_LINE}/derogation/choisir/",
        derogations.line_derogation_choose,
        name="line_derogation_choose",
    ),
    path(
        f"{_DEROGATION}/commandes-et-lignes/",
        derogations.derogation_dependents,
        name="derogation_dependents",
    ),
    path(f"{_DEROGATION}/renouveler/", derogations.derogation_renew, name="derogation_renew"),
    path("itq/derogations/", statistics.derogation_statistics, name="derogation_statistics"),
    path("itq/derogations/lieux/", statistics.unserved_place_list, name="unserved_place_list"),
    path("itq/derogations/conformite/", statistics.conformity_list, name="conformity_list"),
    path(f"{_ONE}/lignes/<int:position>/jalon/", acts.milestone_record, name="milestone_record"),
    path("bon/<str:token>/", orders.sheet_download, name="sheet_download"),
    path(
        "itq/modes-de-transmission/", dispatch_modes.dispatch_mode_list, name="dispatch_mode_list"
    ),
    path(
        "itq/modes-de-transmission/nouveau/",
        dispatch_modes.dispatch_mode_new,
        name="dispatch_mode_new",
    ),
    *fleet_patterns,
]
