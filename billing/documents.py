"""What the papers of the bills say."""

from collections.abc import Sequence
from datetime import datetime

from billing.models import MonthStatement
from portal.documents import render_pdf
from portal.files import store
from portal.models import StoredFile
from portal.templatetags.portal import MONTHS


def render_statement(
    statement: MonthStatement,
    produced_at: datetime,
    *,
    lines: Sequence[object],
    total: object,
    due: object,
) -> StoredFile:
    """A branch's month as a stored, tagged PDF, from what the page shows; raises RenderFailed."""
    content = render_pdf(
        "documents/month_statement.html",
        {
            "organisation": statement.branch.organisation,
            "branch": statement.branch,
            "month": f"{MONTHS[statement.month.month - 1]} {statement.month.year}",
            "lines": lines,
            "total": total,
            "due": due,
            "produced_at": produced_at,
        },
    )
    name = f"etat-du-mois-{statement.month:%Y-%m}.pdf"
    return store(content, name=name, content_type="application/pdf")
