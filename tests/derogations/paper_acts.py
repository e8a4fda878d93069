"""Acts of the paper path that several tests play: attach, adopt, confirm."""

from django.urls import reverse

from derogations.actions.papers import attach_paper, attach_resolution, confirm_paper
from derogations.declarations import power_key
from derogations.eligibility import eligible_signers
from derogations.models import (
    PaperSignature,
)
from members.models import User
from members.roles import Role
from portal.clock import database_clock, today
from portal.uploads import Upload
from tests.derogations.signing_world import (
    SigningWorld,
)
from tests.members.factories import (
    respondent_user,
    staff_user,
)


def user_of(world: SigningWorld, role: Role):
    return respondent_user(role, world.derogation.branch)


def attached(world: SigningWorld, signer: User | None = None, **asked) -> PaperSignature:
    """RCELL attaches what the holder signed today."""
    person = (signer or world.signer).person
    powers = eligible_signers(world.derogation, world.version, database_clock())
    (power,) = [row for row in powers if row.person == person]
    asked.setdefault("signed_on", today())
    asked.setdefault("scan", Upload(b"%PDF-1.7 signe", "signe.pdf", "application/pdf"))
    return attach_paper(
        derogation=world.derogation,
        power=power_key(power),
        by=asked.pop("by", None) or user_of(world, Role.RCELL),
        **asked,
    )


def adopted(world: SigningWorld, clerk: User) -> PaperSignature:
    """The extract of the council's resolution, as the representative attaches it."""
    return attach_resolution(
        derogation=world.derogation,
        clerk=clerk.person,
        number="2026-11-123",
        adopted_on=today(),
        extract=Upload(b"%PDF-1.7 extrait", "extrait.pdf", "application/pdf"),
        by=user_of(world, Role.RCELL),
    )


def confirm(paper: PaperSignature, by: User, **told) -> None:
    """Confirm the scan that the page shows."""
    confirm_paper(paper=paper, scan_sha256=paper.scan.sha256, by=by, **told)


def page_of(world: SigningWorld) -> str:
    """The page of the paper path."""
    return reverse(
        "derogations:paper_detail", args=[world.organisation.slug, world.derogation.number]
    )


def both_confirm(world: SigningWorld, paper: PaperSignature) -> None:
    """MANDA, then an agent of ITQ."""
    confirm(paper=paper, by=user_of(world, Role.MANDA))
    confirm(paper=paper, by=staff_user())
