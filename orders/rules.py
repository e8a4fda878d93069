"""The ordering rules (R-03, R-10 to R-14, R-16 to R-18, R-23, F-21, F-23, F-40), pure, sourced.

Every function answers None when it has nothing to say, or an Answer: refused, or needs a
derogation of one of some kinds; a need that a derogation covers says on which it rests
(``orders/coverage.py``). The page shows the answers; the same ones decide at submission.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from members.powers import DerogationKind
from orders.answers import Answer, Outcome
from orders.coverage import LineCover, Want, cover_lines
from orders.facts import LineFacts, OfferFacts, OrderFacts
from orders.identifiers import shown_number
from orders.kinds import OrderKind
from portal.templatetags.portal import long_day, money

RISKY_LINE_COUNT = 10
MANAGES_A_LINE = (OrderKind.UPGRADE, OrderKind.PLAN_CHANGE)


FAQ = "Foire aux questions du contrat"
ROLES = "Rôles et responsabilités des répondants"


def only_a_representative_orders(order: OrderFacts) -> Answer | None:
    """R-10: only an RCELL of that member or subdivision orders."""
    if order.orders_as_representative:
        return None
    return Answer(
        "R-10",
        Outcome.REFUSED,
        _("Seul un représentant cellulaire de l'organisme ou de la subdivision commande."),
        f"{ROLES}, RCELL",
    )


def member_has_joined(order: OrderFacts) -> Answer | None:
    """R-03: membership in force, and the MAMH's authorisation where the rule asks for it.

    A member taken over with lines in service is never kept from managing them.
    """
    manages = all(line.kind in MANAGES_A_LINE for line in order.lines)
    if order.membership and not (order.may_manage_lines and order.lines and manages):
        return Answer("R-03", Outcome.REFUSED, order.membership, f"{FAQ}, question 7")
    if order.membership_warns:
        return Answer("R-03", Outcome.WARNS, order.membership_warns, f"{FAQ}, question 7")
    return None


def professional_use_is_attested(order: OrderFacts) -> Answer | None:
    """R-12: professional use only, attested in each order."""
    if order.attested:
        return None
    return Answer(
        "R-12",
        Outcome.REFUSED,
        _("Attestez que la commande sert à un usage professionnel : cochez la case prévue."),
        f"{FAQ}, question 12",
    )


def second_rank_needs_an_account(order: OrderFacts) -> Answer | None:
    """R-17: a second-rank list is open only to members that hold an account there."""
    if order.rank == 1 or order.has_account:
        return None
    return Answer(
        "R-17",
        Outcome.REFUSED,
        _(
            "Votre organisme n'a pas de compte de facturation ouvert chez %(provider)s et "
            "confirmé par ITQ : demandez à votre interlocuteur d'en inscrire un, ou d'en faire "
            "confirmer un par ITQ, avant de commander."
        )
        % {"provider": order.provider},
        f"{FAQ}, question 3",
    )


def contract_accepts(kind: OrderKind, order: OrderFacts) -> Answer | None:
    """R-18: the contract's phase of the day accepts this kind of order."""
    if order.phase_kinds is None:
        sentence = _("Le contrat n'accepte plus de commandes à cette date.")
    elif kind not in order.phase_kinds:
        sentence = _("Le contrat n'accepte plus « %(kind)s » à cette date.") % {"kind": kind.label}
    else:
        return None
    return Answer("R-18", Outcome.REFUSED, sentence, _("Phases du contrat inscrites par ITQ"))


def offer_is_in_the_catalogue(offer: OfferFacts) -> Answer | None:
    """R-11: exclusive supply, only what the contract's catalogue offers today."""
    if offer.is_current:
        return None
    if offer.now is None:
        sentence = _(
            "« %(name)s » n'est plus au catalogue : choisissez un article offert aujourd'hui."
        ) % {"name": offer.name}
    else:
        sentence = _terms_sentence(offer, offer.now)
    return Answer("R-11", Outcome.REFUSED, sentence, f"{FAQ}, question 11")


def _terms_sentence(before: OfferFacts, now: OfferFacts) -> str:
    """What the catalogue changed of an article that a draft named earlier."""
    told = {"name": before.name, "before": _price(before), "now": _price(now)}
    if told["before"] == told["now"]:
        return (
            _(
                "Le catalogue a changé les conditions de « %(name)s », au même prix : mettez le "
                "brouillon à jour."
            )
            % told
        )
    return (
        _(
            "Le catalogue a changé le prix de « %(name)s » : %(before)s auparavant, %(now)s "
            "aujourd'hui. Mettez le brouillon à jour."
        )
        % told
    )


def _price(offer: OfferFacts) -> str:
    """« 0,00 $, puis 19,50 $ par mois », before taxes."""
    one_off, monthly = money(offer.one_off_amount), money(offer.monthly_amount)
    if not offer.monthly_amount:
        return one_off
    if not offer.one_off_amount:
        return _("%(monthly)s par mois") % {"monthly": monthly}
    return _("%(one_off)s, puis %(monthly)s par mois") % {"one_off": one_off, "monthly": monthly}


def second_rank_needs_a_derogation(offer: OfferFacts) -> Answer | None:
    """R-13: first rank by default; another rank rests on a network or technological derogation."""
    if offer.rank == 1:
        return None
    return Answer(
        "R-13",
        Outcome.NEEDS,
        _(
            "« %(name)s » vient de %(provider)s, prestataire de second rang : il faut une "
            "dérogation de réseau ou technologique signée, qui montre que le prestataire de "
            "premier rang ne peut pas répondre au besoin."
        )
        % {"name": offer.name, "provider": offer.provider},
        f"{FAQ}, question 1",
        (DerogationKind.NETWORK, DerogationKind.TECHNOLOGICAL),
    )


def costly_device_needs_a_derogation(device: OfferFacts | None) -> Answer | None:
    """R-14: zero-cost devices are the principle, even at the first rank."""
    if device is None or device.is_zero_cost:
        return None
    return Answer(
        "R-14",
        Outcome.NEEDS,
        _(
            "« %(name)s » n'est pas un appareil à coût nul : il faut une dérogation signée, qui "
            "justifie un besoin spécialisé."
        )
        % {"name": device.name},
        f"{FAQ}, question 13",
        (DerogationKind.NON_ZERO_COST,),
    )


def flexible_plan_refuses_subsidy(line: LineFacts, day: date) -> Answer | None:
    """R-16: the flexible plan goes only with a device that carries no subsidy at that date."""
    held = line.line_in_service
    takes_flexible = line.plan is not None and line.plan.is_flexible
    keeps_flexible = line.plan is None and held is not None and held.has_flexible_plan
    new_subsidy = line.device is not None and line.device.is_subsidised
    held_subsidy = line.device is None and held is not None and held.is_subsidised(day)
    own_subsidy = line.own_device_is_subsidised(day)
    if not (takes_flexible or keeps_flexible) or not (new_subsidy or held_subsidy or own_subsidy):
        return None
    if held_subsidy and held and held.subsidy_ends_on:
        sentence = _(
            "Le forfait flexible ne va qu'avec un appareil non subventionné : la subvention de "
            "l'appareil de cette ligne finit le %(day)s."
        ) % {"day": held.subsidy_ends_on.isoformat()}
    else:
        sentence = _(
            "Le forfait flexible ne va qu'avec un appareil non subventionné : choisissez un autre "
            "forfait ou un appareil non subventionné."
        )
    return Answer("R-16", Outcome.REFUSED, sentence, f"{FAQ}, question 5")


def line_is_not_cancelled(line: LineFacts) -> Answer | None:
    """F-40: what is ordered for a line in service is for one that was not cancelled."""
    held = line.line_in_service
    if held is None or not held.is_cancelled:
        return None
    return Answer(
        "F-40",
        Outcome.REFUSED,
        _("La ligne %(line)s est annulée : choisissez une ligne en service.")
        % {"line": shown_number(held.number)},
        _("Parc de l'organisme"),
    )


def device_takes_the_card(line: LineFacts) -> Answer | None:
    """F-21: an eSIM does not go with a device that the catalogue says takes none.

    A list that does not tell refuses nothing.
    """
    if not line.wants_esim or line.device is None or line.device.supports_esim is not False:
        return None
    return Answer(
        "F-21",
        Outcome.REFUSED,
        _(
            "Selon le catalogue, « %(name)s » ne prend pas de carte eSIM : choisissez une carte "
            "SIM, ou un appareil qui prend l'eSIM."
        )
        % {"name": line.device.name},
        _("Liste du prestataire"),
    )


def own_device_carries_no_subsidy(line: LineFacts, day: date) -> Answer | None:
    """F-23: a card alone is for a device that the member holds and that carries no subsidy."""
    if not line.own_device_is_subsidised(day):
        return None
    assert line.own_subsidy_ends_on
    return Answer(
        "F-23",
        Outcome.REFUSED,
        _(
            "L'appareil dont l'IMEI est inscrit est encore subventionné, jusqu'au %(day)s : "
            "inscrivez un appareil non subventionné, ou commandez la ligne avec un appareil."
        )
        % {"day": long_day(line.own_subsidy_ends_on)},
        _("Genres de commande prévus par ITQ"),
    )


def judge_line(line: LineFacts, order: OrderFacts) -> list[Answer]:
    """Every answer about one line, what signed derogations cover apart."""
    answers: list[Answer | None] = [
        contract_accepts(line.kind, order),
        line_is_not_cancelled(line),
        *(offer_is_in_the_catalogue(offer) for offer in line.offers),
        _first(second_rank_needs_a_derogation(offer) for offer in line.offers),
        costly_device_needs_a_derogation(line.device),
        flexible_plan_refuses_subsidy(line, order.day),
        own_device_carries_no_subsidy(line, order.day),
        device_takes_the_card(line),
    ]
    return [_rested(answer, line) for answer in answers if answer]


def _rested(answer: Answer, line: LineFacts) -> Answer:
    """R-23: a change to a line of the second rank that a derogation in force holds draws nothing.

    A dear device is another acquisition: it has its own need (R-14).
    """
    held = line.line_in_service
    if answer.rule != "R-13" or held is None:
        return answer
    resting = next((one for one in held.rests_on if one.kinds.intersection(answer.kinds)), None)
    if resting is None:
        return answer
    told = {"line": held.number, "number": resting.number}
    sentence = _("La ligne %(line)s repose déjà sur %(number)s : rien de plus n'y est pris.") % told
    return replace(answer, outcome=Outcome.COVERED, sentence=sentence)


def judge_order(order: OrderFacts) -> list[Answer]:
    """Every answer about the order itself, its lines apart."""
    answers = [
        only_a_representative_orders(order),
        member_has_joined(order),
        second_rank_needs_an_account(order),
        professional_use_is_attested(order),
    ]
    return [answer for answer in answers if answer]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answers about an order, and about each of its lines in their order.

    ``covers`` says for each line what its needs rest on, and which derogations would do.
    """

    order: tuple[Answer, ...]
    lines: tuple[tuple[Answer, ...], ...]
    covers: tuple[LineCover, ...] = ()

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All of them."""
        return (*self.order, *(answer for line in self.lines for answer in line))

    @property
    def refusals(self) -> tuple[Answer, ...]:
        """What forbids the submission."""
        return tuple(a for a in self.answers if a.outcome == Outcome.REFUSED)

    @property
    def refuses_a_line(self) -> bool:
        """Whether changing a line would do something about it."""
        return any(a.outcome == Outcome.REFUSED for line in self.lines for a in line)

    @property
    def needs(self) -> tuple[Answer, ...]:
        """What only a signed derogation can give."""
        return tuple(a for a in self.answers if a.outcome == Outcome.NEEDS)


def judge(order: OrderFacts) -> Verdict:
    """The whole verdict: what the page shows, and what decides at submission (F-22)."""
    raw = [judge_line(line, order) for line in order.lines]
    wants = [want_of(line, answers) for line, answers in zip(order.lines, raw, strict=True)]
    covers = cover_lines(wants, order.derogations, order.day)
    return Verdict(
        order=tuple(judge_order(order)),
        lines=tuple(
            tuple(_covered(answers, cover)) for answers, cover in zip(raw, covers, strict=True)
        ),
        covers=tuple(covers),
    )


def want_of(line: LineFacts, answers: Iterable[Answer]) -> Want:
    """What a line needs, as the coverage reads it."""
    return Want(
        needs=tuple(a.kinds for a in answers if a.outcome is Outcome.NEEDS),
        provider=line.offers[0].provider if line.offers else "",
        quantity=line.quantity,
        offers=frozenset(offer.code for offer in line.offers),
        device=line.device.name if line.device else "",
        municipality=line.municipality,
        one_off_amount=sum((offer.one_off_amount for offer in line.offers), Decimal(0)),
        monthly_amount=sum((offer.monthly_amount for offer in line.offers), Decimal(0)),
        chosen=line.chosen,
    )


def _covered(answers: list[Answer], cover: LineCover) -> Iterable[Answer]:
    """The answers, each covered need turned into what it rests on."""
    covers = iter(cover.covers)
    for answer in answers:
        found = next(covers) if answer.outcome is Outcome.NEEDS else None
        if found is None:
            yield answer
        else:
            yield replace(answer, outcome=Outcome.COVERED, sentence=found.sentence)


def second_factor_reasons(*, line_count: int, unconfirmed_addresses: Iterable[str]) -> list[str]:
    """Why this submission asks the representative for a second factor (F-87); empty when not."""
    reasons = [
        _("l'adresse « %(address)s » n'est pas confirmée par l'interlocuteur") % {"address": name}
        for name in sorted(set(unconfirmed_addresses))
    ]
    if line_count > RISKY_LINE_COUNT:
        reasons.append(
            _("la commande compte plus de %(count)s lignes") % {"count": RISKY_LINE_COUNT}
        )
    return reasons


def _first(answers: Iterable[Answer | None]) -> Answer | None:
    """One sentence is enough when several offers of a line say the same."""
    return next((answer for answer in answers if answer), None)
