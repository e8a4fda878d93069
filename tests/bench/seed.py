"""`python -m tests.bench.seed`: fills an empty, migrated database at the group's full size.

1 000 members, 5 000 respondents, 200 000 orders, 150 000 lines in service, 5 000 requests of
derogation that await a signature; always the same for a given day. Reads DATABASE_OWNER_URL, as the
portal does. Events of the journal wait for the keeper.
"""

import random

from tests.bench.seeding import run_seed, timed

SEED = 2026


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
        with timed("seed.ground"):
            contract = lay_ground()
        with timed("seed.constraints"), set_aside(models):
            with timed("seed.members"):
                spots = places.fill_places(rng, contract)
            with timed("seed.lines"):
                fleet.fill_fleet(rng, spots)
            with timed("seed.orders"):
                orders.Orders(rng, contract).fill(spots)
        settle_ids([model for model in models if model is not orders.JournalPending])
    with timed("seed.requests"), transaction.atomic():
        requests.fill_requests(spots, contract)
    with timed("seed.analyze"), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    with timed("seed.drift"):
        found = drift()
    if found.missing or found.extra:
        raise SystemExit(f"grants differ from respondents: {found}")


def refusal() -> str:
    """Why a database is not filled: it holds members already."""
    from members.models import Organisation

    is_taken = Organisation.objects.exists()
    return "this database holds members already: the seed wants an empty one" if is_taken else ""


if __name__ == "__main__":
    raise SystemExit(run_seed("seed", refusal, fill))
