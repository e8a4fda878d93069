"""The same key tells the truth: one act, its answer again, and refusals that say why (X-09)."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from portal.idempotency import KEY_FIELD, KeyInProgress, KeyReused, fingerprint, once, posted_once
from portal.models import IdempotencyKey
from tests.members.factories import UserFactory

pytestmark = pytest.mark.django_db
KEY = uuid.UUID("6d0e5d1a-6a3c-4f43-9a0e-0f2f0a9f3f01")


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def act():
    """An act that counts; each answers another address."""
    done = []

    def answer():
        done.append(len(done))
        return f"/commandes/{len(done)}/"

    answer.done = done
    return answer


def posted(user, act, path="/soumettre/", key=KEY, **fields):
    request = RequestFactory().post(path, {KEY_FIELD: str(key), **fields})
    request.user = user
    return posted_once(request, act)


def test_the_same_key_is_answered_again_without_acting_again(user, act):
    answers = {once(user=user, key=KEY, content="a", answer=act) for _ in range(3)}
    assert answers == {"/commandes/1/"}
    assert len(act.done) == 1


def test_the_same_key_with_another_content_is_refused(user, act):
    once(user=user, key=KEY, content="a", answer=act)
    with pytest.raises(KeyReused, match="autre contenu"):
        once(user=user, key=KEY, content="b", answer=act)
    assert len(act.done) == 1


def test_another_person_s_key_is_another_key(user, act):
    once(user=user, key=KEY, content="a", answer=act)
    once(user=UserFactory(), key=KEY, content="b", answer=act)
    assert len(act.done) == 2


def test_an_act_that_fails_leaves_its_key_free(user, act):
    def fail():
        raise ValueError("refusé")

    with pytest.raises(ValueError, match="refusé"):
        once(user=user, key=KEY, content="a", answer=fail)
    assert not IdempotencyKey.objects.exists()
    assert once(user=user, key=KEY, content="b", answer=act) == "/commandes/1/"


def test_a_key_at_work_elsewhere_is_told_to_wait(user, act, other_session):
    lock = (user.pk << 32 ^ KEY.int) % 2**63
    other_session.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
    with pytest.raises(KeyInProgress, match="déjà en cours"):
        once(user=user, key=KEY, content="a", answer=act)
    assert act.done == []


def test_a_form_sent_twice_acts_once_whatever_its_token(user, act):
    posted(user, act, note="a", csrfmiddlewaretoken="1")
    posted(user, act, note="a", csrfmiddlewaretoken="2")
    assert len(act.done) == 1


@pytest.mark.parametrize(
    "other", [{"note": "b"}, {"note": ["a", "b"]}, {"path": "/soumettre/?x=1"}]
)
def test_a_form_whose_content_changed_is_refused(user, act, other):
    posted(user, act, note="a")
    with pytest.raises(KeyReused):
        posted(user, act, **{"note": "a", **other})


def test_the_bytes_of_a_file_are_part_of_what_is_sent(user, act):
    def attached(content):
        return SimpleUploadedFile("parc.csv", content)

    posted(user, act, file=attached(b"a;b"))
    posted(user, act, file=attached(b"a;b"))
    with pytest.raises(KeyReused):
        posted(user, act, file=attached(b"a;c"))


def test_a_file_can_be_read_by_the_act_after_it_was_counted(user):
    file = SimpleUploadedFile("parc.csv", b"a;b")
    request = RequestFactory().post("/", {KEY_FIELD: str(KEY), "file": file})
    request.user = user
    assert posted_once(request, lambda: request.FILES["file"].read().decode()) == "a;b"


@pytest.mark.parametrize("key", ["", "n'importe quoi"])
def test_without_a_readable_key_each_form_acts(user, act, key):
    posted(user, act, key=key)
    posted(user, act, key=key)
    assert len(act.done) == 2


def test_a_fingerprint_tells_parts_apart():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
