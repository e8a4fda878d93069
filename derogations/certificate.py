"""The sealed document before its seal: the request in words, then the page that certifies it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import segno
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from derogations.declarations import kinds_text, line_text, power_text, signed_by_text
from derogations.evidence import Evidence, as_json
from derogations.freezing import content_of
from derogations.reading import granted_labels, refused_labels, sections_of
from derogations.sealing import Sealed, Wording
from portal.documents import Enclosed, render_pdf
from portal.journal import event_facts
from portal.templatetags.portal import money

if TYPE_CHECKING:
    from derogations.models import Seal, Signature, Withdrawal
    from derogations.queries.seals import Link
    from members.models import Delegation, Interim

TEMPLATE = "documents/derogation_seal.html"
GROUP = 8
"""A code is printed by groups of so many characters."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What the certificate says of one signature."""

    sentence: str
    power: str
    post: str
    capacity: str
    level: str
    local_time: str
    utc_time: str
    declaration: str
    together_reason: str
    plan_sha256: str
    kinds: str
    ceiling: str
    own_line: str
    own_ceiling: str
    interim_act: str
    interim_sha256: str


def files_to_seal(
    seal: "Seal", signatures: "list[Signature]", link: "Link", frozen: bytes
) -> dict[str, bytes]:
    """What the seal covers beside the pages: enclosed in them, and the same bytes in the bundle."""
    return {
        "contenu.json": seal.version.content.encode(),
        "demande.pdf": frozen,
        "journal.json": as_json(
            {
                "event": event_facts(link.event),
                "position": link.position,
                "sha256": link.sha256,
                "previous": link.previous,
            }
        ),
        "signatures.json": as_json([signature_facts(signature) for signature in signatures]),
    }


def render_unsealed(
    seal: "Seal", signatures: "list[Signature]", link: "Link", files: dict[str, bytes]
) -> bytes:
    """One tagged PDF, with its files enclosed unchanged (D-23); raises RenderFailed."""
    number = seal.version.derogation.number
    told = {
        "contenu.json": _("Le contenu de la demande, celui que les empreintes visent"),
        "demande.pdf": _("La demande telle qu'elle a été montrée aux signataires"),
        "journal.json": _("L'événement de la signature et son maillon du journal"),
        "signatures.json": _("Qui a signé, en vertu de quoi, et la preuve de chaque geste"),
    }
    enclosed = [Enclosed(f"{number}-{name}", told[name], files[name]) for name in sorted(files)]
    return render_pdf(TEMPLATE, certificate_context(seal, signatures, link), enclosed=enclosed)


def certificate_context(
    seal: "Seal", signatures: "list[Signature]", link: "Link"
) -> dict[str, object]:
    """What the template reads; every value is frozen, so that a second rendering says the same."""
    version = seal.version
    content = content_of(version)
    address = address_of(seal.token)
    return {
        "number": version.derogation.number,
        "version": version,
        "content": content,
        "kinds": granted_labels(version.derogation),
        "refused": refused_labels(version.derogation),
        "sections": sections_of(content),
        "signatures": [_signed(signature) for signature in signatures],
        "signed_at": signatures[-1].signed_at,
        "seal": seal,
        "link": link,
        "address": address,
        "spaced_token": spaced(seal.token),
        "code": code_of(address),
        "fictitious": bool(content.get("fictitious")),
        "demonstration": settings.DEMONSTRATION,
        "produced_at": signatures[-1].signed_at,
    }


def address_of(token: str) -> str:
    """Where anyone checks the document, as printed on it."""
    return f"{settings.BASE_URL}/verifier/{token}"


def spaced(token: str) -> str:
    """A code that a person can copy from paper."""
    return " ".join(token[at : at + GROUP] for at in range(0, len(token), GROUP))


def code_of(address: str) -> SafeString:
    """The address as a drawing to scan, with the title that a tagged figure needs."""
    drawn = segno.make(address, error="m", micro=False)
    rows = [list(row) for row in drawn.matrix]
    side = len(rows) + 8
    squares = "".join(
        f"M{x + 4} {y + 4}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    )
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="code" viewBox="0 0 {side} {side}">'
        "<title>{title}</title>"
        '<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{squares}"/></svg>',
        side=side,
        title=_("Code à balayer : %(address)s") % {"address": address},
        squares=mark_safe(squares),  # noqa: S308  digits and letters of ours
    )


def wording_of(seal: "Seal") -> Wording:
    """What the seal itself says; the code stands in clear so that an altered copy is named."""
    number = seal.version.derogation.number
    return Wording(
        number=number,
        token=seal.token,
        address=address_of(seal.token),
        reason=_("Sceau de la dérogation %(number)s") % {"number": number},
    )


def evidence_of(seal: "Seal", files: dict[str, bytes], sealed: Sealed) -> Evidence:
    """What the bundle holds of a sealed version."""
    return Evidence(
        number=seal.version.derogation.number,
        sealed=sealed.content,
        enclosed=files,
        timestamp=sealed.timestamp,
        certificates=sealed.certificates,
        revocations=sealed.revocations,
        script=(settings.BASE_DIR / "docs" / "verify_evidence.py").read_bytes(),
    )


def in_utc(instant: datetime) -> str:
    """An instant as the law's clock says it: 2026-11-23 22:25:49,123456 UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S,%f} UTC"


def in_montreal(instant: datetime) -> str:
    """The same instant on the wall: 2026-11-23 17:25:49 (America/Montreal, UTC-05:00)."""
    local = instant.astimezone(ZoneInfo(settings.TIME_ZONE))
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d %H:%M:%S} ({settings.TIME_ZONE}, UTC{offset[:3]}:{offset[3:]})"


def signature_facts(signature: "Signature") -> dict[str, Any]:
    """A signature as plain values, for the evidence."""
    line = signature.delegation
    return {
        "person": signature.person_name,
        "acting_for": signature.acting_for_name or None,
        "capacity": signature.capacity,
        "power": power_text(signature),
        "post": line.post if line else None,
        "plan_sha256": line.plan.act_file.sha256 if line else None,
        "line": _line_facts(line),
        "own_line": _line_facts(signature.own_delegation),
        "interim": _interim_facts(signature.interim),
        "kinds": sorted(signature.kinds),
        "level": signature.level,
        "signed_at": signature.signed_at.isoformat(),
        "declaration_version": signature.declaration_version,
        "together_reason": signature.together_reason,
        "content_sha256": signature.content_sha256,
        "pdf_sha256": signature.pdf_sha256,
        "proof": signature.proof,
    }


def withdrawal_facts(withdrawal: "Withdrawal") -> dict[str, Any]:
    """The act that took a signature back as plain values, for the evidence (R-22)."""
    challenge = withdrawal.challenge
    return {
        "person": withdrawal.person_name,
        "acting_for": withdrawal.acting_for_name or None,
        "capacity": withdrawal.capacity,
        "power": power_text(withdrawal),
        "line": _line_facts(withdrawal.delegation),
        "own_line": _line_facts(withdrawal.own_delegation),
        "interim": _interim_facts(withdrawal.interim),
        "kinds": sorted(challenge.kinds),
        "reason": withdrawal.reason,
        "level": withdrawal.level,
        "withdrawn_at": withdrawal.withdrawn_at.isoformat(),
        "content_sha256": challenge.content_sha256,
        "pdf_sha256": challenge.pdf_sha256,
        "proof": withdrawal.proof,
    }


def _line_facts(line: "Delegation | None") -> dict[str, Any] | None:
    """A line of the plan as plain values; no ceiling where its act sets none."""
    if line is None:
        return None
    return {
        "id": line.pk,
        "clause": line.clause,
        "post": line.post,
        "ceiling_amount": None if line.ceiling_amount is None else str(line.ceiling_amount),
        "plan_version": line.plan.version,
        "plan_sha256": line.plan.act_file.sha256,
    }


def _interim_facts(interim: "Interim | None") -> dict[str, Any] | None:
    """The writing that names an interim, by its hash where its file is kept."""
    if interim is None:
        return None
    return {
        "act_reference": interim.act_reference,
        "act_sha256": interim.act_file.sha256 if interim.act_file else None,
    }


def _signed(signature: "Signature") -> Signed:
    line, own, interim = signature.delegation, signature.own_delegation, signature.interim
    return Signed(
        sentence=signed_by_text(signature),
        power=power_text(signature),
        post=line.post if line else "",
        capacity=signature.get_capacity_display().lower(),
        level=signature.get_level_display(),
        local_time=in_montreal(signature.signed_at),
        utc_time=in_utc(signature.signed_at),
        declaration=signature.proof.get("declaration", ""),
        together_reason=signature.together_reason,
        plan_sha256=line.plan.act_file.sha256 if line else "",
        kinds=kinds_text(sorted(signature.kinds)),
        ceiling=_ceiling_text(line),
        own_line=line_text(own) if own else "",
        own_ceiling=_ceiling_text(own),
        interim_act=interim.act_reference if interim else "",
        interim_sha256=interim.act_file.sha256 if interim and interim.act_file else "",
    )


def _ceiling_text(line: "Delegation | None") -> str:
    """The most that one request may commit under a line (R-20)."""
    if line is None:
        return ""
    ceiling = line.ceiling_amount
    return _("aucun plafond") if ceiling is None else money(ceiling)
