"""The heavy acts: a take-over of nine thousand lines, an order's sheet."""

import statistics
import time
from datetime import timedelta

from members.models import Branch, ProviderAccount, User
from orders.actions.take_over import check_fleet_file, take_over_fleet
from orders.documents import render_sheet
from orders.kinds import FleetImportState, OrderState
from orders.models import Order
from portal.clock import today
from tests.bench.figures import Figures
from tests.bench.places import MEMBERS, email_of

LINES = 9_000
HEAD = (
    "Numéro;Compte;Forfait;Appareil;IMEI;Carte (ICCID);Fin de la subvention;Détenteur;Matricule;"
    "Centre de coûts"
)


def take_over(figures: Figures) -> None:
    """From the upload to the last line in service, through the actions."""
    user = User.objects.get(email=email_of("rcell", MEMBERS, 0))
    branch = Branch.objects.get(organisation=MEMBERS)
    account = ProviderAccount.objects.filter(branch=branch).select_related("provider")[0]
    content = fleet_file(account.number)
    began = time.monotonic()
    checked = check_fleet_file(
        branch=branch,
        provider=account.provider,
        starts_on=today() - timedelta(days=30),
        name="parc.csv",
        content=content,
        content_type="text/csv",
        by=user,
    )
    dry_run = time.monotonic() - began
    applied = take_over_fleet(fleet_import=checked, by=user)
    took = time.monotonic() - began
    if applied.state != FleetImportState.APPLIED:
        raise RuntimeError(f"the take-over was refused: {checked.faults[:3]}{applied.faults[:3]}")
    figures.tell("take_over.9000_lines.dry_run", dry_run, "s")
    figures.tell("take_over.9000_lines", took, "s", 60)


def fleet_file(account: str) -> bytes:
    """A provider's list of nine thousand lines."""
    ends = today() + timedelta(days=400)
    rows = (
        f"450 {300 + n // 10_000}-{n % 10_000:04};{account};Voix et 10 Go;Téléphone A;"
        f"{imei(n)};89122{n:014};{ends};Détenteur fictif {n};X{n:05};T-{n % 60:03}"
        for n in range(LINES)
    )
    return "\n".join((HEAD, *rows)).encode()


def imei(n: int) -> str:
    """Fifteen digits, the last of which checks the others."""
    digits = f"35{n:012}"
    total = 0
    for place, digit in enumerate(digits):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def sheet(figures: Figures) -> None:
    """The sheet of an order of twenty lines, stored; the median of three."""
    order = Order.objects.filter(branch__organisation=MEMBERS, state=OrderState.SENT)[0]
    times = []
    for _ in range(3):
        began = time.monotonic()
        render_sheet(order)
        times.append(time.monotonic() - began)
    figures.tell("sheet.20_lines", statistics.median(times), "s")
