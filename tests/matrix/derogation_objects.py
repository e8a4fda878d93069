"""A whole draft, its place, test and paper, and a frozen request, at each place."""

from datetime import date
from typing import Any

from django.db.models import Model

from derogations.kinds import AttachmentKind
from derogations.models import Attachment, CoverageTest, Derogation, Place
from members.models import Branch
from portal.clock import database_clock
from portal.files import store
from tests.derogations.factories import (
    AnnexFactory,
    AttachmentFactory,
    CoverageTestFactory,
    DerogationFactory,
    MessageFactory,
    PlaceFactory,
    ProviderFormFactory,
    ReplyTemplateFactory,
    VersionFactory,
)
from tests.derogations.pdf_forms import fillable_form
from tests.matrix.order_objects import Shop
from tests.members.factories import UserFactory

ENDS = date(2030, 1, 15)


def derogation_kinds(shop: Shop) -> dict[str, Any]:
    """A builder for each thing that some address of requests names."""
    blank = store(fillable_form("need"), name="vierge.pdf", content_type="application/pdf")
    form = ProviderFormFactory(
        provider=shop.second.rank.provider,
        kind="network",
        file=blank,
        field_map={"need": "need"},
    )
    reply = ReplyTemplateFactory()

    def test(branch: Branch, mark: str) -> Model:
        spot = request_in(shop, branch, mark).places.get()
        return named(CoverageTestFactory(place=spot, provider=shop.second.rank.provider))

    return {
        "derogation": lambda branch, mark: request_in(shop, branch, mark),
        "derogation_talked": lambda branch, mark: talked_in(shop, branch, mark),
        "derogation_frozen": lambda branch, mark: frozen_in(shop, branch, mark),
        "derogation_place": lambda branch, mark: named(request_in(shop, branch, mark).places.get()),
        "derogation_test": test,
        "derogation_paper": lambda branch, mark: paper_in(shop, branch, mark),
        "provider_form": lambda branch, mark: form,
        "reply_template": lambda branch, mark: reply,
    }


def request_in(shop: Shop, branch: Branch, mark: str) -> Derogation:
    """A draft that lacks nothing."""
    row = DerogationFactory(
        branch=branch,
        contract=shop.version.rank.contract,
        provider=shop.second.rank.provider,
        created_by=UserFactory(),
        filled=True,
        ends_on=ENDS,
        need=f"Besoin {mark}",
    )
    PlaceFactory(derogation=row, address=f"1, rang {mark}")
    AttachmentFactory(derogation=row, kind=AttachmentKind.PROVIDER_FORM, name=f"{mark}.pdf")
    return row


def frozen_in(shop: Shop, branch: Branch, mark: str) -> Derogation:
    """A submitted request whose paper has bytes."""
    row = request_in(shop, branch, mark)
    paper = store(f"%PDF {mark}".encode(), name="d.pdf", content_type="application/pdf")
    version = VersionFactory(derogation=row, pdf=paper)
    Derogation.objects.filter(pk=row.pk).update(version=version, state="submitted")
    row.refresh_from_db()
    return row


def talked_in(shop: Shop, branch: Branch, mark: str) -> Derogation:
    """A draft in which something was said, with a copy of it."""
    row = request_in(shop, branch, mark)
    MessageFactory(derogation=row, text=f"Message {mark}")
    copy = store(f"%PDF copie {mark}".encode(), name="m.pdf", content_type="application/pdf")
    AnnexFactory(derogation=row, file=copy, produced_at=database_clock())
    return row


def paper_in(shop: Shop, branch: Branch, mark: str) -> Model:
    """A paper of a draft, with its bytes."""
    kept = store(f"%PDF papier {mark}".encode(), name=f"{mark}.pdf", content_type="text/plain")
    row = AttachmentFactory(
        derogation=request_in(shop, branch, mark),
        kind=AttachmentKind.OTHER,
        file=kept,
        name=f"{mark}.pdf",
    )
    return named(row)


def named(row: Place | CoverageTest | Attachment) -> Model:
    """What hangs on a request also carries the number that its address names."""
    owner = row.place if isinstance(row, CoverageTest) else row
    row.number = owner.derogation.number  # type: ignore[union-attr]
    return row
