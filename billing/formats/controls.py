"""The controls of a profile: judged on totals, exact to the cent, each gap with both figures."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import polars as pl
from django.utils.translation import gettext as _

from billing.formats.canonical import CENTS, COLUMNS, Entity, is_amount
from billing.formats.definition import Equation, PartSpec, Profile, Term
from billing.formats.faults import Fault, figure
from billing.formats.fields import field_label
from billing.formats.totals import PartTotals, Tally
from billing.formats.values import decimals, integers

FILE = ""
"""The account under which an equation of the whole file is computed."""

_AMOUNTS = {
    Entity.STATEMENT: [name for name, kind in COLUMNS[Entity.STATEMENT].items() if is_amount(kind)],
    Entity.CHARGE: ["amount", "tps_amount", "tvq_amount", "other_tax_amount"],
    Entity.USAGE: ["amount"],
}
"""What an invoice, or its use, is made of."""


@dataclass(frozen=True, slots=True)
class BlindSpot:
    """What no control of a profile would see in a part (D-42)."""

    part: str
    kind: Literal["dropped_row", "changed_amount"]
    message: str


def judge(
    profile: Profile,
    tally: Tally,
    *,
    accounts: Collection[str] | None = None,
) -> list[Fault]:
    """Every fault of a package that was read: of its rows, its accounts and its equations.

    ``accounts``: those that may be in the file, where they are known (X-18).
    """
    faults = [fault for totals in tally.parts.values() for fault in totals.faults]
    for code, totals in tally.parts.items():
        faults += _row_faults(profile, code, totals)
        faults += _strangers(code, totals, accounts)
    for equation in profile.controls.equations:
        if all(term.part in tally.parts for term in _terms(equation)):
            faults += _equation_faults(profile, equation, tally)
    return faults


def blind_spots(profile: Profile) -> list[BlindSpot]:
    """What could be dropped or changed without any control seeing it: it asks for D-42.

    A part is counted where its rows meet an independent count, summed where each of its amounts,
    taxes too, meets an independent sum: of another part, of a fact or of a total row.
    """
    found = []
    for spec in profile.parts:
        if not _is_met(profile, spec, None):
            message = _("Un rang perdu de « %(part)s » ne se verrait pas.")
            found.append(BlindSpot(spec.code, "dropped_row", message % {"part": spec.code}))
        unseen = [field for field in _summed_fields(spec) if not _is_met(profile, spec, field)]
        if unseen:
            message = _("Un montant changé dans « %(part)s » ne se verrait pas : %(fields)s.")
            told = {"part": spec.code, "fields": ", ".join(map(field_label, unseen))}
            found.append(BlindSpot(spec.code, "changed_amount", message % told))
    return found


def ratio_gaps(
    profile: Profile, tally: Tally, last_rows: Mapping[str, Mapping[str, int]]
) -> dict[str, list[str]]:
    """Parts whose rows are out of the ratios: a sentence → [rows of the last cycle, rows now].

    ``last_rows``: part → account → rows; an account that it does not tell is not compared.
    """
    gaps = {}
    for ratio in profile.controls.ratios:
        before = last_rows.get(ratio.part, {})
        told = tally.parts[ratio.part].row_counts() if ratio.part in tally.parts else {}
        last, rows = sum(before.values()), sum(told.get(account, 0) for account in before)
        if last and not ratio.least * last <= rows <= ratio.most * last:
            label = _(
                "Rangs de « %(part)s » des comptes déjà lus (d'habitude de %(least)s à %(most)s "
                "fois ceux du cycle précédent)"
            ) % {"part": ratio.part, "least": figure(ratio.least), "most": figure(ratio.most)}
            gaps[label] = [figure(Decimal(last)), figure(Decimal(rows))]
    return gaps


def _terms(equation: Equation) -> tuple[Term, ...]:
    return (*equation.left, *equation.right)


def _summed_fields(spec: PartSpec) -> list[str]:
    """The amounts of a part that are to be summed: those read, and the one it cannot do without."""
    read = {column.field for column in spec.columns} | {"amount", "total_due_amount"}
    return [name for name in _AMOUNTS.get(spec.entity, ()) if name in read]


def _is_met(profile: Profile, spec: PartSpec, field: str | None) -> bool:
    """Whether the sum of a field of the part, or its rows (None), meets an independent one."""
    if spec.entity == Entity.STATEMENT:
        return _statement_is_met(profile, spec, field)
    rules = [rule for rule in spec.layout.totals if rule.required and rule.scope == "file"]
    if any(rule.field == field for rule in rules):
        return True
    measure = "sum" if field else "rows"
    for equation in profile.controls.equations:
        terms = _terms(equation)
        own = [t for t in terms if t.part == spec.code and t.measure == measure]
        whole = [t for t in own if not t.categories and t.field == field]
        beside = [t for t in terms if t.part != spec.code or t.measure == "fact"]
        if whole and any(profile.part(t.part).required for t in beside):
            return True
    return False


def _statement_is_met(profile: Profile, spec: PartSpec, field: str | None) -> bool:
    """A statement's row is missed by the other part's accounts; its amounts, by its balance."""
    for equation in profile.controls.equations:
        if equation.per != "account":
            continue
        terms = _terms(equation)
        own = [term for term in terms if term.part == spec.code]
        if field is None and own and len(own) < len(terms):
            return True
        if field and any(term.field == field for term in own):
            return True
    return False


def _row_faults(profile: Profile, code: str, totals: PartTotals) -> Iterator[Fault]:
    if not totals.accepted and not totals.rejected and profile.part(code).required:
        message = _("Ce fichier n'a aucun rang : redemandez-le au prestataire.")
        yield Fault("no_rows", totals.place or code, message)
    limit = profile.controls.rejects
    allowed = max(limit.rows, int(limit.share * (totals.accepted + totals.rejected)))
    if totals.rejected > allowed:
        lines = sorted({reject.line for reject in totals.rejects})
        shown = ", ".join(map(str, lines[:10])) + (", …" if len(lines) > 10 else "")
        yield Fault(
            "rejects",
            f"{totals.place or code}, ligne {shown}",
            _("Rangs rejetés : %(count)s (%(allowed)s admis), aux lignes %(lines)s.")
            % {"count": totals.rejected, "allowed": allowed, "lines": shown},
        )


def _strangers(code: str, totals: PartTotals, accounts: Collection[str] | None) -> Iterator[Fault]:
    if accounts is None:
        return
    for account, line in totals.accounts().items():
        if account not in accounts:
            yield Fault(
                "foreign_account",
                f"{totals.place or code}, ligne {line}",
                _("Le compte %(account)s (ligne %(line)s) n'est pas de ceux du membre.")
                % {"account": account, "line": line},
            )


def _equation_faults(profile: Profile, equation: Equation, tally: Tally) -> Iterator[Fault]:
    left = _side(profile, equation, equation.left, tally)
    right = _side(profile, equation, equation.right, tally)
    stated = _stated_accounts(profile, equation, tally)
    for account in sorted({*left, *right}):
        if stated is not None and account not in stated:
            yield Fault(
                "account_without_statement",
                f"compte {account}",
                _("Le compte %(account)s a des rangs, mais aucun relevé.") % {"account": account},
            )
            continue
        told, due = left.get(account, Decimal(0)), right.get(account, Decimal(0))
        if told != due:
            yield _gap(equation, account, told, due)


def _gap(equation: Equation, account: str, left: Decimal, right: Decimal) -> Fault:
    return Fault(
        f"equation:{equation.code}",
        f"compte {account}" if account != FILE else _("fichier"),
        _(
            "%(title)s : %(left)s d'un côté, %(right)s de l'autre, écart de %(gap)s. Redemandez le "
            "fichier au prestataire, sans le retoucher."
        )
        % {
            "title": equation.title,
            "left": _short(left),
            "right": _short(right),
            "gap": _short(left - right),
        },
    )


def _short(value: Decimal) -> str:
    """Cents where they say all, four decimals otherwise, none for a count."""
    whole = value.quantize(Decimal("0.01"))
    return figure(whole if whole == value else value)


def _side(
    profile: Profile, equation: Equation, terms: Sequence[Term], tally: Tally
) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for term in terms:
        told = _values(profile, term, tally.parts[term.part], is_count=_is_count(equation))
        for account, value in told.items():
            key = account if equation.per == "account" else FILE
            total[key] = total.get(key, Decimal(0)) + term.sign * value
    return total


def _is_count(equation: Equation) -> bool:
    """Whether an equation compares counts: no decimal is implied in what a file says of them."""
    return any(term.measure in ("rows", "numbers") for term in _terms(equation))


def _values(
    profile: Profile, term: Term, totals: PartTotals, *, is_count: bool
) -> dict[str, Decimal]:
    if term.measure != "fact":
        return totals.by_account(term)
    text = pl.Series([totals.facts.get(term.field or "")], dtype=pl.String)
    values = profile.part(term.part).values
    told = (integers(values) if is_count else decimals(values, CENTS))(text)[0]
    return {FILE: Decimal(told)} if told is not None else {}


def _stated_accounts(profile: Profile, equation: Equation, tally: Tally) -> Collection[str] | None:
    """Accounts of the statement that an equation names; None where it names none."""
    if equation.per != "account":
        return None
    codes = {term.part for term in _terms(equation)}
    stated = [code for code in codes if profile.part(code).entity == Entity.STATEMENT]
    return (
        {account for code in stated for account in tally.parts[code].accounts()} if stated else None
    )
