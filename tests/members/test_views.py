"""What is typed on the members' pages: done, or told how to mend it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Invitation, Membership, Respondent
from members.roles import Role, StaffRole
from portal.clock import today
from tests.members.factories import (
    ContractFactory,
    CostCentreFactory,
    JoiningRuleFactory,
    OrganisationFactory,
    PersonFactory,
    RespondentFactory,
    UserFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 entente"


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def root(organisation):
    return organisation.branches.get()


@pytest.fixture
def intrl(root, client):
    user = respondent_user(Role.INTRL, root)
    client.force_login(user)
    return user


def at(name, organisation, *more):
    return reverse(f"members:{name}", args=[organisation.slug, *more])


def upload(content, name="entente.pdf"):
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def test_a_new_person_is_designated_and_invited(client, intrl, organisation, root):
    typed = {"role": "rcell", "branch": root.pk, "given_name": "Ève", "family_name": "Roy"}
    page = client.post(at("respondent_designate", organisation), typed)
    assert page.status_code == 422
    assert "Choisissez une personne" in page.content.decode()
    page = client.post(
        at("respondent_designate", organisation), typed | {"email": "eve@example.test"}
    )
    assert page.status_code == 302
    assert Invitation.objects.get().email == "eve@example.test"


def test_a_role_that_one_may_not_give_is_no_choice(client, intrl, organisation, root):
    typed = {"role": "intrl", "branch": root.pk, "person": intrl.person_id}
    assert client.post(at("respondent_designate", organisation), typed).status_code == 422
    assert Respondent.objects.filter(role=Role.INTRL).count() == 1


def test_a_person_or_a_branch_of_another_member_is_no_choice(client, intrl, organisation, root):
    elsewhere = RespondentFactory(branch=OrganisationFactory().branches.get())
    for typed in (
        {"role": "rcell", "branch": root.pk, "person": elsewhere.person_id},
        {"role": "rcell", "branch": elsewhere.branch_id, "person": intrl.person_id},
    ):
        assert client.post(at("respondent_designate", organisation), typed).status_code == 422


def test_the_register_of_a_day_shows_who_held_what(client, intrl, organisation, root):
    gone = PersonFactory(family_name="Partie")
    RespondentFactory(person=gone, branch=root, role=Role.FACTU)
    row = gone.respondents.get()
    client.post(at("respondent_end", organisation, row.pk), {"reason": "Départ"})
    url = at("respondent_list", organisation)
    assert "Partie" in client.get(f"{url}?au=2026-01-01").content.decode()
    assert "Partie" not in client.get(f"{url}?au=2019-01-01").content.decode()
    assert "Partie" not in client.get(f"{url}?etat=in_force").content.decode()
    exported = b"".join(client.get(f"{url}?format=csv").streaming_content).decode()
    assert "Partie" in exported
    assert client.get(f"{url}?format=xlsx").status_code == 200


def test_the_successor_is_someone_with_an_account(client, intrl, organisation, root):
    successor = UserFactory().person
    RespondentFactory(person=successor, branch=root, role=Role.MANDA)
    without = RespondentFactory(branch=root, role=Role.FACTU).person
    row = intrl.person.respondents.get()
    url = at("respondent_hand_over", organisation, row.pk)
    assert client.post(url, {"successor": without.pk}).status_code == 422
    assert client.post(url, {"successor": successor.pk, "at": str(today())}).status_code == 422
    assert client.post(url, {"successor": successor.pk}).status_code == 302
    assert client.get(at("member_home", organisation)).status_code == 404


def test_itq_hands_over_with_the_letter_and_the_holder_without(client, intrl, organisation, root):
    successor = UserFactory().person
    RespondentFactory(person=successor, branch=root, role=Role.MANDA)
    row = intrl.person.respondents.get()
    url = at("respondent_hand_over", organisation, row.pk)
    own = client.get(url).content.decode()
    assert 'name="act_file"' not in own
    assert "multipart/form-data" not in own
    client.force_login(staff_user(StaffRole.ADMIN))
    shown = client.get(url).content.decode()
    assert 'enctype="multipart/form-data"' in shown
    assert "Elle se fait sur désignation écrite" in shown
    typed = {"successor": successor.pk}
    for lacking, names in (
        ({}, {"act_reference", "act_file"}),
        ({"act_reference": "Lettre du 3 mai"}, {"act_file"}),
        ({"act_file": upload(PDF)}, {"act_reference"}),
    ):
        answer = client.post(url, typed | lacking)
        assert answer.status_code == 422
        errors = answer.context["form"].errors
        assert set(errors) == names
        assert all("ITQ ne remet ce rôle que sur désignation écrite" in errors[n][0] for n in names)
    assert Respondent.objects.effective().get(role=Role.INTRL) == row
    whole = typed | {"act_reference": "Lettre du 3 mai", "act_file": upload(PDF)}
    assert client.post(url, whole).status_code == 302
    next_one = Respondent.objects.effective().get(role=Role.INTRL)
    assert (next_one.person, next_one.act_reference) == (successor, "Lettre du 3 mai")
    answer = client.get(at("respondent_act", organisation, next_one.pk))
    assert b"".join(answer.streaming_content) == PDF


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"MZ exe", "ni un PDF"), (b"%PDF-" + b"0" * (20 * 1024 * 1024), "20\u00a0Mo")],
)
def test_a_document_is_judged_by_its_content(client, intrl, organisation, content, said):
    typed = {
        "contract": ContractFactory().pk,
        "agreement": upload(content),
        "agreement_on": "2026-05-01",
        "bound_by": "La greffière",
    }
    page = client.post(at("membership_file", organisation), typed)
    assert page.status_code == 422
    assert said in page.content.decode()


def test_an_agreement_is_filed_and_downloaded_by_the_member_only(client, intrl, organisation):
    JoiningRuleFactory()
    typed = {
        "contract": ContractFactory().pk,
        "agreement": upload(PDF),
        "agreement_on": "2026-05-01",
        "bound_by": "La greffière",
    }
    assert client.post(at("membership_file", organisation), typed).status_code == 302
    url = at("membership_document", organisation, Membership.objects.get().pk, "entente")
    answer = client.get(url)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert client.get(url.replace("entente", "autre")).status_code == 404
    client.force_login(respondent_user(Role.INTRL, OrganisationFactory().branches.get()))
    assert client.get(url).status_code == 404


def test_itq_designates_an_interlocutor_with_the_letter(client, organisation, root):
    client.force_login(staff_user(StaffRole.ADMIN))
    typed = {
        "branch": root.pk,
        "given_name": "Ève",
        "family_name": "Roy",
        "email": "eve@example.test",
        "act_reference": "Lettre du 3 mai",
    }
    url = at("staff_interlocutor_designate", organisation)
    assert client.post(url, typed).status_code == 422
    assert client.post(url, typed | {"act_file": upload(PDF)}).status_code == 302
    row = Respondent.objects.get(role=Role.INTRL)
    answer = client.get(at("respondent_act", organisation, row.pk))
    assert b"".join(answer.streaming_content) == PDF


def test_a_button_that_comes_too_late_says_so(client, organisation, root):
    client.force_login(respondent_user(Role.MANDA, root))
    row = RespondentFactory(branch=root, role=Role.DERO)
    page = client.post(at("respondent_confirm", organisation, row.pk), follow=True)
    assert "attend pas de confirmation" in page.content.decode()


def test_a_cost_centre_is_kept_by_its_representative(client, organisation, root):
    client.force_login(respondent_user(Role.RCELL, root))
    typed = {"branch": root.pk, "code": "100", "name": "Rue"}
    assert client.post(at("cost_centre_add", organisation), typed).status_code == 302
    page = client.post(at("cost_centre_add", organisation), typed)
    assert "déjà pris" in page.content.decode()
    centre = CostCentreFactory(branch=root, code="200")
    client.post(at("cost_centre_retire", organisation, centre.pk))
    centre.refresh_from_db()
    assert not centre.is_active
    stranger = CostCentreFactory(branch=OrganisationFactory().branches.get())
    assert client.post(at("cost_centre_retire", organisation, stranger.pk)).status_code == 404


def test_lists_cost_the_same_for_two_rows_and_for_twenty(client, intrl, organisation, root):
    counts = []
    for more in (2, 18):
        for _ in range(more):
            RespondentFactory(branch=root, role=Role.FACTU)
        with CaptureQueriesContext(connection) as asked:
            client.get(at("respondent_list", organisation))
        counts.append(len(asked))
    assert counts[0] == counts[1]
