"""A02 to A10, A13, B01 to B03: what is judged of an invoice before it is shown (billing.md §4)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.formats.faults import Fault, figure
from billing.kinds import Severity

LATE = 5
"""Days after the end of a period by which its invoice is issued (billing.md §1)."""
SUMS = {
    "charges_amount": gettext_lazy("Frais avant taxes"),
    "tps_amount": gettext_lazy("TPS"),
    "tvq_amount": gettext_lazy("TVQ"),
    "other_taxes_amount": gettext_lazy("Autres taxes"),
    "due_amount": gettext_lazy("Montant dû"),
}
COUNTS = {"line_count": gettext_lazy("Lignes facturées"), "charge_count": gettext_lazy("Frais")}


@dataclass(frozen=True, slots=True)
class Found:
    """A finding to be: rule, effect, sentence, line of the fleet, money at stake, source lines."""

    rule: str
    severity: Severity
    message: str
    number: str = ""
    at_stake: Decimal | None = None
    lines: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another invoice of the account that is shown: ``[start, end)``, its number, what was due."""

    start: date
    end: date
    invoice_number: str
    due_amount: Decimal


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line as the invoice bills it, and whether the fleet has it."""

    number: str
    amount: Decimal
    first_row: int
    is_known: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of one version when it is judged; ``end`` is the day after the last."""

    start: date
    end: date
    invoice_number: str
    issued_on: date | None
    previous_balance: Decimal | None
    ours: dict[str, Decimal | int]
    stated: dict[str, Decimal | int]
    neighbours: Sequence[Neighbour] = ()
    lines: Sequence[BilledLine] = ()
    unbilled: Sequence[str] = ()
    unclassified: tuple[int, Decimal, int] = (0, Decimal(0), 0)
    account_fault: str = ""
    drifts: Sequence[Fault] = ()
    rejected_rows: Sequence[int] = ()
    rejected_count: int = 0
    is_period_told: bool = True
    is_group_file: bool = False


def judge_invoice(told: Judged) -> list[Found]:
    """Every finding of a version, by rule."""
    rules = (_drift, _counts, _sums, _rejects, _no_period, _late, judge_neighbours, _unclassified)
    found = [one for rule in rules for one in rule(told)]
    found += [*_account(told), *_unknown_lines(told.lines), *_unbilled(told.unbilled)]
    return found


def judge_neighbours(told: Judged) -> list[Found]:
    """A08 to A10: what rests on the other invoices of the account."""
    return [one for rule in (_same, _periods, _balance) for one in rule(told)]


def _drift(told: Judged) -> Iterator[Found]:
    """A02: the layout is not quite the one that the profile describes."""
    if told.drifts:
        sentence = " ".join(f"{fault.place} : {fault.message}" for fault in told.drifts[:5])
        mend = _("Demandez à ITQ d'ajuster le profil, puis de relire le fichier.")
        yield Found("A02", Severity.BLOCKS, f"{sentence} {mend}")


def _counts(told: Judged) -> Iterator[Found]:
    """A03: the provider's counts are not ours."""
    for name, label in COUNTS.items():
        stated, ours = told.stated.get(name), told.ours[name]
        if stated is not None and stated != ours:
            yield Found(
                "A03",
                Severity.BLOCKS,
                _(
                    "%(what)s : le prestataire en annonce %(stated)s, le fichier en a %(ours)s. "
                    "Demandez-lui un fichier complet."
                )
                % {"what": label, "stated": stated, "ours": ours},
            )


def _sums(told: Judged) -> Iterator[Found]:
    """A04: the provider's sums are not those of its charges, to the cent."""
    for name, label in SUMS.items():
        stated, ours = told.stated.get(name), Decimal(told.ours[name])
        if stated is not None and stated != ours:
            yield Found(
                "A04",
                Severity.BLOCKS,
                _(
                    "%(what)s : %(stated)s $ au relevé, %(ours)s $ d'après les frais. Demandez au "
                    "prestataire d'expliquer l'écart ou de corriger le fichier."
                )
                % {"what": label, "stated": figure(Decimal(stated)), "ours": figure(ours)},
                at_stake=Decimal(stated) - ours,
            )


def _rejects(told: Judged) -> Iterator[Found]:
    """A05: rows of the file were set aside, within what the profile allows.

    Only ITQ opens the page of a file of the whole group: it is who tells whose they are.
    """
    if not told.rejected_count:
        return
    mend = _("Voyez-les à la page du fichier, puis demandez-en un corrigé.")
    if told.is_group_file:
        mend = _(
            "Le fichier est celui du groupe : demandez à ITQ s'ils en font partie, et un fichier "
            "corrigé."
        )
    sentence = _(
        "Rangs du fichier mis en quarantaine : %(count)s. Ils peuvent être de cette facture."
    ) % {"count": told.rejected_count}
    yield Found("A05", Severity.BLOCKS, f"{sentence} {mend}", lines=told.rejected_rows)


def _no_period(told: Judged) -> Iterator[Found]:
    """A06: the file does not say its period, on which A07 and A09 rest."""
    if not told.is_period_told:
        yield Found(
            "A06",
            Severity.INFORMS,
            _(
                "Le fichier ne dit pas sa période : celle de la facture, du %(start)s au %(end)s, "
                "vient des jours de ses frais. Comparez-la avec la facture du prestataire : un "
                "trou ou un chevauchement peut n'être qu'apparent. Demandez à ITQ que le profil "
                "la tire des prochains fichiers."
            )
            % {"start": told.start, "end": told.end - timedelta(days=1)},
        )


def _late(told: Judged) -> Iterator[Found]:
    """A07: the invoice came late."""
    expected = told.end - timedelta(days=1) + timedelta(days=LATE)
    if told.issued_on and told.issued_on > expected:
        yield Found(
            "A07",
            Severity.INFORMS,
            _("Facture émise le %(issued)s ; elle l'est d'habitude au plus tard le %(expected)s.")
            % {"issued": told.issued_on, "expected": expected},
        )


def _same(told: Judged) -> Iterator[Found]:
    """A08: another period of the account has this invoice number."""
    for other in told.neighbours:
        if told.invoice_number and other.invoice_number == told.invoice_number:
            yield Found(
                "A08",
                Severity.BLOCKS,
                _(
                    "Le numéro de facture %(number)s est aussi celui de la période du %(start)s. "
                    "Demandez au prestataire laquelle le porte."
                )
                % {"number": told.invoice_number, "start": other.start},
            )


def _periods(told: Judged) -> Iterator[Found]:
    """A09: a hole before the period, or days billed twice."""
    for other in told.neighbours:
        if other.start < told.end and told.start < other.end:
            yield Found(
                "A09",
                Severity.BLOCKS,
                _(
                    "La période chevauche celle du %(start)s au %(end)s, déjà facturée. Contestez "
                    "ce qui l'est deux fois, ou demandez une facture corrigée ; si l'une des deux "
                    "est une saisie, corrigez-en la période à sa page."
                )
                % {"start": other.start, "end": other.end - timedelta(days=1)},
            )
    before = _before(told)
    if before and before.end < told.start:
        yield Found(
            "A09",
            Severity.BLOCKS,
            _(
                "Rien n'est facturé du %(start)s au %(end)s : il manque une facture. Importez-la, "
                "ou demandez-la au prestataire."
            )
            % {"start": before.end, "end": told.start - timedelta(days=1)},
        )


def _balance(told: Judged) -> Iterator[Found]:
    """A10: the balance brought forward is not what the invoice before asked."""
    before = _before(told)
    if before is None or before.end != told.start or told.previous_balance is None:
        return
    if told.previous_balance != before.due_amount:
        yield Found(
            "A10",
            Severity.BLOCKS,
            _(
                "Solde reporté de %(told)s $, alors que la facture précédente demandait %(due)s $. "
                "Demandez au prestataire d'où vient l'écart."
            )
            % {"told": figure(told.previous_balance), "due": figure(before.due_amount)},
            at_stake=told.previous_balance - before.due_amount,
        )


def _unclassified(told: Judged) -> Iterator[Found]:
    """A13: charges whose kind the profile does not know."""
    count, amount, line = told.unclassified
    if count:
        yield Found(
            "A13",
            Severity.INFORMS,
            _("Frais à classer : %(count)s, pour %(amount)s $.")
            % {"count": count, "amount": figure(amount)},
            at_stake=amount,
            lines=(line,),
        )


def _account(told: Judged) -> Iterator[Found]:
    """B01: the account is not one that the member has, for all that the portal knows."""
    if told.account_fault:
        yield Found("B01", Severity.BLOCKS, told.account_fault)


def _unknown_lines(lines: Iterable[BilledLine]) -> Iterator[Found]:
    """B02: informs, until a member can say that its inventory is complete."""
    for line in lines:
        if not line.is_known:
            yield Found(
                "B02",
                Severity.INFORMS,
                _("Cette ligne est facturée, mais n'est pas au parc."),
                number=line.number,
                at_stake=line.amount,
                lines=(line.first_row,),
            )


def _unbilled(numbers: Iterable[str]) -> Iterator[Found]:
    """B03: a line in service that the invoice of its account does not bill."""
    for number in numbers:
        yield Found(
            "B03",
            Severity.INFORMS,
            _("Cette ligne est en service sur ce compte, mais n'est pas facturée."),
            number=number,
        )


def _before(told: Judged) -> Neighbour | None:
    """The last invoice that ends before this one begins."""
    earlier = [other for other in told.neighbours if other.end <= told.start]
    return max(earlier, key=lambda other: other.end, default=None)
