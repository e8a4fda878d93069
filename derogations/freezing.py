"""What of a request is frozen at submission: one canonical text, hashed (signing.md §3.1, D-22).

The text holds functions and never the beneficiary: no personal data beyond what decides.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import rfc8785

from derogations.amounts import Amounts, Commitment
from derogations.completeness import required_fields
from derogations.kinds import COMMON_FIELDS, FIELDS_OF_KIND
from derogations.models import Attachment, Derogation, Place, Version
from members.models import DelegationPlan
from members.powers import DerogationKind, TaxBasis
from members.signing_steps import Step

FORMAT = "derogation-1"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the request commits and how many sign it; no commitment while a date is missing."""

    commitment: Commitment | None
    tax_basis: TaxBasis
    plan: DelegationPlan | None
    steps: tuple[Step, ...]
    contract_number: str = ""
    after_tax_amount: Decimal | None = None

    @property
    def amount(self) -> Decimal | None:
        """The sum on the plan's tax basis, which the signing rules look at (D-20, D-22)."""
        return self.commitment.total_amount if self.commitment else None

    @property
    def amounts(self) -> Amounts | None:
        """What is compared with the lines' ceilings (E6)."""
        if self.commitment is None or self.after_tax_amount is None:
            return None
        return Amounts(self.commitment.before_tax_amount, self.after_tax_amount)


def field_names(kinds: list[str]) -> list[str]:
    """Every field that a request of those kinds may fill, in order."""
    own = [name for kind in kinds for name in FIELDS_OF_KIND[DerogationKind(kind)].names]
    return list(dict.fromkeys([*COMMON_FIELDS.names, "is_quantity_limited", *own]))


def canonical(derogation: Derogation, terms: Terms, version_number: int) -> dict[str, Any]:
    """A request as JSON values: amounts and days are texts, so that no reader rounds them."""
    kinds = [head.kind for head in derogation.heads.all()]
    organisation = derogation.branch.organisation
    return {
        "format": FORMAT,
        "number": derogation.number,
        "version": version_number,
        "member": organisation.name,
        "branch": "" if derogation.branch.is_root else derogation.branch.name,
        "fictitious": organisation.is_fictitious,
        "contract": derogation.contract.title,
        "contract_number": terms.contract_number,
        "provider": derogation.provider.name,
        "offer": _offer(derogation),
        "kinds": kinds,
        "fields": {name: _plain(getattr(derogation, name)) for name in field_names(kinds)},
        "required": required_fields(kinds),
        "service_numbers": list(derogation.service_numbers),
        "places": [_place(place) for place in derogation.places.all()],
        "attachments": [_paper(paper) for paper in derogation.attachments.all()],
        "requester": {"function": derogation.requester.function},
        "amounts": _amounts(terms),
        "steps": [step.needed for step in terms.steps],
        "step_posts": [step.post for step in terms.steps if step.post],
        "plan": _plan(terms.plan),
    }


def frozen_text(content: dict[str, Any]) -> tuple[str, str]:
    """The canonical text (RFC 8785) and its sha256."""
    text = rfc8785.dumps(content)
    return text.decode(), hashlib.sha256(text).hexdigest()


def content_of(version: Version) -> dict[str, Any]:
    """What a version froze, as JSON values."""
    content: dict[str, Any] = json.loads(version.content)
    return content


def amounts_of(version: Version) -> Amounts:
    """What a version commits on each basis; one frozen before both were kept says its own twice."""
    told, total = content_of(version)["amounts"], version.total_amount
    if told.get("tax_basis") == TaxBasis.AFTER_TAX:
        return Amounts(Decimal(told["before_tax_amount"]), total)
    return Amounts(total, Decimal(told.get("after_tax_amount", total)))


def _plain(value: object) -> str | int | bool:
    """A value that canonical JSON holds exactly."""
    if value is None:
        return ""
    if isinstance(value, bool | int):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _offer(derogation: Derogation) -> dict[str, str] | None:
    """The article asked for, at the prices of its list."""
    offer = derogation.offer
    if offer is None:
        return None
    return {
        "code": offer.code,
        "name": offer.name,
        "one_off_amount": str(offer.one_off_amount),
        "monthly_amount": str(offer.monthly_amount),
    }


def _place(place: Place) -> dict[str, Any]:
    """A place with its tests."""
    return {
        "address": place.address,
        "municipality": place.municipality,
        "administrative_region": place.administrative_region,
        "tests": [
            {
                "provider": test.provider.name,
                "tested_on": test.tested_on.isoformat(),
                "device": test.device,
                "signal_dbm": test.signal_dbm,
                "result": test.result,
            }
            for test in place.tests.all()
        ],
    }


def _paper(paper: Attachment) -> dict[str, str]:
    """An attached paper by its hash: what the signer saw is what is under the signature (R-14)."""
    return {"kind": paper.kind, "name": paper.name, "sha256": paper.file.sha256}


def _amounts(terms: Terms) -> dict[str, Any]:
    """The sum compared with the ceilings, with its arithmetic (D-22)."""
    asked = terms.commitment
    if asked is None:
        return {}
    return {
        "tax_basis": terms.tax_basis.value,
        "taxes": [[label, str(amount)] for label, amount in asked.taxes],
        "months": asked.months,
        "before_tax_amount": str(asked.before_tax_amount),
        "after_tax_amount": str(terms.after_tax_amount),
        "total_amount": str(asked.total_amount),
        "arithmetic": asked.arithmetic,
    }


def _plan(plan: DelegationPlan | None) -> dict[str, Any] | None:
    """The delegation plan in force at submission."""
    if plan is None:
        return None
    return {
        "version": plan.version,
        "approved_on": plan.approved_on.isoformat(),
        "act_reference": plan.act_reference,
        "act_sha256": plan.act_file.sha256,
    }
