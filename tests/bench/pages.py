"""Which pages are measured, for whom, and which figures they give."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from derogations.kinds import DerogationState
from derogations.models import Derogation
from members.models import User
from orders.kinds import OrderKind, OrderState
from orders.models import LineVersion, Order
from portal.clock import today
from tests.bench.client import BARE, Browser
from tests.bench.figures import Figures
from tests.bench.places import SMALL, email_of, slug_of

RATIO_BAR, QUERY_BAR = 40, 15
BIGGEST = 1
ROLES = ("rcell", "intrl", "manda", "factu", "dero")
FEW, MANY = "pixel", "go"
"""Words that find two articles of the catalogue, and twenty or more."""


def sign_in(email: str, port: int) -> Browser:
    """A session as the sign-in page would leave it."""
    user = User.objects.get(email=email)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return Browser(port, session.session_key or "")


def orders_of(member: int, state: OrderState) -> Order:
    """The latest order of a member in that state."""
    orders = Order.objects.filter(branch__organisation=member, branch__is_root=True, state=state)
    return orders.latest("created_at")


def pages_of(member: int, word: str = MANY) -> dict[str, str]:
    """The pages of a member, by name."""
    slug = slug_of(member)
    sent, draft = (orders_of(member, state) for state in (OrderState.SENT, OrderState.DRAFT))
    line = LineVersion.objects.filter(branch__organisation=member).latest("pk")
    order_list, line_list, catalogue = (
        reverse(name, args=[slug])
        for name in ("orders:order_list", "orders:line_list", "catalogue:offer_list")
    )
    return {
        "home": reverse("portal:home"),
        "member_home": reverse("members:member_home", args=[slug]),
        "respondent_list": reverse("members:respondent_list", args=[slug]),
        "order_list": order_list,
        "order_list.page_2": f"{order_list}?page=2",
        "order_list.last_page": f"{order_list}?page=9999",
        "order_list.state": f"{order_list}?etat=sent",
        "order_list.search": f"{order_list}?q={sent.number}",
        "order.sent": reverse("orders:order_detail", args=[slug, sent.number]),
        "order.draft": reverse("orders:order_detail", args=[slug, draft.number]),
        "line_list": line_list,
        "line_list.year_ago": f"{line_list}?au={today() - timedelta(days=365)}",
        "line_list.number": f"{line_list}?q={line.number[3:]}",
        "line_list.holder": f"{line_list}?q=hebert",
        "line": reverse("orders:line_detail", args=[slug, line.service_line_id]),
        "holder_list": reverse("orders:holder_list", args=[slug]),
        "catalogue": catalogue,
        "catalogue.search": f"{catalogue}?q={word}",
    }


def forms_of(member: int) -> dict[str, str]:
    """The forms by which a representative orders, where the whole fleet could be chosen from."""
    slug = slug_of(member)
    return {
        f"line_add.{kind}": reverse("orders:line_add", args=[slug, kind])
        for kind in (OrderKind.NEW_LINE, OrderKind.UPGRADE)
    }


GROWING = (
    *("home", "order_list", "order_list.state", "order.sent", "order.draft"),
    *("line_list", "line_list.year_ago", "holder_list", "catalogue.search"),
)
"""Pages on which one small member has ten times the rows of the other."""
STAFF_PAGES = {
    "organisation_list": "members:staff_organisation_list",
    "journal": "members:staff_journal",
    "console": "admin:index",
    "console.orders": "admin:orders_order_changelist",
}
"""Pages over the whole group: no bar on their time, which the size decides."""


def measure_speed(figures: Figures, port: int) -> None:
    """p50, p95, ratio to the bare view and queries: a representative, then an agent of ITQ."""
    if Browser(port).page(BARE).queries:
        raise RuntimeError("the bare view makes queries")
    pages = pages_of(BIGGEST)
    staff = {name: reverse(url) for name, url in STAFF_PAGES.items()}
    for who, email, wanted, bar in (
        ("rcell", email_of("rcell", BIGGEST, 0), pages | forms_of(BIGGEST), RATIO_BAR),
        ("agent", "agent.itq@exemple.test", pages | staff, None),
    ):
        browser = sign_in(email, port)
        for name, path in wanted.items():
            found = browser.measure(path)
            figures.tell(f"{who}.{name}.p50", found.p50, "ms")
            figures.tell(f"{who}.{name}.p95", found.p95, "ms")
            figures.tell(f"{who}.{name}.ratio", found.ratio, f"× {found.bare:.2f} ms bare", bar)
            figures.tell(f"{who}.{name}", found.queries, "queries", QUERY_BAR)


def measure_signer(figures: Figures, port: int) -> None:
    """What awaits a signer, among the open requests of the whole group."""
    open_ones = Derogation.objects.filter(state=DerogationState.SUBMITTED).count()
    figures.tell("signer.open_requests", open_ones, "rows")
    browser = sign_in(email_of("dero", BIGGEST, 0), port)
    for name, url in (("inbox", "portal:home"), ("list", "derogations:signature_list")):
        found = browser.measure(reverse(url))
        figures.tell(f"signer.{name}.p50", found.p50, "ms")
        figures.tell(f"signer.{name}.p95", found.p95, "ms")
        figures.tell(f"signer.{name}.ratio", found.ratio, f"× {found.bare:.2f} ms bare", RATIO_BAR)
        figures.tell(f"signer.{name}", found.queries, "queries", QUERY_BAR)


def count_for_everybody(figures: Figures, port: int) -> None:
    """The most queries that a page makes for each role; what a role may not see is left out."""
    emails = {role: email_of(role, BIGGEST, 0) for role in ROLES}
    emails |= {role: f"{role}.itq@exemple.test" for role in ("agent", "admin")}
    pages = pages_of(BIGGEST) | forms_of(BIGGEST)
    for role, email in emails.items():
        browser = sign_in(email, port)
        answers = {name: browser.get(path) for name, path in pages.items()}
        counts = {name: a.queries for name, a in answers.items() if a.status == 200}
        worst = max(counts, key=lambda name: counts[name])
        figures.tell(f"everybody.{role}.{worst}", counts[worst], "queries", QUERY_BAR)


def compare_few_and_many(figures: Figures, port: int) -> None:
    """Two rows or twenty: the same number of queries on every page."""
    few, many = (sign_in(email_of("rcell", member, 0), port) for member in SMALL)
    fewer, more = (pages_of(member, word) for member, word in zip(SMALL, (FEW, MANY), strict=True))
    few.page(fewer["home"])  # the worker's first request opens its connection
    for name in GROWING:
        two, twenty = few.page(fewer[name]), many.page(more[name])
        if twenty.size < two.size * 1.2:
            raise RuntimeError(f"{name}: {twenty.size} bytes do not show more rows than {two.size}")
        more_queries = abs(twenty.queries - two.queries)
        unit = f"queries between 2 and 20 rows, {two.queries} for 2"
        figures.tell(f"rows.{name}", more_queries, unit, 0)
