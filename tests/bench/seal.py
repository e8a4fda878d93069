"""Signing, sealing and verifying, as ratios to rendering the same PDF unsigned."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from django.test import override_settings

from derogations.actions.signing import sign_derogation
from derogations.authority import make_authority
from derogations.certificate import files_to_seal, render_unsealed, wording_of
from derogations.challenges import digest_of, terms_of
from derogations.declarations import declaration_of
from derogations.models import Seal
from derogations.queries.seals import link_of, signatures_of
from derogations.queries.verification import judge_file
from derogations.sealing import seal_pdf
from derogations.verification import verify
from portal.files import read
from portal.models import JournalPending
from tests.bench.figures import Figures
from tests.derogations.sealing import PASSPHRASE, seal_settings, signed_world, timestamper
from tests.derogations.signing_world import (
    SESSION,
    SigningWorld,
    SoftwareKey,
    challenge_for,
    fresh,
)

TIMES = 5


def seal(figures: Figures, folder: Path) -> None:
    """A derogation signed through the actions, its document rendered, sealed, verified."""
    JournalPending.objects.all().delete()  # the keeper's work on the seed is not measured here
    authority = make_authority(folder / "authority", passphrase=PASSPHRASE)
    world = signed_world()
    row = Seal.objects.select_related("version__derogation", "version__pdf").get(
        version=world.derogation.version_id
    )
    link, frozen = link_of(world.derogation), row.version.pdf
    assert link
    assert frozen
    signed = signatures_of(row.version)
    given = (row, signed, link, files_to_seal(row, signed, link, read(frozen)))
    unsealed = render_unsealed(*given)
    rendering = median(lambda: render_unsealed(*given))
    stamps = timestamper(authority, folder / "t.sock")
    with stamps as url, override_settings(SEAL=seal_settings(authority, url)):
        sealed = seal_pdf(unsealed, wording_of(row)).content
        sealing = median(lambda: seal_pdf(unsealed, wording_of(row)))
    root = authority.root.read_bytes()
    verifying = median(lambda: verify(sealed, root))
    comparing = median(lambda: judge_file(sealed + b"x"))
    figures.tell("seal.rendering_unsigned", rendering, "s")
    signing = signatures(world)
    figures.tell("seal.signing", signing, "s")
    figures.tell("seal.signing_over_rendering", signing / rendering, "×", 0.25)
    figures.tell("seal.sealing", sealing, "s")
    figures.tell("seal.sealing_over_rendering", sealing / rendering, "×", 2)
    figures.tell("seal.verifying", verifying, "s")
    figures.tell("seal.verifying_over_rendering", verifying / rendering, "×", 0.25)
    figures.tell("seal.dropped_file_over_rendering", comparing / rendering, "×", 0.1)


def signatures(world: SigningWorld) -> float:
    """The gesture's transaction (signing.md §3.5), of a few requests, with a key; in seconds."""
    world.signer.authenticator_set.filter(type="webauthn").delete()
    key = SoftwareKey(world.signer)
    times = []
    for _ in range(TIMES):
        challenge = fresh(challenge_for(world, derogation=world.another()))
        answer = key.answer(digest_of(terms_of(challenge, declaration_of(challenge))))
        began = time.monotonic()
        sign_derogation(
            challenge=challenge, answer=answer, session_key=SESSION, refused={}, by=world.signer
        )
        times.append(time.monotonic() - began)
    return statistics.median(times)


def median(act: Callable[[], object]) -> float:
    """Of a few times, in seconds."""
    times = []
    for _ in range(TIMES):
        began = time.monotonic()
        act()
        times.append(time.monotonic() - began)
    return statistics.median(times)
