"""The demonstration's delegation plans: posts, an interim, an absence, a line to confirm (D-55)."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from members.actions.absences import declare_absence
from members.actions.delegations import confirm_delegation, record_delegation
from members.actions.interims import confirm_interim, name_interim
from members.actions.people import attest_signer
from members.actions.plans import confirm_signing_rule, open_plan, set_signing_rule
from members.models import Delegation, DelegationPlan, Organisation, Person, User
from members.newcomers import NewPerson
from members.powers import DerogationKind, LineFacts
from members.roles import Role
from portal.clock import today
from portal.uploads import Upload

SINCE = date(2024, 2, 1)
EVERY = tuple(kind.value for kind in DerogationKind)
NETWORK, TECHNOLOGICAL, DEVICE = EVERY
ATTESTED = "Pièce d'identité vue (fictif)"
Team = dict[Role, User]


@dataclass(frozen=True, slots=True)
class Act:
    """How a member's plan was approved, and when its fiscal year ends."""

    reference: str
    fiscal_year_ends: str


def record_city_plan(organisation: Organisation, team: Team, agent: User, police: str) -> None:
    """The city: a holder of all, a treasurer who is away, a police post with its interim.

    A last line waits for the mandatary, so that nobody's inbox is empty.
    """
    plan = _opened(organisation, team, Act("Règlement fictif 2024-07", "12-31"))
    manager = _line(
        plan, team, _person(team[Role.DERO]), _facts("4.1", "Directeur général", EVERY, 50_000)
    )
    treasurer = _line(
        plan,
        team,
        _person(team[Role.FACTU]),
        _facts("4.2", "Trésorière", (NETWORK, TECHNOLOGICAL), 25_000),
    )
    chief = _line(
        plan,
        team,
        NewPerson("Sophie", "Lachance", "sophie.lachance@exemple.test", "Directrice du service"),
        _facts("4.3", "Directrice du service de police", (NETWORK, DEVICE), 5_000),
        branch=police,
    )
    for line in (manager, treasurer, chief):
        _confirmed(line, team, agent)
    _interim(chief, team, agent)
    _line(
        plan,
        team,
        NewPerson("Luc", "Vachon", "luc.vachon@exemple.test", "Chef, informatique"),
        _facts("4.4", "Chef de l'informatique", (TECHNOLOGICAL,), 10_000),
    )
    intrl = team[Role.INTRL]
    rule = set_signing_rule(
        plan=plan, kind=NETWORK, from_amount=Decimal(40_000), needed=2, by=intrl
    )
    confirm_signing_rule(rule=rule, by=team[Role.MANDA])
    _away(organisation, team)


def record_school_plan(organisation: Organisation, team: Team, agent: User) -> None:
    """The school service centre: two posts, in force."""
    plan = _opened(organisation, team, Act("Règlement fictif CA-2024-03", "06-30"))
    general = _line(
        plan, team, _person(team[Role.DERO]), _facts("3.1", "Directrice générale", EVERY, 25_000)
    )
    material = _line(
        plan,
        team,
        NewPerson("Yves", "Savard", "yves.savard@exemple.test", "Directeur"),
        _facts("3.2", "Directeur des ressources matérielles", (NETWORK,), 10_000),
    )
    for line in (general, material):
        _confirmed(line, team, agent)


def _away(organisation: Organisation, team: Team) -> None:
    """The treasurer is away; the holder of all stands in for her."""
    declare_absence(
        branch=organisation.branches.get(is_root=True),
        person=_person(team[Role.FACTU]),
        since=today(),
        last_day=today() + timedelta(days=20),
        substitute=_person(team[Role.DERO]),
        by=team[Role.INTRL],
    )


def _opened(organisation: Organisation, team: Team, act: Act) -> DelegationPlan:
    """The first version, by INTRL."""
    return open_plan(
        organisation=organisation,
        approved_on=date(2024, 1, 22),
        act_reference=act.reference,
        act_file=_paper(f"{act.reference} de {organisation.name}", "plan-de-delegation-fictif.pdf"),
        fiscal_year_ends=act.fiscal_year_ends,
        steps_up=True,
        by=team[Role.INTRL],
    )


def _facts(clause: str, post: str, kinds: tuple[str, ...], ceiling: int) -> LineFacts:
    """A line without end, that may commit beyond the fiscal year."""
    return LineFacts(
        clause=clause,
        post=post,
        kinds=kinds,
        since=SINCE,
        ceiling_amount=Decimal(ceiling),
        beyond_fiscal_year=True,
    )


def _line(
    plan: DelegationPlan,
    team: Team,
    holder: Person | NewPerson,
    facts: LineFacts,
    *,
    branch: str = "",
) -> Delegation:
    """Recorded by INTRL, on the root or on a subdivision by its name."""
    branches = plan.organisation.branches
    return record_delegation(
        plan=plan,
        branch=branches.get(name=branch) if branch else branches.get(is_root=True),
        holder=holder,
        facts=facts,
        by=team[Role.INTRL],
    )


def _confirmed(line: Delegation, team: Team, agent: User) -> None:
    """MANDA confirms the line; ITQ attests its holder, whom a lone INTRL recorded."""
    confirm_delegation(delegation=line, by=team[Role.MANDA])
    assert line.holder is not None
    attest_signer(delegation=line, person=line.holder, method=ATTESTED, by=agent)


def _interim(line: Delegation, team: Team, agent: User) -> None:
    """An assistant director, named in writing for a season."""
    interim = name_interim(
        delegation=line,
        person=NewPerson("Marc-André", "Hébert", "marc-andre.hebert@exemple.test", "Adjoint"),
        since=today(),
        last_day=today() + timedelta(days=90),
        act_reference="Note de service fictive de la direction générale",
        act_file=_paper("Note de service fictive", "note-de-service-fictive.pdf"),
        by=team[Role.INTRL],
    )
    confirm_interim(interim=interim, by=team[Role.MANDA])
    attest_signer(delegation=line, person=interim.person, method=ATTESTED, by=agent)


def _person(user: User) -> Person:
    """The person behind an account, as it is now."""
    assert user.person_id is not None
    return Person.objects.get(pk=user.person_id)


def _paper(text: str, name: str) -> Upload:
    """A one-line fictitious act."""
    return Upload(f"%PDF-1.4\n% {text}\n%%EOF\n".encode(), name, "application/pdf")
