"""Shows how many cells were walked."""

from tests.matrix.walk import COUNTED


def pytest_terminal_summary(terminalreporter):
    """One line at the end of ``make test``."""
    if COUNTED:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(COUNTED.items()))
        terminalreporter.write_line(f"{COUNTED.total()} cells ({kinds})")
