"""« Cet appareil manque »: asked by RCELL, answered by ITQ once, read by whoever asked."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from catalogue.actions.requests import answer_offer_request, ask_offer, read_offer_answer
from catalogue.models import OfferRequest
from catalogue.queries import inbox_items
from members.permissions import Refused, Unseen
from members.roles import Role
from tests.catalogue.factories import OfferRequestFactory
from tests.members.factories import BranchFactory, OrganisationFactory, respondent_user


@pytest.fixture
def asked(world):
    return ask_offer(
        branch=world.root,
        provider=world.first.rank.provider,
        wanted="Tablette",
        need="Compteurs",
        by=world.alice,
    )


def titles(user):
    return [item.title for item in inbox_items(user)]


def test_the_question_awaits_itq_then_the_answer_awaits_whoever_asked(world, asked):
    assert titles(world.agent) == ["Article manquant : Tablette"]
    assert titles(world.alice) == []
    answered = answer_offer_request(offer_request=asked, answer="En mai.", by=world.agent)
    assert titles(world.agent) == []
    assert titles(world.alice) == ["ITQ a répondu : Tablette"]
    assert read_offer_answer(offer_request=answered, by=world.alice).read_at
    assert titles(world.alice) == []


def test_a_colleague_s_answer_does_not_await_me(world, asked):
    answered = answer_offer_request(offer_request=asked, answer="En mai.", by=world.agent)
    bob = respondent_user(Role.RCELL, world.root)
    assert titles(bob) == []
    with pytest.raises(Refused):
        read_offer_answer(offer_request=answered, by=bob)


def test_itq_answers_once(world, asked):
    answer_offer_request(offer_request=asked, answer="En mai.", by=world.agent)
    with pytest.raises(ValidationError, match="déjà"):
        answer_offer_request(offer_request=asked, answer="Non.", by=world.admin)
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("En mai.", world.agent)


def test_an_unanswered_request_is_not_read(world, asked):
    with pytest.raises(ValidationError, match="pas encore"):
        read_offer_answer(offer_request=asked, by=world.alice)


def test_one_asks_only_of_a_list_that_is_open(world):
    with pytest.raises(ValidationError) as refused:
        ask_offer(
            branch=world.root,
            provider=world.second.rank.provider,
            wanted="Tablette",
            need="Compteurs",
            by=world.alice,
        )
    assert "provider" in refused.value.message_dict


def test_who_does_not_order_does_not_ask_and_who_is_elsewhere_does_not_see(world, asked):
    common = {"provider": world.first.rank.provider, "wanted": "x", "need": "y"}
    with pytest.raises(Refused):
        ask_offer(branch=world.root, by=respondent_user(Role.FACTU, world.root), **common)
    stranger = respondent_user(Role.RCELL, OrganisationFactory().branches.get())
    with pytest.raises(Unseen):
        ask_offer(branch=world.root, by=stranger, **common)
    with pytest.raises(Refused):
        answer_offer_request(offer_request=asked, answer="x", by=world.alice)


def address(name, world, *args):
    return reverse(f"catalogue:{name}", args=[world.organisation.slug, *args])


def test_the_form_asks_once_even_when_sent_twice(world, client):
    client.force_login(world.alice)
    typed = {
        "branch": world.root.pk,
        "provider": world.first.rank.provider_id,
        "wanted": "Tablette",
        "need": "Compteurs",
        "submission_key": uuid.uuid4(),
    }
    answers = [client.post(address("request_new", world), typed) for _ in range(2)]
    asked = OfferRequest.objects.get()
    assert {answer.url for answer in answers} == {address("request_detail", world, asked.pk)}


def test_an_empty_form_says_what_is_missing(world, client):
    client.force_login(world.alice)
    answer = client.post(address("request_new", world), {})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) >= {"wanted", "need"}


def test_the_answer_is_read_on_its_page(world, client, asked):
    client.force_login(world.alice)
    page = address("request_detail", world, asked.pk)
    read = address("request_read", world, asked.pk)
    assert "ITQ a la demande" in client.get(page).content.decode()
    assert client.post(read).status_code == 302
    answer_offer_request(offer_request=asked, answer="En mai.", by=world.agent)
    assert "J'ai lu la réponse" in client.get(page).content.decode()
    client.post(read)
    assert "J'ai lu la réponse" not in client.get(page).content.decode()
    asked.refresh_from_db()
    assert asked.read_at


def test_itq_answers_from_its_queue(world, client, asked):
    client.force_login(world.agent)
    queue = reverse("catalogue:request_queue")
    assert "À répondre" in client.get(queue).content.decode()
    page = reverse("catalogue:request_answer", args=[asked.pk])
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {"answer": "En mai."}).url == queue
    assert "En mai." in client.get(page).content.decode()
    late = client.post(page, {"answer": "Non."})
    assert late.status_code == 422
    assert "déjà reçu une réponse" in late.content.decode()


def test_a_subdivision_sees_its_own_requests_only(world, client, asked):
    below = BranchFactory(organisation=world.organisation)
    bob = respondent_user(Role.RCELL, below)
    own = OfferRequestFactory(branch=below, provider=asked.provider)
    client.force_login(bob)
    rows = client.get(address("request_list", world)).context["listing"].page
    assert list(rows) == [own]
    assert client.get(address("request_detail", world, asked.pk)).status_code == 404


@pytest.mark.parametrize("who", ["member", "itq"])
def test_the_lists_cost_the_same_for_two_rows_and_for_twenty(
    world, client, django_assert_max_num_queries, who
):
    OfferRequestFactory.create_batch(2, branch=world.root)
    client.force_login(world.alice if who == "member" else world.agent)
    page = address("request_list", world) if who == "member" else reverse("catalogue:request_queue")
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(15) as made:
            client.get(page)
        counts.append(len(made))
        OfferRequestFactory.create_batch(18, branch=world.root)
    assert counts[0] == counts[1]
