"""``make a11y``: the whole product, widths by themes; prints pages, states and findings (D-53)."""

from tests import servers  # isort: skip  # starts PostgreSQL and the broker first

import os

import django
from django.core.management import call_command
from playwright.sync_api import sync_playwright

from tests.journeys.processes import FLAGS, running_portal

WIDTHS = (360, 768, 1280)
THEMES = ("light", "dark")


def main() -> None:
    """Start a portal with the demonstration, walk it as each persona, print the figures."""
    assert servers
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["DEMONSTRATION"] = "1"
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("seed_demonstration")
    from tests.a11y.crowd import crowd
    from tests.a11y.walk import PERSONAS, Walk

    crowd()
    states, findings, pages = 0, [], set()
    with running_portal("portal") as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for width in WIDTHS:
            for theme in THEMES:
                for persona in ("", *PERSONAS):
                    context = browser.new_context(
                        viewport={"width": width, "height": 900},
                        color_scheme=theme,
                        locale="fr-CA",
                    )
                    for route, state, found in Walk(context.new_page(), address, persona).visit():
                        pages.add(route)
                        states += 1
                        findings += found
                        for finding in found:
                            print(f"  {width} {theme} {finding} {state}", flush=True)
                    context.close()
        browser.close()
    ok = not findings
    print(f"A11Y-PAGES {len(pages)} pages (bar none) ok")
    print(f"A11Y-STATES {states} states, {len(WIDTHS)} widths, {len(THEMES)} themes (bar none) ok")
    print(f"A11Y-FINDINGS {len(findings)} findings (bar 0) {'ok' if ok else 'short'}")
    print(f"{3 if ok else 2} ok, {0 if ok else 1} short")


if __name__ == "__main__":
    main()
