"""What the page of one derogation shows, whatever its state."""

from dataclasses import replace
from typing import Any

from derogations.completeness import PARTS, Missing, parts_of
from derogations.eligibility import open_powers
from derogations.forms.requests import CancelForm, MessageForm
from derogations.freezing import Terms, canonical, content_of
from derogations.kinds import DerogationOrigin, DerogationState, SignatureLevel
from derogations.models import Derogation, FieldComment, Refusal, Signature, Version
from derogations.queries.day_settings import day_settings
from derogations.queries.delays import Delay, usual_delays
from derogations.queries.recipients import draft_kept_until
from derogations.queries.request_page import (
    edits_between,
    messages_in,
    offered_replies,
    request_history,
    seal_of,
    versions_of,
)
from derogations.queries.requests import (
    EDITABLE_STATES,
    missing_in,
    open_comments,
    open_fields,
    places_lacking,
    posts_of,
    signers_awaited,
    terms_of,
)
from derogations.queries.signing import withdrawal_of
from derogations.reading import (
    Change,
    Section,
    capacity_sentence,
    changes_between,
    label_of,
    sections_of,
)
from derogations.states import CANCEL
from members.permissions import can
from members.queries.delegations import StandingPower
from members.requests import SignedInRequest
from members.roles import May
from portal.audit import actor_label, event_label


def request_page(
    request: SignedInRequest, derogation: Derogation, **forms: object
) -> dict[str, object]:
    """The page's context; ``forms`` are bound forms that were refused."""
    may_ask = can(request.user, May.ASK_DEROGATION, on=derogation)
    editable = derogation.state in EDITABLE_STATES
    versions = versions_of(derogation)
    return {
        "organisation": derogation.branch.organisation,
        "derogation": derogation,
        "heads": list(derogation.heads.all()),
        "may_ask": may_ask,
        "may_reexamine": can(request.user, May.RECORD_DELEGATION, on=derogation),
        "cancellable": may_ask and derogation.state in CANCEL.sources,
        "is_earlier": derogation.origin == DerogationOrigin.EARLIER,
        "papers": list(derogation.attachments.all()),
        "seal": seal_of(derogation),
        "on_paper": _on_paper(derogation, versions),
        "versions": versions,
        "acts": _acts(versions),
        **withdrawal_part(derogation),
        **_signers_part(derogation, versions),
        "lacks_account": getattr(derogation, "lacks_account", False),
        "may_open_account": can(request.user, May.RECORD_ACCOUNT, on=derogation),
        "awaits": derogation.state == DerogationState.SUBMITTED,
        "refused_form": None,
        "cancel_form": CancelForm(prefix="cancel"),
        **_talk_part(request, derogation),
        **(_draft_part(derogation, may_ask) if editable else _frozen_part(derogation)),
        "history": [
            {"label": event_label(e), "at": e.recorded_at, "by": actor_label(e), "note": e.hat}
            for e in request_history(derogation)
        ],
        **forms,
    }


def live_sections(derogation: Derogation, terms: Terms) -> list[Section]:
    """What the next submission would freeze, in words."""
    return sections_of(canonical(derogation, terms, 0))


def changed_since(
    derogation: Derogation, versions: list[Version], shown: Version
) -> dict[str, object]:
    """A submission in words, and its changes with their authors (F-31)."""
    before = next((row for row in versions if row.number == shown.number - 1), None)
    changes: list[Change] = []
    if before is not None:
        authors = edits_between(derogation, before, shown)
        fallback = str(shown.submitted_by.person or shown.submitted_by)
        changes = [
            replace(change, author=authors.get(change.field, fallback))
            for change in changes_between(content_of(before), content_of(shown))
        ]
    return {"changes": changes, "sections": sections_of(content_of(shown))}


def _draft_part(derogation: Derogation, may_ask: bool) -> dict[str, object]:
    """While it is written: each part, what it lacks, and whether it may change."""
    day = day_settings(derogation)
    terms = terms_of(derogation, day)
    lacks = missing_in(derogation, day)
    comments = open_comments(derogation)
    opened = open_fields(derogation, comments)
    sections = {section.part: section for section in live_sections(derogation, terms)}
    kinds = [head.kind for head in derogation.heads.all()]
    return {
        "is_draft": True,
        "terms": terms,
        "parts": [
            _part(part, sections.get(part), lacks, comments, opened, may_ask)
            for part in parts_of(kinds)
        ],
        "missing": lacks,
        "comments": comments,
        "kept_until": draft_kept_until(derogation),
        "blank_forms": day.forms,
        "delays": _delays(derogation, kinds),
        "kinds_editable": may_ask and opened is None,
    }


def _delays(derogation: Derogation, kinds: list[str]) -> list[Delay]:
    """The usual delay, before the first submission: it was read by then (F-35)."""
    if derogation.version_id is not None:
        return []
    return [delay for delay in usual_delays() if delay.kind in kinds]


def _part(
    part: str,
    section: Section | None,
    lacks: list[Missing],
    comments: list[FieldComment],
    opened: set[str] | None,
    may_ask: bool,
) -> dict[str, Any]:
    """One part of a draft's page."""
    title, names = PARTS[part]
    return {
        "slug": part,
        "title": title,
        "lines": section.lines if section else (),
        "missing": [lack.sentence for lack in lacks if lack.part == part],
        "comments": [
            (label_of(comment.field), comment) for comment in comments if comment.field in names
        ],
        "editable": may_ask and (opened is None or bool(opened & set(names))),
    }


def _frozen_part(derogation: Derogation) -> dict[str, object]:
    """Once submitted: the frozen text in words; an earlier one has its scan only."""
    if derogation.version is None:
        sections = live_sections(derogation, terms_of(derogation))
    else:
        sections = sections_of(content_of(derogation.version))
    return {"is_draft": False, "sections": sections, "missing": [], "comments": []}


def _talk_part(request: SignedInRequest, derogation: Derogation) -> dict[str, object]:
    """What was said, and a word to add; a ready answer is put in it by its link."""
    replies = offered_replies()
    asked = request.GET.get("reponse", "")
    text = next((reply.text for reply in replies if str(reply.pk) == asked), "")
    return {
        "talk": messages_in(derogation),
        "annex_asked": getattr(derogation, "annex_asked", False),
        "annex_at": getattr(derogation, "annex_at", None),
        "replies": replies,
        "message_form": MessageForm(prefix="message", initial={"text": text}),
    }


def _acts(versions: list[Version]) -> list[dict[str, object]]:
    """Who signed and who refused, in what capacity, latest version first (F-13)."""
    found: list[dict[str, object]] = []
    for version in versions:
        found += [_signed(version, signature) for signature in version.signatures.all()]
        found += [_refused(version, refusal) for refusal in version.refusals.all()]
    return found


def _signers_part(derogation: Derogation, versions: list[Version]) -> dict[str, object]:
    """The posts that can sign what awaits, in which steps, and who lacks for every signature."""
    powers = signers_awaited(derogation)
    steps = versions[0].asked if versions else ()
    lacking: list[str] = []
    if derogation.state == DerogationState.SUBMITTED and versions:
        given = {one.person_id for one in versions[0].signatures.all() if not one.voided_at}
        lacking = places_lacking(steps, open_powers(steps, powers, given), len(given))
    return {"steps": steps, **signers_told(open_powers(steps, powers), lacking)}


def signers_told(powers: list[StandingPower], lacking: list[str]) -> dict[str, object]:
    """What ``derogations/posts.html`` reads: who can sign, who lacks, at which posts."""
    missing = [post for post in lacking if post]
    return {"posts": posts_of(powers), "lacking": len(lacking), "missing": missing}


def withdrawal_part(derogation: Derogation) -> dict[str, object]:
    """Who withdrew it, in what capacity and why: the mail says that it is read here (R-22)."""
    row = withdrawal_of(derogation)
    return {"withdrawal": row, "withdrawn_by": capacity_sentence(row) if row else ""}


def _on_paper(derogation: Derogation, versions: list[Version]) -> bool:
    """Whether the paper path has something to show: a version to print, or one signed by hand."""
    if derogation.state == DerogationState.SUBMITTED:
        return derogation.version is not None and derogation.version.pdf_id is not None
    levels = {signature.level for version in versions for signature in version.signatures.all()}
    return SignatureLevel.HANDWRITTEN in levels


def _signed(version: Version, signature: Signature) -> dict[str, object]:
    """A signature, with its level, and why it no longer counts where it is void."""
    return {
        "version": version,
        "is_refusal": False,
        "who": capacity_sentence(signature),
        "at": signature.signed_at,
        "level": signature.get_level_display(),
        "void_reason": signature.void_reason if signature.voided_at else "",
    }


def _refused(version: Version, refusal: Refusal) -> dict[str, object]:
    """A refusal, with its reason and the next step (F-19)."""
    return {
        "version": version,
        "is_refusal": True,
        "who": capacity_sentence(refusal),
        "at": refusal.refused_at,
        "reason": refusal.get_reason_display(),
        "text": refusal.text,
        "next_step": refusal.next_step,
    }
