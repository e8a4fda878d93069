"""``make bench``: seeds the group at full size, then measures its pages over HTTP (D-53).

``make bench ARGS=imports`` measures some parts only: pages, bills, imports, publication, acts.
"""

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


PARTS = ("pages", "bills", "imports", "publication", "acts")
"""In the order in which they are measured."""


def main() -> int:
    """Exit 0 when everything was measured, whatever the figures."""
    asked = sys.argv[1:] or list(PARTS)
    if unknown := set(asked) - set(PARTS):
        print(f"no part {', '.join(sorted(unknown))}: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    end_with_parent()
    figures = Figures()
    try:
        with web.own_servers() as folder:
            web.prepare(folder)
            tell_seed(figures, web.seed(folder))
            django.setup()
            tell_sizes(figures)
            measure(figures, folder, asked)
    except KeyboardInterrupt:
        return 130
    except LauncherError as error:
        print(error, file=sys.stderr)
        return 1
    figures.close()
    return 0


def tell_seed(figures: Figures, path: Path) -> None:
    """A seeding command's own figures; the first one's total has a bar."""
    for line in path.read_text().splitlines():
        name, value, unit = line.split()
        bar = SEED_BAR if name == "seed.total" else None
        figures.tell(name, float(value), unit, bar)


def tell_sizes(figures: Figures) -> None:
    """How many rows, and how large the database is."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            figures.tell(f"size.{table}", cursor.fetchone()[0], "rows")
        cursor.execute("SELECT pg_database_size(current_database()) / 1e6")
        figures.tell("size.database", float(cursor.fetchone()[0]), "MB")


def measure(figures: Figures, folder: Path, asked: list[str]) -> None:
    """Pages first, heavy acts last: they change what pages show."""
    for part in PARTS:
        if part in asked:
            MEASURES[part](figures, folder)


def measure_pages(figures: Figures, folder: Path) -> None:
    """Every page of the orders."""
    from tests.bench import pages

    with web.one_worker(folder) as (port, worker):
        pages.measure_speed(figures, port)
        pages.measure_signer(figures, port)
        pages.count_for_everybody(figures, port)
        pages.compare_few_and_many(figures, port)
        figures.tell("worker.memory", web.memory_mb(worker), "MB")


def measure_bills(figures: Figures, folder: Path) -> None:
    """Thirteen months of bills, then their pages."""
    from tests.bench import bills

    tell_seed(figures, web.seed(folder, "tests.bench.bill_seed"))
    with web.one_worker(folder) as (port, worker):
        bills.measure_bills(figures, port)
        figures.tell("bills.worker.memory", web.memory_mb(worker), "MB")


def measure_imports(figures: Figures, _folder: Path) -> None:
    """Whole jobs beside other means."""
    from tests.bench import imports

    imports.measure_imports(figures)


def measure_publication(figures: Figures, _folder: Path) -> None:
    """Among many files, beside a reader."""
    from tests.bench import publication

    publication.measure_publication(figures)


def measure_acts(figures: Figures, folder: Path) -> None:
    """A take-over, a sheet, a seal."""
    from tests.bench import seal, work

    work.take_over(figures)
    work.sheet(figures)
    seal.seal(figures, folder)


MEASURES = {
    "pages": measure_pages,
    "bills": measure_bills,
    "imports": measure_imports,
    "publication": measure_publication,
    "acts": measure_acts,
}


if __name__ == "__main__":
    raise SystemExit(main())
