"""The paper path: a scan, two persons, the day written; the council's resolution (D-25)."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from derogations.actions.papers import attach_paper, attach_resolution, confirm_paper
from derogations.declarations import power_key
from derogations.eligibility import eligible_signers
from derogations.kinds import DerogationState, SignatureLevel
from derogations.models import PaperSignature, Seal, Signature
from members.models import Delegation
from members.permissions import Refused
from members.roles import Role
from portal.clock import database_clock, today
from portal.models import QueuedTask
from portal.uploads import Upload
from tests.derogations.signing_world import SigningWorld, signing_world
from tests.members.factories import respondent_user, staff_user

pytestmark = pytest.mark.django_db


def user_of(world: SigningWorld, role: Role):
    return respondent_user(role, world.derogation.branch)


def attached(world: SigningWorld, **asked) -> PaperSignature:
    """INTRL attaches what the holder signed today."""
    (power,) = eligible_signers(world.derogation, world.version, database_clock())
    asked.setdefault("signed_on", today())
    return attach_paper(
        derogation=world.derogation,
        power=power_key(power),
        scan=Upload(b"%PDF-1.7 signe", "signe.pdf", "application/pdf"),
        by=asked.pop("by", None) or user_of(world, Role.INTRL),
        **asked,
    )


def test_two_persons_confirm_and_it_counts_as_signed_without_a_seal():
    world = signing_world()
    paper = attached(world)
    confirm_paper(paper=paper, by=user_of(world, Role.MANDA))
    assert not Signature.objects.exists()
    confirm_paper(paper=paper, by=staff_user())
    signature = Signature.objects.get()
    assert signature.level == SignatureLevel.HANDWRITTEN
    assert (signature.person, signature.delegation) == (world.signer.person, world.line)
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED
    assert not Seal.objects.exists()
    promised = set(QueuedTask.objects.values_list("task_name", flat=True))
    assert "orders.draw_on_derogation" in promised
    assert "derogations.seal" not in promised


def test_one_person_never_confirms_twice_nor_what_that_person_attached():
    world = signing_world()
    paper = attached(world)
    manda = user_of(world, Role.MANDA)
    confirm_paper(paper=paper, by=manda)
    with pytest.raises(Refused, match="autre personne"):
        confirm_paper(paper=paper, by=manda)


def test_two_agents_of_itq_do_not_confirm_alone():
    world = signing_world()
    paper = attached(world)
    confirm_paper(paper=paper, by=staff_user())
    with pytest.raises(Refused, match="vient de l'organisme"):
        confirm_paper(paper=paper, by=staff_user())


def test_the_day_written_is_between_the_submission_and_today():
    world = signing_world()
    intrl = user_of(world, Role.INTRL)
    for day in (today() - timedelta(days=1), today() + timedelta(days=1)):
        with pytest.raises(ValidationError) as refused:
            attached(world, signed_on=day, by=intrl)
        assert "signed_on" in refused.value.message_dict


def test_a_line_that_did_not_stand_on_the_day_written_concludes_nothing():
    world = signing_world()
    paper = attached(world)
    confirm_paper(paper=paper, by=user_of(world, Role.MANDA))
    Delegation.objects.update(confirmed_at=None, confirmed_by=None)
    with pytest.raises(ValidationError):
        confirm_paper(paper=paper, by=staff_user())
    assert not Signature.objects.exists()


def test_the_council_decides_only_where_no_line_suffices():
    world = signing_world()
    clerk = user_of(world, Role.INTRL)
    told = {
        "derogation": world.derogation,
        "clerk": clerk.person,
        "number": "2026-11-123",
        "adopted_on": today(),
        "extract": Upload(b"%PDF-1.7 extrait", "extrait.pdf", "application/pdf"),
        "by": user_of(world, Role.RCELL),
    }
    with pytest.raises(ValidationError, match="ligne du plan suffit"):
        attach_resolution(**told)
    Delegation.objects.update(ceiling_amount=1)
    paper = attach_resolution(**told)
    confirm_paper(paper=paper, by=user_of(world, Role.MANDA))
    confirm_paper(paper=paper, by=staff_user())
    world.derogation.refresh_from_db()
    assert world.derogation.resolution_number == "2026-11-123"
    assert Signature.objects.get().delegation is None
