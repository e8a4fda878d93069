"""The orders' addresses, all under the member's name but the provider's link."""

from django.urls import path

from orders.urls_fleet import fleet_patterns
from orders.views import acts, dispatch_modes, drafts, orders

app_name = "orders"

_ONE = "organismes/<slug:member>/commandes/<str:number>"
urlpatterns = [
    path("organismes/<slug:member>/commandes/", orders.order_list, name="order_list"),
    path("organismes/<slug:member>/commander/", drafts.order_start, name="order_start"),
    path("organismes/<slug:member>/commander/<slug:kind>/", drafts.line_add, name="line_add"),
    path(f"{_ONE}/", orders.order_detail, name="order_detail"),
    path(f"{_ONE}/bon.pdf", orders.order_sheet, name="order_sheet"),
    path(f"{_ONE}/refaire/", drafts.order_repeat, name="order_repeat"),
    path(f"{_ONE}/soumettre/", acts.order_submit, name="order_submit"),
    path(f"{_ONE}/annuler/", acts.order_cancel, name="order_cancel"),
    path(f"{_ONE}/rouvrir/", acts.order_reopen, name="order_reopen"),
    path(f"{_ONE}/saisie/", acts.order_provider_entry, name="order_provider_entry"),
    path(f"{_ONE}/trancher/", acts.order_settle, name="order_settle"),
    path(f"{_ONE}/recevoir/", acts.order_receive, name="order_receive"),
    path(f"{_ONE}/clore/", acts.order_close, name="order_close"),
    path(f"{_ONE}/lignes/<int:position>/", drafts.line_edit, name="line_edit"),
    path(f"{_ONE}/lignes/<int:position>/retirer/", drafts.line_remove, name="line_remove"),
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
