"""What the papers of a request say: its frozen text (D-23), and the copy of its messages (F-32)."""

from datetime import datetime

from derogations.freezing import content_of
from derogations.models import Annex, Derogation, Version
from derogations.reading import kind_labels, sections_of
from portal.documents import render_pdf
from portal.files import store
from portal.models import StoredFile


def document_context(version: Version) -> dict[str, object]:
    """What the template reads: nothing but the frozen version, so that it renders alike."""
    content = content_of(version)
    return {
        "version": version,
        "content": content,
        "kinds": kind_labels(content),
        "sections": sections_of(content),
        "steps": version.asked,
        "produced_at": _submitted(version),
    }


def render_request(version: Version) -> StoredFile:
    """The version's frozen PDF as a stored, tagged file; raises RenderFailed."""
    paper = render_pdf("documents/derogation_request.html", document_context(version))
    name = f"{version.derogation.number}-v{version.number}.pdf"
    return store(paper, name=name, content_type="application/pdf")


def annex_context(derogation: Derogation, produced_at: datetime) -> dict[str, object]:
    """What was said in a request up to that instant, oldest first (F-32)."""
    said = derogation.messages.filter(written_at__lte=produced_at)
    return {
        "derogation": derogation,
        "organisation": derogation.branch.organisation,
        "talk": list(said.select_related("written_by__person")),
        "produced_at": produced_at,
    }


def render_annex(annex: Annex, produced_at: datetime) -> StoredFile:
    """The copy of the messages as a stored, tagged file; raises RenderFailed."""
    derogation = annex.derogation
    context = annex_context(derogation, produced_at)
    paper = render_pdf("documents/derogation_messages.html", context)
    return store(paper, name=f"{derogation.number}-messages.pdf", content_type="application/pdf")


def _submitted(version: Version) -> datetime:
    """The paper bears the day of its submission, however late it is rendered."""
    return version.submitted_at
