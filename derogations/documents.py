"""What the frozen paper of a request says: the same text as its canonical JSON (D-23)."""

from datetime import datetime

from derogations.freezing import content_of
from derogations.models import Version
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
        "steps": content["steps"],
        "produced_at": _submitted(version),
    }


def render_request(version: Version) -> StoredFile:
    """The version's frozen PDF as a stored, tagged file; raises RenderFailed."""
    paper = render_pdf("documents/derogation_request.html", document_context(version))
    name = f"{version.derogation.number}-v{version.number}.pdf"
    return store(paper, name=name, content_type="application/pdf")


def _submitted(version: Version) -> datetime:
    """The paper bears the day of its submission, however late it is rendered."""
    return version.submitted_at
