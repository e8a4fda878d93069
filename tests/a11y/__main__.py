"""``make a11y``: the whole product, widths by themes; prints pages, states and findings (D-53)."""

from tests import servers  # isort: skip  # starts PostgreSQL and the broker first

import os
import sys
from collections.abc import Iterator
from itertools import product
from multiprocessing import get_context
from typing import Any

import django
from django.core.management import call_command
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.processes import FLAGS, running_portal

WIDTHS = (360, 768, 1280)
THEMES = ("light", "dark")
WALKERS = len(os.sched_getaffinity(0))
"""Browsers at once: axe keeps a processor each."""

PAGES, STATES = 300, 3_800
"""What the demonstration has at least: a walk that loses its way finds nothing either."""


def main() -> None:
    """Start a portal with the demonstration, walk it as each persona, print the figures."""
    assert servers
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["DEMONSTRATION"] = "1"
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("seed_demonstration")
    from tests.a11y.crowd import crowd

    crowd()
    states, findings, pages = 0, 0, set()
    connections.close_all()  # a forked walker opens its own
    with running_portal("portal") as address, get_context("fork").Pool(WALKERS) as walkers:
        asked = [(address, width, theme) for width, theme in product(WIDTHS, THEMES)]
        for (_address, width, theme), seen in walkers.imap_unordered(walk, asked):
            for route, state, found in seen:
                pages.add(route)
                states += 1
                findings += len(found)
                for finding in found:
                    print(f"  {width} {theme} {finding} {state}", flush=True)
            print(f"  {width} {theme}: {len(seen)} states", file=sys.stderr, flush=True)
    met = [len(pages) >= PAGES, states >= STATES, not findings]
    told = (
        f"A11Y-PAGES {len(pages)} pages (bar ≥ {PAGES})",
        f"A11Y-STATES {states} states (bar ≥ {STATES}: widths {WIDTHS}, themes {THEMES})",
        f"A11Y-FINDINGS {findings} findings (bar 0)",
    )
    for line, ok in zip(told, met, strict=True):
        print(line, "ok" if ok else "short")
    print(f"{sum(met)} ok, {met.count(False)} short")


def walk(asked: tuple[str, int, Any]) -> tuple[tuple[str, int, Any], list[Any]]:
    """In a walker: everything at one width and theme, in a browser of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        seen = list(walked(browser, *asked))
        browser.close()
    return asked, seen


def walked(
    browser: Browser, address: str, width: int, theme: Any
) -> Iterator[tuple[str, str, list[Any]]]:
    """Route, state and findings of each page, at one width and theme, as each persona.

    The other personas judge only what nobody judged before them.
    """
    from tests.a11y.walk import OTHERS, PERSONAS, Walk

    judged: set[str] = set()
    for persona in ("", *PERSONAS, *OTHERS):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, locale="fr-CA"
        )
        known = judged if persona in OTHERS else set()
        for route, state, found in Walk(context.new_page(), address, persona, known).visit():
            judged.add(route)
            yield route, state, found
        context.close()


if __name__ == "__main__":
    main()
