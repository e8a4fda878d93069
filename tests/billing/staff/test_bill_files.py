"""The pages of providers' files: upload, progress, quarantine, decisions, the group's checklist."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from billing.actions.shipped import install_shipped_profiles
from billing.kinds import ImportPart, ImportState, ImportStep
from billing.models import BillFile
from billing.queries.inbox import bill_items
from billing.queries.staff_console import console_entries
from members.roles import Role, StaffRole
from portal.clock import database_clock
from portal.files import store
from portal.models import AuditEvent
from tests.billing.factories import (
    BillFileFactory,
    ImportFactory,
    ProfileVersionFactory,
    QuarantinedRowFactory,
)
from tests.billing.staff.conftest import CYCLE
from tests.members.factories import (
    BillingMandateFactory,
    BranchFactory,
    ProviderAccountFactory,
    respondent_user,
    staff_user,
)

pytestmark = pytest.mark.django_db


def page(name, *args):
    return reverse(f"billing:{name}", args=args)


@pytest.fixture
def branch():
    return BranchFactory()


@pytest.fixture
def slug(branch):
    return branch.organisation.slug


@pytest.fixture
def factu(client, branch):
    client.force_login(respondent_user(Role.FACTU, branch))
    return client


@pytest.fixture
def served(rogers, telus):
    install_shipped_profiles(by=staff_user(StaffRole.ADMIN))


def one_import(branch=None, **facts):
    file = BillFileFactory(branch=branch)
    return ImportFactory(bill_file=file, branch=branch, provider=file.provider, **facts)


def test_several_files_at_once_each_for_itself(factu, slug, branch, rogers, served, charges):
    again = charges.replace(b"Billing Period", b"Billing period")
    files = [SimpleUploadedFile(f"{n}.csv", data) for n, data in enumerate((charges, again))]
    answer = factu.post(page("bill_file_new", slug), {"provider": rogers.pk, "uploads": files})
    assert answer.status_code == 302
    assert BillFile.objects.filter(branch=branch).count() == 2
    listed = factu.get(page("bill_file_list", slug)).content.decode()
    assert "0.csv" in listed
    assert "Reçu" in listed


def test_the_same_file_again_is_told_and_the_other_is_kept(factu, slug, rogers, served, charges):
    send = {"provider": rogers.pk, "uploads": [SimpleUploadedFile("a.csv", charges)]}
    assert factu.post(page("bill_file_new", slug), send).status_code == 302
    other = charges.replace(b"Billing Period", b"Billing period")
    files = [SimpleUploadedFile("b.csv", charges), SimpleUploadedFile("c.csv", other)]
    answer = factu.post(page("bill_file_new", slug), {"provider": rogers.pk, "uploads": files})
    assert answer.status_code == 422
    assert "déjà importé" in answer.content.decode()
    assert set(BillFile.objects.values_list("name", flat=True)) == {"a.csv", "c.csv"}


def test_no_file_is_an_error_of_the_form(factu, slug, rogers):
    assert factu.post(page("bill_file_new", slug), {"provider": rogers.pk}).status_code == 422


def test_itq_sends_for_the_group_or_under_a_mandate(itq, branch, rogers, served, charges):
    form = itq.get(page("staff_bill_file_new")).content.decode()
    assert "Tout le regroupement" in form
    BillingMandateFactory(branch=branch)
    assert str(branch) in itq.get(page("staff_bill_file_new")).content.decode()
    files = [SimpleUploadedFile("a.csv", charges)]
    sent = {"provider": rogers.pk, "branch": branch.pk, "uploads": files}
    itq.post(page("staff_bill_file_new"), sent)
    assert BillFile.objects.get().branch == branch


def test_itq_sees_a_member_s_file_under_its_mandate_alone(itq, branch):
    made = one_import(branch)
    url = page("staff_bill_file_detail", made.bill_file_id)
    assert itq.get(url).status_code == 404
    BillingMandateFactory(branch=branch)
    assert itq.get(url).status_code == 200


def test_progress_tells_rows_rate_and_time_left(itq):
    made = one_import(
        state=ImportState.READING,
        step=ImportStep.READING,
        rows_done=45_000,
        rows_expected=90_000,
        started_at=database_clock() - timedelta(seconds=10),
    )
    body = itq.get(page("staff_bill_file_detail", made.bill_file_id)).content.decode()
    assert 'hx-trigger="every 2s"' in body
    assert "<noscript>" in body
    moving = itq.get(page("staff_bill_file_progress", made.bill_file_id)).content.decode()
    assert "<html" not in moving
    assert "45\u00a0000 lignes sur 90\u00a0000" in moving
    assert "lignes par seconde" in moving
    assert "encore" in moving


def test_a_settled_file_no_longer_moves(itq):
    made = one_import(state=ImportState.PUBLISHED)
    assert (
        "hx-trigger"
        not in itq.get(page("staff_bill_file_progress", made.bill_file_id)).content.decode()
    )


def test_a_confirmed_import_is_followed_until_the_worker_shows_it(itq, admin):
    confirmed = {"confirmed_at": database_clock(), "confirmed_by": admin}
    made = one_import(state=ImportState.PREPARED, awaits=[], **confirmed)
    moving = itq.get(page("staff_bill_file_progress", made.bill_file_id)).content.decode()
    assert "hx-trigger" in moving
    assert "Publication en cours" in moving
    assert page("staff_import_confirm", made.pk) not in moving
    assert page("staff_import_refuse", made.pk) not in moving


def test_a_refusal_says_why_and_offers_a_new_version(itq):
    made = one_import(state=ImportState.REFUSED, refusal="La colonne « Montant » manque.")
    body = itq.get(page("staff_bill_file_detail", made.bill_file_id)).content.decode()
    assert "Montant" in body
    assert "Nouvelle version du profil" in body
    assert "Relire ce fichier" in body


def recalled(user):
    """What home says of files to a member's sender, or the console to ITQ."""
    counts = [one.rows.count() for one in console_entries(user) if "refusés" in str(one.label)]
    return [one.title for one in bill_items(user) if one.kind == "Fichier"] + counts


def refused(branch, **facts):
    facts = {"state": ImportState.REFUSED, "refusal": "Coupé.", "period": None} | facts
    return one_import(branch, finished_at=database_clock(), **facts)


def test_a_member_s_refused_file_is_settled_and_recalled_no_more(client, slug, branch):
    user = respondent_user(Role.FACTU, branch)
    client.force_login(user)
    made, other = refused(branch), refused(branch)
    ImportFactory(  # read again under another profile, refused again
        bill_file=made.bill_file,
        branch=branch,
        provider=made.provider,
        state=ImportState.REFUSED,
        refusal="Coupé.",
        period=None,
    )
    assert recalled(user) == ["Fichiers refusés : 2"]
    detail, url = (
        page(name, slug, made.bill_file_id) for name in ("bill_file_detail", "bill_file_settle")
    )
    assert url in client.get(detail).content.decode()
    assert "n&#x27;est plus rappelé" in client.post(url, follow=True).content.decode()
    assert recalled(user) == ["Fichier refusé : frais.csv"]
    told = client.get(detail).content.decode()
    assert url not in told
    assert "Refusé, réglé" in told
    assert "Réglé par" in told
    assert "Relire ce fichier" in told
    assert "Refusé, réglé" in client.get(page("bill_file_list", slug)).content.decode()
    assert "déjà réglé" in client.post(url, follow=True).content.decode()
    event = AuditEvent.objects.get(code="bill_file.settled")
    assert (event.object_id, event.actor_id) == (made.bill_file_id, user.pk)
    assert (
        page("bill_file_settle", slug, other.bill_file_id)
        in client.get(page("bill_file_detail", slug, other.bill_file_id)).content.decode()
    )


def test_the_group_s_refused_file_is_settled_by_itq(itq, admin):
    made = refused(None)
    assert recalled(admin) == [1]
    itq.post(page("staff_bill_file_settle", made.bill_file_id))
    assert recalled(admin) == [0]


def test_what_was_confirmed_then_refused_is_still_recalled(branch):
    user = respondent_user(Role.FACTU, branch)
    refused(branch, confirmed_at=database_clock(), confirmed_by=user)
    assert len(recalled(user)) == 1


def test_differences_stand_before_the_decision(factu, slug, branch):
    made = one_import(
        branch,
        state=ImportState.PREPARED,
        awaits=["differences"],
        differences={"Compte 123 : Frais": ["1,00 $", "2,00 $"]},
        totals={"rows": 12, "last_rows": 11, "amount": "40.00", "duplicates": 1},
    )
    body = factu.get(page("bill_file_detail", slug, made.bill_file_id)).content.decode()
    assert "Compte 123" in body
    assert "Publier" in body
    url = page("import_refuse", slug, made.pk)
    assert factu.post(url, {"reason": ""}).status_code == 422
    assert factu.post(url, {"reason": "Mauvais mois"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.refusal) == (ImportState.REFUSED, "Mauvais mois")


@pytest.mark.parametrize(
    ("awaits", "headings"),
    [
        (["differences"], ["Facture", "Maintenant", "Avec ce fichier"]),
        (["differences", "blind_spots"], ["Facture", "Maintenant", "Avec ce fichier"]),
        (["row_ratio"], ["Mesure", "Cycle précédent", "Ce fichier"]),
        (["row_ratio", "blind_spots"], ["Mesure", "Cycle précédent", "Ce fichier"]),
        (["differences", "row_ratio"], ["Facture ou mesure", "Avant", "Avec ce fichier"]),
    ],
)
def test_figures_stand_under_what_they_are_compared_with(factu, slug, branch, awaits, headings):
    facts = {"state": ImportState.PREPARED, "differences": {"Rangs": ["2", "12"]}}
    made = one_import(branch, awaits=awaits, **facts)
    body = factu.get(page("bill_file_detail", slug, made.bill_file_id)).content.decode()
    table = body.partition('class="table" id="differences-')[2].partition("</table>")[0]
    assert re.findall(r"<th[^>]*col[^>]*>([^<]+)", table) == headings


def test_use_that_awaits_its_charges_asks_for_no_decision(factu, slug, branch):
    made = one_import(branch, part=ImportPart.USAGE, state=ImportState.PREPARED, awaits=["charges"])
    body = factu.get(page("bill_file_detail", slug, made.bill_file_id)).content.decode()
    assert "Publier" not in body
    assert "est lu et attend" in body


def test_use_that_awaits_its_charges_is_watched_until_they_come(itq):
    made = one_import(part=ImportPart.USAGE, state=ImportState.PREPARED, awaits=["charges"])
    url = page("staff_bill_file_progress", made.bill_file_id)
    body = itq.get(url).content.decode()
    assert 'hx-trigger="every 30s"' in body
    assert "Lu, attend les frais" in body
    assert "attend une personne" not in body
    assert "<noscript>" in body
    made.awaits = ["row_ratio", "charges"]  # a person decides first: nothing changes by itself
    made.save(update_fields=["awaits"])
    assert "hx-trigger" not in itq.get(url).content.decode()


def test_the_quarantine_is_listed_and_exported(factu, slug, branch):
    made = one_import(branch, state=ImportState.PUBLISHED)
    QuarantinedRowFactory(bill_import=made, line=7, column="Montant", reason="Illisible.")
    url = page("quarantine_list", slug, made.bill_file_id)
    assert "Illisible." in factu.get(url).content.decode()
    told = b"".join(factu.get(url, {"format": "csv"})).decode("utf-8-sig")
    assert "Montant" in told
    assert "7" in told


def test_what_an_earlier_reading_set_aside_is_shown_no_more(factu, slug, branch):
    """Refused for its rows, read again under a mended profile: nothing of the refusal stands."""
    made = one_import(branch, state=ImportState.REFUSED, refusal="Rangs rejetés.")
    QuarantinedRowFactory(bill_import=made, line=7, reason="Illisible.")
    detail, rows, refused, published = (
        page("bill_file_detail", slug, made.bill_file_id),
        page("quarantine_list", slug, made.bill_file_id),
        page("bill_file_list", slug) + "?etat=refused",
        page("bill_file_list", slug) + "?etat=published",
    )
    assert "1 ligne mise de côté" in factu.get(detail).content.decode()
    assert made.bill_file.name in factu.get(refused).content.decode()
    again = {"bill_file": made.bill_file, "branch": branch, "provider": made.provider}
    second = ImportFactory(**again, state=ImportState.REFUSED, refusal="Rangs rejetés.")
    QuarantinedRowFactory(bill_import=second, line=7, reason="Illisible.")
    use = ImportFactory(**again, part=ImportPart.USAGE, state=ImportState.PUBLISHED)
    QuarantinedRowFactory(bill_import=use, line=9, reason="Heure illisible.")
    listed = factu.get(rows).content.decode()
    assert (listed.count("Illisible."), listed.count("Heure illisible.")) == (1, 1)
    ImportFactory(**again, state=ImportState.PUBLISHED)
    assert "1 ligne mise de côté" in factu.get(detail).content.decode()  # that of the use
    assert "Illisible." not in factu.get(rows).content.decode()
    assert made.bill_file.name not in factu.get(refused).content.decode()
    assert factu.get(published).content.decode().count(f'href="{detail}"') == 1


def test_the_file_is_given_back_as_it_came_and_that_is_recorded(
    factu, slug, branch, rogers, served, charges
):
    send = {"provider": rogers.pk, "uploads": [SimpleUploadedFile("a.csv", charges)]}
    factu.post(page("bill_file_new", slug), send)
    answer = factu.post(page("bill_file_download", slug, BillFile.objects.get().pk))
    assert b"".join(answer) == charges
    event = AuditEvent.objects.get(code="bill_file.read")
    assert (event.object_id, event.branch_id) == (BillFile.objects.get().pk, branch.pk)


def with_use(branch, content=b"a;b", **facts):
    """A file that tells use: it was read as such, or refused under a profile that may."""
    kept = store(content, name="a.csv", content_type="text/csv")
    file = BillFileFactory(branch=branch, file=kept)
    return ImportFactory(bill_file=file, branch=branch, provider=file.provider, **facts).bill_file


def test_a_file_that_tells_use_is_not_a_factu_s_to_take(factu, slug, branch):
    used = ProfileVersionFactory(definition={"parts": [{"entity": "usage"}]})
    refused = {"refusal": "Illisible", "state": ImportState.REFUSED, "profile_version": used}
    for file in (with_use(branch, part=ImportPart.USAGE), with_use(branch, b"c", **refused)):
        url = page("bill_file_download", slug, file.pk)
        assert factu.post(url, {"reason": "Curiosité"}).status_code == 403
        assert url not in factu.get(page("bill_file_detail", slug, file.pk)).content.decode()
    assert not AuditEvent.objects.filter(code="bill_file.read").exists()


@pytest.mark.parametrize("is_group", [True, False])
def test_a_file_that_tells_use_is_taken_with_a_reason_that_is_recorded(itq, branch, is_group):
    BillingMandateFactory(branch=branch)
    file = with_use(None if is_group else branch, part=ImportPart.USAGE)
    url = page("staff_bill_file_download", file.pk)
    assert "Motif de la consultation" in itq.post(url).content.decode()
    assert itq.post(url, {"reason": " "}).status_code == 422
    assert not AuditEvent.objects.filter(code="bill_file.read").exists()
    assert b"".join(itq.post(url, {"reason": "Écart signalé"})) == b"a;b"
    event = AuditEvent.objects.get(code="bill_file.read")
    assert (event.object_id, event.data["reason"]) == (file.pk, "Écart signalé")


def test_the_checklist_tells_what_is_awaited(itq, branch, telus, served):
    account = ProviderAccountFactory(
        branch=branch, provider=telus, number=next(iter(CYCLE.accounts)), opened_on=date(2020, 1, 1)
    )
    body = itq.get(page("staff_expected_list")).content.decode()
    assert account.number in body
    assert "Attendu" in body
    missing = itq.get(page("staff_expected_list"), {"manquants": "on"}).content.decode()
    assert account.number in missing
    told = b"".join(itq.get(page("staff_expected_list"), {"format": "csv"})).decode("utf-8-sig")
    assert "Attendu" in told
