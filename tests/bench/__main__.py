"""``make bench``: seeds the group at full size, then measures its pages over HTTP (D-53)."""

import signal
import sys
from pathlib import Path

import django

from launcher.processes import end_with_parent
from launcher.screen import LauncherError
from tests.bench import web
from tests.bench.figures import Figures

SEED_BAR = 180  # seconds
TABLES = ("orders_order", "orders_orderline", "orders_lineversion", "members_respondent")


def main() -> int:
    """Exit 0 when everything was measured, whatever the figures."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    end_with_parent()
    figures = Figures()
    try:
        with web.own_servers() as folder:
            web.prepare(folder)
            tell_seed(figures, web.seed(folder))
            django.setup()
            tell_sizes(figures)
            measure(figures, folder)
    except KeyboardInterrupt:
        return 130
    except LauncherError as error:
        print(error, file=sys.stderr)
        return 1
    figures.close()
    return 0


def tell_seed(figures: Figures, path: Path) -> None:
    """The seeding command's own timings, its total last."""
    for line in path.read_text().splitlines():
        name, seconds, _ = line.split()
        bar = SEED_BAR if name == "seed.total" else None
        figures.tell(name, float(seconds), "s", bar)


def tell_sizes(figures: Figures) -> None:
    """How many rows, and how large the database is."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            figures.tell(f"size.{table}", cursor.fetchone()[0], "rows")
        cursor.execute("SELECT pg_database_size(current_database()) / 1e6")
        figures.tell("size.database", float(cursor.fetchone()[0]), "MB")


def measure(figures: Figures, folder: Path) -> None:
    """Pages first, heavy acts last: they change what pages show."""
    from tests.bench import pages, seal, work

    with web.one_worker(folder) as (port, worker):
        pages.measure_speed(figures, port)
        pages.measure_signer(figures, port)
        pages.count_for_everybody(figures, port)
        pages.compare_few_and_many(figures, port)
        figures.tell("worker.memory", web.memory_mb(worker), "MB")
    work.take_over(figures)
    work.sheet(figures)
    seal.seal(figures, folder)


if __name__ == "__main__":
    raise SystemExit(main())
