"""Axe on every page and error state that a persona reaches, at 1280 px in the light (D-53)."""

import pytest
from playwright.sync_api import Page

from tests.a11y.walk import PERSONAS, Walk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("persona", ["", *PERSONAS])
def test_no_page_has_a_finding(portal, page: Page, persona):
    visited = list(Walk(page, portal, persona).visit())
    findings = [finding for _, _, found in visited for finding in found]
    assert findings == []
    assert len(visited) >= 3
    print(f"{persona or 'nobody'}: {len(visited)} pages and states, {len(findings)} findings")
