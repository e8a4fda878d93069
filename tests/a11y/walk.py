"""Walk the portal from link to link, and hold each page and state against axe."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from django.db.models import Model
from django.urls import Resolver404, ResolverMatch, resolve
from playwright.sync_api import Error, Page

from billing.models import Invoice, ProfileVersion
from catalogue.models import CatalogueImport
from derogations.models import Derogation
from members.demonstration import PASSWORD
from orders.models import FleetImport, Order

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SKIPPED = re.compile(r"/(compte/logout|static|sante)|format=|\.pdf$|\.csv$|/gabarit|/modele")
CONSOLE_ROW = re.compile(r"admin:\w+_change$")
PERSONAS = (
    "rcell.ville@exemple.test",
    "intrl.ville@exemple.test",
    "factu.ville@exemple.test",
    "admin.itq@exemple.test",
)
OTHERS = (
    "manda.ville@exemple.test",
    "dero.ville@exemple.test",
    "payeur.ville@exemple.test",
    "lecteur.ville@exemple.test",
    "agent.itq@exemple.test",
)
"""Who sees the same pages with fewer buttons, and some of their own."""

UNREACHED = (
    "/compte/login/",
    "/compte/password/reset/",
    "/verifier/",
    f"/verifier/{'0' * 32}",
    "/cette-page-n-existe-pas/",
    "/galerie/",
)
MOST_PAGES = 400
STATED: dict[str, tuple[type[Model], str]] = {
    "billing:invoice_detail": (Invoice, "invoice"),
    "billing:payment_detail": (Invoice, "invoice"),
    "billing:staff_version_detail": (ProfileVersion, "version"),
    "catalogue:import_detail": (CatalogueImport, "pk"),
    "derogations:request_detail": (Derogation, "number"),
    "derogations:signature_request": (Derogation, "number"),
    "orders:fleet_import_detail": (FleetImport, "pk"),
    "orders:order_detail": (Order, "number"),
}
"""Pages that are another in each state: the model, and what the address names it by."""

VIOLATIONS = """tags => axe.run(document, {
    runOnly: {type: "tag", values: tags},
    resultTypes: ["violations"],
}).then(answer => answer.violations.flatMap(
    violation => violation.nodes.map(node => [violation.id, node.target.join(" ")])
))"""
"""Only what fails comes back: axe's whole answer is megabytes a page, and costs more than axe."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What axe says of one page in one state."""

    persona: str
    route: str
    state: str
    rule: str
    target: str


@dataclass(slots=True)
class Walk:
    """One persona's walk: each route once in each state of its object, then its error state
    where it has a form.

    ``judged`` holds the routes that need no verdict; walks that share it ask axe once a route.
    A ``brief`` walk opens one row of the console, not one of each of its tables.
    """

    page: Page
    portal: str
    persona: str
    judged: set[str] = field(default_factory=set)
    brief: bool = False

    def visit(self) -> Iterator[tuple[str, str, list[Finding]]]:
        """Yield (route, state, findings) for every page and state reached."""
        if not self.persona:
            for path in UNREACHED:
                self.page.goto(self.portal + path)
                yield path, "as it is", self._judge(path, "as it is")
            return
        self._sign_in()
        for route in self._followed():
            if route in self.judged:
                continue
            self.judged.add(route)
            yield route, "as it is", self._judge(route, "as it is")
            if self._send_empty():
                yield route, "in error", self._judge(route, "in error")

    def _followed(self) -> Iterator[str]:
        """Open each page, from link to link; its route, while it shows."""
        queue = ["/"]
        visited: set[str] = set()
        while queue:
            path = queue.pop(0)
            route = _route(path)
            if self.brief and route and CONSOLE_ROW.match(route):
                route = "admin:change"
            if route is None or route in visited:
                continue
            if len(visited) == MOST_PAGES:
                raise RuntimeError(f"{self.persona}: {MOST_PAGES} pages, and {path} is left")
            visited.add(route)
            if self._open(path):
                queue += self._links()
                yield route

    def _open(self, path: str) -> bool:
        """Go there; False for what is no page."""
        try:
            answer = self.page.goto(self.portal + path)
        except Error:  # a download is no page
            return False
        return answer is not None and "html" in answer.headers.get("content-type", "")

    def _sign_in(self) -> None:
        self.page.goto(f"{self.portal}/compte/login/")
        self.page.locator("main [name=login]").fill(self.persona)
        self.page.locator("main [name=password]").fill(PASSWORD)
        self.page.locator("main form button[type=submit]").first.click()
        self.page.wait_for_url(f"{self.portal}/")

    def _links(self) -> list[str]:
        """The portal's own addresses on the page, query kept."""
        hrefs = self.page.eval_on_selector_all("a[href]", "links => links.map(a => a.href)")
        inside = [href.removeprefix(self.portal) for href in hrefs if href.startswith(self.portal)]
        return [href.split("#")[0] for href in inside if not SKIPPED.search(href)]

    def _send_empty(self) -> bool:
        """Send the first form that has a required, empty field: the page's error state."""
        found: bool = self.page.evaluate(
            """() => {
                for (const form of document.querySelectorAll("main form[method=post]")) {
                    const lacking = [...form.querySelectorAll("[required]")].some(
                        f => !f.value && f.type !== "radio" && f.type !== "checkbox");
                    if (lacking) { window.lackingForm = form; return true; }
                }
                return false;
            }"""
        )
        if found:
            with self.page.expect_navigation():
                self.page.evaluate("window.lackingForm.submit()")
        return found

    def _judge(self, route: str, state: str) -> list[Finding]:
        """Axe's verdict on what the page shows now."""
        self.page.evaluate(AXE_SCRIPT)
        found: list[list[str]] = self.page.evaluate(VIOLATIONS, TAGS)
        return [Finding(self.persona, route, state, rule, target) for rule, target in found]


def _route(path: str) -> str | None:
    """The route's name and its object's state, so that each is visited once."""
    parts = urlsplit(path)
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None
    kind = str(match.kwargs.get("kind", ""))
    model = str(match.kwargs.get("app_label", ""))
    return f"{match.view_name} {kind}{model}{_state(match)}".strip()


def _state(match: ResolverMatch) -> str:
    """The state of what the page shows, where it makes another page of it."""
    if match.view_name not in STATED:
        return ""
    shown, name = STATED[match.view_name]
    key = "number" if name == "number" else "pk"
    return str(
        shown._default_manager.values_list("state", flat=True).get(**{key: match.kwargs[name]})
    )
