"""Acts and pages of format profiles: drawn, tried, compared, put in service, retired."""

import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.actions.profiles import (
    activate_version,
    change_definition,
    draft_version,
    pass_test,
    retire_version,
)
from billing.actions.shipped import install_shipped_profiles
from billing.formats.shipped import shipped_definitions
from billing.kinds import FileKind, ProfileState
from billing.models import FormatProfile, ProfileVersion
from portal.files import store
from portal.models import AuditEvent
from portal.workflow import TransitionRefused
from tests.billing.factories import BillFileFactory, FormatProfileFactory
from tests.billing.staff.conftest import RENAMED
from tests.members.factories import BillingMandateFactory, BranchFactory

pytestmark = pytest.mark.django_db
CODE = "rogers_charges_breakdown"


def page(name, *args):
    return reverse(f"billing:staff_{name}", args=args)


@pytest.fixture
def profile(rogers):
    return FormatProfileFactory(provider=rogers, name="Frais de Rogers")


@pytest.fixture
def draft(profile, admin):
    return draft_version(profile=profile, definition=shipped_definitions()[CODE], by=admin)


@pytest.fixture
def sample(charges):
    return store(charges, name="frais.csv", content_type="text/csv")


def test_a_version_is_tested_then_serves_then_is_frozen(draft, sample, admin):
    tested = pass_test(version=draft, file=sample, by=admin)
    assert tested.state == ProfileState.TESTED
    active = activate_version(version=tested, acceptance="", by=admin)
    assert active.state == ProfileState.ACTIVE
    with pytest.raises(ValidationError, match="nouvelle version"):
        change_definition(version=active, definition={}, note="", by=admin)


def test_a_new_version_takes_the_place_of_the_one_that_serves(draft, sample, profile, admin):
    first = activate_version(
        version=pass_test(version=draft, file=sample, by=admin), acceptance="", by=admin
    )
    second = draft_version(profile=profile, definition=first.definition, by=admin)
    assert second.number == 2
    activate_version(
        version=pass_test(version=second, file=sample, by=admin), acceptance="", by=admin
    )
    first.refresh_from_db()
    assert first.state == ProfileState.RETIRED


def test_a_draft_is_not_put_in_service(draft, admin):
    with pytest.raises(TransitionRefused):
        activate_version(version=draft, acceptance="", by=admin)


def test_a_file_that_would_be_refused_tests_nothing(draft, renamed, admin):
    bad = store(renamed, name="frais.csv", content_type="text/csv")
    with pytest.raises(ValidationError, match=RENAMED[0]):
        pass_test(version=draft, file=bad, by=admin)
    draft.refresh_from_db()
    assert draft.state == ProfileState.DRAFT


def test_a_total_off_by_a_cent_tests_nothing(draft, charges, admin):
    cents = re.search(rb"Total;.*?,(\d\d);", charges)
    spoiled = charges[: cents.start(1)] + b"%02d" % ((int(cents[1]) + 1) % 100)
    bad = store(spoiled + charges[cents.end(1) :], name="f.csv", content_type="text/csv")
    with pytest.raises(ValidationError):
        pass_test(version=draft, file=bad, by=admin)


def test_what_controls_do_not_see_is_accepted_in_writing_first(profile, charges, sample, admin):
    blind = shipped_definitions()[CODE] | {}
    blind["parts"] = [{**blind["parts"][0], "layout": {**blind["parts"][0]["layout"]}}]
    blind["parts"][0]["layout"]["totals"] = []
    blind["parts"][0]["layout"]["footer"] = {"cell": 1, "pattern": "^Total$"}
    version = draft_version(profile=profile, definition=blind, by=admin)
    tested = pass_test(version=version, file=sample, by=admin)
    assert set(tested.blind_spots) == {"charges:dropped_row", "charges:changed_amount"}
    with pytest.raises(ValidationError) as refused:
        activate_version(version=tested, acceptance="  ", by=admin)
    assert "acceptance" in refused.value.message_dict
    active = activate_version(version=tested, acceptance="Le prestataire n'en dit pas.", by=admin)
    assert active.accepted_by == admin
    assert AuditEvent.objects.filter(code="profile_version.activated", object_id=active.pk).exists()


def test_a_retired_version_is_out(draft, admin):
    assert retire_version(version=draft, by=admin).state == ProfileState.RETIRED


def test_a_profile_is_drawn_from_a_sample(itq, rogers, charges):
    answer = itq.post(
        page("profile_new"),
        {
            "provider": rogers.pk,
            "kind": FileKind.CHARGES,
            "name": "Frais du printemps",
            "is_expected": "on",
            "sample": SimpleUploadedFile("frais.csv", charges),
        },
        follow=True,
    )
    version = ProfileVersion.objects.get()
    assert version.sample.name == "frais.csv"
    assert version.profile.is_expected
    body = answer.content.decode()
    assert "Reconnu dans l" in body
    assert "Account Number" in body
    tried = itq.get(page("version_try", version.pk)).content.decode()
    assert "contrôles tiennent" in tried
    assert "Rabais de volume" in tried


def test_a_sample_that_is_no_text_says_so(itq, rogers):
    answer = itq.post(
        page("profile_new"),
        {
            "provider": rogers.pk,
            "kind": FileKind.CHARGES,
            "name": "Rien",
            "sample": SimpleUploadedFile("frais.csv", b""),
        },
    )
    assert answer.status_code == 422
    assert not FormatProfile.objects.exists()


def test_a_name_already_taken_is_refused(itq, profile, rogers, charges):
    answer = itq.post(
        page("profile_new"),
        {
            "provider": rogers.pk,
            "kind": FileKind.CHARGES,
            "name": "frais de ROGERS",
            "sample": SimpleUploadedFile("frais.csv", charges),
        },
    )
    assert answer.status_code == 422
    assert "déjà un profil de ce nom" in answer.content.decode()


def test_faults_of_a_definition_are_placed(itq, draft):
    url = page("version_edit", draft.pk)
    assert "ligne 1, colonne 2" in itq.post(url, {"definition": "{x"}).content.decode()
    wrong = json.loads(json.dumps(draft.definition))
    wrong["parts"][0]["columns"][3]["field"] = "bidule"
    wrong["parts"][0]["surprise"] = 1
    body = itq.post(url, {"definition": json.dumps(wrong)}, follow=True).content.decode()
    assert "parts[0].surprise" in body
    assert "retirez-le" in body
    detail = itq.get(page("version_detail", draft.pk)).content.decode()
    assert "La définition a des fautes" in detail


def test_another_provider_s_definition_is_a_fault(itq, draft):
    moved = {**draft.definition, "provider": "telus"}
    body = itq.post(
        page("version_edit", draft.pk), {"definition": json.dumps(moved)}, follow=True
    ).content.decode()
    assert "Ce profil est celui de" in body


def test_the_journey_of_a_renamed_column(itq, admin, rogers, charges, renamed):
    install_shipped_profiles(by=admin)
    served = ProfileVersion.objects.get(definition__code=CODE)
    file = BillFileFactory(
        branch=None,
        provider=rogers,
        name="frais-oct.csv",
        file=store(renamed, name="frais-oct.csv", content_type="text/csv"),
    )
    drifts = itq.get(page("version_drift", served.pk), {"fichier": file.pk}).content.decode()
    assert RENAMED[1] in drifts
    assert "Fichier refusé" in drifts
    itq.post(page("version_new", served.profile_id), {"fichier": file.pk})
    draft = served.profile.versions.get(number=2)
    assert RENAMED[1] in draft.note
    compared = itq.get(page("version_compare", draft.pk), {"avec": served.pk}).content.decode()
    assert "Seulement sous l&#x27;autre" in compared or "Seulement sous l" in compared
    itq.post(page("version_test", draft.pk), {"fichier": ""})
    answer = itq.post(page("version_activate", draft.pk), {"acceptance": ""})
    assert answer.status_code == 302
    draft.refresh_from_db()
    served.refresh_from_db()
    assert (draft.state, served.state) == (ProfileState.ACTIVE, ProfileState.RETIRED)
    assert draft.sample.sha256 == file.file.sha256


def test_two_versions_read_a_file_otherwise(itq, draft, profile, sample, admin):
    other = json.loads(json.dumps(draft.definition))
    column = next(c for c in other["parts"][0]["columns"] if c["field"] == "amount")
    column["transforms"] = [{"kind": "multiply", "factor": "2"}]
    second = draft_version(profile=profile, definition=other, sample=sample, by=admin)
    body = itq.get(page("version_compare", second.pk), {"avec": draft.pk}).content.decode()
    assert "Premières cellules lues autrement" in body


@pytest.fixture
def sampled(draft, sample, admin):
    """A second draft, with a sample."""
    return draft_version(
        profile=draft.profile, definition=draft.definition, sample=sample, by=admin
    )


@pytest.fixture
def members_file(sample, rogers):
    """That sample is the file of a member."""
    return BillFileFactory(branch=BranchFactory(), provider=rogers, file=sample)


def test_rows_of_a_member_s_file_shown_to_try_a_version_are_recorded(
    itq, draft, sampled, members_file
):
    BillingMandateFactory(branch=members_file.branch)
    assert "contrôles tiennent" in itq.get(page("version_try", sampled.pk)).content.decode()
    chosen = {"avec": sampled.pk, "fichier": members_file.pk}
    itq.get(page("version_compare", draft.pk), chosen)
    events = AuditEvent.objects.filter(code="bill_file.tried").order_by("pk")
    assert [(e.object_id, e.branch_id, e.data["version"]) for e in events] == [
        (members_file.pk, members_file.branch_id, sampled.pk),
        (members_file.pk, members_file.branch_id, draft.pk),
    ]


def test_a_sample_that_is_a_member_s_file_is_not_read_without_a_mandate(itq, sampled, members_file):
    for name in ("version_try", "version_drift"):
        assert "Aucun fichier choisi" in itq.get(page(name, sampled.pk)).content.decode()
    body = itq.get(page("version_detail", sampled.pk)).content.decode()
    assert "Reconnu dans l" not in body
    itq.post(page("version_test", sampled.pk), {"fichier": ""})
    sampled.refresh_from_db()
    assert sampled.state == ProfileState.DRAFT


def test_pages_without_a_file_say_what_to_do(itq, draft):
    for name in ("version_try", "version_drift"):
        assert "Aucun fichier choisi" in itq.get(page(name, draft.pk)).content.decode()
    assert "une version" in itq.get(page("version_compare", draft.pk)).content.decode()
    assert itq.post(page("version_test", draft.pk)).status_code == 302


def test_the_list_tells_what_serves(itq, admin, rogers, telus):
    assert "Aucun profil" in itq.get(page("profile_list")).content.decode()
    install_shipped_profiles(by=admin)
    body = itq.get(page("profile_list")).content.decode()
    assert "Rogers, Monthly Charges Breakdown" in body


def test_an_expectation_is_set_and_lifted(itq, profile):
    itq.post(page("profile_expect", profile.pk), {"is_expected": "1"})
    profile.refresh_from_db()
    assert profile.is_expected
    assert "demande un pour" in itq.get(page("profile_detail", profile.pk)).content.decode()
