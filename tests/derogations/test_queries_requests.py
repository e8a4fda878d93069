"""Like cases, usual delays, the rules of the day, ITQ's settings."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from derogations.actions.settings import (
    set_proof_rules,
    set_provider_form,
    set_reminder_delays,
    set_reply_template,
)
from derogations.kinds import DerogationState, HeadDecision, NetworkNature, RefusalReason
from derogations.models import Derogation, Head, ProofRule, ProviderForm, ReminderDelay, Version
from derogations.queries.day_settings import day_settings
from derogations.queries.delays import usual_delays
from derogations.queries.requests import terms_of
from derogations.queries.similar import like_cases
from members.permissions import Refused
from members.roles import Role, StaffRole
from members.signing_steps import Step
from portal.clock import today
from portal.uploads import Upload
from tests.catalogue.factories import TaxRateFactory
from tests.derogations.asking_world import DEVICE, NETWORK
from tests.derogations.factories import (
    DerogationFactory,
    ProofRuleFactory,
    RefusalFactory,
)
from tests.members.factories import (
    BranchFactory,
    OrganisationFactory,
    ProviderFactory,
    SigningRuleFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db
PDF = Upload(b"%PDF-1.7 vierge", "vierge.pdf", "application/pdf")


def decided(days=4, state=DerogationState.SIGNED, **values):
    row = DerogationFactory(frozen=True, state=state, **values)
    Version.objects.filter(pk=row.version.pk).update(
        submitted_at=timezone.now() - timedelta(days=days + 10)
    )
    if state == DerogationState.SIGNED:
        Derogation.objects.filter(pk=row.pk).update(signed_at=timezone.now() - timedelta(days=10))
    else:
        RefusalFactory(version=row.version, refused_at=timezone.now() - timedelta(days=10))
    return row


def test_own_cases_are_whole_and_the_group_s_are_without_names(asking):
    own = decided(branch=asking.root, need="Le chalet du nord")
    other = OrganisationFactory(
        name="Ville Indiscrète", administrative_region="Estrie"
    ).branches.get()
    far = decided(
        branch=other,
        need="Un besoin secret",
        network_nature=NetworkNature.COVERAGE,
        state=DerogationState.REFUSED,
    )
    Head.objects.filter(derogation=far).update(
        decision=HeadDecision.REFUSED,
        refusal_reason=RefusalReason.PROOF_LACKING,
        refusal_text="Camille n'a rien joint",
    )
    decided(branch=asking.root, kinds=[DEVICE])
    cases = like_cases(asking.alice, asking.draft())
    assert cases.own == [own]
    (case,) = cases.group
    assert case.administrative_region == "Estrie"
    assert case.reason == "La preuve ne suffit pas"
    assert case.outcome == "Refusée"
    told = repr(case)
    for secret in ("Indiscrète", "secret", "Camille", far.number):
        assert secret not in told


def test_a_case_of_a_branch_that_i_do_not_see_has_no_name_either(asking):
    hidden = BranchFactory(organisation=asking.root.organisation)
    seen = BranchFactory(organisation=asking.root.organisation)
    rcell = respondent_user(Role.RCELL, seen)
    row = decided(branch=hidden, need="Caché")
    mine = DerogationFactory(branch=seen)
    cases = like_cases(rcell, mine)
    assert cases.own == []
    assert len(cases.group) == 1
    assert row.number not in repr(cases.group)


def test_five_cases_of_each_at_most_the_same_cause_first(asking):
    alike = decided(
        branch=asking.root,
        network_nature=NetworkNature.COVERAGE,
        provider=asking.rank.provider,
    )
    for _ in range(7):
        decided(branch=asking.root, provider=ProviderFactory(code="telus", name="TELUS"))
    cases = like_cases(asking.alice, asking.draft())
    assert len(cases.own) == 5
    assert alike in cases.own


def test_the_usual_delay_is_the_median_and_the_ninetieth_percentile():
    for days in (1, 2, 3, 4, 20):
        decided(days=days)
    decided(days=6, kinds=[DEVICE], state=DerogationState.REFUSED)
    DerogationFactory(state=DerogationState.SIGNED, origin="earlier")
    network, device = usual_delays()
    assert (network.kind, network.count, network.median_days) == (NETWORK, 5, 3)
    assert network.p90_days == 14  # between 4 and 20 days
    assert (device.kind, device.count, device.median_days) == (DEVICE, 1, 6)


def test_what_was_decided_more_than_a_year_ago_does_not_count():
    row = decided()
    Derogation.objects.filter(pk=row.pk).update(signed_at=timezone.now() - timedelta(days=366))
    assert usual_delays() == []


def test_the_sum_is_on_the_plan_s_tax_basis(asking):
    TaxRateFactory(code="tps", rate=Decimal("0.05"))
    asking.line.plan.tax_basis = "after_tax"
    asking.line.plan.save()
    terms = terms_of(asking.draft(quantity=2))
    months = terms.commitment.months
    assert terms.amount == 80 * months * Decimal("1.05")


def test_the_steps_are_those_of_the_plan(asking):
    SigningRuleFactory(plan=asking.line.plan, from_amount=Decimal(100), needed=3, posts=["Chef"])
    assert terms_of(asking.draft()).steps == (Step(1, "Chef"), Step(2))


def test_without_its_own_rule_a_kind_keeps_the_default(asking):
    draft = asking.draft()
    assert day_settings(draft).rules[NETWORK][0] == ["place"]
    ProofRuleFactory(any_of=["test"], valid=DateRange(today() - timedelta(days=9), today()))
    assert day_settings(draft).rules[NETWORK] == []
    ProofRuleFactory(any_of=["test"], valid=DateRange(today(), None))
    assert day_settings(draft).rules[NETWORK] == [["test"]]


def test_new_proofs_end_those_before(asking):
    draft = asking.draft()
    admin = staff_user(StaffRole.ADMIN)
    past = today() - timedelta(days=30)
    set_proof_rules(kind=NETWORK, sets=[["place"], ["test", "coverage_map"]], since=past, by=admin)
    set_proof_rules(kind=NETWORK, sets=[["place"], []], since=today(), by=admin)
    assert day_settings(draft).rules[NETWORK] == [["place"]]
    assert ProofRule.objects.filter(valid__endswith=today()).count() == 2
    with pytest.raises(ValidationError, match="commence déjà"):
        set_proof_rules(kind=NETWORK, sets=[["test"]], since=past, by=admin)
    with pytest.raises(ValidationError, match="au moins une preuve"):
        set_proof_rules(kind=NETWORK, sets=[[]], since=today(), by=admin)


def test_a_new_form_ends_the_one_before():
    admin, provider = staff_user(StaffRole.ADMIN), ProviderFactory()
    past = today() - timedelta(days=30)
    first = set_provider_form(provider=provider, kind=DEVICE, upload=PDF, since=past, by=admin)
    set_provider_form(provider=provider, kind=DEVICE, upload=PDF, since=today(), by=admin)
    first.refresh_from_db()
    assert first.valid.upper == today()
    with pytest.raises(ValidationError, match="commence déjà"):
        set_provider_form(provider=provider, kind=DEVICE, upload=PDF, since=past, by=admin)
    assert ProviderForm.objects.count() == 2


def test_a_ready_answer_is_changed_and_withdrawn():
    admin = staff_user(StaffRole.ADMIN)
    made = set_reply_template(template=None, title="Carte", text="…", is_offered=True, by=admin)
    set_reply_template(template=made, title="Carte", text="Autre", is_offered=False, by=admin)
    made.refresh_from_db()
    assert (made.text, made.is_offered) == ("Autre", False)


def test_the_times_of_recall_are_replaced_whole():
    admin = staff_user(StaffRole.ADMIN)
    set_reminder_delays(delays=[(2, False), (5, True)], by=admin)
    set_reminder_delays(delays=[(3, False), (5, False)], by=admin)
    assert list(ReminderDelay.objects.values_list("working_days", "steps_up")) == [
        (3, False),
        (5, False),
    ]
    for wrong in ([], [(0, False)], [(3, False), (3, True)]):
        with pytest.raises(ValidationError):
            set_reminder_delays(delays=wrong, by=admin)


def test_only_itq_s_administrator_sets_the_rules():
    with pytest.raises(Refused):
        set_reminder_delays(delays=[(2, False)], by=staff_user(StaffRole.AGENT))
