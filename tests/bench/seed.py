"""`python -m tests.bench.seed`: fills an empty, migrated database at the group's full size.

1 000 members, 5 000 respondents, 200 000 orders, 150 000 lines in service, 5 000 requests of
derogation that await a signature; always the same for a given day. Reads DATABASE_OWNER_URL, as the
portal does. Events of the journal wait for the keeper.
"""

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

SEED = 2026


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print how long a step took."""
    began = time.monotonic()
    yield
    print(f"seed.{name} {time.monotonic() - began:.1f} s", flush=True)


def fill() -> None:
    """Everything, in one transaction; then ANALYZE and the proof of rights."""
    from django.db import connection, transaction

    from members.projection import drift
    from tests.bench import fleet, orders, places, requests
    from tests.bench.copying import set_aside, settle_ids
    from tests.bench.ground import lay_ground

    rng = random.Random(SEED)
    models = (*places.MODELS, *fleet.MODELS, *orders.MODELS)
    with transaction.atomic():
        with timed("ground"):
            contract = lay_ground()
        with timed("constraints"), set_aside(models):
            with timed("members"):
                spots = places.fill_places(rng, contract)
            with timed("lines"):
                fleet.fill_fleet(rng, spots)
            with timed("orders"):
                orders.Orders(rng, contract).fill(spots)
        settle_ids([model for model in models if model is not orders.JournalPending])
    with timed("requests"), transaction.atomic():
        requests.fill_requests(spots, contract)
    with timed("analyze"), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    with timed("drift"):
        found = drift()
    if found.missing or found.extra:
        raise SystemExit(f"grants differ from respondents: {found}")


def main() -> int:
    """Refuse a database that holds members already."""
    os.environ["PORTAL_DATABASE_ROLE"] = "owner"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    from members.models import Organisation

    if Organisation.objects.exists():
        print("this database holds members already: the seed wants an empty one", file=sys.stderr)
        return 1
    began = time.monotonic()
    fill()
    print(f"seed.total {time.monotonic() - began:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
