"""What a version froze, in words: the sections of a page or paper, and what changed (F-31)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from derogations.completeness import (
    ATTACHMENTS,
    PARTS,
    PLACES,
    SERVICE_NUMBERS,
    RequestFacts,
    absent_proofs,
    parts_of,
)
from derogations.declarations import line_text
from derogations.kinds import AttachmentKind, HeadDecision, NetworkNature, TestResult
from derogations.models import Derogation, Refusal, Signature, Withdrawal
from members.powers import DerogationKind, TaxBasis
from portal.templatetags.portal import money


@dataclass(frozen=True, slots=True)
class Line:
    """One label and its value; ``field`` is what a comment or an edit names."""

    field: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of lines."""

    title: str
    lines: tuple[Line, ...]
    part: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A value that differs between two submissions; ``author`` is added by who knows the edits."""

    field: str
    label: str
    before: str
    after: str
    author: str = ""


def label_of(field: str) -> str:
    """A field's label as a page writes it."""
    if field in PARTS_AS_FIELDS:
        return str(PARTS[PARTS_AS_FIELDS[field]][0])
    words = str(Derogation._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
    return words[:1].upper() + words[1:]


PARTS_AS_FIELDS = {PLACES: "lieux", ATTACHMENTS: "pieces", SERVICE_NUMBERS: "lignes"}


def kind_labels(content: dict[str, Any]) -> list[str]:
    """The kinds asked for, in words."""
    return [str(DerogationKind(kind).label) for kind in content["kinds"]]


def granted_labels(derogation: Derogation) -> list[str]:
    """The heads that were granted, in words: what a signed derogation allows."""
    heads = derogation.heads.all()
    return [h.get_kind_display() for h in heads if h.decision == HeadDecision.SIGNED]


def refused_labels(derogation: Derogation) -> list[str]:
    """The heads that were refused, each with its reason's words."""
    heads = [h for h in derogation.heads.all() if h.decision == HeadDecision.REFUSED]
    return [f"{h.get_kind_display()} ({h.get_refusal_reason_display()})" for h in heads]


def sections_of(content: dict[str, Any]) -> list[Section]:
    """A frozen request in words, in the order in which it was filled; empty values left out."""
    sections = [Section(_("La demande"), tuple(_head(content)))]
    for part in parts_of(content["kinds"]):
        title, names = PARTS[part]
        lines = [line for name in names for line in _lines(name, content) if line.value]
        if lines:
            sections.append(Section(str(title), tuple(lines), part))
    sections.append(Section(_("Le montant engagé"), tuple(_amounts(content["amounts"]))))
    return [section for section in sections if section.lines]


@dataclass(frozen=True, slots=True)
class Target:
    """What a signer may comment: a field or a part, its label and what the request says there."""

    field: str
    label: str
    value: str


def targets_of(content: dict[str, Any]) -> list[tuple[str, list[Target]]]:
    """Everything of a frozen request that a comment opens again, by part (F-30).

    Places and tests, papers and line numbers are one target each, even when there is none.
    """
    found = []
    for part in parts_of(content["kinds"]):
        title, names = PARTS[part]
        asked = [n for n in names if n in PARTS_AS_FIELDS or n in content["fields"]]
        if asked:
            found.append((str(title), [_target(name, content) for name in asked]))
    return found


def absent_from(content: dict[str, Any]) -> list[str]:
    """The proofs that a frozen request does not bring, in words (F-33)."""
    places = content["places"]
    return absent_proofs(
        RequestFacts(
            kinds=content["kinds"],
            values=content["fields"],
            places=len(places),
            tests=sum(len(place["tests"]) for place in places),
            papers={paper["kind"] for paper in content["attachments"]},
        )
    )


def _target(field: str, content: dict[str, Any]) -> Target:
    lines = [line for line in _lines(field, content) if line.value]
    told = [line.value if len(lines) == 1 else f"{line.label} : {line.value}" for line in lines]
    if field == ATTACHMENTS:
        told = [line.label for line in lines]
    return Target(field, label_of(field), "\n".join(told))


def values_by_field(content: dict[str, Any]) -> dict[str, str]:
    """Each field of a request in words, its lines together: what fills a provider's form (R-14)."""
    found = {"number": [content["number"]]}
    for line in _all_lines(content):
        found.setdefault(line.field, []).append(line.value)
    return {field: "\n".join(values) for field, values in found.items()}


HEAD_FIELDS = ("number", "kinds", "member", "branch", "provider", "contract", "requester", "offer")
"""What a provider's form may be filled with, beside the fields that a request asks."""


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """What changed from one submission to the next, field by field (F-31)."""
    old = {(line.field, line.label): line.value for line in _all_lines(before)}
    new = {(line.field, line.label): line.value for line in _all_lines(after)}
    return [
        Change(field, label, old.get((field, label), ""), new.get((field, label), ""))
        for field, label in dict.fromkeys([*new, *old])
        if old.get((field, label), "") != new.get((field, label), "")
    ]


def _all_lines(content: dict[str, Any]) -> list[Line]:
    return [line for section in sections_of(content) for line in section.lines]


def _head(content: dict[str, Any]) -> list[Line]:
    """What is asked, of whom, under which contract."""
    told = [
        Line("kinds", _("Genre"), ", ".join(kind_labels(content))),
        Line("member", _("Organisme"), content["member"]),
        Line("branch", _("Subdivision"), content["branch"]),
        Line("provider", _("Prestataire voulu"), content["provider"]),
        Line("contract", _("Contrat"), f"{content['contract_number']} {content['contract']}"),
        Line("requester", _("Demandée par"), content["requester"]["function"]),
    ]
    if content["offer"]:
        offer = content["offer"]
        told.append(Line("offer", _("Article"), f"{offer['name']} ({offer['code']})"))
    return [line for line in told if line.value.strip()]


def _lines(field: str, content: dict[str, Any]) -> list[Line]:
    """The lines of one field."""
    if field == PLACES:
        return [_place(n, place) for n, place in enumerate(content["places"], start=1)]
    if field == ATTACHMENTS:
        return [_paper(paper) for paper in content["attachments"]]
    if field == SERVICE_NUMBERS:
        return [Line(field, _("Lignes visées"), ", ".join(content["service_numbers"]))]
    return [Line(field, label_of(field), _value(field, content["fields"].get(field, "")))]


def _value(field: str, value: Any) -> str:
    """A frozen value as a person reads it."""
    if isinstance(value, bool):
        return _("Oui") if value else _("Non")
    if field.endswith("_amount") and value != "":
        return money(Decimal(value))
    if field == "network_nature" and value:
        return str(NetworkNature(value).label)
    return str(value)


def _place(number: int, place: dict[str, Any]) -> Line:
    """A place and its tests, in one value."""
    where = f"{place['address']}, {place['municipality']} ({place['administrative_region']})"
    tests = [_test(test) for test in place["tests"]]
    return Line(PLACES, _("Lieu %(n)s") % {"n": number}, "\n".join([where, *tests]))


def _test(test: dict[str, Any]) -> str:
    """A test in one line."""
    result = str(TestResult(test["result"]).label)
    signal = "" if test["signal_dbm"] is None else f", {test['signal_dbm']}\u00a0dBm"
    return f"{test['tested_on']}, {test['provider']}, {test['device']} : {result}{signal}"


def _paper(paper: dict[str, str]) -> Line:
    """An attached paper with the hash that is under the signature."""
    label = str(AttachmentKind(paper["kind"]).label)
    return Line(
        ATTACHMENTS,
        f"{label} : {paper['name']}",
        _("sha256 %(hash)s") % {"hash": paper["sha256"]},
    )


def _amounts(amounts: dict[str, Any]) -> list[Line]:
    """The sum and how it was found."""
    if not amounts:
        return []
    return [
        Line("amounts", _("Calcul"), amounts["arithmetic"]),
        Line("amounts", _("Base"), str(TaxBasis(amounts["tax_basis"]).label)),
        Line("amounts", _("Total"), money(Decimal(amounts["total_amount"]))),
    ]


def capacity_sentence(act: Signature | Refusal | Withdrawal) -> str:
    """« B pour A », with the power relied on: said alike everywhere (F-13)."""
    who = act.person_name
    if act.acting_for_name:
        who = _("%(who)s pour %(whom)s") % {"who": who, "whom": act.acting_for_name}
    if act.delegation is None:
        return who
    told = {"who": who, "line": line_text(act.delegation), "capacity": act.get_capacity_display()}
    return _("%(who)s, %(line)s, %(capacity)s") % told
