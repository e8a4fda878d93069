"""Axe on every page and error state that a persona reaches, at 1280 px in the light (D-53)."""

import pytest
from playwright.sync_api import Page

from tests.a11y.walk import PERSONAS, Walk

pytestmark = pytest.mark.browser


def test_no_page_has_a_finding(portal, page: Page):
    judged: set[str] = set()
    states, findings = 0, []
    for persona in ("", *PERSONAS):
        page.context.clear_cookies()
        for _, _, found in Walk(page, portal, persona, judged, brief=True).visit():
            states += 1
            findings += found
    print(f"{len(judged)} routes, {states} pages and states, {len(findings)} findings")
    assert findings == []
    assert states > len(judged) > 60
