"""The addresses of a member's bills, under its name; ``billing/urls.py`` gathers them."""

from django.urls import URLPattern, path

from billing.views import (
    acts,
    expected,
    gaps,
    invoices,
    lines,
    mandates,
    payments,
    proposals,
    statements,
    typed,
    use,
)

_BILLS = "organismes/<slug:member>/factures"
_ONE = f"{_BILLS}/<int:invoice>"
_LINE = f"{_ONE}/lignes/<str:number>"
_PAY = f"{_BILLS}/a-payer"
_GAPS = f"{_BILLS}/ecarts"
_PROPOSALS = f"{_BILLS}/propositions"
_STATEMENT = f"{_BILLS}/etat-du-mois"
_MANDATE = f"{_BILLS}/mandat"

invoice_patterns: list[URLPattern] = [
    path(f"{_BILLS}/", invoices.invoice_list, name="invoice_list"),
    path(f"{_BILLS}/saisir/", typed.invoice_type, name="invoice_type"),
    path(f"{_BILLS}/lignes/", lines.line_list, name="line_list"),
    path(f"{_BILLS}/utilisation/", use.use_overview, name="use_overview"),
    path(f"{_ONE}/", invoices.invoice_detail, name="invoice_detail"),
    path(f"{_ONE}/centres/", invoices.invoice_centres, name="invoice_centres"),
    path(f"{_ONE}/document", invoices.invoice_document, name="invoice_document"),
    path(f"{_ONE}/verifier/", acts.invoice_verify, name="invoice_verify"),
    path(f"{_ONE}/contester/", acts.invoice_dispute, name="invoice_dispute"),
    path(f"{_ONE}/liberer/", acts.invoice_release, name="invoice_release"),
    path(f"{_ONE}/retenir/", acts.invoice_hold, name="invoice_hold"),
    path(
        f"{_ONE}/corriger-la-periode/", acts.invoice_correct_period, name="invoice_correct_period"
    ),
    path(f"{_ONE}/retirer-la-saisie/", acts.invoice_withdraw, name="invoice_withdraw"),
    path(f"{_ONE}/lignes/", lines.invoice_lines, name="invoice_lines"),
    path(f"{_LINE}/", lines.line_detail, name="line_detail"),
    path(f"{_LINE}/frais/", lines.line_charges, name="line_charges"),
    path(f"{_LINE}/utilisation/", lines.line_use, name="line_use"),
    path(f"{_LINE}/source/<int:row>/", lines.charge_source, name="charge_source"),
    path(f"{_PAY}/", payments.payment_list, name="payment_list"),
    path(f"{_PAY}/<int:invoice>/", payments.payment_detail, name="payment_detail"),
    path(f"{_PAY}/<int:invoice>/document", payments.payment_document, name="payment_document"),
    path(f"{_GAPS}/", gaps.gap_list, name="gap_list"),
    path(f"{_GAPS}/regler/", gaps.gap_settle, name="gap_settle"),
    path(f"{_PROPOSALS}/", proposals.proposal_list, name="proposal_list"),
    path(f"{_PROPOSALS}/decider/", proposals.proposal_decide, name="proposal_decide"),
    path(f"{_STATEMENT}/", statements.month_statement, name="month_statement"),
    path(f"{_STATEMENT}/pdf/", statements.statement_print, name="statement_print"),
    path(f"{_STATEMENT}/<int:statement>/fichier", statements.statement_file, name="statement_file"),
    path(f"{_BILLS}/fichiers-attendus/", expected.expected_files, name="expected_files"),
    path(f"{_MANDATE}/", mandates.mandate, name="mandate"),
    path(f"{_MANDATE}/donner/", mandates.mandate_give, name="mandate_give"),
    path(f"{_MANDATE}/<int:mandate>/retirer/", mandates.mandate_revoke, name="mandate_revoke"),
    path(f"{_MANDATE}/paiement/", mandates.payment_separation, name="payment_separation"),
]
