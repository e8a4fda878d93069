"""A hundred and fifty thousand lines in service, each with one or two dated versions."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from catalogue.models import Offer
from orders.kinds import LineStatus, Origin, SimKind
from orders.models import Holder, LineVersion, ServiceLine
from portal.clock import today
from tests.bench import words
from tests.bench.copying import copy, next_id
from tests.bench.places import Place, shares

LINES = 150_000
AREAS = ("418", "514", "581", "819")
YEARS = 4 * 365
MODELS = (Holder, ServiceLine, LineVersion)
VERSION = (
    *("service_line_id", "branch_id", "valid", "status", "number", "account_id", "sim_kind"),
    *("sim_number", "device_id", "device_label", "imei", "subsidy_ends_on", "commitment_ends_on"),
    *("plan_id", "plan_label", "is_flexible", "holder_id", "cost_centre_id", "recorded_by_id"),
)


def fill_fleet(rng: random.Random, places: list[Place]) -> None:
    """Holders first, then lines and versions by COPY."""
    small = [place for place in places for _ in range(place.exact)]
    drawn = sorted([*small, *shares(rng, places, LINES - len(small))], key=lambda place: place.pk)
    _holders(rng, drawn)
    first = next_id(ServiceLine)
    copy(
        ServiceLine,
        ("id", "branch_id", "provider_id", "number", "origin"),
        (
            (first + n, place.pk, next(iter(place.accounts)), _number(n), _origin(n))
            for n, place in enumerate(drawn)
        ),
    )
    offers = list(Offer.objects.filter(version__rank__rank=1).order_by("pk"))
    copy(LineVersion, VERSION, _versions(rng, drawn, first, offers))
    for n, place in enumerate(drawn):
        place.lines.append(first + n)


def _holders(rng: random.Random, drawn: list[Place]) -> None:
    """A holder a line, or nearly: one in ten carries two."""
    pk = next_id(Holder)
    rows = []
    for n, place in enumerate(drawn):
        if place.holders and n % 10 == 0:
            continue
        name = " ".join(words.full_name(rng))
        rows.append((pk, place.pk, name, rng.choice(words.FUNCTIONS), f"M{pk:06}"))
        place.holders.append(pk)
        pk += 1
    copy(Holder, ("id", "branch_id", "name", "function", "employee_number"), rows)


def _number(n: int) -> str:
    return f"{AREAS[n % 4]}{2_000_000 + n // 4}"


def _origin(n: int) -> str:
    return Origin.TAKE_OVER if n % 3 else Origin.ORDER


def _versions(
    rng: random.Random, drawn: list[Place], first: int, offers: list[Offer]
) -> Iterator[tuple[object, ...]]:
    """One version in force for each line; half of the lines had another holder before."""
    devices = [offer for offer in offers if offer.kind == Offer.Kind.DEVICE]
    plans = [offer for offer in offers if offer.kind == Offer.Kind.PLAN]
    day = today()
    for n, place in enumerate(drawn):
        began = day - timedelta(days=rng.randrange(90, YEARS))
        device, plan = rng.choice(devices), rng.choice(plans)
        ends = began + timedelta(days=1095)
        since, status = began, LineStatus.ACTIVE
        facts = (
            *(device.pk, device.name, f"35{n:013}", ends, ends),
            *(plan.pk, plan.name, plan.is_flexible),
        )
        card = (_number(n), next(iter(place.accounts.values())), SimKind.SIM, f"8912{n:015}")
        if n % 2:
            since = began + timedelta(days=rng.randrange(30, (day - began).days))
            status = rng.choices(LineStatus.values, (90, 3, 7))[0]
            yield _version(rng, place, first + n, (began, since), LineStatus.ACTIVE, card, facts)
        yield _version(rng, place, first + n, (since, ""), status, card, facts)


def _version(
    rng: random.Random,
    place: Place,
    line: int,
    valid: tuple[date, date | str],
    status: str,
    card: tuple[object, ...],
    facts: tuple[object, ...],
) -> tuple[object, ...]:
    """A row in the order of ``VERSION``."""
    who = (rng.choice(place.holders), rng.choice(place.centres), place.rcell)
    return (line, place.pk, f"[{valid[0]},{valid[1]})", status, *card, *facts, *who)
