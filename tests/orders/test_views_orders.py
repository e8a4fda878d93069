"""The order's pages: what they show, what they refuse, and what they do once."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from members.roles import Role, StaffRole
from orders.actions.submission import submit_order
from orders.kinds import LineStatus, OrderKind, OrderState
from orders.models import Dispatch, Order
from portal.clock import today
from portal.models import QueuedTask
from tests.members.factories import (
    BranchFactory,
    OrganisationFactory,
    ProviderAccountFactory,
    respondent_user,
    staff_user,
)
from tests.orders.factories import (
    DispatchFactory,
    OrderFactory,
    OrderLineFactory,
    ServiceLineFactory,
)

pytestmark = pytest.mark.django_db


def url(name, world, *args):
    return reverse(f"orders:{name}", args=[world.organisation.slug, *args])


@pytest.fixture
def signed_in(world, client):
    client.force_login(world.alice)
    return client


def rows(*filled, total=3):
    data = {"rows-TOTAL_FORMS": str(total), "rows-INITIAL_FORMS": "0"}
    for index, row in enumerate(filled):
        data |= {f"rows-{index}-{name}": str(value) for name, value in row.items()}
    return data


def new_line(world, *holders, **changes):
    usual = {
        "device": world.phone.pk,
        "plan": world.plan.pk,
        "sim_kind": "sim",
        "address": world.address.pk,
        "submission_key": uuid.uuid4(),
    }
    filled = [{"holder": h.pk, "cost_centre": world.cost_centre.pk} for h in holders]
    return {**usual, **rows(*filled), **changes}


def test_three_holders_make_one_draft_of_three_lines(world, signed_in):
    answer = signed_in.post(
        url("line_add", world, "new_line"), new_line(world, *world.holders), follow=True
    )
    order = Order.objects.get()
    assert answer.redirect_chain[-1][0] == url("order_detail", world, order.number)
    assert [line.holder for line in order.lines.all()] == world.holders
    assert "58,50\u00a0$" in answer.content.decode()


def test_sent_twice_the_same_form_adds_once(world, signed_in):
    data = new_line(world, world.holders[0])
    first, second = (signed_in.post(url("line_add", world, "new_line"), data) for _ in range(2))
    assert first.url == second.url
    assert Order.objects.get().lines.count() == 1
    other = signed_in.post(url("line_add", world, "new_line"), {**data, "plan": world.flexible.pk})
    assert other.status_code == 422
    assert "autre contenu" in other.content.decode()


def test_more_rows_keep_what_was_typed(world, signed_in):
    data = new_line(world, world.holders[0], more="1")
    page = signed_in.post(url("line_add", world, "new_line"), data).content.decode()
    assert "rows-7-holder" in page
    assert f'<option value="{world.holders[0].pk}" selected>' in page
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"device": ""}, "Appareil"),
        ({"device": "999999"}, "Appareil"),
        ({"rows-0-cost_centre": ""}, "Choisissez le centre de coûts de cette ligne."),
        ({"rows-0-holder": ""}, "Choisissez un détenteur, ou écrivez un nouveau nom."),
    ],
)
def test_a_wrong_line_is_told_how_to_mend_it(world, signed_in, changes, sentence):
    data = new_line(world, world.holders[0], **changes)
    answer = signed_in.post(url("line_add", world, "new_line"), data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Order.objects.exists()


def test_an_article_of_the_other_provider_opens_a_second_draft(world, signed_in):
    order = world.draft()
    answer = signed_in.post(
        url("line_add", world, "new_line") + f"?commande={order.number}",
        new_line(world, world.holders[0], device=world.rogers_phone.pk, plan=world.rogers_plan.pk),
        follow=True,
    )
    assert Order.objects.count() == 2
    assert "autre prestataire" in answer.content.decode()
    mixed = signed_in.post(
        url("line_add", world, "new_line"),
        new_line(world, world.holders[0], device=world.rogers_phone.pk),
    )
    assert "autre prestataire que le reste" in mixed.content.decode()


def test_the_page_says_what_each_article_needs_and_why(world, signed_in):
    order = world.draft(world.line(device=world.dear))
    page = signed_in.get(url("order_detail", world, order.number)).content.decode()
    assert "Il faut une dérogation signée\u00a0: appareil à coût non nul" in page
    assert "question 13 (R-14)" in page


def test_what_the_member_lacks_is_told_apart_from_what_is_wrong_in_a_line(world, signed_in):
    order = world.draft()
    world.organisation.memberships.all().delete()
    page = signed_in.get(url("order_detail", world, order.number)).content.decode()
    text = page.replace("&#x27;", "'")
    assert '<p class="rule__title">Cela ne peut pas être commandé ainsi</p>' in text
    assert text.count("L'organisme n'a pas adhéré à ce contrat.") == 1
    assert "Un organisme commande une fois son adhésion au contrat en règle" in text
    assert "Modifiez les lignes signalées" not in text
    assert "le brouillon est gardé" in text
    wrong = world.draft(world.line(plan=world.flexible))
    page = signed_in.get(url("order_detail", world, wrong.number)).content.decode()
    assert "Modifiez les lignes signalées" in page


def test_without_a_rogers_account_its_list_is_not_offered(world, signed_in):
    assert "Téléphone C" in signed_in.get(url("line_add", world, "new_line")).content.decode()
    ProviderAccountFactory._meta.model.objects.filter(provider__code="rogers").delete()
    assert "Téléphone C" not in signed_in.get(url("line_add", world, "new_line")).content.decode()


def test_a_cancelled_line_is_not_offered_and_is_refused_when_it_was_chosen_before(world, signed_in):
    rank = world.phone.version.rank
    live, gone = ServiceLineFactory.create_batch(2, branch=world.root, provider=rank.provider)
    order = world.draft(
        world.line(kind=OrderKind.UPGRADE, plan=None, service_line=gone, sim_kind="")
    )
    gone.versions.update(status=LineStatus.CANCELLED)
    posted = {"device": world.phone.pk, "address": world.address.pk}
    for line, status in ((gone, 422), (live, 302)):
        data = {**posted, "service_line": line.pk, "submission_key": uuid.uuid4()}
        assert signed_in.post(url("line_add", world, "upgrade"), data).status_code == status
    with pytest.raises(ValidationError, match="est annulée"):
        submit_order(order=order, by=world.alice, attested=True)


def test_a_submission_needs_its_attestation(world, signed_in):
    order = world.draft()
    answer = signed_in.post(url("order_submit", world, order.number), {})
    assert answer.status_code == 422
    assert "attestation" in answer.content.decode()
    answer = signed_in.post(
        url("order_submit", world, order.number),
        {"attested": "on", "submission_key": uuid.uuid4()},
        follow=True,
    )
    assert "transmission en attente" in answer.content.decode()
    assert QueuedTask.objects.filter(task_name="orders.prepare_sheet").count() == 1


def test_the_reference_is_typed_at_submission_and_found_in_the_list(world, signed_in):
    order = world.draft()
    assert (
        'name="reference"'
        in signed_in.get(url("order_detail", world, order.number)).content.decode()
    )
    typed = {"reference": "Demande 4412", "submission_key": uuid.uuid4()}
    refused = signed_in.post(url("order_submit", world, order.number), typed)
    assert 'value="Demande 4412"' in refused.content.decode()
    signed_in.post(url("order_submit", world, order.number), {**typed, "attested": "on"})
    assert Order.objects.get().member_reference == "Demande 4412"
    page = signed_in.get(url("order_list", world), {"q": "4412"}).content.decode()
    assert "Aucune commande ne correspond" not in page


def test_an_esim_is_refused_for_a_device_that_takes_none(world):
    world.phone.supports_esim = False
    world.phone.save()
    esim = world.line(sim_kind="esim")
    with pytest.raises(ValidationError, match="ne prend pas de carte eSIM"):
        submit_order(order=world.draft(esim), by=world.alice, attested=True)
    world.phone.supports_esim = True
    world.phone.save()
    assert submit_order(order=world.draft(esim), by=world.alice, attested=True).submitted_at


def test_a_draft_placed_already_is_recorded_from_its_page(world, signed_in):
    order = world.draft()
    address = url("order_placed", world, order.number)
    assert address in signed_in.get(url("order_detail", world, order.number)).content.decode()
    typed = {"placed-placed_on": "2020-02-30", "placed-confirmation": "T-12"}
    refused = signed_in.post(address, typed)
    assert refused.status_code == 422
    assert 'value="T-12"' in refused.content.decode()
    whole = {"placed-placed_on": today().isoformat(), "placed-attested": "on"}
    page = signed_in.post(address, {**typed, **whole}, follow=True).content.decode()
    assert "rien n&#x27;est transmis au prestataire" in page
    assert "Confirmation T-12." in page
    dear = world.draft(world.line(device=world.dear))
    assert (
        "deja-placee" not in signed_in.get(url("order_detail", world, dear.number)).content.decode()
    )


def test_what_may_not_be_done_is_403_and_what_may_not_be_seen_404(world, client):
    order = world.draft()
    detail, submit = (url(n, world, order.number) for n in ("order_detail", "order_submit"))
    client.force_login(respondent_user(Role.FACTU, world.root))
    assert client.get(detail).status_code == 200
    assert client.post(submit, {"attested": "on"}).status_code == 403
    strangers = [
        respondent_user(Role.RCELL, BranchFactory(organisation=world.organisation)),
        respondent_user(Role.RCELL, OrganisationFactory().branches.get()),
    ]
    for stranger in strangers:
        client.force_login(stranger)
        assert client.get(detail).status_code == 404
        assert client.post(submit, {"attested": "on"}).status_code == 404
    order.refresh_from_db()
    assert order.state == OrderState.DRAFT


def test_itq_sees_the_order_and_settles_it(world, client):
    order = submit_order(order=world.draft(), by=world.alice, attested=True)
    Order.objects.update(state=OrderState.SENDING_UNKNOWN)
    client.force_login(staff_user(StaffRole.AGENT))
    page = client.get(url("order_detail", world, order.number)).content.decode()
    assert "Le prestataire a-t-il la commande" in page
    answer = client.post(
        url("order_settle", world, order.number), {"arrived": "oui", "note": "Appel du 22"}
    )
    assert answer.status_code == 302
    assert Order.objects.get().state == OrderState.SENT


def test_the_page_says_whether_the_sheet_was_taken_and_has_a_new_link_sent(world, signed_in):
    order = submit_order(order=world.draft(), by=world.alice, attested=True)
    Order.objects.update(state=OrderState.SENT, sent_at=order.submitted_at)
    DispatchFactory(order=order, outcome="sent", link_expires_at=order.submitted_at)
    detail, new = (url(name, world, order.number) for name in ("order_detail", "order_new_link"))
    page = signed_in.get(detail).content.decode()
    assert "n&#x27;a pas téléchargé le bon\u00a0; son lien a expiré le" in page
    assert new in page
    answer = signed_in.post(new, {"submission_key": uuid.uuid4()}, follow=True)
    assert "Un nouveau lien part chez le prestataire." in answer.content.decode()
    assert QueuedTask.objects.filter(task_name="orders.renew_link").count() == 1
    Dispatch.objects.update(downloaded_at=order.submitted_at)
    assert "Bon téléchargé par le prestataire le" in signed_in.get(detail).content.decode()
    signed_in.post(url("order_receive", world, order.number))
    assert new not in signed_in.get(detail).content.decode()
    assert signed_in.post(new).status_code == 422


def test_the_list_costs_the_same_whatever_its_length(
    world, signed_in, django_assert_max_num_queries
):
    costs = []
    for size in (2, 18):
        rank = world.phone.version.rank
        for order in OrderFactory.create_batch(size, branch=world.root, rank=rank):
            OrderLineFactory(order=order, device=world.phone)
        with django_assert_max_num_queries(15) as queries:
            page = signed_in.get(url("order_list", world)).content.decode()
        costs.append(len(queries))
    assert page.count("<tr>") == 20 + 1
    assert costs[0] == costs[1]


@pytest.mark.parametrize("state", [OrderState.DRAFT, OrderState.CANCELLED])
def test_the_page_of_an_order_costs_the_same_whatever_its_lines(
    world, signed_in, state, django_assert_max_num_queries
):
    costs = []
    for size in (2, 20):
        holders = [world.holders[n % 3] for n in range(size)]
        order = world.draft(*(world.line(holder=holder) for holder in holders))
        Order.objects.filter(pk=order.pk).update(state=state)
        with django_assert_max_num_queries(15) as queries:
            signed_in.get(url("order_detail", world, order.number))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_the_list_searches_filters_and_exports(world, signed_in):
    mine = world.draft()
    Order.objects.filter(pk=mine.pk).update(member_reference="=1+1 Été")
    OrderFactory(branch=world.root, rank=mine.rank, member_reference="Hiver")
    page = signed_in.get(url("order_list", world), {"q": "ete"}).content.decode()
    assert mine.number in page
    assert "Hiver" not in page
    none = signed_in.get(url("order_list", world), {"etat": "sent"}).content.decode()
    assert "Aucune commande ne correspond" in none
    csv = signed_in.get(url("order_list", world), {"format": "csv"})
    text = b"".join(csv.streaming_content).decode()
    assert "'=1+1 Été" in text
    assert signed_in.get(url("order_list", world), {"format": "xlsx"}).content[:2] == b"PK"
