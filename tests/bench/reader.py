"""`python -m tests.bench.reader IMPORT…`: reads imports one after the other, as the worker does.

Prints a JSON object: seconds of each, those of its publication, and of these those from the
statement that shows its rows to the end of the transaction; and the peak of resident memory in MB,
children included.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SHOWS = ('UPDATE "billing_invoice" SET "current_id"', 'UPDATE "billing_invoiceversion" SET "usage')
"""How the statement begins that makes an import's rows visible (D-40, D-41)."""


class Watch:
    """Remembers when the statement that shows rows began."""

    def __init__(self) -> None:
        self.began = 0.0

    def __call__(self, execute: Callable[..., Any], sql: Any, *arguments: Any) -> Any:
        """One statement."""
        if not self.began and str(sql).startswith(SHOWS):
            self.began = time.perf_counter()
        return execute(sql, *arguments)


def peak_mb() -> float:
    """The most memory that this process held, with that of the children it waited for."""
    status = Path("/proc/self/status").read_text()
    own = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (int(own.split()[1]) + children) / 1024


def main() -> int:
    """Each import in its turn; 1 where one is not published."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    from django.db import connection

    from billing import tasks
    from billing.kinds import ImportState
    from billing.models import Import
    from portal.celery import app

    app.loader.import_default_modules()
    publish, told = tasks.publish_import, []
    times = {"publication": 0.0, "shown": 0.0}
    watch = Watch()

    def timed_publish(**given: Any) -> Any:
        began = time.perf_counter()
        answer = publish(**given)
        ended = time.perf_counter()
        times.update(publication=ended - began, shown=ended - watch.began)
        return answer

    tasks.publish_import = timed_publish
    for number in map(int, sys.argv[1:]):
        watch.began = 0.0
        began = time.perf_counter()
        with connection.execute_wrapper(watch):
            tasks.read_import.run(import_id=number)
        seconds = time.perf_counter() - began
        found = Import.objects.get(pk=number)
        if found.state != ImportState.PUBLISHED:
            print(f"{found}: {found.state} {found.awaits} {found.refusal}", file=sys.stderr)
            return 1
        told.append({"seconds": seconds, **times})
    print(json.dumps({"imports": told, "peak": peak_mb()}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
