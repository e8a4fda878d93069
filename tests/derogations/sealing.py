"""A signed derogation, the local authority that seals it, and authorities that misbehave."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from derogations.actions.grants import project_signing_grants
from derogations.actions.requests import submit_request
from derogations.actions.seats import declaration_of
from derogations.actions.withdrawals import open_withdrawal, withdraw_derogation
from derogations.authority import Authority
from derogations.challenges import digest_of, terms_of
from derogations.documents import render_request
from derogations.models import Seal, Signature, Version, Withdrawal
from derogations.tasks import store_version_paper
from derogations.timestamps import LocalTimestamper
from portal.audit import SYSTEM
from portal.documents import RENDER_BYTES, RENDER_SECONDS
from portal.files import store
from portal.journal import chain_events
from tests.derogations.asking_world import make_asking
from tests.derogations.signing_world import (
    SESSION,
    SigningWorld,
    SoftwareKey,
    attest,
    challenge_for,
    fresh,
    sign,
)
from tests.members.factories import MembershipFactory

PASSPHRASE = "phrase"
TOKEN = "0123456789abcdef0123456789abcdef"


def signed_world(paper: bytes = b"") -> SigningWorld:
    """A request asked, rendered and signed with a passkey through the portal's own acts.

    ``paper`` stands for the frozen PDF where rendering it would only take time.
    """
    asking = make_asking()
    attest(asking.denis)
    derogation = submit_request(derogation=asking.draft(), by=asking.alice)
    version = Version.objects.get(derogation=derogation)
    kept = store(paper, name="d.pdf", content_type="application/pdf") if paper else None
    store_version_paper(version=version, paper=kept or render_request(version), by=SYSTEM)
    MembershipFactory(organisation=asking.root.organisation, contract=derogation.contract)
    project_signing_grants(organisation=asking.root.organisation, by=SYSTEM)
    derogation.refresh_from_db()
    world = SigningWorld(asking.root.organisation, asking.line, asking.denis, derogation)
    sign_with_key(world)
    chain_events()
    world.derogation.refresh_from_db()
    return world


def sign_with_key(world: SigningWorld) -> Signature:
    """The gesture, with a software passkey."""
    key = SoftwareKey(world.signer)
    challenge = fresh(challenge_for(world))
    digest = digest_of(terms_of(challenge, declaration_of(challenge)))
    return sign(world, challenge=challenge, answer=key.answer(digest))


def withdraw_with_key(world: SigningWorld) -> Withdrawal:
    """The signer takes the signature back, by the gesture of another software passkey."""
    world.signer.authenticator_set.filter(type="webauthn").delete()
    key = SoftwareKey(world.signer)
    challenge = fresh(
        open_withdrawal(derogation=world.derogation, session_key=SESSION, by=world.signer)
    )
    return withdraw_derogation(
        challenge=challenge,
        answer=key.answer(digest_of(terms_of(challenge, declaration_of(challenge)))),
        session_key=SESSION,
        reason="Le premier rang dessert maintenant le lac.",
        by=world.signer,
    )


def seal_of(world: SigningWorld) -> Seal:
    """The line of the register, read again."""
    return Seal.objects.select_related("file", "evidence").get(version=world.derogation.version_id)


def seal_settings(authority: Authority, url: str) -> dict[str, object]:
    """``settings.SEAL`` for a local authority."""
    return {
        "pkcs12": str(authority.seal),
        "key": "",
        "certificate": "",
        "passphrase": PASSPHRASE,
        "root": str(authority.root),
        "revocations": [str(authority.revocations)],
        "timestamp_url": url,
        "timestamp_root": str(authority.root),
    }


def url_of(path: Path) -> str:
    """The address of a timestamper behind a socket."""
    return f"http+unix://{quote(str(path), safe='')}"


@contextmanager
def timestamper(
    authority: Authority, path: Path, answer: Callable[[bytes], bytes] | None = None
) -> Iterator[str]:
    """An authority of time for as long as the block; ``answer`` makes it misbehave."""
    server = LocalTimestamper(path, authority.timestamp.read_bytes())
    if answer:
        server.answer = answer  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield url_of(path)
    finally:
        server.shutdown()
        server.server_close()
        path.unlink(missing_ok=True)


def slow(body: bytes) -> bytes:
    """Longer than the client's patience."""
    time.sleep(3)
    return b""


def garbage(body: bytes) -> bytes:
    """No timestamp at all."""
    return b"<html>502</html>"


def plain_pdf(files: Mapping[str, bytes] | None = None) -> bytes:
    """A tagged page that says nothing, with ``files`` enclosed as the sealed document does."""
    html = b"<html lang=fr><title>Page</title><h1>Page</h1><p>Bonjour.</p></html>"
    arguments = [str(RENDER_BYTES), str(RENDER_SECONDS), str(len(html))]
    for name, content in sorted((files or {}).items()):
        arguments += [name, name, str(len(content))]
        html += content
    rendered = subprocess.run(
        [sys.executable, "-m", "portal.pdf_child", *arguments],
        input=html,
        capture_output=True,
        check=True,
    )
    return rendered.stdout
