"""The plan's pages: from an empty plan to a line confirmed, a file, an absence."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.actions.plans import (
    confirm_signing_rule,
    remove_signing_rule,
    set_signing_rule,
)
from members.models import Absence, Delegation, DelegationPlan, Interim, Person, SigningRule
from members.permissions import Refused
from members.powers import DerogationKind
from members.projection import project
from members.queries import inbox_items
from members.queries.plan_inbox import plan_items
from members.queries.plans import rules_to_confirm
from members.roles import Role
from members.signing_steps import steps_asked
from portal.clock import today
from tests.members.factories import (
    LONG_AGO,
    DelegationFactory,
    DelegationPlanFactory,
    InterimFactory,
    OrganisationFactory,
    PersonFactory,
    RespondentFactory,
    SigningRuleFactory,
    UserFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 plan"
LINE = {
    "clause": "4.2",
    "post": "Directrice générale",
    "given_name": "Ève",
    "family_name": "Roy",
    "email": "eve@example.test",
    "kinds": ["network", "technological"],
    "ceiling_amount": "25000",
    "since": "2026-01-01",
}


@pytest.fixture
def organisation():
    return OrganisationFactory()


@pytest.fixture
def root(organisation):
    return organisation.branches.get()


@pytest.fixture
def plan(organisation):
    return DelegationPlanFactory(organisation=organisation, version=1)


@pytest.fixture
def intrl(root, client):
    user = respondent_user(Role.INTRL, root)
    client.force_login(user)
    return user


@pytest.fixture
def manda(root):
    return respondent_user(Role.MANDA, root)


def at(name, organisation, *more):
    return reverse(f"members:{name}", args=[organisation.slug, *more])


def upload(content, name="plan.pdf"):
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def sheet(*rows):
    head = "Article;Poste;Prénom du titulaire;Nom du titulaire;Courriel du titulaire;Genres;"
    head += "Plafond;Subdivision;Début;Dernier jour"
    return upload("\n".join([head, *rows]).encode(), "plan.csv")


def text(page):
    return page.content.decode()


def test_from_an_empty_plan_to_a_line_that_empowers(client, intrl, manda, organisation, root):
    assert "Aucun plan de délégation" in text(client.get(at("plan_overview", organisation)))
    assert client.get(at("delegation_record", organisation)).status_code == 302
    typed = {
        "approved_on": "2026-01-15",
        "act_reference": "Règlement 1234",
        "tax_basis": "before_tax",
        "fiscal_year_ends": "12-31",
    }
    page = client.post(at("plan_open", organisation), typed | {"act_file": upload(b"MZ")})
    assert page.status_code == 422
    assert "ni un PDF" in text(page)
    page = client.post(at("plan_open", organisation), typed | {"act_file": upload(PDF)})
    assert page.status_code == 302
    assert DelegationPlan.objects.get().act_file.content_type == "application/pdf"
    page = client.post(at("delegation_record", organisation), LINE | {"branch": root.pk})
    assert page.status_code == 302
    line = Delegation.objects.get()
    assert "Attend le mandataire ou ITQ" in text(client.get(at("plan_overview", organisation)))
    client.force_login(manda)
    assert any("Confirmer la ligne" in item.title for item in inbox_items(manda))
    assert "Télécharger l" in text(client.get(at("delegation_confirm", organisation, line.pk)))
    client.post(at("delegation_confirm", organisation, line.pk))
    page = text(client.get(at("plan_overview", organisation)))
    assert "Ève Roy" in page
    assert "25\u00a0000,00\u00a0$" in page
    assert "Personne ne peut signer" in page  # no line covers a device


def test_a_line_says_its_ceiling_or_that_there_is_none(client, intrl, organisation, root, plan):
    for wrong in ({"ceiling_amount": ""}, {"is_unlimited": "on"}):
        page = client.post(
            at("delegation_record", organisation), LINE | wrong | {"branch": root.pk}
        )
        assert page.status_code == 422
        assert "l&#x27;un des deux" in text(page)
    free = LINE | {"ceiling_amount": "", "is_unlimited": "on", "branch": root.pk}
    assert client.post(at("delegation_record", organisation), free).status_code == 302
    assert Delegation.objects.get().ceiling_amount is None


def test_a_vacant_post_is_recorded_without_a_person(client, intrl, organisation, root, plan):
    typed = LINE | {"branch": root.pk, "is_vacant": "on"}
    for name in ("given_name", "family_name", "email"):
        typed.pop(name)
    assert client.post(at("delegation_record", organisation), typed).status_code == 302
    assert Delegation.objects.get().holder is None


def test_itq_gives_the_written_request(client, organisation, root, plan):
    client.force_login(staff_user())
    typed = LINE | {"branch": root.pk}
    assert client.post(at("delegation_record", organisation), typed).status_code == 422
    typed |= {"reason": "Courriel du 2026-11-02"}
    assert client.post(at("delegation_record", organisation), typed).status_code == 302


def test_a_correction_shows_the_line_and_asks_why(client, intrl, organisation, plan):
    line = DelegationFactory(plan=plan)
    address = at("delegation_correct", organisation, line.pk)
    page = client.get(address)
    assert 'value="25000,00"' in text(page)
    assert f'<option value="{line.holder_id}" selected>' in text(page)
    typed = LINE | {"person": line.holder_id, "kinds": ["network"]}
    assert client.post(address, typed).status_code == 422
    assert client.post(address, typed | {"why": "Faute de frappe"}).status_code == 302
    assert Delegation.objects.standing().get().change_reason == "Faute de frappe"
    assert "remplace" in text(client.get(at("delegation_detail", organisation, line.pk)))


def test_a_line_ends_and_a_version_is_repealed(client, intrl, organisation, plan):
    line, other = DelegationFactory(plan=plan), DelegationFactory(plan=plan)
    day = today() + timedelta(days=3)
    typed = {"on": day.isoformat(), "reason": "Départ"}
    assert client.post(at("delegation_end", organisation, line.pk), typed).status_code == 302
    assert client.post(at("plan_end", organisation, plan.pk), typed).status_code == 302
    assert client.post(at("plan_end", organisation, plan.pk), typed).status_code == 422
    assert not Delegation.objects.in_force(day).exists()
    assert Delegation.objects.standing().get(clause=other.clause).valid.upper == day


def test_an_interim_is_named_with_a_writing_then_ended(client, intrl, organisation, plan):
    line, person = DelegationFactory(plan=plan), PersonFactory()
    respondent_user(Role.FACTU, line.branch, person=person)
    address = at("interim_name", organisation, line.pk)
    typed = {
        "person": person.pk,
        "since": today().isoformat(),
        "last_day": today().isoformat(),
        "act_reference": "Note 7",
    }
    assert client.post(address, typed).status_code == 422
    assert client.post(address, typed | {"act_file": upload(PDF)}).status_code == 302
    interim = Interim.objects.get()
    paper = client.get(at("interim_act", organisation, interim.pk))
    assert b"".join(paper.streaming_content) == PDF
    page = client.post(at("interim_end", organisation, interim.pk), {"reason": "Retour"})
    assert page.status_code == 302
    assert "Terminé" in text(client.get(at("delegation_detail", organisation, line.pk)))


def test_the_mandatary_confirms_an_interim_of_a_confirmed_line(client, manda, organisation, plan):
    interim = InterimFactory(
        delegation=DelegationFactory(plan=plan), confirmed_at=None, confirmed_by=None
    )
    client.force_login(manda)
    page = client.get(at("delegation_confirm", organisation, interim.delegation_id))
    assert at("interim_confirm", organisation, interim.pk) in text(page)
    client.post(at("interim_confirm", organisation, interim.pk))
    interim.refresh_from_db()
    assert interim.confirmed_by == manda


def test_intrl_attests_a_signer_who_holds_no_role(client, intrl, organisation, plan):
    line = DelegationFactory(plan=plan)
    address = at("signer_attest", organisation, line.pk, line.holder_id)
    assert address in text(client.get(at("delegation_detail", organisation, line.pk)))
    assert client.post(address, {"method": "Pièce vue"}).status_code == 302
    assert Person.objects.get(pk=line.holder_id).identity_attested_by == intrl
    stranger = at("signer_attest", organisation, line.pk, PersonFactory().pk)
    assert client.get(stranger).status_code == 404


def test_rules_are_set_and_removed(client, intrl, organisation, plan):
    address = at("signing_rule_set", organisation, plan.pk)
    typed = {"kind": "network", "from_amount": "10000", "needed": "6"}
    assert client.post(address, typed).status_code == 422
    assert client.post(address, typed | {"needed": "3"}).status_code == 302
    assert SigningRule.objects.get().needed == 3
    client.post(address, typed | {"needed": "2"})
    assert SigningRule.objects.get().needed == 2
    client.post(at("signing_rule_remove", organisation, SigningRule.objects.get().pk))
    assert not SigningRule.objects.exists()


def test_a_rule_names_the_posts_that_sign_first(client, intrl, organisation, plan):
    chief, head = "Chef de service", "Direction générale"
    for post in (chief, head):
        DelegationFactory(plan=plan, post=post)
    address = at("signing_rule_set", organisation, plan.pk)
    typed = {"kind": "network", "from_amount": "0", "needed": "1"}
    assert client.post(address, typed | {"first": "Trésorerie"}).status_code == 422
    for wrong, said in (
        ({"second": head}, "Nommez d&#x27;abord le poste"),
        ({"first": head, "second": head}, "signe déjà avant"),
        ({"first": chief, "second": head}, "plus de postes"),
    ):
        refused = client.post(address, typed | wrong)
        assert refused.status_code == 422
        assert said in text(refused)
    asked = {"needed": "3", "first": chief, "second": head}
    assert client.post(address, typed | asked).status_code == 302
    assert SigningRule.objects.get().posts == [chief, head]
    page = at("plan_detail", organisation, plan.pk)
    assert f"{chief}, puis {head}, puis 1 signature" in text(client.get(page))
    Delegation.objects.filter(post=head).update(post="Direction")
    assert f"Aucune ligne ne donne ce pouvoir à : {head}" in text(client.get(page)).replace(
        "\u00a0", " "
    )
    with pytest.raises(ValidationError, match="Trésorerie"):
        set_signing_rule(
            plan=plan, kind="network", from_amount=1, needed=1, posts=["Trésorerie"], by=intrl
        )
    DelegationFactory(plan=plan, post="Informatique", kinds=["technological"])
    refused = client.post(address, typed | {"first": "Informatique"})
    assert "le pouvoir de signer ce genre" in text(refused)


def test_a_rule_that_lowers_the_number_counts_once_another_person_confirmed_it(
    client, intrl, manda, organisation, plan
):
    """Two signatures never become one by the word of INTRL alone (R-02, F-16)."""
    agreed = SigningRuleFactory(plan=plan, needed=2, confirmed_by=manda, confirmed_at=LONG_AGO)
    lower = set_signing_rule(
        plan=plan, kind="network", from_amount=agreed.from_amount, needed=1, by=intrl
    )
    assert counted(plan) == 2
    address = at("signing_rule_confirm", organisation, lower.pk)
    client.post(address)  # INTRL confirms nothing
    with pytest.raises(Refused):
        confirm_signing_rule(rule=lower, by=UserFactory(person=intrl.person))
    assert counted(plan) == 2
    client.force_login(manda)
    page = at("plan_detail", organisation, plan.pk)
    assert text(client.get(page)).count(at("signing_rule_confirm", organisation, lower.pk)) == 1
    assert any("règle de signature" in item.title for item in plan_items(manda))
    assert client.post(address).status_code == 302
    assert counted(plan) == 1
    assert list(SigningRule.objects.all()) == [lower]


def test_a_rule_is_shown_to_confirm_to_who_may_only(intrl, manda, plan):
    rule = SigningRuleFactory(plan=plan)
    elsewhere = DelegationPlanFactory().organisation.branches.get()
    assert list(rules_to_confirm(manda)) == [rule]
    for other in (intrl, respondent_user(Role.MANDA, elsewhere)):
        assert not rules_to_confirm(other).exists()


def test_a_rule_is_not_lost_without_a_second_person_and_a_stricter_one_counts_at_once(
    client, intrl, manda, plan
):
    rule = SigningRuleFactory(plan=plan, needed=2, confirmed_by=manda, confirmed_at=LONG_AGO)
    remove_signing_rule(rule=rule, by=intrl)
    assert counted(plan) == 2
    confirm_signing_rule(rule=rule, by=manda)
    assert counted(plan) == 1
    stricter = set_signing_rule(
        plan=plan, kind="network", from_amount=rule.from_amount, needed=3, by=intrl
    )
    assert counted(plan) == 3
    with pytest.raises(Refused, match="confirme"):
        confirm_signing_rule(rule=stricter, by=respondent_of(intrl, Role.MANDA))


def counted(plan):
    """How many sign, whatever the amount."""
    steps = steps_asked(plan.signing_rules.order_by("from_amount"))
    return sum(step.needed for step in steps)


def respondent_of(user, role):
    """A second account of one person, with another role in the same member."""
    branch = user.person.respondents.get().branch
    other = UserFactory(person=user.person)
    RespondentFactory(person=user.person, role=role, branch=branch)
    project([user.person_id])
    return other


def test_a_file_tells_every_fault_at_once(client, intrl, organisation, root, plan):
    DelegationFactory(plan=plan, clause="9", post="Poste", holder=None)
    page = client.post(
        at("delegation_import", organisation),
        {
            "file": sheet(
                "4.1;Directrice;Ève;Roy;eve@example.test;satellite;100;;2026-01-01;",
                "4.2;Directrice;Ève;Roy;eve@example.test;réseau;;;2026-01-01;",
                "4.3;Directrice;Ève;;eve@example.test;réseau;100;;2026-01-01;",
                "4.4;Directrice;Ève;Roy;eve@example.test;réseau;100;Nulle part;2026-01-01;",
                f"4.5;Moi;A;B;{intrl.person.email};réseau;100;;2026-01-01;",
                "9;Poste;;;;réseau;100;;2026-01-01;",
            )
        },
    )
    assert page.status_code == 422
    for told in (
        "6 erreurs à corriger",
        "satellite",
        "Cette cellule est vide",
        "prénom, nom et courriel",
        "Cette subdivision n&#x27;existe pas",
        "soi-même",
        "Le plan a déjà cette ligne",
    ):
        assert told in text(page), told
    assert Delegation.objects.count() == 1


def test_a_sound_file_is_recorded_whole_after_its_dry_run(client, intrl, organisation, plan):
    rows = (
        "4.1;Directrice;Ève;Roy;eve@example.test;réseau | appareil;10 000,00 $;;2026-01-01;",
        "4.2;Trésorière;Ève;Roy;eve@example.test;technologique;sans plafond;;2026-01-01;2026-12-31",
        "4.3;Adjoint;;;;réseau;500;;2026-01-01;",
    )
    page = client.post(at("delegation_import", organisation), {"file": sheet(*rows)})
    assert page.status_code == 200
    assert not Delegation.objects.exists()
    token = dict(page.context["fields"])["token"]
    apply = at("delegation_import_apply", organisation)
    client.post(apply, {"token": token + "x"})
    assert not Delegation.objects.exists()
    client.post(apply, {"token": token})
    assert Delegation.objects.count() == 3
    assert Person.objects.filter(family_name="Roy").count() == 1
    client.post(apply, {"token": token})
    assert Delegation.objects.count() == 3


def test_a_token_of_someone_else_applies_nothing(client, intrl, organisation, root, plan):
    rows = ("4.3;Adjoint;;;;réseau;500;;2026-01-01;",)
    page = client.post(at("delegation_import", organisation), {"file": sheet(*rows)})
    token = dict(page.context["fields"])["token"]
    client.force_login(staff_user())
    page = client.post(at("delegation_import_apply", organisation), {"token": token})
    assert page.status_code == 404
    assert not Delegation.objects.exists()


def test_the_export_is_a_file_that_the_import_takes_back(client, intrl, organisation, plan):
    line = DelegationFactory(plan=plan, holder=PersonFactory(family_name="Roy"))
    answer = client.get(at("delegation_list", organisation) + "?format=csv")
    content = b"".join(answer.streaming_content)
    newer = DelegationPlanFactory(organisation=organisation, version=2)
    page = client.post(at("delegation_import", organisation), {"file": upload(content, "p.csv")})
    assert page.status_code == 200, text(page)
    client.post(
        at("delegation_import_apply", organisation),
        {"token": dict(page.context["fields"])["token"]},
    )
    again = Delegation.objects.get(plan=newer)
    for name in ("clause", "post", "holder", "kinds", "ceiling_amount", "valid", "branch"):
        assert getattr(again, name) == getattr(line, name)


def test_intrl_records_an_absence_with_a_substitute_strong_enough(
    client, intrl, organisation, root, plan
):
    line = DelegationFactory(plan=plan)
    weak = DelegationFactory(plan=plan, ceiling_amount=10)
    strong = DelegationFactory(plan=plan)
    typed = {
        "branch": root.pk,
        "person": line.holder_id,
        "since": today().isoformat(),
        "last_day": (today() + timedelta(days=5)).isoformat(),
    }
    address = at("absence_declare", organisation)
    page = client.post(address, typed | {"substitute": weak.holder_id})
    assert page.status_code == 422
    assert "un plafond au moins égal" in text(page)
    assert client.post(address, typed | {"substitute": strong.holder_id}).status_code == 302
    absence = Absence.objects.get()
    assert "pour" in text(client.get(at("plan_overview", organisation)))
    client.post(at("absence_end", organisation, absence.pk))
    assert client.post(at("absence_end", organisation, absence.pk)).status_code == 404


def test_a_signer_without_a_role_says_when_he_is_away(client, organisation, root, plan):
    signer = respondent_user(Role.DERO, root)
    signer.person.respondents.all().delete()
    client.force_login(signer)
    assert "Mes absences" not in text(client.get(reverse("members:my_account")))
    DelegationFactory(plan=plan, holder=signer.person)
    assert "Mes absences" in text(client.get(reverse("members:my_account")))
    typed = {
        "branch": root.pk,
        "since": today().isoformat(),
        "last_day": today().isoformat(),
    }
    assert client.post(reverse("members:my_absence"), typed).status_code == 302
    absence = Absence.objects.get()
    assert absence.person == signer.person
    client.post(reverse("members:my_absence_end", args=[absence.pk]))
    absence.refresh_from_db()
    assert absence.ended_by == signer


def test_intrl_is_told_which_kinds_nobody_signs(intrl, plan):
    def told():
        return [i.detail for i in inbox_items(intrl) if "Personne ne peut signer" in i.title]

    assert told() == ["Réseau, Technologique, Appareil à coût non nul"]
    DelegationFactory(plan=plan, kinds=[DerogationKind.NETWORK])
    assert told() == ["Technologique, Appareil à coût non nul"]
    DelegationFactory(plan=plan)
    assert told() == []


def test_another_day_is_looked_at(client, intrl, organisation, plan):
    DelegationFactory(plan=plan, holder=PersonFactory(family_name="Roy"))
    address = at("plan_overview", organisation)
    assert "Roy" in text(client.get(address))
    assert "Roy" not in text(client.get(address + "?au=2019-01-01"))


def test_the_plan_s_pages_ask_few_questions_whatever_its_size(client, intrl, organisation, plan):
    for _number in range(20):
        InterimFactory(delegation=DelegationFactory(plan=plan))
    names = ("plan_overview", "plan_list", "delegation_list")
    for address in (
        *(at(n, organisation) for n in names),
        at("plan_detail", organisation, plan.pk),
    ):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(address).status_code == 200
        assert len(asked) <= 15, "\n".join(q["sql"][:170] for q in asked)
