"""``make mutation``: a red test must answer every hole made in the gate (D-06).

``make mutation ARGS="inbox.py tests/matrix"`` runs only the mutants with « inbox.py » in their
names, with the tests of one folder; ``--after=900`` passes over the first 900, that a run which was
stopped had ended.
"""

import sys
from pathlib import Path

import pytest

APPS = sorted(path.parent.name for path in Path().glob("*/apps.py"))
TESTS = ("tests/matrix", *(f"tests/{app}" for app in APPS))
NO_JUDGE = "tests/portal/test_every_page.py"
"""A minute long, and it counts queries: it would be asked again for each hole behind a page."""

OPTIONS = (
    "--deselect",
    NO_JUDGE,
    "-p",
    "tests.mutation.plugin",
    "-p",
    "no:randomly",
    "--show-capture=no",
    "--tb=no",
)


def main() -> int:
    """Exit 0 when every mutant was run; the last line says how many bars are met."""
    given = sys.argv[1:]
    options = [word for word in given if word.startswith("-")]
    tests = [word for word in given if word.startswith("tests/")]
    only = [f"--only={word}" for word in given if word not in {*options, *tests}]
    pytest.main([*OPTIONS, *options, *only, *(tests or TESTS)])
    from tests.mutation import plugin

    print(*plugin.TOLD, sep="\n")
    return 0 if plugin.TOLD else 1


if __name__ == "__main__":
    raise SystemExit(main())
