"""The order list, the page of an order, its sheet, and the provider's link to it."""

import hashlib

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from members.models import ProviderAccount
from members.permissions import can, require_member
from members.requests import SignedInRequest
from members.roles import May
from orders import attestation
from orders.actions.sending import AWAITED, record_download
from orders.forms.filters import OrderFilters
from orders.forms.orders import (
    MilestoneForm,
    PlacedForm,
    ProviderEntryForm,
    ReasonForm,
    SettleForm,
    SubmitForm,
)
from orders.forms.resting import judged_lines
from orders.kinds import OrderState, SendingMode
from orders.models import Dispatch, Order, OrderLine
from orders.queries.derogations import lacks_of, reliances_of
from orders.queries.facts import order_facts, totals_of
from orders.queries.fleet import accounts_to_choose
from orders.queries.orders import (
    UNSENT,
    branches_seen,
    last_order,
    order_history,
    order_lines,
    orderable_branches,
    orders_of,
)
from orders.rules import Verdict, judge
from orders.states import CANCEL, CLOSE, CLOSE_REFUSED, RECEIVE
from portal.audit import SYSTEM, actor_label, event_label
from portal.clock import database_clock
from portal.files import attachment
from portal.lists import Column, ListDefinition, Listing
from portal.templatetags.portal import long_day

ORDER_LIST = ListDefinition(
    name="commandes",
    columns=(
        Column("numero", gettext_lazy("Numéro"), lambda o: o.number, ("number",)),
        Column("date", gettext_lazy("Ouverte le"), lambda o: o.created_at, ("created_at",)),
        Column("etat", gettext_lazy("État"), lambda o: o.get_state_display(), ("state",)),
        Column(
            "prestataire", gettext_lazy("Prestataire"), lambda o: str(o.rank.provider), ("rank",)
        ),
        Column("contrat", gettext_lazy("Contrat"), lambda o: o.rank.number, listed=False),
        Column("subdivision", gettext_lazy("Subdivision"), lambda o: str(o.branch), ("branch",)),
        Column("reference", gettext_lazy("Votre référence"), lambda o: o.member_reference),
        Column("lignes", gettext_lazy("Lignes"), lambda o: o.line_count, numeric=True),
        Column(
            "unique",
            gettext_lazy("Montant unique"),
            lambda o: o.one_off_amount,
            ("one_off_amount",),
            True,
        ),
        Column(
            "mensuel",
            gettext_lazy("Par mois"),
            lambda o: o.monthly_amount,
            ("monthly_amount",),
            True,
        ),
    ),
    search=("number", "member_reference"),
    filters=OrderFilters,
    default_sort="-date",
)


@require_safe
def order_list(request: SignedInRequest, member: str) -> HttpResponseBase:
    """Every order of the member that I may see."""
    organisation = require_member(request.user, member)
    listing = Listing(
        request,
        ORDER_LIST,
        orders_of(request.user, organisation),
        {"branches": branches_seen(request.user, organisation)},
    )
    root_orders = orderable_branches(request.user, organisation).exists()
    return listing.export() or render(
        request,
        "orders/order_list.html",
        {
            "organisation": organisation,
            "listing": listing,
            "may_order": root_orders,
            "last": last_order(request.user, organisation) if root_orders else None,
        },
    )


@require_safe
def order_detail(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """One order: while it is a draft, what is missing; afterwards, who has it and what follows."""
    order = fetch_order(request, member, number)
    return render(request, "orders/order_detail.html", order_page(request, order))


@require_safe
def order_sheet(request: SignedInRequest, member: str, number: str) -> FileResponse:
    """The order's PDF, the same bytes at every download."""
    order = fetch_order(request, member, number)
    if order.sheet is None:
        raise Http404
    return attachment(order.sheet, name=f"{order.number}.pdf")


@login_not_required
@require_http_methods(["GET", "POST"])
def sheet_download(request: HttpRequest, token: str) -> HttpResponseBase:
    """The provider's link: a page without names, then the sheet; unknown and expired alike."""
    dispatch = get_object_or_404(
        Dispatch.objects.select_related("order__sheet", "order__rank"),
        link_sha256=hashlib.sha256(token.encode()).hexdigest(),
        link_expires_at__gt=database_clock(),
        order__sheet__isnull=False,
    )
    if request.method == "GET":
        return render(request, "orders/sheet_download.html", {"order": dispatch.order})
    record_download(dispatch=dispatch, by=SYSTEM)
    sheet = dispatch.order.sheet
    assert sheet
    return attachment(sheet, name=f"{dispatch.order.number}.pdf")


def fetch_order(request: SignedInRequest, member: str, number: str) -> Order:
    """The order that an address names, through the gate; 404 otherwise."""
    organisation = require_member(request.user, member)
    return get_object_or_404(orders_of(request.user, organisation), number=number)


def order_page(request: SignedInRequest, order: Order, **forms: object) -> dict[str, object]:
    """What the order's page shows; ``forms`` are bound forms that were refused."""
    lines = order_lines(order)
    totals = totals_of(lines) if order.state == OrderState.DRAFT else order
    return {
        "organisation": order.branch.organisation,
        "order": order,
        "lines": lines,
        "one_off": totals.one_off,
        "monthly": totals.monthly,
        "may_order": can(request.user, May.ORDER, on=order),
        "cancellable": order.state in CANCEL.sources,
        "refused_form": None,
        "history": [
            {"label": event_label(e), "at": e.recorded_at, "by": actor_label(e), "note": e.hat}
            for e in order_history(order)
        ],
        "cancel_form": ReasonForm(prefix="cancel"),
        **_judged_part(request, order, lines),
        **_sending_part(request, order),
        **_follow_part(request, order, lines),
        **forms,
    }


def _judged_part(
    request: SignedInRequest, order: Order, lines: list[OrderLine]
) -> dict[str, object]:
    """While it is not submitted whole: what each rule says of it, and what it may rest on."""
    is_draft = order.state == OrderState.DRAFT
    if not is_draft and order.state != OrderState.AWAITING_DEROGATION:
        return {"is_draft": False, "judged": []}
    named = reliances_of(order)
    facts = order_facts(order, by=request.user, attested=True, lines=lines, named=named)
    verdict = judge(facts)
    return {
        "is_draft": is_draft,
        "verdict": verdict,
        "waiting": {} if is_draft else _waiting_notice(order, verdict),
        "is_outdated": any(line.is_outdated for line in facts.lines),
        "judged": judged_lines(lines, verdict, named),
        "submit_form": SubmitForm(
            wording=attestation.WORDINGS[attestation.CURRENT],
            initial={"reference": order.member_reference},
        ),
        "placed_form": PlacedForm(
            prefix="placed", wording=attestation.WORDINGS[attestation.CURRENT]
        ),
        "next_note": _("Les prix sont figés, puis le bon est préparé pour %(provider)s.")
        % {"provider": order.rank.provider},
    }


def _waiting_notice(order: Order, verdict: Verdict) -> dict[str, object]:
    """What a held order waits for, and when it leaves: a derogation, another rule, both (D-11)."""
    lacks = lacks_of(order) or [answer.sentence for answer in verdict.needs]
    rules = [answer.sentence for answer in verdict.refusals]
    title = _("Cette commande attend une dérogation")
    if lacks and rules:
        text = _("Elle part d'elle-même une fois la dérogation signée et le reste réglé.")
    elif lacks:
        text = _(
            "Elle part d'elle-même dès que la dérogation est signée : vous n'aurez rien à refaire."
        )
    elif rules:
        title = _("La dérogation est là ; autre chose retient cette commande")
        text = _("Elle part d'elle-même dans les dix minutes, une fois ce qui suit réglé.")
    else:
        title = _("Plus rien ne retient cette commande")
        text = _("Elle part d'elle-même dans les dix minutes : vous n'avez rien à refaire.")
    if verdict.refuses_a_line:
        text += " " + _("S'il faut changer une ligne, remettez la commande en brouillon.")
    return {"title": title, "text": text, "items": list(dict.fromkeys([*lacks, *rules]))}


def _sending_part(request: SignedInRequest, order: Order) -> dict[str, object]:
    """Between the submission and the provider: what is awaited, and from whom."""
    sendings = order.dispatches.exclude(outcome=Dispatch.Outcome.VOID)
    live = sendings.first() if order.submitted_at else None
    by_hand = live is not None and live.mode == SendingMode.PROVIDER_PORTAL
    return {
        "entry_awaited": by_hand and order.state == OrderState.SUBMITTED,
        "entry_form": ProviderEntryForm(),
        "reopen_form": ReasonForm(prefix="reopen"),
        "may_settle": can(request.user, May.SETTLE_SENDING, on=order),
        "settle_form": SettleForm(),
        "sent_text": _sent_text(order, live),
        "link_renewable": live is not None
        and live.mode == SendingMode.EMAIL
        and order.state in AWAITED,
    }


def _follow_part(
    request: SignedInRequest, order: Order, lines: list[OrderLine]
) -> dict[str, object]:
    """Once sent: milestones and the next acts."""
    slug = order.branch.organisation.slug
    is_refused = order.state not in UNSENT and all(line.is_refused for line in lines)
    acts = (
        (("order_close", CLOSE_REFUSED),)
        if is_refused
        else (("order_receive", RECEIVE), ("order_close", CLOSE))
    )
    buttons = [
        (transition.label, reverse(f"orders:{name}", args=[slug, order.number]))
        for name, transition in acts
        if order.state in transition.sources and can(request.user, May.ORDER, on=order)
    ]
    return {
        "buttons": buttons,
        "is_refused": is_refused,
        "may_record": order.sent_at is not None
        and can(request.user, May.RECORD_MILESTONE, on=order),
        "milestone_forms": []
        if order.state in UNSENT
        else milestone_forms(lines, accounts_to_choose(order) if order.sent_at else []),
    }


def milestone_forms(
    lines: list[OrderLine], accounts: list[ProviderAccount]
) -> list[tuple[OrderLine, MilestoneForm]]:
    """Each line with its empty form."""
    return [
        (line, MilestoneForm(line=line, accounts=accounts, prefix=f"m{line.position}"))
        for line in lines
    ]


def _sent_text(order: Order, live: Dispatch | None) -> str:
    """When, how and to whom the order went."""
    if order.sent_at is None or live is None:
        return ""
    told = {"at": long_day(order.sent_at), "mode": live.get_mode_display().lower()}
    text = _("Transmise le %(at)s : %(mode)s.") % told
    if order.provider_confirmation:
        text += " " + _("Confirmation %(number)s.") % {"number": order.provider_confirmation}
    return f"{text} {_link_text(live)}".strip()


def _link_text(live: Dispatch) -> str:
    """Whether the provider took the sheet through its link, and until when it may."""
    if live.downloaded_at:
        return _("Bon téléchargé par le prestataire le %(at)s.") % {
            "at": long_day(live.downloaded_at)
        }
    if live.mode != SendingMode.EMAIL or live.link_expires_at is None:
        return ""
    told = {"at": long_day(live.link_expires_at)}
    if live.link_expires_at < database_clock():
        return _("Le prestataire n'a pas téléchargé le bon ; son lien a expiré le %(at)s.") % told
    return _("Le prestataire n'a pas encore téléchargé le bon ; son lien expire le %(at)s.") % told
