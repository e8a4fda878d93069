"""The demonstration's requests, in most states, made through the actions (D-55)."""

import ctypes.util
import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt

from derogations.actions.attachments import add_attachment
from derogations.actions.drafts import add_place, add_test, open_request, set_service_numbers
from derogations.actions.earlier import record_earlier
from derogations.actions.grants import project_signing_grants
from derogations.actions.messages import write_as_signer, write_message
from derogations.actions.papers import attach_paper, confirm_paper
from derogations.actions.refusals import HeadRefusal, refuse_derogation
from derogations.actions.requests import (
    cancel_request,
    return_request,
    store_version_paper,
    submit_request,
)
from derogations.actions.settings import (
    set_provider_form,
    set_reminder_delays,
    set_reply_template,
)
from derogations.actions.signing import open_challenge, sign_derogation
from derogations.actions.withdrawals import open_withdrawal, withdraw_derogation
from derogations.declarations import power_key
from derogations.documents import render_request
from derogations.kinds import AttachmentKind, NetworkNature, RefusalReason, TestResult
from derogations.models import Derogation, Version
from derogations.proofs import CodeAnswer
from derogations.queries.requests import signers_awaited
from derogations.working_days import DEFAULT_DELAYS
from members.demonstration import CITY, PASSWORD, SCHOOL
from members.models import Branch, ContractRank, Provider, User
from members.powers import DerogationKind
from portal.audit import SYSTEM
from portal.clock import today
from portal.uploads import Upload

ADMINISTRATOR = "admin.itq@exemple.test"
REPRESENTATIVE, SIGNER = "rcell.ville@exemple.test", "dero.ville@exemple.test"
SECOND_RANK = "999726688"
SESSION = "demonstration"
TOTP_PERIOD, HASTE_SECONDS = 30, 3
NETWORK, TECHNOLOGICAL, DEVICE = DerogationKind
REPLIES = (
    ("Carte du jour manquante", "Merci de joindre la carte de couverture du jour (fictif)."),
    ("Essai à refaire", "Merci de refaire l'essai avec un appareil récent (fictif)."),
)


def load() -> None:
    """Once: what ITQ sets, then requests of the city in each state."""
    if Derogation.objects.exists():
        return
    _settings()
    rcell = User.objects.get(email=REPRESENTATIVE)
    branch = Branch.objects.select_related("organisation").get(name=CITY)
    rank = ContractRank.objects.select_related("provider", "contract").get(number=SECOND_RANK)
    place: dict[str, Any] = {
        "branch": branch,
        "provider": rank.provider,
        "contract": rank.contract,
        "by": rcell,
    }
    _draft(place)
    _earlier(place)
    _cancelled(place)
    _talked(place)
    returned, signed = _network(place, "Poste de pompage"), _network(place, "Caserne du rang 4")
    submit_request(derogation=returned, by=rcell)
    project_signing_grants(organisation=branch.organisation, by=SYSTEM)
    _returned(returned)
    _signed(signed)
    _refused(_network(place, "Aréna"))
    _withdrawn(rank)


def _settings() -> None:
    """Times of recall, ready answers and one fictitious form."""
    admin = User.objects.get(email=ADMINISTRATOR)
    set_reminder_delays(delays=DEFAULT_DELAYS, by=admin)
    for title, text in REPLIES:
        set_reply_template(template=None, title=title, text=text, is_offered=True, by=admin)
    set_provider_form(
        provider=Provider.objects.get(code="rogers"),
        kind=DEVICE,
        upload=_paper("formulaire-fictif.pdf"),
        since=date(2024, 1, 1),
        by=admin,
    )


def _draft(place: dict[str, Any]) -> None:
    """A request of two kinds, begun, with much to complete."""
    open_request(
        **place,
        kinds=(NETWORK, DEVICE),
        quantity=2,
        need="Deux appareils renforcés au chantier du barrage (fictif).",
        wanted_on=today(),
    )


def _network(place: dict[str, Any], where: str) -> Derogation:
    """A whole network request, with a place, its tests and a map."""
    by: User = place["by"]
    derogation = open_request(
        **place,
        kinds=(NETWORK,),
        need=f"{where} : joindre les équipes de garde, jour et nuit (données fictives).",
        insufficiency="Aucun signal stable du premier rang à cet endroit.",
        consequence="Les interventions de nuit se font sans communication.",
        wanted_on=today(),
        ends_on=date(today().year + 2, today().month, min(today().day, 28)),
        monthly_amount=Decimal("38.00"),
        network_nature=NetworkNature.COVERAGE,
        ticket_reference="T-FICTIF-204",
        ticket_answer="Le soutien confirme l'absence de couverture prévue (fictif).",
    )
    _prove(derogation, where, by)
    return derogation


def _prove(derogation: Derogation, where: str, by: User) -> None:
    """A place, a test of each provider there, and a map."""
    spot = add_place(
        derogation=derogation,
        address=f"{where}, chemin Fictif",
        municipality="Val-Boréal",
        administrative_region="Abitibi-Témiscamingue",
        by=by,
    )
    for code, result, signal in (
        ("telus", TestResult.NO_SERVICE, None),
        ("rogers", TestResult.GOOD, -87),
    ):
        add_test(
            place=spot,
            provider=Provider.objects.get(code=code),
            tested_on=today() - timedelta(days=3),
            device="Appareil d'essai fictif",
            result=result,
            signal_dbm=signal,
            by=by,
        )
    add_attachment(
        derogation=derogation,
        kind=AttachmentKind.COVERAGE_MAP,
        upload=_paper("carte-fictive.pdf"),
        by=by,
    )


def _earlier(place: dict[str, Any]) -> None:
    """One signed on paper before the portal."""
    record_earlier(
        **place,
        kinds=(NETWORK,),
        need="Station météo du mont Fictif, avant le portail.",
        quantity=3,
        signed_on=today() - timedelta(days=400),
        ends_on=today() + timedelta(days=45),
        scan=_paper("derogation-anterieure-fictive.pdf"),
        external_reference="Dossier fictif 2023-17",
    )


def _cancelled(place: dict[str, Any]) -> None:
    """One given up."""
    derogation = open_request(**place, kinds=(TECHNOLOGICAL,), need="Passerelle radio (fictif).")
    cancel_request(derogation=derogation, reason="Le besoin a cessé.", by=place["by"])


def _talked(place: dict[str, Any]) -> None:
    """One that awaits its signer, with a word."""
    derogation = _network(place, "Usine de filtration")
    set_service_numbers(derogation=derogation, numbers=["8195550142"], by=place["by"])
    submit_request(derogation=derogation, by=place["by"])
    write_message(
        derogation=derogation, text="La carte est celle de ce matin (fictif).", by=place["by"]
    )


def _returned(derogation: Derogation) -> None:
    """A signer asks for a precision; nothing when the plan lets nobody sign."""
    signer = User.objects.get(email=SIGNER)
    if not _may_sign(derogation, signer):
        return
    write_as_signer(derogation=derogation, text="Une précision, s'il vous plaît.", by=signer)
    return_request(
        derogation=derogation,
        comments={"need": "Combien de personnes sont de garde la nuit ?"},
        by=signer,
    )


def _signed(derogation: Derogation) -> None:
    """One signed with the password and a code, where the paper can be rendered here (D-54)."""
    signer = User.objects.get(email=SIGNER)
    version = _ready(derogation)
    if version is None or not _may_sign(version.derogation, signer):
        return
    challenge = open_challenge(
        version=version, kinds=[NETWORK], power="", session_key=SESSION, by=signer
    )
    sign_derogation(
        challenge=challenge,
        answer=CodeAnswer(PASSWORD, _code(signer)),
        session_key=SESSION,
        refused={},
        by=signer,
    )


def _refused(derogation: Derogation) -> None:
    """One refused, with its reason and what to do next (F-19)."""
    signer = User.objects.get(email=SIGNER)
    version = _ready(derogation)
    if version is None or not _may_sign(version.derogation, signer):
        return
    refusal = HeadRefusal(
        RefusalReason.PROOF_LACKING,
        "L'essai ne montre que l'extérieur du bâtiment (fictif).",
        "Refaire l'essai sur la patinoire, puis demander de nouveau (fictif).",
    )
    refuse_derogation(version=version, refusal=refusal, by=signer)


def _withdrawn(rank: ContractRank) -> None:
    """The school's: signed by hand on the printed document, then taken back by a new act (R-22)."""
    rcell, manda, signer = (
        User.objects.get(email=f"{role}.css@exemple.test") for role in ("rcell", "manda", "dero")
    )
    place = {
        "branch": Branch.objects.select_related("organisation").get(name=SCHOOL),
        "provider": rank.provider,
        "contract": rank.contract,
        "by": rcell,
    }
    version = _ready(_network(place, "École du rang 2"))
    if version is None:
        return
    derogation = version.derogation
    power = next((one for one in signers_awaited(derogation) if one.person != signer.person), None)
    if power is None or not _may_sign(derogation, signer):
        return
    paper = attach_paper(
        derogation=derogation,
        power=power_key(power),
        signed_on=today(),
        scan=_paper("document-signe-a-la-main-fictif.pdf"),
        by=rcell,
    )
    for user in (manda, User.objects.get(email=ADMINISTRATOR)):
        paper = confirm_paper(paper=paper, scan_sha256=paper.scan.sha256, by=user)
    derogation.refresh_from_db()
    challenge = open_withdrawal(derogation=derogation, session_key=SESSION, by=signer)
    withdraw_derogation(
        challenge=challenge,
        answer=CodeAnswer(PASSWORD, _code(signer)),
        session_key=SESSION,
        reason="Le premier rang dessert maintenant l'école (fictif).",
        by=signer,
    )


def _ready(derogation: Derogation) -> Version | None:
    """Submitted, its document rendered and its signers granted; None where none renders (D-54)."""
    submitted = submit_request(derogation=derogation, by=derogation.created_by)
    version = submitted.version
    if version is None or not ctypes.util.find_library("pango-1.0"):
        return None
    store_version_paper(version=version, paper=render_request(version), by=SYSTEM)
    project_signing_grants(organisation=derogation.branch.organisation, by=SYSTEM)
    version.refresh_from_db()
    submitted.version, version.derogation = version, submitted
    return version


def _may_sign(derogation: Derogation, signer: User) -> bool:
    """Whether the plan lets that person sign it now."""
    derogation.refresh_from_db()
    return signer.person in {power.person for power in signers_awaited(derogation)}


def _code(user: User) -> str:
    """What the demonstration's application shows, with time left to use it."""
    left = TOTP_PERIOD - time.time() % TOTP_PERIOD
    if left < HASTE_SECONDS:
        time.sleep(left)
    held = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    counter = next(iter(yield_hotp_counters_from_time()))
    code: str = format_hotp_value(hotp_value(decrypt(held.data["secret"]), counter))
    return code


def _paper(name: str) -> Upload:
    """A one-line fictitious paper."""
    return Upload(f"%PDF-1.4\n% {name}, fictif\n%%EOF\n".encode(), name, "application/pdf")
