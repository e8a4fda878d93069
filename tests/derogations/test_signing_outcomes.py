"""Who may sign, when, and what becomes of it: E1 to E10 at the commit (signing.md §2, §4)."""

from datetime import UTC, date, timedelta

import pgtrigger
import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from derogations.actions.refusals import HeadRefusal
from derogations.actions.signing import open_challenge
from derogations.attempts import AttemptRefused
from derogations.challenges import digest_of, terms_of
from derogations.declarations import declaration_of, power_key
from derogations.eligibility import eligible_signers
from derogations.kinds import DerogationState, HeadDecision
from derogations.models import (
    CoverageTest,
    Derogation,
    Head,
    Place,
    Refusal,
    Signature,
    SigningGrant,
    Version,
)
from derogations.proofs import prove
from derogations.queries.recipients import first_told, reachable, signers_lacking
from derogations.queries.signing import requests_to_sign
from members.actions.people import rename_self
from members.models import Delegation, Membership, Person, User
from members.powers import Capacity, DerogationKind
from members.roles import Role
from portal.clock import database_clock, midnight, today
from portal.models import QueuedTask
from tests.derogations.factories import (
    AttachmentFactory,
    CoverageTestFactory,
    PaperSignatureFactory,
    RefusalFactory,
    WithdrawalFactory,
)
from tests.derogations.signing_world import (
    SESSION,
    SoftwareKey,
    attest,
    by_code,
    challenge_for,
    fresh,
    second_signer,
    sign,
    signer_account,
    signing_world,
)
from tests.members.factories import (
    AbsenceFactory,
    DelegationFactory,
    InterimFactory,
    RespondentFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
BOTH = [DerogationKind.NETWORK, DerogationKind.NON_ZERO_COST]
NO = HeadRefusal("budget", "Trop cher.", "Demander un appareil à coût nul.")


def code_of(call) -> str:
    """The code of the refusal; no signature was written."""
    before = Signature.objects.count()
    with pytest.raises(AttemptRefused) as caught:
        call()
    assert Signature.objects.count() == before
    return f"{caught.value.code} {caught.value.status}"


@pgtrigger.ignore("derogations.Derogation:request_frozen")
def rewrite(**changes) -> None:
    """Say that the frozen request was always so."""
    Derogation.objects.update(**changes)


def spoil(world, how: str) -> None:
    """Make one of E1 to E10 fail between the page and the commit."""
    line, person = Delegation.objects.filter(pk=world.line.pk), world.signer.person
    day = today()
    acts = {
        "E1": lambda: User.objects.filter(pk=world.signer.pk).update(is_active=False),
        "E2": lambda: Person.objects.filter(pk=person.pk).update(
            identity_attested_at=None, identity_attested_by=None
        ),
        "E2 renamed": lambda: rename_self(
            given_name="Victime",
            family_name="Innocente",
            function="",
            by=User.objects.get(pk=world.signer.pk),
        ),
        "E3": lambda: line.update(holder=UserFactory().person),
        "E4 not confirmed": lambda: line.update(confirmed_at=None, confirmed_by=None),
        "E4 ended today": lambda: line.update(valid=DateRange(day - timedelta(days=9), day)),
        "E4 begins tomorrow": lambda: line.update(valid=DateRange(day + timedelta(days=1), None)),
        "E5": lambda: line.update(kinds=[DerogationKind.TECHNOLOGICAL]),
        "E6": lambda: line.update(ceiling_amount=1),
        "E6 year": lambda: line.update(beyond_fiscal_year=False),
        "E7": lambda: rewrite(beneficiary=person),
        "E7 recorder": lambda: line.update(
            recorded_by=UserFactory(person=person, email="autre@example.test")
        ),
        "E9 expired": lambda: Version.objects.update(expires_at="2020-01-01T00:00Z"),
        "E10": lambda: Membership.objects.update(confirmed_at=None, confirmed_by=None),
    }
    acts[how]()


@pytest.mark.parametrize(
    ("how", "answer"),
    [
        ("E1", "E1 403"),
        ("E2", "E2-identity 403"),
        ("E2 renamed", "E2-identity 403"),
        ("E3", "E3 403"),
        ("E4 not confirmed", "E3 403"),
        ("E4 ended today", "E3 403"),
        ("E4 begins tomorrow", "E3 403"),
        ("E5", "E3 403"),
        ("E6", "E6 403"),
        ("E6 year", "E6 403"),
        ("E7", "E7 403"),
        ("E7 recorder", "E7 403"),
        ("E9 expired", "E9 409"),
        ("E10", "E10 403"),
    ],
)
def test_each_ground_refuses_at_the_commit(how, answer):
    world = signing_world()
    challenge = challenge_for(world)
    spoil(world, how)
    assert code_of(lambda: sign(world, challenge=challenge)) == answer


@pytest.mark.parametrize("day", [date(2026, 1, 15), date(2026, 7, 15)], ids=["winter", "summer"])
def test_a_mandate_ends_at_midnight_in_montreal_and_not_a_microsecond_before(day, monkeypatch):
    """`[)`: the last instant of the last day signs, the first of the next refuses (D-21, §4)."""
    world = signing_world()
    Delegation.objects.update(valid=DateRange(date(2025, 1, 1), day))
    end = midnight(day).astimezone(UTC)

    def at(instant) -> None:
        monkeypatch.setattr("derogations.actions.seats.database_clock", lambda: instant)

    at(end - timedelta(microseconds=1))
    challenge = challenge_for(world)
    at(end)
    assert code_of(lambda: sign(world, challenge=challenge)) == "E3 403"
    at(end - timedelta(microseconds=1))
    assert sign(world, challenge=challenge, answer=by_code()).signed_at == end - timedelta(
        microseconds=1
    )


def test_every_row_that_could_refuse_is_held_in_one_order():
    """Whatever ends one of them falls strictly before or after (signing.md §3.5)."""
    world = signing_world()
    challenge, answer = challenge_for(world), by_code()
    with CaptureQueriesContext(connection) as asked:
        sign(world, challenge=challenge, answer=answer)
    held = [
        query["sql"].partition(' FROM "')[2].partition('"')[0]
        for query in asked
        if "FOR NO KEY UPDATE" in query["sql"]
    ]
    tables = ("branch", "person", "user", "delegation", "interim", "absence", "membership")
    order = [f"members_{name}" for name in tables]
    order.insert(3, "mfa_authenticator")
    assert [name for name in held if name in order] == order


@pytest.mark.parametrize("proof", ["key", "code"])
def test_what_proved_is_still_the_account_s_once_every_row_is_held(proof, monkeypatch):
    """The key is removed between the proof and the locks; another factor is left (E2)."""
    world = signing_world()
    challenge, key = challenge_for(world), SoftwareKey(world.signer)
    whole = fresh(challenge)
    kinds = {"key": Authenticator.Type.WEBAUTHN, "code": Authenticator.Type.TOTP}
    answer = (
        key.answer(digest_of(terms_of(whole, declaration_of(whole))))
        if proof == "key"
        else by_code()
    )

    def proved(*args):
        given = prove(*args)
        Authenticator.objects.filter(user=world.signer, type=kinds[proof]).delete()
        return given

    monkeypatch.setattr("derogations.actions.seats.prove", proved)
    told = code_of(lambda: sign(world, challenge=challenge, answer=answer))
    assert told == "E2-factor 403"


def test_a_line_that_ends_after_the_commit_undoes_nothing():
    world = signing_world()
    signature = sign(world)
    spoil(world, "E4 not confirmed")
    signature.refresh_from_db()
    assert signature.voided_at is None
    assert Derogation.objects.get(pk=world.derogation.pk).state == DerogationState.SIGNED


@pytest.mark.parametrize("role", ["requester", "last_editor"])
def test_the_requester_made_dero_later_is_still_refused(role):
    world = signing_world()
    RespondentFactory(person=world.signer.person, role=Role.DERO, branch=world.derogation.branch)
    challenge = challenge_for(world)
    rewrite(**{role: world.signer.person})
    assert code_of(lambda: sign(world, challenge=challenge)) == "E7 403"


def test_two_accounts_of_one_person_sign_once():
    world = signing_world(steps=[2])
    other = signer_account()
    other.person = world.signer.person
    other.save()
    attest(other)
    sign(world)
    assert code_of(lambda: challenge_for(world, other)) == "D-20 403"


def test_a_new_version_makes_the_challenge_stale():
    world = signing_world()
    challenge = challenge_for(world)
    other = world.another()
    newer = Version.objects.get(pk=other.version_id)
    Derogation.objects.filter(pk=world.derogation.pk).update(version=newer)
    assert code_of(lambda: sign(world, challenge=challenge)) == "E9 409"


def test_two_signatures_in_parallel_make_one_derogation():
    world = signing_world(steps=[2])
    second = second_signer(world)
    sign(world)
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SUBMITTED
    assert not QueuedTask.objects.filter(task_name="derogations.seal").exists()
    world.project()
    assert set(SigningGrant.objects.values_list("user", flat=True)) == {second.pk}
    sign(world, second)
    world.derogation.refresh_from_db()
    assert world.derogation.state == DerogationState.SIGNED
    slots = list(Signature.objects.order_by("pk").values_list("step", "slot"))
    assert slots == [(1, 1), (1, 2)]


@pytest.fixture
def series():
    """A request that the chief signs first, then the director, whose account the world holds."""
    world = signing_world(steps=[1, 1], step_posts=["Chef", "Direction"])
    Delegation.objects.filter(pk=world.line.pk).update(post="Direction")
    return world


def test_in_series_each_post_signs_at_its_step(series):
    """F-16: who signs second is not asked first, however early the page is opened."""
    chief = second_signer(series, post="Chef")
    assert [row.derogation for row in requests_to_sign(chief)] == [series.derogation]
    assert requests_to_sign(series.signer) == []
    assert reachable(first_told(series.derogation)) == [chief.person]
    assert code_of(lambda: challenge_for(series)) == "F-16 403"
    sign(series, chief)
    assert reachable(first_told(series.derogation)) == [series.signer.person]
    assert [row.derogation for row in requests_to_sign(series.signer)] == [series.derogation]
    assert code_of(lambda: challenge_for(series, chief)) == "D-20 403"
    sign(series)
    series.derogation.refresh_from_db()
    assert series.derogation.state == DerogationState.SIGNED
    signed = Signature.objects.order_by("pk").values_list("step", "slot", "delegation__post")
    assert list(signed) == [(1, 1, "Chef"), (2, 1, "Direction")]


def test_an_interim_of_the_post_signs_at_its_step(series):
    """The post signs, whoever holds it that day."""
    line = DelegationFactory(
        plan=series.line.plan, post="Chef", clause="4.3", beyond_fiscal_year=True
    )
    chief = signer_account()
    InterimFactory(delegation=line, person=chief.person)
    series.project()
    sign(series, chief)
    assert Signature.objects.get().delegation == line


def test_a_substitute_is_kept_for_the_post_that_nobody_else_fills(series):
    """The director stands in for an absent chief, who may still sign: not both signatures."""
    chief = second_signer(series, post="Chef")
    AbsenceFactory(branch=series.line.branch, person=chief.person, substitute=series.signer.person)
    assert requests_to_sign(series.signer) == []
    assert code_of(lambda: challenge_for(series)) == "F-16 403"
    assert [power.person for power in first_told(series.derogation)] == [chief.person]
    sign(series, chief)
    sign(series)
    series.derogation.refresh_from_db()
    assert series.derogation.state == DerogationState.SIGNED


def test_a_request_of_fifty_others_turns_hides_none_of_one_s_own(series):
    for _ in range(2):
        series.another(steps=[1, 1], step_posts=["Chef", "Direction"])
    mine = series.another()
    assert [row.derogation for row in requests_to_sign(series.signer, most=2)] == [mine]


def test_a_post_that_nobody_bears_is_named(series):
    """Two chiefs would be enough people; the director's place stays empty."""
    chief, _other = second_signer(series, post="Chef"), second_signer(series, post="Chef")
    Delegation.objects.filter(pk=series.line.pk).update(post="Chef")
    assert signers_lacking(series.derogation) == ["Direction"]
    sign(series, chief)
    assert signers_lacking(series.derogation) == ["Direction"]
    assert first_told(series.derogation) == []


def test_like_requests_that_pass_the_ceiling_together_need_a_reason():
    world = signing_world(total_amount=15_000)
    other = world.another(total_amount=15_000)
    second = second_signer(world)
    sign(world)
    challenge = challenge_for(world, second, derogation=other)
    assert code_of(lambda: sign(world, second, challenge=challenge)) == "E6 409"
    signature = sign(world, second, challenge=challenge, together_reason="Deux lacs distincts.")
    assert signature.together_reason == "Deux lacs distincts."


def test_one_gesture_grants_a_head_and_refuses_the_other():
    world = signing_world(kinds=BOTH)
    challenge = challenge_for(world, kinds=[DerogationKind.NETWORK])
    with pytest.raises(ValidationError, match="accordé ou refusé"):
        sign(world, challenge=challenge)
    sign(world, challenge=challenge, refused={DerogationKind.NON_ZERO_COST: NO})
    decided = dict(Head.objects.values_list("kind", "decision"))
    assert decided == {
        DerogationKind.NETWORK: HeadDecision.SIGNED,
        DerogationKind.NON_ZERO_COST: HeadDecision.REFUSED,
    }
    assert Refusal.objects.get().kinds == [DerogationKind.NON_ZERO_COST]


def test_a_substitute_signs_for_the_absent_while_the_absence_lasts():
    world = signing_world()
    substitute = second_signer(world, kinds=[DerogationKind.NETWORK], ceiling_amount=5_000)
    absence = AbsenceFactory(
        branch=world.derogation.branch,
        person=world.signer.person,
        substitute=substitute.person,
    )
    Delegation.objects.filter(holder=substitute.person).update(ceiling_amount=1)
    world.project()
    assert not SigningGrant.objects.filter(user=substitute).exists()  # too little of his own
    Delegation.objects.filter(holder=substitute.person).update(ceiling_amount=5_000)
    world.project()
    version = world.version
    (power,) = [
        p
        for p in eligible_signers(version.derogation, version, database_clock())
        if p.capacity == Capacity.SUBSTITUTE
    ]
    challenge = open_challenge(
        version=version,
        kinds=[DerogationKind.NETWORK],
        power=power_key(power),
        session_key=SESSION,
        by=substitute,
    )
    absence.valid = DateRange(today() - timedelta(days=9), today())
    absence.save()
    assert code_of(lambda: sign(world, substitute, challenge=challenge)) == "E4 403"
    absence.valid = DateRange(today(), None)
    absence.save()
    signature = sign(world, substitute, challenge=challenge, answer=by_code())
    assert signature.acting_for == world.signer.person


def test_an_interim_named_in_writing_signs():
    world = signing_world()
    user = signer_account()
    interim = InterimFactory(delegation=world.line, person=user.person)
    world.project()
    signature = sign(world, user)
    assert (signature.interim, signature.capacity) == (interim, Capacity.INTERIM)


FROZEN = """\
UPDATE derogations_version SET content = '{}'
UPDATE derogations_version SET total_amount = 1
UPDATE derogations_version SET steps = '{2}'
UPDATE derogations_version SET step_posts = '{Chef}'
UPDATE derogations_version SET pdf_id = NULL
UPDATE derogations_version SET voided_at = now(); UPDATE derogations_version SET voided_at = NULL
DELETE FROM derogations_version
UPDATE derogations_derogation SET need = 'Autre chose'
UPDATE derogations_derogation SET quantity = quantity + 1
UPDATE derogations_head SET decision = 'refused'
UPDATE derogations_head SET decision = 'pending'
UPDATE derogations_head SET kind = 'technological'
DELETE FROM derogations_head
UPDATE derogations_place SET municipality = 'Ailleurs'
DELETE FROM derogations_place
UPDATE derogations_coveragetest SET result = 'no_service'
DELETE FROM derogations_coveragetest
UPDATE derogations_attachment SET kind = 'scan'
DELETE FROM derogations_attachment
UPDATE derogations_challenge SET consumed_at = NULL
UPDATE derogations_signature SET person_id = person_id + 1
UPDATE derogations_signature SET voided_at=now(); UPDATE derogations_signature SET voided_at=NULL
DELETE FROM derogations_signature
UPDATE derogations_refusal SET text = 'Autre'
DELETE FROM derogations_refusal
UPDATE derogations_withdrawal SET reason = 'Autre'
DELETE FROM derogations_withdrawal
UPDATE derogations_papersignature SET signed_on = '2020-01-01'
DELETE FROM derogations_papersignature
UPDATE portal_storedfile SET sha256 = 'autre' || id
""".splitlines()


def test_the_database_refuses_to_change_what_was_frozen():
    world = signing_world()
    signature = sign(world)
    CoverageTestFactory(place=world.derogation.places.get())
    AttachmentFactory(derogation=world.derogation)
    RefusalFactory(version=world.version)
    WithdrawalFactory(derogation=world.derogation)
    twice = {"confirmed_by": UserFactory(), "confirmed_again_by": UserFactory()}
    now = {"confirmed_at": database_clock(), "confirmed_again_at": database_clock()}
    PaperSignatureFactory(version=world.version, signature=signature, **twice, **now)
    assert [statement for statement in FROZEN if not refused(statement)] == []


def test_a_frozen_request_takes_no_new_part():
    world = signing_world()
    sign(world)
    place = {"address": "2, rue", "municipality": "Ailleurs", "administrative_region": "Estrie"}
    held = world.derogation.places.get()
    shop = {"provider": world.derogation.provider, "tested_on": today(), "device": "Téléphone"}
    for add in (
        lambda: Head.objects.create(derogation=world.derogation, kind=DerogationKind.TECHNOLOGICAL),
        lambda: Place.objects.create(derogation=world.derogation, **place),
        lambda: CoverageTest.objects.create(place=held, result="no_service", **shop),
    ):
        with pytest.raises(DatabaseError, match="frozen request"), transaction.atomic():
            add()


def refused(statement: str) -> bool:
    """Whether a trigger refuses it; nothing stays of it otherwise."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return "pgtrigger: Cannot" in str(error)
    return False


def test_the_frozen_text_is_refused_by_orm_and_in_bulk():
    version = signing_world().version
    version.content = "{}"
    for change in (
        version.save,
        lambda: Version.objects.bulk_update([version], ["content"]),
        lambda: Version.objects.update(content="{}"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
