"""What the certificate and the evidence say of the lines, their ceilings and the heads (F-14)."""

from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.test import override_settings

from derogations.actions.refusals import HeadRefusal
from derogations.actions.signing import open_challenge
from derogations.certificate import TEMPLATE, address_of, certificate_context, signature_facts
from derogations.challenges import digest_of, terms_of
from derogations.declarations import declaration_of, power_key
from derogations.eligibility import eligible_signers
from derogations.models import Seal
from derogations.queries.seals import link_of, signatures_of
from derogations.queries.verification import entry_of
from members.models import Interim
from members.powers import Capacity, DerogationKind
from portal.clock import database_clock
from portal.files import store
from portal.journal import chain_events
from tests.derogations.signing_world import (
    SESSION,
    SoftwareKey,
    challenge_for,
    forged_proof,
    fresh,
    second_signer,
    sign,
    signing_world,
)
from tests.members.factories import AbsenceFactory, InterimFactory

pytestmark = pytest.mark.django_db
BOTH = [DerogationKind.NETWORK, DerogationKind.NON_ZERO_COST]


@pytest.fixture
def substituted():
    """A substitute signs, with a key, for the interim of a line, on a line of her own."""
    world = signing_world()
    absent = second_signer(world, ceiling_amount=Decimal("9000.00"))
    paper = store(b"%PDF interim", name="acte.pdf", content_type="application/pdf")
    InterimFactory(delegation=world.line, person=absent.person, act_file=paper)
    substitute = second_signer(world, ceiling_amount=Decimal("7500.00"), post="Greffière")
    AbsenceFactory(
        branch=world.derogation.branch, person=absent.person, substitute=substitute.person
    )
    world.project()
    version = world.version
    (power,) = [
        p
        for p in eligible_signers(version.derogation, version, database_clock())
        if p.capacity == Capacity.SUBSTITUTE and p.interim is not None
    ]
    challenge = fresh(
        open_challenge(
            version=version,
            kinds=[DerogationKind.NETWORK],
            power=power_key(power),
            session_key=SESSION,
            by=substitute,
        )
    )
    digest = digest_of(terms_of(challenge, declaration_of(challenge)))
    key = SoftwareKey(substitute)
    sign(world, substitute, challenge=challenge, answer=key.answer(digest))
    chain_events()
    return world


def page_of(world) -> str:
    """The certificate's page, before it becomes a PDF."""
    seal = Seal.objects.select_related("version__derogation", "version__pdf").get()
    context = certificate_context(seal, signatures_of(seal.version), link_of(world.derogation))
    return render_to_string(TEMPLATE, context)


def test_the_substitute_s_own_line_is_kept_and_declared(substituted):
    signature = substituted.version.signatures.get()
    assert signature.capacity == Capacity.SUBSTITUTE
    assert signature.own_delegation.post == "Greffière"
    assert "par sa propre ligne 4.3 du plan" in signature.proof["declaration"]


def test_the_certificate_prints_ceilings_the_interim_act_and_the_own_line(substituted):
    told = page_of(substituted)
    interim = Interim.objects.get()
    for fact in (
        "Plafond de la ligne",
        "25\u00a0000,00",
        "Ligne propre du substitut",
        "7\u00a0500",
    ):
        assert fact in told
    assert interim.act_reference in told
    assert interim.act_file.sha256 in told


def test_the_evidence_says_the_same_and_the_script_checks_it(substituted, script):
    (signature,) = signatures_of(substituted.version)
    facts = signature_facts(signature)
    assert facts["line"]["ceiling_amount"] == "25000.00"
    assert facts["own_line"]["ceiling_amount"] == "7500.00"
    assert facts["interim"]["act_sha256"] == Interim.objects.get().act_file.sha256
    same = (signature.content_sha256, signature.pdf_sha256)
    address = address_of("x")
    assert "personne vérifiée" in script.check_gesture(facts, "sign", same, address)
    proof = facts["proof"]
    elsewhere = "https://ailleurs.example"
    with override_settings(BASE_URL=elsewhere):
        evil = forged_proof(proof, proof["declaration"])
    for changed, told in (
        ({"own_line": None}, "autre ligne"),
        ({"line": facts["own_line"]}, "autre ligne"),
        ({"kinds": ["technological"]}, "autres volets"),
        ({"person": "Victime Innocente"}, "autre personne"),
        ({"power": facts["power"] + ", par intérim"}, "autre pouvoir"),
        ({"content_sha256": "0" * 64}, "autre document"),
        ({"proof": {**proof, "declaration": "Je l'ignore."}}, "autre déclaration"),
        ({"proof": {**proof, "terms": {**proof["terms"], "nonce": "0"}}}, "vise autre chose"),
        ({"proof": {**proof, "public_key": evil["public_key"]}}, "n'a pas signé cela"),
        ({"proof": evil}, "geste d'un autre site"),
    ):
        with pytest.raises(script.Refused, match=told):
            script.check_gesture({**facts, **changed}, "sign", same, address)
    assert "personne vérifiée" in script.check_gesture(
        {**facts, "proof": evil}, "sign", same, f"{elsewhere}/verifier/x"
    )


def test_a_line_without_ceiling_says_so():
    world = signing_world()
    type(world.line).objects.filter(pk=world.line.pk).update(ceiling_amount=None)
    sign(world)
    chain_events()
    told = page_of(world)
    assert "aucun plafond" in told
    assert "Ligne propre" not in told
    assert "Volet refusé" not in told


@pytest.fixture
def half_refused():
    """One head granted, the other refused, in one gesture."""
    world = signing_world(kinds=BOTH)
    challenge = challenge_for(world, kinds=[DerogationKind.NETWORK])
    no = HeadRefusal("budget", "Trop cher.", "Demander un appareil à coût nul.")
    sign(world, challenge=challenge, refused={DerogationKind.NON_ZERO_COST: no})
    chain_events()
    return world


def test_the_certificate_names_the_heads_granted_and_tells_the_refused_one(half_refused):
    told = page_of(half_refused)
    label = DerogationKind.NON_ZERO_COST.label
    assert "Volet refusé" in told
    assert f"{label} (Le budget ne le permet pas)" in told
    certified = told[told.index("Certificat de signature") :]
    assert f"({DerogationKind.NETWORK.label})" in certified


def test_anyone_is_told_the_heads_that_were_granted_alone(half_refused):
    seal = Seal.objects.get()
    seal.file = store(b"%PDF scelle", name="d.pdf", content_type="application/pdf")
    seal.sealed_at = database_clock()
    seal.save()
    entry = entry_of(seal.token)
    assert entry.kinds == (DerogationKind.NETWORK.label,)


def test_who_is_renamed_before_the_seal_is_certified_under_the_name_that_signed(substituted):
    """The declaration, the certificate and the evidence say one name for ever (F-14)."""
    (before,) = signatures_of(substituted.version)
    told = page_of(substituted)
    for person in (before.person, before.acting_for):
        person.given_name, person.family_name = "Victime", "Innocente"
        person.save()
    assert page_of(substituted) == told
    (after,) = signatures_of(substituted.version)
    assert signature_facts(after) == signature_facts(before)
    assert "Innocente" not in str(signature_facts(after))
