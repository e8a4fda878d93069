"""The catalogue's addresses: a member's pages, then ITQ's."""

from django.urls import path

from catalogue.views import imports, offers, parameters, requests

app_name = "catalogue"

_MEMBER = "organismes/<slug:member>/catalogue"
_ASKED = f"{_MEMBER}/demandes"
_ITQ = "itq/catalogue"
_IMPORT = f"{_ITQ}/importations"
urlpatterns = [
    path(f"{_MEMBER}/", offers.offer_list, name="offer_list"),
    path(f"{_MEMBER}/<int:pk>/", offers.offer_detail, name="offer_detail"),
    path(f"{_ASKED}/", requests.request_list, name="request_list"),
    path(f"{_ASKED}/nouvelle/", requests.request_new, name="request_new"),
    path(f"{_ASKED}/<int:pk>/", requests.request_detail, name="request_detail"),
    path(f"{_ASKED}/<int:pk>/lue/", requests.request_read, name="request_read"),
    path(f"{_ITQ}/", imports.version_list, name="version_list"),
    path(f"{_ITQ}/versions/<int:pk>/", imports.version_detail, name="version_detail"),
    path(f"{_IMPORT}/", imports.import_list, name="import_list"),
    path(f"{_IMPORT}/nouvelle/", imports.import_new, name="import_new"),
    path(f"{_IMPORT}/modele.csv", imports.import_template, name="import_template"),
    path(f"{_IMPORT}/<int:pk>/", imports.import_detail, name="import_detail"),
    path(f"{_IMPORT}/<int:pk>/publier/", imports.import_publish, name="import_publish"),
    path(f"{_IMPORT}/<int:pk>/fichier/", imports.import_file, name="import_file"),
    path(f"{_ITQ}/demandes/", requests.request_queue, name="request_queue"),
    path(f"{_ITQ}/demandes/<int:pk>/", requests.request_answer, name="request_answer"),
    path("itq/parametres/", parameters.parameter_list, name="parameter_list"),
    path("itq/parametres/organisme/", parameters.body_new, name="body_new"),
    path("itq/parametres/prestataires/", parameters.provider_new, name="provider_new"),
    path("itq/parametres/autorisation/", parameters.joining_rule_new, name="joining_rule_new"),
    path("itq/parametres/contrats/nouveau/", parameters.contract_new, name="contract_new"),
    path("itq/parametres/contrats/<int:pk>/phases/", parameters.phase_new, name="phase_new"),
    path("itq/parametres/taxes/", parameters.tax_new, name="tax_new"),
]
