"""The fleet's addresses, under the member's name; ``orders/urls.py`` gathers them."""

from django.urls import URLPattern, path

from orders.views import derogations, fleet, fleet_imports, holders

_LINES = "organismes/<slug:member>/lignes"
_HOLDERS = f"{_LINES}/detenteurs"
_ADDRESSES = f"{_LINES}/adresses"
_IMPORTS = f"{_LINES}/reprise"

fleet_patterns: list[URLPattern] = [
    path(f"{_LINES}/", fleet.line_list, name="line_list"),
    path(f"{_LINES}/<int:line>/", fleet.line_detail, name="line_detail"),
    path(f"{_LINES}/<int:line>/modifier/", fleet.line_change, name="line_change"),
    path(f"{_LINES}/modifier/", fleet.line_bulk_change, name="line_bulk_change"),
    path(f"{_LINES}/a-regulariser/", derogations.irregular_line_list, name="irregular_line_list"),
    path(f"{_HOLDERS}/", holders.holder_list, name="holder_list"),
    path(f"{_HOLDERS}/nouveau/", holders.holder_add, name="holder_add"),
    path(f"{_HOLDERS}/<int:holder>/", holders.holder_edit, name="holder_edit"),
    path(f"{_HOLDERS}/<int:holder>/retirer/", holders.holder_retire, name="holder_retire"),
    path(f"{_HOLDERS}/<int:holder>/remettre/", holders.holder_restore, name="holder_restore"),
    path(f"{_ADDRESSES}/", holders.address_list, name="address_list"),
    path(f"{_ADDRESSES}/nouvelle/", holders.address_add, name="address_add"),
    path(f"{_ADDRESSES}/<int:address>/retirer/", holders.address_retire, name="address_retire"),
    path(f"{_ADDRESSES}/<int:address>/confirmer/", holders.address_confirm, name="address_confirm"),
    path(f"{_IMPORTS}/", fleet_imports.fleet_import_list, name="fleet_import_list"),
    path(f"{_IMPORTS}/nouvelle/", fleet_imports.fleet_import_add, name="fleet_import_add"),
    path(
        f"{_IMPORTS}/modele.csv",
        fleet_imports.fleet_import_template,
        name="fleet_import_template",
    ),
    path(f"{_IMPORTS}/<int:pk>/", fleet_imports.fleet_import_detail, name="fleet_import_detail"),
    path(f"{_IMPORTS}/<int:pk>/fichier", fleet_imports.fleet_import_file, name="fleet_import_file"),
    path(
        f"{_IMPORTS}/<int:pk>/appliquer/",
        fleet_imports.fleet_import_apply,
        name="fleet_import_apply",
    ),
]
