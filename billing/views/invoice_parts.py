"""The parts of an invoice's page: totals side by side, findings, controls, acts, past words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.compared import not_compared
from billing.forms.invoices import HoldForm, PeriodForm, ReasonForm, ReleaseForm, VersionForm
from billing.kinds import Detail, InvoiceState, ReleaseKind, Severity
from billing.models import Finding, InvoiceVersion, Release
from billing.queries.breakdowns import Part
from billing.queries.payments import PAYABLE, Owing
from billing.states import DISPUTE, INVOICE_TRANSITIONS, RELEASE, VERIFY
from billing.views.tabs import TONES
from billing.words import RULES, TYPED_RULES, category_label, rule_label
from members.models import User
from members.permissions import can
from members.roles import May
from orders.identifiers import shown_number
from portal import charts
from portal.templatetags.portal import money
from portal.workflow import open_transitions

TOTALS = (
    ("previous_balance_amount", gettext_lazy("Solde précédent")),
    ("payments_amount", gettext_lazy("Paiements")),
    ("adjustments_amount", gettext_lazy("Rajustements")),
    ("charges_amount", gettext_lazy("Frais avant taxes")),
    ("tps_amount", gettext_lazy("TPS")),
    ("tvq_amount", gettext_lazy("TVQ")),
    ("other_taxes_amount", gettext_lazy("Autres taxes")),
    ("due_amount", gettext_lazy("Montant dû")),
)
COUNTS = (
    ("line_count", gettext_lazy("Lignes")),
    ("charge_count", gettext_lazy("Frais")),
)
MOST_SHOWN = 50
DEAR_COLUMNS = (
    {"label": gettext_lazy("Ligne")},
    {"label": gettext_lazy("Avant taxes"), "numeric": True},
    {"label": gettext_lazy("Frais"), "numeric": True},
    {"label": gettext_lazy("Abonné")},
)
ROWS_SHOWN = 10
"""Rows of the file to which one finding leads."""
UNBILLED = "B03"
ACCOUNT = "compte"
"""How an address names the account's own charges, which no line bears."""


def total_rows(version: InvoiceVersion) -> list[dict[str, Any]]:
    """Our totals beside the provider's, with the gap between them where both are known."""
    rows = []
    for name, label in (*TOTALS, *COUNTS):
        ours, theirs = getattr(version, name), _figure(version.stated.get(name))
        if ours is None and theirs is None:
            continue
        gap = theirs - ours if ours is not None and theirs is not None else None
        written = money if name.endswith("_amount") else _count
        rows.append(
            {
                "label": label,
                "ours": written(ours),
                "theirs": written(theirs),
                "gap": written(gap) if gap else "",
                "agrees": gap == 0,
            }
        )
    return rows


def due_told(version: InvoiceVersion) -> str:
    """Who says the amount due: the paper or the file of the provider, or the charges alone."""
    stated = _figure(version.stated.get("due_amount"))
    if version.detail == Detail.NONE or stated == version.due_amount:
        return _("demandé par le prestataire")
    return _("calculé d'après les frais")


def finding_rows(
    findings: Sequence[Finding], member: str, invoice: Any, bearers: Mapping[int, str]
) -> list[dict[str, Any]]:
    """What was found, in words; it leads to its line, and to the rows of the file.

    ``bearers``: the line that bears each row, where the finding names none.
    """
    return [
        {
            "rule": finding.rule,
            "label": rule_label(finding.rule),
            "effect": finding.get_severity_display(),
            "tone": TONES[finding.severity],
            "number": written_number(finding.number) if finding.number else "",
            "url": _where(member, invoice.pk, finding),
            "amount": finding.at_stake_amount,
            "told": str(finding.evidence.get("message", "")),
            "rows": [
                {"row": row, "url": _source(member, invoice.pk, finding.number, row, bearers)}
                for row in evidence_rows(finding)
            ],
            "rows_cut": len(finding.evidence.get("lines", [])) > ROWS_SHOWN,
        }
        for finding in findings
    ]


def evidence_rows(finding: Finding) -> list[int]:
    """The first rows of the file on which a finding stands."""
    return [int(row) for row in finding.evidence.get("lines", [])[:ROWS_SHOWN]]


def dear_rows(lines: Sequence[dict[str, Any]], member: str, invoice: int) -> list[dict[str, Any]]:
    """The dearest lines, each with its page."""
    return [
        {
            **line,
            "written": written_number(line["number"]),
            "url": line_url(member, invoice, line["number"]),
        }
        for line in lines
    ]


def control_rows(
    counted: Mapping[str, tuple[int, Severity]], version: InvoiceVersion, reasons: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each control that ran at publication: what it found, or why it had nothing to compare."""
    ran = TYPED_RULES if version.detail == Detail.NONE else tuple(RULES)
    return [
        {
            "rule": rule,
            "label": rule_label(rule),
            "count": counted[rule][0] if rule in counted else 0,
            "tone": TONES[counted[rule][1]] if rule in counted else "success",
            "why": "" if rule in counted else reasons.get(rule, ""),
        }
        for rule in ran
    ]


def why_not_compared(
    version: InvoiceVersion, period: Any, others: Sequence[tuple[date, date]]
) -> dict[str, str]:
    """Rule → why it had nothing to compare, from what the version states."""
    fields = ("issued_on", "invoice_number", "previous_balance_amount")
    return not_compared(
        start=period.lower,
        others=others,
        stated=version.stated,
        said=[name for name in fields if getattr(version, name) not in (None, "")],
        is_typed=version.detail == Detail.NONE,
    )


def part_rows(parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Shares with their bars."""
    drawn = charts.bars([max(part.amount, Decimal(0)) for part in parts])
    return [
        {
            "label": category_label(part.category) if part.category else part.label,
            "part": part,
            "bar": bar,
        }
        for part, bar in zip(parts, drawn, strict=True)
    ]


def release_entries(releases: Iterable[Release]) -> list[dict[str, Any]]:
    """Every word on the payment, as a timeline."""
    entries = []
    for release in releases:
        entries += [
            {
                "label": _("Payée : %(amount)s") % {"amount": money(payment.amount)},
                "on": payment.paid_on,
                "note": _("Référence : %(reference)s") % {"reference": payment.reference},
            }
            for payment in release.payments.all()
        ]
        notes = [release.reason]
        if release.waiver:
            notes.append(_("Renonciation : %(text)s") % {"text": release.waiver})
        entries.append(
            {
                "label": _release_told(release),
                "at": release.released_at,
                "by": str(release.released_by.person),
                "note": " ".join(note for note in notes if note),
            }
        )
    return entries


def _release_told(release: Release) -> str:
    """« En partie : 120,00 $ »; what is held frees no amount, nor what asks for none."""
    if release.kind == ReleaseKind.HELD:
        return _("Retenue jusqu'au %(day)s") % {"day": release.held_until}
    if not release.amount:
        return _("Réglée : rien à payer")
    return f"{release.get_kind_display()} : {money(release.amount)}"


def act_forms(user: User, invoice: Any, releases: Sequence[Release]) -> dict[str, Any]:
    """A form for each act that the state and the person allow."""
    shown: dict[str, Any] = dict.fromkeys(
        ("verify_form", "dispute_form", "release_form", "hold_form", "withdraw_form", "period_form")
    )
    initial = {"version": invoice.current.number}
    if invoice.current.detail == Detail.NONE and can(user, May.IMPORT_BILLS, on=invoice):
        shown["period_form"] = PeriodForm(initial=initial, prefix="period")
        if not invoice.paid_amount:
            shown["withdraw_form"] = ReasonForm(initial=initial, prefix="withdraw")
    if not can(user, May.VERIFY_INVOICES, on=invoice):
        return shown
    open_now = open_transitions(INVOICE_TRANSITIONS, invoice)
    if VERIFY in open_now:
        shown["verify_form"] = VersionForm(initial=initial, prefix="verify")
    if DISPUTE in open_now:
        shown["dispute_form"] = ReasonForm(initial=initial, prefix="dispute")
    owing = owing_shown(invoice)
    if RELEASE in open_now and (invoice.state not in PAYABLE or owing.releasable > 0):
        shown["release_form"] = ReleaseForm(
            initial=initial,
            prefix="release",
            blocked=bool(invoice.blocker_count),
            is_owed=owing.rest > 0,
        )
    if invoice.state != InvoiceState.PAID:
        shown["hold_form"] = HoldForm(initial=initial, prefix="hold")
    return shown


def owing_shown(invoice: Any) -> Owing:
    """Where its payment stands, from the amounts that came with the invoice."""
    return Owing(invoice.current.due_amount, invoice.paid_amount, invoice.to_pay_amount)


def detail_label(version: InvoiceVersion, *, is_under_way: bool) -> str:
    """How much of the invoice's detail there is; between its two acts, that the rest comes."""
    if is_under_way:
        return _("Frais publiés, détail d'utilisation en cours")
    return str(Detail(version.detail).label)


def line_url(member: str, invoice: int, number: str) -> str:
    """The page of a line of an invoice."""
    return reverse("billing:line_detail", args=[member, invoice, number or ACCOUNT])


def written_number(number: str) -> str:
    """A line's number as people write it; the account's own charges have none."""
    if not number:
        return _("Frais du compte")
    return shown_number(number) if len(number) == 10 and number.isdecimal() else number


def _where(member: str, invoice: int, finding: Finding) -> str:
    """The line on the invoice; in the fleet when it is the invoice that lacks it."""
    if not finding.number:
        return ""
    if finding.rule == UNBILLED:
        return reverse("orders:line_list", args=[member]) + f"?q={finding.number}"
    return line_url(member, invoice, finding.number)


def _source(member: str, invoice: int, number: str, row: int, bearers: Mapping[int, str]) -> str:
    """The page of a row of the file; nothing where no charge of the invoice was read there."""
    bearer = number or bearers.get(row)
    if bearer is None:
        return ""
    return reverse("billing:charge_source", args=[member, invoice, bearer or ACCOUNT, row])


def _figure(value: Any) -> Decimal | None:
    """A total that a file states; None where it is no figure."""
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _count(value: Any) -> str:
    return "" if value is None else str(int(value))
