"""The addresses of the sealed document and of everybody's check."""

from django.urls import path

from derogations.views import verification

verification_patterns = [
    path("verifier/", verification.verification, name="verification"),
    path("verifier/<str:token>", verification.verification_detail, name="verification_detail"),
    path(
        "organismes/<slug:member>/derogations/<str:number>/scellee.pdf",
        verification.sealed_document,
        name="sealed_document",
    ),
    path(
        "organismes/<slug:member>/derogations/<str:number>/preuve.zip",
        verification.evidence_download,
        name="evidence_download",
    ),
]
