"""The demonstration's fictitious fleet: files taken over, addresses, a few dated acts (D-55)."""

from dataclasses import dataclass
from datetime import date, timedelta

from members.models import Branch, CostCentre, Organisation, Provider, ProviderAccount, User
from orders.actions.fleet import change_line
from orders.actions.holders import add_address, confirm_address
from orders.actions.take_over import check_fleet_file, take_over_fleet
from orders.fleet_changes import months_later
from orders.fleet_sheet import SCHEMA
from orders.models import Holder, ServiceLine
from portal.clock import today

CITY, POLICE, WORKS = "Ville de Val-Boréal", "Service de police", "Travaux publics"
SCHOOL = "Centre de services scolaire des Trois-Épinettes"
STARTS_ON = date(2024, 4, 1)
GIVEN = ("Éloïse", "Bruno", "Chantal", "Denis", "Émile", "France", "Guy", "Hélène", "Ianick")
FAMILY = ("Gagnon", "Boivin", "Cloutier", "Dufour", "Hébert", "Lavoie", "Michaud", "Nadeau")
OLD_PHONE, OLD_PLAN = "Appareil d'un ancien contrat", "Forfait voix d'un ancien contrat"
PHONES = {
    "telus": ("T-A16-128", "T-IP16E-128", "T-XC7-128", OLD_PHONE),
    "rogers": ("R-A16-128", "R-XP10", "R-IP16E-128", OLD_PHONE),
}
PLANS = {"telus": ("T-VD-5", "T-VD-10", "T-VOIX", OLD_PLAN), "rogers": ("R-VOIX", OLD_PLAN)}


@dataclass(frozen=True, slots=True)
class Fleet:
    """One file: whose lines, at which provider, how many, and what its people do."""

    branch: str
    provider: str
    keeper: str
    size: int
    functions: tuple[str, ...]
    first: int


_CITY_KEEPER, _SCHOOL_KEEPER = "rcell.ville@exemple.test", "rcell.css@exemple.test"
FLEETS = (
    Fleet(CITY, "telus", _CITY_KEEPER, 14, ("Greffe", "Directrice", "Inspecteur", "Loisirs"), 0),
    Fleet(POLICE, "telus", _CITY_KEEPER, 12, ("Patrouille", "Enquêteuse", "Sergent"), 14),
    Fleet(WORKS, "telus", _CITY_KEEPER, 10, ("Contremaîtresse", "Voirie", "Aqueduc"), 26),
    Fleet(WORKS, "rogers", _CITY_KEEPER, 4, ("Garde du réservoir",), 36),
    Fleet(SCHOOL, "telus", _SCHOOL_KEEPER, 15, ("Direction d'école", "Concierge", "TI"), 40),
    Fleet(SCHOOL, "rogers", _SCHOOL_KEEPER, 3, ("Transport scolaire",), 55),
)
PLACES = (
    (CITY, "Hôtel de ville", "100, rue Principale", "J0Z 1A0", "intrl.ville@exemple.test"),
    (CITY, "Garage municipal", "45, chemin du Lac", "J0Z 1A1", ""),
    (SCHOOL, "Centre administratif", "12, avenue des Épinettes", "J0Z 2B0", ""),
    (SCHOOL, "École de la Rivière", "8, rue de la Rivière", "J0Z 2B1", "intrl.css@exemple.test"),
)


def load_fleet() -> None:
    """About forty lines of the city, eighteen of the school centre, and what became of some."""
    users = {user.email: user for user in User.objects.select_related("person")}
    for fleet in FLEETS:
        _take_over(fleet, users[fleet.keeper])
    for branch, label, street, postal_code, interlocutor in PLACES:
        keeper = users[_SCHOOL_KEEPER if branch == SCHOOL else _CITY_KEEPER]
        address = add_address(
            branch=_branch(branch),
            label=label,
            street=street,
            city="Val-Boréal",
            postal_code=postal_code,
            by=keeper,
        )
        if interlocutor:
            confirm_address(address=address, by=users[interlocutor])
    _daily_life(users[_CITY_KEEPER])


def _branch(name: str) -> Branch:
    """A root or a subdivision of the demonstration's members."""
    members = Organisation.objects.filter(name__in=(CITY, SCHOOL))
    return Branch.objects.get(name=name, organisation__in=members)


def _take_over(fleet: Fleet, keeper: User) -> None:
    """The file, checked then applied, as a person would."""
    branch, provider = _branch(fleet.branch), Provider.objects.get(code=fleet.provider)
    account = ProviderAccount.objects.get(branch=branch, provider=provider)
    header = ";".join(str(column.label) for column in SCHEMA.columns)
    rows = [_row(fleet, number, account.number) for number in range(fleet.size)]
    received = check_fleet_file(
        branch=branch,
        provider=provider,
        starts_on=STARTS_ON,
        name=f"parc-{fleet.provider}.csv",
        content="\n".join([header, *rows]).encode(),
        content_type="text/csv",
        by=keeper,
    )
    take_over_fleet(fleet_import=received, by=keeper)


def _row(fleet: Fleet, rank: int, account: str) -> str:
    """One line of a file: a number reserved to fiction, a subsidy that ends in its own month."""
    place = fleet.first + rank
    device = PHONES[fleet.provider][rank % 4]
    plans = PLANS[fleet.provider]
    ends = "" if device == OLD_PHONE else months_later(today(), place % 18 - 3).isoformat()
    cells = {
        "number": f"819 555-{100 + place:04}",
        "account": account,
        "plan": plans[rank % len(plans)],
        "is_flexible": "non",
        "device": device,
        "imei": _imei(place),
        "sim_kind": "eSIM" if place % 3 else "SIM",
        "sim_number": f"8912230000{place:09}",
        "subsidy_ends_on": ends,
        "commitment_ends_on": ends,
        "holder_name": f"{GIVEN[place % len(GIVEN)]} {FAMILY[place % len(FAMILY)]}",
        "holder_function": fleet.functions[rank % len(fleet.functions)],
        "employee_number": str(10_400 + place),
        "cost_centre": str(100 * (1 + rank % 3)),
        "cost_centre_name": "",
        "earlier_derogation": "D-2023-014" if fleet.provider == "rogers" else "",
    }
    return ";".join(cells[column.name] for column in SCHEMA.columns)


def _imei(place: int) -> str:
    """A fictitious IMEI with its true check digit (Luhn)."""
    body = f"35000000{place:06}"
    doubled = (int(c) * (2 if i % 2 else 1) for i, c in enumerate(body))
    return body + str(-sum(n - 9 if n > 9 else n for n in doubled) % 10)


def _daily_life(keeper: User) -> None:
    """A line that changed hands then cost centre, another whose device was replaced."""
    lines = list(ServiceLine.objects.filter(branch=_branch(CITY)).order_by("number")[:3])
    successor = Holder.objects.filter(branch=_branch(CITY)).order_by("-employee_number").first()
    centre = CostCentre.objects.filter(branch=_branch(CITY)).order_by("-code").first()
    ago = today() - timedelta(days=60)
    change_line(
        service_line=lines[0], on=ago, by=keeper, reason="Départ à la retraite", holder=successor
    )
    change_line(
        service_line=lines[0],
        on=ago + timedelta(days=20),
        by=keeper,
        reason="Réorganisation",
        cost_centre=centre,
    )
    change_line(
        service_line=lines[1],
        on=ago,
        by=keeper,
        reason="Appareil remplacé sous garantie",
        imei=_imei(999),
    )
