"""The addresses of requests, under the member's name; then what ITQ sets over them."""

from django.urls import path
from django.urls.resolvers import URLPattern

from derogations.views import annexes, drafts, proof, reexamination, requests, settings

_ALL = "organismes/<slug:member>/derogations"
_ONE = f"{_ALL}/<str:number>"
_ITQ = "itq/derogations"
request_patterns: list[URLPattern] = [
    path(f"{_ALL}/", requests.request_list, name="request_list"),
    path(f"{_ALL}/demander/", drafts.request_new, name="request_new"),
    path(f"{_ALL}/anterieure/", drafts.request_earlier, name="request_earlier"),
    path(f"{_ONE}/", requests.request_detail, name="request_detail"),
    path(f"{_ONE}/genres/", drafts.request_kinds, name="request_kinds"),
    path(f"{_ONE}/modifier/<slug:part>/", drafts.request_edit, name="request_edit"),
    path(f"{_ONE}/lieux/ajouter/", proof.place_add, name="place_add"),
    path(f"{_ONE}/lieux/<int:place>/", proof.place_edit, name="place_edit"),
    path(f"{_ONE}/lieux/<int:place>/retirer/", proof.place_remove, name="place_remove"),
    path(f"{_ONE}/lieux/<int:place>/essai/", proof.test_add, name="test_add"),
    path(f"{_ONE}/essais/<int:test>/retirer/", proof.test_remove, name="test_remove"),
    path(f"{_ONE}/pieces/joindre/", proof.attachment_add, name="attachment_add"),
    path(f"{_ONE}/pieces/<int:paper>/", proof.attachment_file, name="attachment_file"),
    path(f"{_ONE}/pieces/<int:paper>/retirer/", proof.attachment_remove, name="attachment_remove"),
    path(f"{_ONE}/formulaire/<int:form>/", requests.provider_form_file, name="provider_form_file"),
    path(
        f"{_ONE}/formulaire/<int:form>/prerempli.pdf",
        requests.provider_form_filled,
        name="provider_form_filled",
    ),
    path(f"{_ONE}/soumettre/", requests.request_submit, name="request_submit"),
    path(f"{_ONE}/reexamen/", reexamination.reexamination, name="reexamination"),
    path(f"{_ONE}/annuler/", requests.request_cancel, name="request_cancel"),
    path(f"{_ONE}/message/", requests.message_write, name="message_write"),
    path(f"{_ONE}/messages/copie/", annexes.annex_ask, name="annex_ask"),
    path(f"{_ONE}/messages/copie.pdf", annexes.annex_file, name="annex_file"),
    path(f"{_ONE}/versions/<int:version>/", requests.request_version, name="request_version"),
    path(
        f"{_ONE}/versions/<int:version>/demande.pdf",
        requests.request_document,
        name="request_document",
    ),
    path(f"{_ITQ}/preuves/", settings.proof_rule_list, name="proof_rule_list"),
    path(f"{_ITQ}/preuves/fixer/", settings.proof_rule_new, name="proof_rule_new"),
    path(f"{_ITQ}/formulaires/", settings.provider_form_list, name="provider_form_list"),
    path(f"{_ITQ}/formulaires/inscrire/", settings.provider_form_new, name="provider_form_new"),
    path(f"{_ITQ}/formulaires/<int:form>/", settings.staff_form_file, name="staff_form_file"),
    path(f"{_ITQ}/reponses/", settings.reply_template_list, name="reply_template_list"),
    path(f"{_ITQ}/reponses/ecrire/", settings.reply_template_new, name="reply_template_new"),
    path(f"{_ITQ}/reponses/<int:reply>/", settings.reply_template_edit, name="reply_template_edit"),
    path(f"{_ITQ}/relances/", settings.reminder_delay_edit, name="reminder_delay_edit"),
]
