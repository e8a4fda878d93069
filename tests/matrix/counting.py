"""How many cells of the matrix were walked: the count of every worker, told at the end."""

from collections import Counter

import pytest

COUNTED: Counter[str] = Counter()


def pytest_sessionfinish(session):
    """A worker of pytest-xdist sends its count to the first process."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["cells"] = dict(COUNTED)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """The first process adds up what each worker counted."""
    COUNTED.update(getattr(node, "workeroutput", {}).get("cells", {}))


def pytest_terminal_summary(terminalreporter):
    """One line at the end of ``make test``."""
    if COUNTED:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(COUNTED.items()))
        terminalreporter.write_line(f"{COUNTED.total()} cells ({kinds})")
