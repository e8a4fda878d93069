"""The register: what is late is told, the yearly stamp, the evidence, the command."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as portal_settings
from django.core.management import CommandError, call_command
from django.urls import reverse

from derogations import tasks
from derogations.certificate import in_utc, withdrawal_facts
from derogations.evidence import as_json, since_sealed, with_files
from derogations.models import RegisterStamp, Seal
from derogations.queries.seals import console_entries, is_stamp_due, register_hashes, seal_health
from derogations.queries.signing import withdrawal_of
from derogations.sealing import SealUnavailable
from derogations.verification import stamp_faults
from members.roles import Role, StaffRole
from portal.files import read
from portal.models import AuditEvent, ClockTimestamp
from tests.derogations.factories import SealFactory
from tests.derogations.sealing import plain_pdf, seal_of, signed_world, withdraw_with_key
from tests.derogations.signing_world import forged_proof
from tests.members.factories import respondent_user, staff_user

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SCRIPT = Path(portal_settings.BASE_DIR) / "docs" / "verify_evidence.py"


@pytest.fixture
def world(sealing, paper, monkeypatch):
    """Signed and sealed."""
    monkeypatch.setattr(tasks, "render_unsealed", lambda *args: plain_pdf(args[-1]))
    made = signed_world(paper)
    tasks.seal(version_id=made.derogation.version_id)
    return made


def aged(seal: Seal, **ago: float) -> None:
    Seal.objects.filter(pk=seal.pk).update(asked_at=ClockTimestamp() - timedelta(**ago))


def test_a_seal_that_waits_more_than_fifteen_minutes_is_an_alarm():
    seal = SealFactory(last_error="autorité d'horodatage injoignable")
    agent = staff_user(StaffRole.AGENT)
    aged(seal, minutes=14)
    assert "ALARME" not in seal_health()[1]["detail"]
    assert console_entries(agent)[0].rows.count() == 0
    aged(seal, minutes=16)
    part = seal_health()[1]
    assert part["ok"]
    assert "ALARME : 1" in part["detail"]
    assert "horodatage injoignable" in part["detail"]
    assert console_entries(agent)[0].rows.count() == 1


def test_the_alarm_stands_on_the_health_page_and_takes_nothing_down(client):
    aged(SealFactory(), minutes=16)
    assert "ALARME" in client.get("/sante").json()["sceaux"]["detail"]


def test_the_register_is_stamped_once_a_year(world):
    for _ in range(2):
        tasks.stamp_register()
    (row,) = RegisterStamp.objects.all()
    assert read(row.hashes).decode() == register_hashes_before(row)
    assert seal_of(world).file.sha256 in read(row.hashes).decode()
    assert row.good_until > row.stamped_at
    assert AuditEvent.objects.filter(code="register.stamped").count() == 1
    RegisterStamp.objects.update(stamped_at=ClockTimestamp() - timedelta(days=366))
    tasks.stamp_register()
    assert RegisterStamp.objects.count() == 2
    assert row.stamp.sha256 in read(RegisterStamp.objects.first().hashes).decode()


def register_hashes_before(row: RegisterStamp) -> str:
    """What the register said when the row was not there yet."""
    return "\n".join(register_hashes().splitlines()[:-1]) + "\n"


def test_the_register_is_stamped_before_the_certificate_of_its_last_stamp_ends(world):
    tasks.stamp_register()
    RegisterStamp.objects.update(
        stamped_at=ClockTimestamp() - timedelta(days=31),
        good_until=ClockTimestamp() + timedelta(days=59),
    )
    assert is_stamp_due()
    RegisterStamp.objects.update(good_until=ClockTimestamp() + timedelta(days=61))
    assert not is_stamp_due()


def test_an_empty_register_is_not_stamped():
    assert not is_stamp_due()
    tasks.stamp_register()
    assert not RegisterStamp.objects.exists()


def test_no_stamp_is_kept_without_a_trusted_time(world, sealing, settings):
    settings.SEAL = {**sealing, "timestamp_url": "http+unix://%2Fabsent.sock"}
    with pytest.raises(SealUnavailable):
        tasks.stamp_register()
    assert not RegisterStamp.objects.exists()


@pytest.fixture
def evidence(world, tmp_path):
    path = tmp_path / "preuve.zip"
    path.write_bytes(read(seal_of(world).evidence))
    return path


def checked(path: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """The independent script, outside the portal: no settings, no path to its code."""
    return subprocess.run(
        [sys.executable, "-P", SCRIPT, path, "--root", root],
        capture_output=True,
        text=True,
        check=False,
        cwd=path.parent,
        env={"PYTHONIOENCODING": "utf-8"},
    )


def test_an_independent_script_checks_the_evidence(evidence, authority):
    answer = checked(evidence, authority.root)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.endswith("VALIDE\n")
    assert "clé d'accès, personne vérifiée" in answer.stdout


def test_the_script_imports_nothing_of_ours():
    text = SCRIPT.read_text()
    for name in ("portal", "members", "derogations", "pyhanko", "asn1crypto", "django"):
        assert f"import {name}" not in text
        assert f"from {name}" not in text


def altered(path: Path, name: str, before: bytes, after: bytes, *, honest: bool) -> None:
    """Change a file of the bundle; a forger who is ``honest`` mends the manifest too."""
    held = held_in(path, name)
    assert before in held
    rewritten(path, name, held.replace(before, after), honest=honest)


def held_in(path: Path, name: str) -> bytes:
    """A file of the bundle."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def rewritten(path: Path, name: str, content: bytes, *, honest: bool = True) -> None:
    """Put other bytes in the place of a file."""
    with zipfile.ZipFile(path) as archive:
        files = {member: archive.read(member) for member in archive.namelist()}
    old = hashlib.sha256(files[name]).hexdigest().encode()
    files[name] = content
    new = hashlib.sha256(content).hexdigest().encode()
    if honest:
        files["manifeste.json"] = files["manifeste.json"].replace(old, new)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for member, content in files.items():
            archive.writestr(member, content)
    path.write_bytes(made.getvalue())


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("contenu.json", b"lac", b"parc", "contenu.json n'est pas celui"),
        ("signatures.json", b'"person": "', b'"person": "Me ', "signatures.json n'est pas celui"),
        ("signatures.json", b'"network"', b'"technological"', "signatures.json n'est pas celui"),
        ("journal.json", b"derogation.signed", b"derogation.drafted", "journal.json n'est pas"),
        ("scellee.pdf", b"/Title", b"/Tulle", "ne correspond plus au sceau"),
        ("demande.pdf", b"%PDF-1.7", b"%PDF-1.6", "demande.pdf n'est pas celui"),
    ],
)
def test_the_script_sees_what_was_changed(evidence, authority, name, before, after, told):
    altered(evidence, name, before, after, honest=True)
    answer = checked(evidence, authority.root)
    assert answer.returncode == 1, answer.stdout
    assert told in answer.stdout


def test_nobody_else_signs_with_a_key_made_on_the_spot(world, evidence, authority, script):
    """Every part of the gesture holds together: only the seal knows who signed."""
    (told,) = json.loads(held_in(evidence, "signatures.json"))
    victim = "Victime Innocente"
    declaration = told["proof"]["declaration"].replace(told["person"], victim)
    told["proof"] = forged_proof(told["proof"], declaration)
    told["person"] = victim
    same = (told["content_sha256"], told["pdf_sha256"])
    address = f"{portal_settings.BASE_URL}/verifier/x"
    assert "personne vérifiée" in script.check_gesture(told, "sign", same, address)
    rewritten(evidence, "signatures.json", as_json([told]))
    answer = checked(evidence, authority.root)
    assert answer.returncode == 1, answer.stdout
    assert "signatures.json n'est pas celui" in answer.stdout


def test_another_link_of_the_journal_is_refused(evidence, authority, script):
    link = json.loads(held_in(evidence, "journal.json"))
    link["event"]["actor_label"] = "Quelqu'un d'autre"
    event = script.canonical(link["event"]).decode()
    text = f"{link['previous']}|{link['position']}|{event}"
    link["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    script.check_journal(link)
    rewritten(evidence, "journal.json", as_json(link))
    assert "journal.json n'est pas celui" in checked(evidence, authority.root).stdout


def test_the_script_sees_a_file_that_the_manifest_does_not_say(evidence, authority):
    altered(evidence, "contenu.json", b"lac", b"parc", honest=False)
    assert "un fichier du dossier a changé" in checked(evidence, authority.root).stdout


@pytest.fixture
def withdrawn(world, evidence):
    """The bundle as it is downloaded once the signature was taken back."""
    withdraw_with_key(world)
    world.derogation.refresh_from_db()
    facts = withdrawal_facts(withdrawal_of(world.derogation))
    evidence.write_bytes(with_files(evidence.read_bytes(), since_sealed(facts, [])))
    return evidence


@pytest.fixture
def stamped(world, tmp_path, client):
    """The bundle as it is downloaded after two yearly stamps."""
    for _ in range(2):
        tasks.restamp_register()
    client.force_login(respondent_user(Role.INTRL, world.line.branch), BACKEND)
    url = reverse(
        "derogations:evidence_download", args=[world.organisation.slug, world.derogation.number]
    )
    path = tmp_path / "preuve.zip"
    path.write_bytes(b"".join(client.post(url).streaming_content))
    return path


def test_the_yearly_stamps_leave_with_the_bundle_and_are_checked(
    world, stamped, authority, tmp_path
):
    answer = checked(stamped, authority.root)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.count("au registre horodaté le") == 2
    path, told = tmp_path / "d.pdf", io.StringIO()
    path.write_bytes(read(seal_of(world).file))
    call_command("verify_derogation", path, root=authority.root, stdout=told)
    assert told.getvalue().count("registre horodaté le") == 2


@pytest.mark.parametrize(
    ("number", "forge", "told"),
    [
        (1, lambda lists, sha256: lists[0].replace(sha256, b"0" * 64), "ne tient pas le document"),
        (1, lambda lists, sha256: lists[0] + b"autre\n", "celui d'autre chose"),
        (2, lambda lists, sha256: lists[0], "ne tient pas le document ou le timbre précédent"),
    ],
    ids=["absent", "another list", "a stamp lost"],
)
def test_a_stamp_that_does_not_hold_is_refused(world, stamped, authority, number, forge, told):
    lists = [held_in(stamped, f"timbres/{n}.txt") for n in (1, 2)]
    tokens = [held_in(stamped, f"timbres/{n}.tst") for n in (1, 2)]
    sha256, root = seal_of(world).file.sha256, authority.root.read_bytes()
    assert stamp_faults(sha256, zip(lists, tokens, strict=True), root) == []
    lists[number - 1] = forge(lists, sha256.encode())
    assert stamp_faults(sha256, zip(lists, tokens, strict=True), root)
    rewritten(stamped, f"timbres/{number}.txt", lists[number - 1])
    answer = checked(stamped, authority.root)
    assert answer.returncode == 1, answer.stdout
    assert told in answer.stdout


def test_the_script_tells_what_was_withdrawn_since(withdrawn, authority):
    answer = checked(withdrawn, authority.root)
    assert answer.returncode == 3, answer.stdout + answer.stderr
    assert "retrait par" in answer.stdout
    assert answer.stdout.endswith("VALIDE, RETIRÉE\n")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (b'"withdraw"', b'"sign"', "autre acte"),
        (b"je retire", b"je garde", "autre déclaration"),
    ],
)
def test_the_script_checks_the_gesture_of_a_withdrawal(withdrawn, authority, before, after, told):
    altered(withdrawn, "retrait.json", before, after, honest=True)
    answer = checked(withdrawn, authority.root)
    assert answer.returncode == 1, answer.stdout
    assert told in answer.stdout


def test_the_command_accepts_the_original(world, authority, tmp_path):
    path = tmp_path / "d.pdf"
    path.write_bytes(read(seal_of(world).file))
    told = io.StringIO()
    call_command("verify_derogation", path, root=authority.root, stdout=told)
    assert world.derogation.number in told.getvalue()
    assert "état au registre : Signée" in told.getvalue()


def test_the_command_tells_what_was_withdrawn_since(world, authority, tmp_path):
    path = tmp_path / "d.pdf"
    path.write_bytes(read(seal_of(world).file))
    withdrawal = withdraw_with_key(world)
    told = io.StringIO()
    with pytest.raises(SystemExit, match="3"):
        call_command("verify_derogation", path, root=authority.root, stdout=told)
    assert f"retirée le {in_utc(withdrawal.withdrawn_at)}" in told.getvalue()
    assert "état au registre : Retirée" in told.getvalue()


def test_the_command_refuses_what_the_register_does_not_hold(world, authority, sealed, tmp_path):
    """Sealed with the true key, and never issued."""
    path = tmp_path / "d.pdf"
    path.write_bytes(sealed)
    with pytest.raises(CommandError, match="absente du registre"):
        call_command("verify_derogation", path, root=authority.root)


def test_the_command_refuses_an_altered_file(world, authority, tmp_path):
    path = tmp_path / "d.pdf"
    path.write_bytes(read(seal_of(world).file) + b"x")
    with pytest.raises(CommandError, match="octets ont été ajoutés"):
        call_command("verify_derogation", path, root=authority.root)


def test_the_command_works_without_a_database(sealed, authority, tmp_path):
    path = tmp_path / "d.pdf"
    path.write_bytes(sealed)
    nowhere = "postgres://nobody@/none?host=/nowhere"
    answer = subprocess.run(
        [sys.executable, "manage.py", "verify_derogation", path, "--root", authority.root],
        capture_output=True,
        text=True,
        check=False,
        cwd=portal_settings.BASE_DIR,
        env={
            "PATH": "/usr/bin",
            "SECRET_KEY": "x",
            "DATABASE_URL": nowhere,
            "REDIS_URL": "redis://none",
            "PYTHONIOENCODING": "utf-8",
        },
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("valide : D-2026-00001")
    assert "hors ligne" in answer.stderr
