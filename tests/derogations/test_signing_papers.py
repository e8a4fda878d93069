"""The paper path: a scan, two persons, the day written; the council's resolution (D-25)."""

from datetime import timedelta

import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from derogations.actions.papers import confirm_paper
from derogations.actions.refusals import HeadRefusal
from derogations.attempts import AttemptRefused
from derogations.declarations import power_key
from derogations.eligibility import eligible_signers
from derogations.kinds import DerogationState, HeadDecision, SignatureLevel
from derogations.models import (
    Derogation,
    Head,
    PaperSignature,
    Refusal,
    Seal,
    Signature,
    SigningGrant,
    Version,
)
from derogations.queries import inbox_items
from derogations.queries.papers import papers_to_confirm, powers_on_paper
from derogations.queries.seals import late_seals, waiting_seals
from derogations.queries.signing import acted_on
from members.actions.invitations import attach_account, invite_signer
from members.models import Delegation, User
from members.permissions import Refused
from members.powers import DerogationKind
from members.projection import project
from members.roles import Role
from portal.clock import database_clock, today
from portal.models import ClockTimestamp, QueuedTask
from portal.uploads import Upload
from tests.derogations.factories import SealFactory
from tests.derogations.paper_acts import attached, both_confirm, confirm, page_of, user_of
from tests.derogations.signing_world import (
    attest,
    challenge_for,
    second_signer,
    sign,
    signer_account,
    signing_world,
)
from tests.members.factories import (
    DelegationFactory,
    PersonFactory,
    RespondentFactory,
    staff_user,
)

pytestmark = pytest.mark.django_db


def test_two_persons_confirm_and_it_counts_as_signed_without_a_seal():
    world = signing_world()
    paper = attached(world)
    confirm(paper=paper, by=user_of(world, Role.MANDA))
    assert not Signature.objects.exists()
    confirm(paper=paper, by=staff_user())
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
    confirm(paper=paper, by=manda)
    with pytest.raises(Refused, match="autre personne"):
        confirm(paper=paper, by=manda)


def test_two_agents_of_itq_do_not_confirm_alone():
    world = signing_world()
    paper = attached(world)
    confirm(paper=paper, by=staff_user())
    with pytest.raises(Refused, match="vient de l'organisme"):
        confirm(paper=paper, by=staff_user())


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
    confirm(paper=paper, by=user_of(world, Role.MANDA))
    Delegation.objects.update(confirmed_at=None, confirmed_by=None)
    with pytest.raises(ValidationError):
        confirm(paper=paper, by=staff_user())
    assert not Signature.objects.exists()


def test_two_people_sign_by_hand_and_each_paper_fills_one_slot():
    world = signing_world(steps=[2])
    other = second_signer(world)
    first, second = attached(world), attached(world, other)
    both_confirm(world, first)
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SUBMITTED
    assert [row.person for row in powers_on_paper(world.derogation)] == [other.person]
    both_confirm(world, second)
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED
    slots = Signature.objects.values_list("person", "step", "slot", "paper")
    assert set(slots) == {
        (world.signer.person_id, 1, 1, first.pk),
        (other.person_id, 1, 2, second.pk),
    }
    assert not Seal.objects.exists()


def test_one_person_has_one_paper_replaced_until_it_counts():
    """A new scan is confirmed afresh, by two persons, whoever confirmed the one before."""
    world = signing_world(steps=[2])
    second_signer(world)
    paper, manda = attached(world), user_of(world, Role.MANDA)
    confirm(paper=paper, by=manda)
    again = attached(world, scan=Upload(b"%PDF-1.7 autre", "autre.pdf", "application/pdf"))
    assert (again.pk, again.confirmed_at) == (paper.pk, None)
    confirm(paper=again, by=staff_user())
    assert not Signature.objects.exists()
    confirm(paper=again, by=manda)
    with pytest.raises(ValidationError, match="déjà signé"):
        attached(world)
    assert PaperSignature.objects.get().scan == again.scan


@pytest.mark.parametrize("by_hand_first", [True, False])
def test_one_by_hand_and_one_with_a_code_is_signed_and_never_sealed(by_hand_first):
    world = signing_world(steps=[1, 1])
    other = second_signer(world)
    acts = [lambda: both_confirm(world, attached(world)), lambda: sign(world, other)]
    for act in acts if by_hand_first else reversed(acts):
        act()
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED
    assert Signature.objects.count() == 2
    assert not Seal.objects.exists()


def test_papers_follow_the_order_of_the_posts():
    """F-16: neither attached before the post that comes first, nor written before it signed."""
    world = signing_world(steps=[1, 1], step_posts=["Chef", "Direction"])
    chief = second_signer(world, post="Chef")
    Delegation.objects.filter(pk=world.line.pk).update(post="Direction")
    with pgtrigger.ignore("derogations.Version:version_frozen"):
        Version.objects.update(submitted_at=database_clock() - timedelta(days=3))
    with pytest.raises(ValidationError, match="« Chef » de signer d'abord"):
        attached(world)
    assert [power.person for power in powers_on_paper(world.derogation)] == [chief.person]
    sign(world, chief)
    with pytest.raises(ValidationError, match="ne suit pas l'ordre"):
        attached(world, signed_on=today() - timedelta(days=1))
    both_confirm(world, attached(world))
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED


def test_a_series_asks_nothing_of_whom_it_does_not_name(client):
    """Of three who have the power, two posts are asked: the third opens no page, signs no paper."""
    world = signing_world(steps=[1, 1], step_posts=["Chef", "Direction"])
    chief, other = second_signer(world, post="Chef"), second_signer(world, post="Adjointe")
    Delegation.objects.filter(pk=world.line.pk).update(post="Direction")
    world.project()
    granted = SigningGrant.objects.values_list("user", flat=True)
    assert set(granted) == {chief.pk, world.signer.pk}
    with pytest.raises(ValidationError, match="« Chef » de signer d'abord"):
        attached(world, other)
    client.force_login(user_of(world, Role.RCELL))
    body = client.get(page_of(world)).content.decode()
    assert "Les postes signent l'un après l'autre" in body
    assert (str(chief.person) in body, str(other.person) in body) == (True, False)


def test_a_scan_that_nobody_confirmed_hides_no_late_seal():
    """Attached, then the signer signed in the portal: the alarm still sees the seal."""
    world = signing_world()
    attached(world)
    sign(world)
    Seal.objects.update(asked_at=ClockTimestamp() - timedelta(minutes=16))
    assert list(late_seals()) == [Seal.objects.get()]


def test_a_confirmed_paper_waits_for_no_seal():
    world = signing_world()
    both_confirm(world, attached(world))
    SealFactory(version=world.version)
    assert not waiting_seals().exists()


def told_to(user: User) -> list[str]:
    """The titles in the inbox that speak of paper."""
    return [item.title for item in inbox_items(user) if "onfirmer" in item.title]


def test_those_who_may_confirm_find_it_in_their_inbox_and_only_they():
    world = signing_world()
    manda, agent, other_agent = user_of(world, Role.MANDA), staff_user(), staff_user()
    paper = attached(world)
    title = (
        f"Confirmer la signature manuscrite de {world.signer.person}, "
        f"demande {world.derogation.number}"
    )
    for user in (manda, agent, other_agent):
        assert told_to(user) == [title]
    for user in (paper.attached_by, world.signer, user_of(world, Role.RCELL)):
        assert told_to(user) == []
    confirm(paper=paper, by=agent)
    assert (told_to(agent), told_to(other_agent), told_to(manda)) == ([], [], [title])
    confirm(paper=paper, by=manda)
    assert told_to(manda) == []


def test_a_paper_of_another_member_awaits_nobody_here():
    world, elsewhere = signing_world(), signing_world()
    attached(world)
    assert not papers_to_confirm(user_of(elsewhere, Role.MANDA)).exists()


def test_the_page_shows_each_paper_and_offers_only_what_would_be_accepted(client):
    world = signing_world(steps=[2])
    both = user_of(world, Role.RCELL)
    RespondentFactory(role=Role.MANDA, branch=world.derogation.branch, person=both.person)
    project([both.person_id])
    papers = [attached(world, by=both), attached(world, second_signer(world))]
    page = f"/organismes/{world.organisation.slug}/derogations/{world.derogation.number}/papier/"
    manda = user_of(world, Role.MANDA)
    for user, offered in ((manda, 2), (both, 1)):
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        shown = client.get(page).content.decode()
        assert shown.count("Document signé à la main par") == 2
        assert shown.count("/confirmer/") == offered
    address = f"{page}{papers[0].pk}/confirmer/"
    client.force_login(manda, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.post(address, {"submission": "2" * 32}).status_code == 422
    read = {"submission": "1" * 32, "scan_sha256": papers[0].scan.sha256}
    assert client.post(address, read).status_code == 302
    assert client.get(page).content.decode().count("/confirmer/") == 1
    scan = client.get(f"{page}{papers[1].pk}/document/")
    assert b"".join(scan.streaming_content) == b"%PDF-1.7 signe"
    assert client.get(f"{page}{papers[1].pk + 100}/document/").status_code == 404


BOTH = [DerogationKind.NETWORK, DerogationKind.NON_ZERO_COST]
NO = HeadRefusal("budget", "Trop cher.", "Demander un appareil à coût nul.")


def test_on_paper_too_passing_the_ceiling_together_needs_a_written_reason():
    """Asked when the scan is attached, and again when the second person confirms it (E6)."""
    world = signing_world(total_amount=15_000)
    other, second = world.another(total_amount=15_000), second_signer(world)
    early = attached(world)
    sign(world, second, derogation=other)
    with pytest.raises(ValidationError) as refused:
        attached(world)
    assert "together_reason" in refused.value.message_dict
    confirm(paper=early, by=user_of(world, Role.MANDA))
    agent = staff_user()
    with pytest.raises(ValidationError) as refused:
        confirm(paper=early, by=agent)
    assert "together_reason" in refused.value.message_dict
    confirm(paper=early, by=agent, together_reason="Deux lacs distincts.")
    given = Signature.objects.get(version=world.version)
    assert given.together_reason == "Deux lacs distincts."


def test_a_paper_grants_a_head_and_refuses_the_other():
    world = signing_world(kinds=BOTH)
    refused = {DerogationKind.NON_ZERO_COST: NO}
    with pytest.raises(ValidationError, match="au moins un volet"):
        attached(world, refused=dict.fromkeys(BOTH, NO))
    both_confirm(world, attached(world, refused=refused))
    assert Signature.objects.get().kinds == [DerogationKind.NETWORK]
    assert dict(Head.objects.values_list("kind", "decision")) == {
        DerogationKind.NETWORK: HeadDecision.SIGNED,
        DerogationKind.NON_ZERO_COST: HeadDecision.REFUSED,
    }
    row = Refusal.objects.get()
    assert (row.kinds, row.person, row.user) == (list(refused), world.signer.person, None)


def test_the_page_takes_the_refused_heads_and_says_what_their_words_lack(client):
    world = signing_world(kinds=BOTH)
    client.force_login(user_of(world, Role.RCELL))
    page = f"/organismes/{world.organisation.slug}/derogations/{world.derogation.number}/papier/"
    (power,) = eligible_signers(world.derogation, world.version, database_clock())
    typed = {
        "submission": "1" * 32,
        "power": power_key(power),
        "signed_on": today().isoformat(),
        "non_zero_cost_device-reason": "budget",
    }

    def post(**more):
        scan = SimpleUploadedFile("signe.pdf", b"%PDF-1.7 signe", content_type="application/pdf")
        return client.post(f"{page}joindre/", {**typed, **more, "scan": scan})

    told = post().content.decode()
    assert "Un refus dit son motif" in told
    words = {"text": "Trop cher.", "next_step": "Attendre."}
    post(**{f"non_zero_cost_device-{name}": text for name, text in words.items()})
    assert PaperSignature.objects.get().refused == {
        "non_zero_cost_device": {"reason": "budget", **words}
    }
    assert "Trop cher." in client.get(page).content.decode()


def test_what_is_confirmed_is_the_scan_and_the_version_that_were_read():
    world = signing_world()
    paper = attached(world)
    manda, read = user_of(world, Role.MANDA), paper.scan.sha256
    attached(world, scan=Upload(b"%PDF-1.7 autre", "autre.pdf", "application/pdf"))
    with pytest.raises(ValidationError, match="remplacé"):
        confirm_paper(paper=paper, scan_sha256=read, by=manda)
    newer = Version.objects.get(pk=world.another().version_id)
    Derogation.objects.filter(pk=world.derogation.pk).update(version=newer)
    with pytest.raises(ValidationError, match="changé depuis ce papier"):
        confirm(paper=PaperSignature.objects.get(), by=manda)


def test_who_signed_by_hand_then_accepts_with_an_account_of_elsewhere_is_one_person():
    """Frozen rows keep the first row of the person; E7 and D-20 see the human being (D-07)."""
    world = signing_world(steps=[2])
    first, user = PersonFactory(), signer_account()
    line = DelegationFactory(plan=world.line.plan, holder=first, clause="4.9")
    line.beyond_fiscal_year = True
    line.save()
    paper = attached(world, User(person=first))
    both_confirm(world, paper)
    sent = world.another()
    Derogation.objects.filter(pk=sent.pk).update(state=DerogationState.RETURNED)
    Derogation.objects.filter(pk=sent.pk).update(beneficiary=first)
    Derogation.objects.filter(pk=sent.pk).update(state=DerogationState.SUBMITTED)
    invitation = invite_signer(
        delegation=line, person=first, email=user.email, by=user_of(world, Role.INTRL)
    )
    attach_account(invitation=invitation, by=user)
    line.refresh_from_db()
    assert line.holder == user.person
    assert Signature.objects.get().person == first
    assert acted_on(user, world.derogation)
    assert [power.person for power in powers_on_paper(world.derogation)] == [world.signer.person]
    attest(user)
    refusals = {}
    for row in (world.derogation, sent):
        with pytest.raises(AttemptRefused) as caught:
            challenge_for(world, user, derogation=row)
        refusals[row.pk] = caught.value.code
    assert refusals == {world.derogation.pk: "D-20", sent.pk: "E7"}
