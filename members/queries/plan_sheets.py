"""What a plan's file would record, judged against what the portal knows (F-10, F-45)."""

from dataclasses import dataclass
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from members.models import Branch, Delegation, DelegationPlan, Person, User
from members.newcomers import NewPerson
from members.plan_sheet import SCHEMA, facts_of
from members.powers import LineFacts
from members.queries.people import person_at
from portal.search import is_nothing
from portal.tabular import Fault, SheetRead


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One row: where, who, what; ``holder`` is None for a vacant post."""

    line: int
    branch: Branch
    holder: Person | NewPerson | None
    facts: LineFacts


@dataclass(frozen=True, slots=True)
class JudgedSheet:
    """What would be recorded, or every fault at once."""

    lines: list[PlannedLine]
    faults: list[Fault]


def judge_lines(plan: DelegationPlan, read: SheetRead, by: User) -> JudgedSheet:
    """Every sound row against the member's branches, people and recorded lines."""
    branches = {branch.name.casefold(): branch for branch in plan.organisation.branches.all()}
    root = next(branch for branch in branches.values() if branch.is_root)
    faults, lines = list(read.faults), []
    seen: dict[tuple[object, ...], int] = {}
    for row in read.rows:
        values = row.values
        branch = branches.get(values["branch"].casefold()) if values["branch"] else root
        if branch is None:
            known = ", ".join(sorted(b.name for b in branches.values()))
            reason = _("Cette subdivision n'existe pas ; écrivez l'une de : %(names)s.")
            faults.append(_fault(row.line, "branch", reason % {"names": known}))
            continue
        holder, reason = _holder(plan, values, by)
        planned = PlannedLine(row.line, branch, holder, facts_of(values))
        reason = reason or _twin(plan, planned, seen)
        if reason:
            faults.append(_fault(row.line, "email" if holder is None else "clause", reason))
        lines.append(planned)
    return JudgedSheet(lines, sorted(faults, key=lambda fault: fault.line))


def _fault(line: int, column: str, reason: str) -> Fault:
    return Fault(line, SCHEMA.label(column), reason)


def _holder(
    plan: DelegationPlan, values: dict[str, Any], by: User
) -> tuple[Person | NewPerson | None, str]:
    """The person known at that e-mail, or the one to make; and why not."""
    if not values["email"]:
        return None, ""
    known = person_at(values["email"], plan.organisation)
    if known is None:
        names = ("given_name", "family_name", "email", "function")
        return NewPerson(**{name: values[name] for name in names}), ""
    if known.pk == by.person_id:
        return None, _("On ne s'inscrit pas soi-même au plan : demandez par écrit à ITQ.")
    if known.family_name.casefold() != values["family_name"].casefold():
        reason = _("Ce courriel est celui de %(person)s : corrigez le nom ou le courriel.")
        return None, reason % {"person": known}
    return known, ""


def _twin(plan: DelegationPlan, planned: PlannedLine, seen: dict[tuple[object, ...], int]) -> str:
    """Why a line is there already, in the plan or earlier in the file."""
    facts, holder = planned.facts, planned.holder
    mark = holder.email.casefold() if holder is not None else ""
    key = (facts.clause, facts.post, mark, planned.branch.pk, facts.since)
    first = seen.setdefault(key, planned.line)
    if first != planned.line:
        return _("Cette délégation est déjà à la ligne %(line)s du fichier.") % {"line": first}
    if isinstance(holder, NewPerson):
        return ""
    rows = Delegation.objects.standing().filter(
        plan=plan,
        branch=planned.branch,
        clause=facts.clause,
        post=facts.post,
        holder=holder,
        valid__overlap=DateRange(facts.since, facts.last_day, "[]"),
    )
    if is_nothing(rows) or not rows.exists():
        return ""
    return _("Le plan a déjà cette ligne à ces dates : retirez-la du fichier, ou corrigez-la.")
