"""The demonstration's ways of sending, fleet and orders, made through the actions (D-55)."""

from datetime import date

from catalogue.models import Offer
from catalogue.queries import offers_on
from members.models import Branch, ContractRank, CostCentre, Provider, User
from members.powers import DerogationKind
from orders.actions.derogations import ask_derogation
from orders.actions.dispatch_modes import set_dispatch_mode
from orders.actions.drafts import LineDraft, add_to_draft
from orders.actions.submission import submit_order
from orders.demonstration.fleet import load_fleet
from orders.kinds import OrderKind, SendingMode, SimKind
from orders.models import DeliveryAddress, DispatchMode, Holder, Order
from portal.clock import today

MODES = (
    ("telus", SendingMode.EMAIL, "commandes.telus@exemple.test"),
    ("rogers", SendingMode.PROVIDER_PORTAL, ""),
)
ADMINISTRATOR = "admin.itq@exemple.test"
REPRESENTATIVE = "rcell.ville@exemple.test"
CITY = "Ville de Val-Boréal"


def load() -> None:
    """Once: the modes, the fleet, one order sent, one draft, one that waits for its derogation."""
    if DispatchMode.objects.exists():
        return
    admin = User.objects.get(email=ADMINISTRATOR)
    for code, mode, email in MODES:
        set_dispatch_mode(
            provider=Provider.objects.get(code=code),
            mode=mode,
            email=email,
            since=date(2024, 1, 1),
            by=admin,
        )
    load_fleet()
    _orders()


def _orders() -> None:
    """What a representative did lately."""
    rcell = User.objects.get(email=REPRESENTATIVE)
    branch = Branch.objects.get(name=CITY)
    rank = ContractRank.objects.get(number="999726687")
    offers = list(offers_on(rank, today()))
    phone = _first(offers, kind=Offer.Kind.DEVICE, is_zero_cost=True)
    dear = _first(offers, kind=Offer.Kind.DEVICE, is_zero_cost=False)
    plan = _first(offers, kind=Offer.Kind.PLAN, is_flexible=False, is_data_only=False)
    holders = list(Holder.objects.filter(branch=branch)[:3])

    def line(device: Offer, holder: Holder) -> LineDraft:
        return LineDraft(
            kind=OrderKind.NEW_LINE,
            device=device,
            plan=plan,
            sim_kind=SimKind.SIM,
            holder=holder,
            cost_centre=CostCentre.objects.filter(branch=branch).first(),
            address=DeliveryAddress.objects.filter(
                branch=branch, confirmed_at__isnull=False
            ).first(),
        )

    def draft(*lines: LineDraft) -> Order:
        return add_to_draft(branch=branch, rank=rank, order=None, drafts=lines, by=rcell)

    submit_order(order=draft(line(phone, holders[0])), by=rcell, attested=True)
    draft(line(phone, holders[1]), line(dear, holders[2]))
    waiting = submit_order(order=draft(line(dear, holders[1])), by=rcell, attested=True)
    ask_derogation(order_line=waiting.lines.get(), kind=DerogationKind.NON_ZERO_COST, by=rcell)


def _first(offers: list[Offer], **wanted: object) -> Offer:
    """The first offer that has these values."""
    return next(
        offer
        for offer in offers
        if all(getattr(offer, name) == value for name, value in wanted.items())
    )
