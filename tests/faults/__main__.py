"""`make faults`: one line a fault, then how many bars are met."""

import sys
from importlib import import_module

from launcher.processes import end_with_parent, listen_for_stop
from tests.faults.registry import FAULTS
from tests.faults.stand import stand

MODULES = (
    "broker",
    "database",
    "submission",
    "worker",
    "stopping",
    "provider",
    "mail",
    "papers",
    "sealing",
    "room",
    "signing",
    "tampering",
    "kills",
    "bill_copies",
    "bill_refusals",
    "bill_layouts",
    "bill_bombs",
    "bill_loop",
    "bill_deaths",
    "bill_room",
    "launching",
)

LAST = ("S-04", "S-05")
"""The races leave hundreds of seals promised, which would keep the worker from the other faults."""


def main(wanted: list[str]) -> int:
    """Run the faults named (all by default); exit 0 when they ran."""
    listen_for_stop()
    end_with_parent()
    met = []
    with stand() as made:
        for module in MODULES:
            import_module(f"tests.faults.{module}")
        for code in wanted or [*sorted(set(FAULTS) - {*LAST}), *LAST]:
            made.clean()
            ok, line = FAULTS[code].line(made)
            met.append(ok)
            print(line, flush=True)
    print(f"{sum(met)} ok, {met.count(False)} short")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
