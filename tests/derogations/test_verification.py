"""The public check: what a code or a dropped file answers, to anyone, without personal data."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from derogations import tasks
from derogations.queries.verification import FileVerdict, judge_file
from members.roles import Role
from portal.files import read
from portal.models import AuditEvent
from tests.derogations.factories import SealFactory
from tests.derogations.sealing import seal_of, signed_world, withdraw_with_key
from tests.members.factories import OrganisationFactory, respondent_user

pytestmark = pytest.mark.django_db
HOME = "/verifier/"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def world(sealing, paper, monkeypatch):
    """Signed and sealed."""
    monkeypatch.setattr(tasks, "render_unsealed", lambda *args: paper)
    made = signed_world(paper)
    tasks.seal(version_id=made.derogation.version_id)
    return made


def drop(client, content: bytes):
    return client.post(HOME, {"file": SimpleUploadedFile("document.pdf", content)})


def text(response) -> str:
    return response.content.decode()


def test_a_code_tells_the_register_s_line_to_anyone(client, world):
    seal = seal_of(world)
    told = text(client.get(f"{HOME}{seal.token}"))
    assert world.derogation.number in told
    assert "Réseau" in told
    assert "Signée" in told
    assert seal.file.sha256 in told


def test_no_personal_data_and_no_content_is_told(client, world):
    told = text(client.get(f"{HOME}{seal_of(world).token}"))
    told += text(drop(client, read(seal_of(world).file)))
    person = world.signer.person
    secrets = (
        *(person.family_name, person.given_name, world.signer.email, world.line.post),
        *(world.organisation.name, "centrale", "chemin du Lac", "920,00"),
    )
    assert [word for word in secrets if word in told] == []


def test_a_code_is_typed_with_its_spaces_and_capitals(client, world):
    token = seal_of(world).token
    typed = " ".join(token[n : n + 8] for n in range(0, 32, 8)).upper()
    answer = client.post(HOME, {"code": typed}, follow=True)
    assert answer.redirect_chain[0][0].endswith(token)
    assert world.derogation.number in text(answer)


def test_unknown_malformed_and_pending_codes_answer_alike(client, world):
    pending = SealFactory().token
    answers = [client.get(f"{HOME}{code}") for code in ("f" * 32, "x", pending, "é" * 40)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({without_nonce(answer) for answer in answers}) == 1


def without_nonce(answer) -> str:
    lines = text(answer).splitlines()
    return "\n".join(line for line in lines if "csrf" not in line and "nonce" not in line)


def test_an_empty_or_strange_code_is_refused_with_a_sentence(client):
    assert "recopiez-le" in text(client.post(HOME, {"code": "../../x"}))
    assert client.post(HOME, {"code": ""}).status_code == 200


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda c: c, "identique, octet pour octet"),
        (lambda c: c + b"\n", "Des octets ont été ajoutés"),
        (lambda c: c.replace(b"/Title", b"/Tulle"), "Document altéré"),
        (lambda c: c[:-5], "Document altéré"),
        (lambda c: c.replace(b"/ContactInfo (", b"/ContactInfo (f"), "Document altéré"),
        (lambda c: c.replace(b"/ContactInfo", b"/ContactInfa"), "Document altéré"),
        (lambda c: b"%PDF-1.7 autre", "Jamais délivré"),
        (lambda c: b"x", "Jamais délivré"),
    ],
    ids=["identical", "added", "altered", "cut", "code", "key", "never", "nothing"],
)
def test_a_dropped_file_is_told_what_it_is(client, world, change, told):
    answer = drop(client, change(read(seal_of(world).file)))
    assert told in text(answer)
    assert answer.status_code == 200


def test_the_unsealed_paper_was_never_issued(client, world, paper):
    assert "Jamais délivré" in text(drop(client, paper))


def test_a_document_withdrawn_since_says_so(client, world):
    withdraw_with_key(world)
    seal = seal_of(world)
    assert "signature retirée depuis" in text(drop(client, read(seal.file)))
    assert "Signature retirée depuis" in text(client.get(f"{HOME}{seal.token}"))
    assert "de plus été retirée" in text(drop(client, read(seal.file) + b"x"))


def test_a_file_that_is_too_large_is_refused(client, monkeypatch):
    monkeypatch.setattr("derogations.forms.verification.LARGEST", 10)
    assert "dépasse 20\u00a0Mo" in text(drop(client, b"x" * 11))


def test_guesses_are_slowed_down(client, settings):
    settings.VERIFICATION_LIMIT = {"verify_document": "3/m/ip"}
    answers = [client.get(f"{HOME}{n:032x}").status_code for n in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    assert drop(client, b"x").status_code == 429
    assert client.get(HOME).status_code == 200


def test_many_codes_in_one_file_cost_a_bounded_number_of_queries(
    world, django_assert_max_num_queries
):
    codes = b"".join(b"/ContactInfo (%032x)\n" % n for n in range(10_000))
    numbers = b"".join(b"/Name (D\\0552020\\055%05d)\n" % n for n in range(10_000))
    with django_assert_max_num_queries(4):
        assert judge_file(codes + numbers).verdict == FileVerdict.UNKNOWN


def test_a_file_is_not_kept(client, world, data_dir):
    before = sorted(path.name for path in data_dir.rglob("*"))
    drop(client, b"%PDF secret")
    assert sorted(path.name for path in data_dir.rglob("*")) == before


def address(world, name: str) -> str:
    return reverse(f"derogations:{name}", args=[world.organisation.slug, world.derogation.number])


def test_those_who_see_the_derogation_download_the_one_original(client, world):
    client.force_login(respondent_user(Role.INTRL, world.organisation.branches.get()), BACKEND)
    answers = [client.get(address(world, "sealed_document")) for _ in range(2)]
    contents = [b"".join(answer.streaming_content) for answer in answers]
    assert contents == [read(seal_of(world).file)] * 2
    assert answers[0]["Content-Disposition"].startswith("attachment")


def test_the_evidence_is_exported_and_the_journal_says_to_whom(client, world):
    user = respondent_user(Role.INTRL, world.organisation.branches.get())
    client.force_login(user, BACKEND)
    answer = client.post(address(world, "evidence_download"))
    assert b"".join(answer.streaming_content) == read(seal_of(world).evidence)
    assert AuditEvent.objects.get(code="evidence.exported").actor_id == user.pk


def test_another_member_sees_neither(client, world):
    other = OrganisationFactory().branches.get()
    client.force_login(respondent_user(Role.INTRL, other), BACKEND)
    assert client.get(address(world, "sealed_document")).status_code == 404
    assert client.post(address(world, "evidence_download")).status_code == 404


def test_a_document_not_yet_sealed_is_not_there(client, paper):
    world = signed_world(paper)
    client.force_login(respondent_user(Role.INTRL, world.organisation.branches.get()), BACKEND)
    assert client.get(address(world, "sealed_document")).status_code == 404
