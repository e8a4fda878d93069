"""Build an order: what is needed, for whom, then the draft that grows line by line."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalogue.models import Offer
from members.models import Branch, ContractRank, Organisation
from members.permissions import require, require_member
from members.requests import SignedInRequest
from members.roles import May
from orders.actions.drafts import (
    LineDraft,
    add_to_draft,
    change_order_line,
    remove_order_line,
    repeat_order,
)
from orders.forms.orders import (
    MANY_AT_ONCE,
    ROW_FIELDS,
    ROWS_SHOWN,
    HolderRows,
    HolderRowSet,
    OrderLineForm,
)
from orders.forms.picking import typed
from orders.kinds import FIELDS_OF_KIND, OrderKind, OrderState
from orders.models import Order, OrderLine
from orders.queries.facts import take_listed_offers
from orders.queries.orders import (
    last_order,
    offers_of_today,
    offers_to_order,
    orderable_branches,
    orders_of,
    usual_address,
)
from orders.queries.picking import lines_to_name
from orders.views.orders import fetch_order
from portal.clock import today
from portal.forms import show_refusal
from portal.idempotency import posted_once

CHOSEN = (
    *("device", "plan", "accessory", "service_line"),
    *("holder", "cost_centre", "address"),
)
"""What a line of a draft names: read with it, to show what was chosen."""

MORE_ROWS = 5
KIND_HINTS = {
    OrderKind.NEW_LINE: gettext_lazy(
        "Un appareil, un forfait et un numéro, pour un ou plusieurs détenteurs."
    ),
    OrderKind.SIM_ONLY: gettext_lazy(
        "Une carte pour un appareil non subventionné que vous détenez déjà."
    ),
    OrderKind.UPGRADE: gettext_lazy("Un nouvel appareil pour une ligne en service."),
    OrderKind.DEVICE_ONLY: gettext_lazy("Un appareil de rechange, un étui, un chargeur…"),
    OrderKind.PLAN_CHANGE: gettext_lazy("Un autre forfait pour une ligne en service."),
}


@require_safe
def order_start(request: SignedInRequest, member: str) -> HttpResponse:
    """« Commander »: one question, what is needed."""
    organisation = require_member(request.user, member)
    branches = list(orderable_branches(request.user, organisation))
    if not branches:
        raise Http404
    draft = request.GET.get("commande", "")
    context = {
        "organisation": organisation,
        "branches": branches,
        "draft": draft,
        "kinds": [(kind, kind.label, KIND_HINTS[kind]) for kind in FIELDS_OF_KIND],
        "last": last_order(request.user, organisation),
    }
    return render(request, "orders/order_start.html", context)


@require_http_methods(["GET", "POST"])
def line_add(request: SignedInRequest, member: str, kind: str) -> HttpResponse:
    """Add lines of one kind to a draft, or to a new one."""
    organisation = require_member(request.user, member)
    page = LinePage(request, organisation, _kind(kind))
    if request.method == "POST" and page.is_complete():
        try:
            return redirect(posted_once(request, page.save))
        except ValidationError as error:
            show_refusal(page.form, error)
    status = 422 if page.form.errors or page.has_row_errors else 200
    return render(request, "orders/line_add.html", page.context(), status=status)


class LinePage:
    """The page that adds lines: what the address says, the form, and its rows of holders."""

    def __init__(
        self, request: SignedInRequest, organisation: Organisation, kind: OrderKind
    ) -> None:
        self.request, self.organisation, self.kind = request, organisation, kind
        self.order = self._order()
        self.branches = list(orderable_branches(request.user, organisation))
        self.branch = self._branch()
        self.many = kind in MANY_AT_ONCE
        self.offers = offers_to_order(organisation)
        self.wants_rows = "more" in request.POST
        self.form = OrderLineForm(
            self._data,
            initial=request.POST.dict() if self.wants_rows else self._prefilled(),
            offers=self.offers,
            without=ROW_FIELDS if self.many else (),
            kind=kind,
            branch=self.branch,
        )
        self.rows = self._rows() if self.many else None

    @property
    def _data(self) -> QueryDict | None:
        """What was posted to be saved; asking for more rows saves nothing and loses nothing."""
        return self.request.POST if self.request.method == "POST" and not self.wants_rows else None

    def _rows(self) -> HolderRows:
        """The rows of holders; five more when asked, with what was typed so far."""
        typed = _typed_rows(self.request.POST) if self.wants_rows else []
        rows = HolderRowSet(
            self._data,
            prefix="rows",
            initial=typed,
            form_kwargs={"kind": self.kind, "branch": self.branch},
        )
        assert isinstance(rows, HolderRows)
        rows.extra = MORE_ROWS if typed else ROWS_SHOWN
        return rows

    def _prefilled(self) -> dict[str, object]:
        """What a link from the catalogue or from a line already chose, and the usual address."""
        named = {
            "device": "appareil",
            "plan": "forfait",
            "accessory": "accessoire",
        }
        chosen: dict[str, object] = {
            name: self.request.GET.get(french) for name, french in named.items()
        }
        if number := self.request.GET.get("ligne"):
            chosen["service_line"] = lines_to_name(self.branch).filter(pk=_integer(number)).first()
        return {**chosen, "address": usual_address(self.branch), "quantity": 1, "sim_kind": "sim"}

    def _order(self) -> Order | None:
        """The draft that the address names, through the gate."""
        number = self.request.GET.get("commande")
        if not number:
            return None
        drafts = orders_of(self.request.user, self.organisation).filter(state=OrderState.DRAFT)
        return get_object_or_404(drafts, number=number)

    def _branch(self) -> Branch:
        """The draft's branch; otherwise the one chosen, among those where I may order."""
        if not self.branches:
            raise Http404
        asked = self.order.branch_id if self.order else self.request.GET.get("subdivision")
        if asked in (None, ""):
            return self.branches[0]
        return get_object_or_404(
            orderable_branches(self.request.user, self.organisation), pk=_integer(asked)
        )

    def is_complete(self) -> bool:
        """Whether the form and its rows hold together."""
        if self.wants_rows:
            return False
        whole = self.form.is_valid()
        return (self.rows is None or self.rows.is_valid()) and whole

    @property
    def has_row_errors(self) -> bool:
        """Whether a row, or the set of rows, was refused."""
        return bool(self.rows and self.rows.is_bound and not self.rows.is_valid())

    def save(self) -> str:
        """Add the lines; return the draft's address."""
        common = self.form.draft()
        drafts = self.rows.drafts(common) if self.rows else [common]
        order = add_to_draft(
            branch=self.branch,
            rank=self._rank(common),
            order=self.order,
            drafts=drafts,
            by=self.request.user,
        )
        if self.order and order.pk != self.order.pk:
            messages.info(
                self.request,
                _("Ces articles vont à l'autre prestataire : voici la commande %(number)s.")
                % {"number": order.number},
            )
        return reverse("orders:order_detail", args=[self.organisation.slug, order.number])

    def _rank(self, draft: LineDraft) -> ContractRank:
        """The provider and contract of what was chosen; two of them are refused by the action."""
        chosen: Offer | None = draft.device or draft.plan or draft.accessory
        if chosen is None:
            raise ValidationError({"device": _("Choisissez un appareil ou un accessoire.")})
        return chosen.version.rank

    def context(self) -> dict[str, object]:
        """What the template reads."""
        return {
            "organisation": self.organisation,
            "kind": self.kind,
            "hint": KIND_HINTS[self.kind],
            "order": self.order,
            "branch": self.branch,
            "branches": self.branches,
            "form": self.form,
            "rows": self.rows,
            "row_errors": self._row_errors(),
        }

    def _row_errors(self) -> list[dict[str, str]]:
        """The rows' sentences for the summary, each leading to its field."""
        if self.rows is None or not self.has_row_errors:
            return []
        whole = [
            {"message": str(m), "url": "#id_rows-0-holder"} for m in self.rows.non_form_errors()
        ]
        return whole + [
            {"message": str(messages[0]), "url": f"#{row[name].id_for_label}"}
            for row in self.rows.forms
            for name, messages in row.errors.items()
            if name in row.fields
        ]


def _typed_rows(posted: QueryDict) -> list[dict[str, str]]:
    """The rows as they were typed."""
    count = min(50, _integer(posted.get("rows-TOTAL_FORMS", "0")))
    names = ("holder", "new_holder", "cost_centre", "own_imei")
    return [
        {name: typed(posted, f"rows-{index}-{name}") for name in names} for index in range(count)
    ]


@require_http_methods(["GET", "POST"])
def line_edit(request: SignedInRequest, member: str, number: str, position: int) -> HttpResponse:
    """Change one line of a draft."""
    order = fetch_order(request, member, number)
    line = get_object_or_404(order.lines.select_related(*CHOSEN), position=position)
    require(request.user, May.ORDER, on=order)
    take_listed_offers([line], order, today())
    form = OrderLineForm(
        request.POST or None,
        initial=OrderLineForm.values_of(line),
        kind=OrderKind(line.kind),
        branch=order.branch,
        offers=[
            offer
            for offer in offers_to_order(order.branch.organisation)
            if offer.version.rank_id == order.rank_id
        ],
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_order_line(order_line=line, draft=form.draft(), by=request.user)
        except ValidationError as error:
            show_refusal(form, error)
        else:
            return _to_order(order)
    context = {
        "organisation": order.branch.organisation,
        "order": order,
        "line": line,
        "form": form,
    }
    return render(request, "orders/line_edit.html", context, status=422 if form.errors else 200)


@require_POST
def line_remove(request: SignedInRequest, member: str, number: str, position: int) -> HttpResponse:
    """Take one line out of a draft."""
    order = fetch_order(request, member, number)
    line: OrderLine = get_object_or_404(order.lines, position=position)
    try:
        remove_order_line(order_line=line, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return _to_order(order)


@require_POST
def order_repeat(request: SignedInRequest, member: str, number: str) -> HttpResponse:
    """« Refaire »: a new draft with the same lines."""
    order = fetch_order(request, member, number)

    def repeat() -> str:
        copy = repeat_order(order=order, offers=offers_of_today(order), by=request.user)
        missing = order.lines.count() - copy.lines.count()
        if missing:
            messages.warning(
                request,
                ngettext(
                    "%(count)s ligne n'a pas été reprise : son article n'est plus au catalogue.",
                    "%(count)s lignes n'ont pas été reprises : leurs articles ne sont plus au "
                    "catalogue.",
                    missing,
                )
                % {"count": missing},
            )
        return _to_order(copy).url

    try:
        return redirect(posted_once(request, repeat))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return _to_order(order)


def _kind(value: str) -> OrderKind:
    """The kind that an address names; 404 for one that cannot be ordered."""
    if value not in FIELDS_OF_KIND:
        raise Http404
    return OrderKind(value)


def _integer(value: object) -> int:
    """A primary key from the address; 404 otherwise."""
    try:
        return int(str(value))
    except ValueError as error:
        raise Http404 from error


def _to_order(order: Order) -> HttpResponseRedirect:
    return redirect("orders:order_detail", order.branch.organisation.slug, order.number)
