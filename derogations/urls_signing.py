"""The addresses of signing: the signer's own pages, then the paper path under its member."""

from django.urls import path

from derogations.views import gestures, papers, signing

PAPER = "organismes/<slug:member>/derogations/<str:number>/papier"

signing_patterns = [
    path("signature/", signing.signature_list, name="signature_list"),
    path("signature/<str:number>/", signing.signature_request, name="signature_request"),
    path("signature/<str:number>/document/", signing.signature_document, name="signature_document"),
    path(
        "signature/<str:number>/pieces/<int:paper>/",
        signing.signature_paper,
        name="signature_paper",
    ),
    path("signature/<str:number>/scellee.pdf", signing.signature_sealed, name="signature_sealed"),
    path("signature/<str:number>/message/", signing.signature_message, name="signature_message"),
    path("signature/<str:number>/refuser/", signing.signature_refuse, name="signature_refuse"),
    path("signature/<str:number>/question/", signing.signature_question, name="signature_question"),
    path("signature/<str:number>/cle/", gestures.signature_enrol, name="signature_enrol"),
    path("signature/<str:number>/retirer/", gestures.signature_withdraw, name="signature_withdraw"),
    path(
        "signature/<str:number>/retirer/<str:nonce>/",
        gestures.signature_withdraw_confirm,
        name="signature_withdraw_confirm",
    ),
    path(
        "signature/<str:number>/signer/<str:nonce>/",
        gestures.signature_sign,
        name="signature_sign",
    ),
    path(f"{PAPER}/", papers.paper_detail, name="paper_detail"),
    path(f"{PAPER}/joindre/", papers.paper_attach, name="paper_attach"),
    path(f"{PAPER}/resolution/", papers.paper_resolution, name="paper_resolution"),
    path(f"{PAPER}/<int:paper>/confirmer/", papers.paper_confirm, name="paper_confirm"),
    path(f"{PAPER}/<int:paper>/document/", papers.paper_scan, name="paper_scan"),
]
