"""One strict Content-Security-Policy for every page, the console's too; no view loosens it (D-52).

That each answer carries it is asked in each cell of ``tests/matrix``.
"""

import ast

from csp.constants import NONCE, NONE, SELF
from django.conf import settings

from tests.house.tree import app_modules, hold

LOOSENING = {"csp_exempt", "csp_update", "csp_replace", "xframe_options_exempt", "csrf_exempt"}
HEADER = "Content-Security-Policy"
SANDBOX = "portal/files.py"
"""Downloads carry a stricter policy of their own."""


def test_the_policy_allows_only_our_own():
    allowed = {SELF, NONE, NONCE, "data:"}
    faults = [
        f"{directive}: {value}"
        for directive, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
        for value in values
        if value not in allowed
    ]
    hold(faults, mend="serve it from static/; nothing comes from elsewhere, nothing is inline.")
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["default-src"] == [NONE]


def test_no_view_loosens_a_protection():
    faults = [
        f"{module.at(node)}: {name}"
        for module in app_modules()
        for node in ast.walk(module.tree)
        for name in _names(node) & LOOSENING
    ]
    hold(faults, mend="change the page, not its protection.")


def test_only_downloads_write_a_policy_of_their_own():
    faults = [
        module.shown
        for module in app_modules()
        if module.shown != SANDBOX
        and any(isinstance(n, ast.Constant) and n.value == HEADER for n in ast.walk(module.tree))
    ]
    hold(faults, mend="use portal.files.attachment().")


def _names(node: ast.AST) -> set[str]:
    if isinstance(node, ast.ImportFrom):
        return {alias.name for alias in node.names}
    return {node.attr} if isinstance(node, ast.Attribute) else set()
