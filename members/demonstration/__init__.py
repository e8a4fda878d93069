"""The demonstration's people and members, all fictitious, made through the actions (D-55)."""

from base64 import b32encode
from dataclasses import dataclass
from datetime import date, datetime

from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.db import transaction

from members.actions.accesses import record_access
from members.actions.accounts import confirm_account, name_account_manager, record_account
from members.actions.contracts import (
    Ranked,
    add_phase,
    open_contract,
    record_administering_body,
    record_provider,
    set_joining_rule,
)
from members.actions.cost_centres import add_cost_centre
from members.actions.invitations import invite, open_invited_account
from members.actions.memberships import confirm_membership, file_membership
from members.actions.messages import authorise_writing, send_to_itq
from members.actions.organisations import add_subdivision, create_organisation
from members.actions.people import attest_identity, record_person
from members.actions.respondents import confirm_designation, designate, end_role
from members.actions.staff import open_staff_account
from members.demonstration.plans import record_city_plan, record_school_plan
from members.models import (
    Branch,
    Contract,
    ContractPhase,
    JoiningRule,
    Organisation,
    Provider,
    ProviderAccess,
    User,
)
from members.roles import Role, StaffRole
from portal.audit import SYSTEM
from portal.clock import midnight, today
from portal.uploads import Upload

PASSWORD = "Cellulaire-Demo-15"  # noqa: S105 - printed by `make run`, refused by check --deploy
ORDER_KINDS = ("new_line", "sim_only", "upgrade", "device_only", "plan_change")
SINCE = midnight(date(2024, 1, 15))
CITY, SCHOOL, VILLAGE = (
    "Ville de Val-Boréal",
    "Centre de services scolaire des Trois-Épinettes",
    "Municipalité de Sainte-Fictive-du-Lac",
)


@dataclass(frozen=True, slots=True)
class Persona:
    """One account: who, which role, on which branch."""

    given_name: str
    family_name: str
    role: Role
    branch: str
    email: str
    function: str = ""

    @property
    def member(self) -> str:
        """The organisation of the branch."""
        return CITY if self.branch in (POLICE, WORKS) else self.branch


POLICE, WORKS = "Service de police", "Travaux publics"
PERSONAS = (
    Persona("Maïka", "Thériault", Role.INTRL, CITY, "intrl.ville@exemple.test", "Greffière"),
    Persona("Rosalie", "Côté", Role.RCELL, CITY, "rcell.ville@exemple.test", "Technicienne"),
    Persona("Hervé", "Lévesque", Role.MANDA, CITY, "manda.ville@exemple.test", "Chef, achats"),
    Persona("Fanny", "Gagné", Role.FACTU, CITY, "factu.ville@exemple.test", "Comptable"),
    Persona("Denis", "Roy", Role.DERO, CITY, "dero.ville@exemple.test", "Directeur général"),
    Persona("Paule", "Gendron", Role.PAYER, CITY, "payeur.ville@exemple.test", "Commis"),
    Persona("Simone", "Bélanger", Role.RCELL, POLICE, "rcell.police@exemple.test", "Répartitrice"),
    Persona("Léo", "Paré", Role.READER, WORKS, "lecteur.ville@exemple.test", "Contremaître"),
    Persona("Inès", "Fortin", Role.INTRL, SCHOOL, "intrl.css@exemple.test", "Secrétaire générale"),
    Persona("Rémi", "Ouellet", Role.RCELL, SCHOOL, "rcell.css@exemple.test", "Technicien"),
    Persona("Mathilde", "Simard", Role.MANDA, SCHOOL, "manda.css@exemple.test", "Directrice"),
    Persona("Félix", "Morin", Role.FACTU, SCHOOL, "factu.css@exemple.test", "Agent de bureau"),
    Persona("Diane", "Caron", Role.DERO, SCHOOL, "dero.css@exemple.test", "Directrice générale"),
    Persona("Irène", "Dubé", Role.INTRL, VILLAGE, "intrl.village@exemple.test", "Greffière"),
    Persona("Réal", "Poirier", Role.RCELL, VILLAGE, "rcell.village@exemple.test", "Inspecteur"),
)
STAFF = (
    ("Ariane", "Lemieux", StaffRole.ADMIN, "admin.itq@exemple.test"),
    ("Gaston", "Pelletier", StaffRole.AGENT, "agent.itq@exemple.test"),
)
POPULATIONS = {CITY: 142_000, SCHOOL: None, VILLAGE: 2_100}


def load() -> list[dict[str, str]]:
    """Make the demonstration once; return its accounts: role, member, email, password."""
    if not settings.DEMONSTRATION:
        raise RuntimeError("the demonstration is loaded only under its own setting")
    if not Organisation.objects.filter(name=CITY).exists():
        with transaction.atomic():
            _load()
    members = [
        {"role": str(persona.role.label), "member": persona.branch, "email": persona.email}
        for persona in PERSONAS
    ]
    staff = [{"role": str(role.label), "member": "ITQ", "email": e} for _, _, role, e in STAFF]
    return [{**account, "password": PASSWORD} for account in (*members, *staff)]


def _load() -> None:
    admin, agent = _staff()
    contract = _contracts(admin)
    for organisation in _organisations(admin):
        people = _people(organisation, admin)
        interlocutor = people[Role.INTRL]
        membership = file_membership(
            organisation=organisation,
            contract=contract,
            agreement=_agreement(organisation),
            agreement_on=date(2024, 2, 1),
            bound_by=str(interlocutor.person),
            by=interlocutor,
        )
        confirm_membership(membership=membership, by=agent)
        _accounts(organisation, interlocutor, agent)
        _plan(organisation, people, agent)
    _daily_life()


def _plan(organisation: Organisation, people: dict[Role, User], agent: User) -> None:
    """The city and the school have a plan; in the village the council resolves (R-24)."""
    if organisation.name == CITY:
        record_city_plan(organisation, people, agent, POLICE)
    elif organisation.name == SCHOOL:
        record_school_plan(organisation, people, agent)


def _staff() -> tuple[User, User]:
    """The administrator, opened by SYSTEM, then the agent."""
    opener: User | None = None
    users = []
    for given_name, family_name, role, email in STAFF:
        opener = open_staff_account(
            email=email,
            given_name=given_name,
            family_name=family_name,
            role=role,
            password=PASSWORD,
            by=opener or SYSTEM,
        )
        users.append(opener)
        opener = users[0]
    return users[0], users[1]


def _contracts(admin: User) -> Contract:
    """The real numbers; dates within 2015-2025 and the extension are fictitious and say so."""
    record_administering_body(
        name="ITQ",
        full_name="Infrastructures technologiques Québec",
        advisers_email="conseillers@exemple.test",
        approval_email="approbation@exemple.test",
        since=date(2015, 1, 1),
        by=admin,
    )
    set_joining_rule(
        mode=JoiningRule.Mode.BLOCK,
        source="Foire aux questions du contrat 2015-2025, question 7",
        since=date(2015, 1, 1),
        by=admin,
    )
    telus = record_provider(code="telus", name="TELUS", by=admin)
    rogers = record_provider(code="rogers", name="Rogers", by=admin)
    day = today()
    last_day = date(day.year + 2, day.month, min(day.day, 28))
    contract = open_contract(
        title="Services en mobilité cellulaire 2015-2025",
        since=date(2015, 10, 1),
        until=last_day,
        ranks=[Ranked(telus, 1, "999726687"), Ranked(rogers, 2, "999726688")],
        by=admin,
    )
    _phases(contract, last_day, admin)
    past = open_contract(
        title="Ancien contrat fictif 2010-2015",
        since=date(2010, 10, 1),
        until=date(2015, 10, 1),
        ranks=[Ranked(telus, 1, "FICTIF-2010-1"), Ranked(rogers, 2, "FICTIF-2010-2")],
        by=admin,
    )
    _phase(past, ContractPhase.Kind.FIRM, date(2010, 10, 1), date(2015, 10, 1), "", admin)
    return contract


def _phases(contract: Contract, last_day: date, admin: User) -> None:
    """A firm phase, an option, then the fictitious extension that covers today (R-18)."""
    kind = ContractPhase.Kind
    told = "Dates placées pour la démonstration"
    _phase(contract, kind.FIRM, date(2015, 10, 1), date(2020, 10, 1), told, admin)
    _phase(contract, kind.OPTION, date(2020, 10, 1), date(2025, 10, 1), told, admin)
    extension = "Prolongation fictive, ajoutée pour la démonstration"
    _phase(contract, kind.EXTENSION, date(2025, 10, 1), last_day, extension, admin)


def _phase(
    contract: Contract,
    kind: ContractPhase.Kind,
    since: date,
    until: date,
    act_reference: str,
    admin: User,
) -> None:
    add_phase(
        contract=contract,
        kind=kind,
        since=since,
        until=until,
        order_kinds=ORDER_KINDS,
        act_reference=act_reference,
        is_fictitious=True,
        by=admin,
    )


def _organisations(admin: User) -> list[Organisation]:
    """A city with two billing subdivisions, a school service centre, a village in joining."""
    kinds = {
        CITY: Organisation.Kind.MUNICIPALITY,
        SCHOOL: Organisation.Kind.SCHOOL,
        VILLAGE: Organisation.Kind.MUNICIPALITY,
    }
    organisations = [
        create_organisation(
            name=name,
            kind=kind,
            neq=f"88{number:08}",
            population=POPULATIONS[name],
            administrative_region="Abitibi-Témiscamingue",
            payment_system=Organisation.PaymentSystem.OWN,
            payment_reference=f"BC-{number:05}",
            is_fictitious=True,
            by=admin,
        )
        for number, (name, kind) in enumerate(kinds.items(), start=1)
    ]
    for name in (POLICE, WORKS):
        add_subdivision(organisation=organisations[0], name=name, by=admin)
    return organisations


def _people(organisation: Organisation, admin: User) -> dict[Role, User]:
    """ITQ designates the INTRL, who designates everyone else; MANDA confirms the DERO."""
    users: dict[Role, User] = {}
    for persona in (p for p in PERSONAS if p.member == organisation.name):
        by = users.get(Role.INTRL, admin)
        users.setdefault(persona.role, _account(organisation, persona, by))
    if Role.DERO in users:
        _signer(users)
    return users


def _account(organisation: Organisation, persona: Persona, by: User) -> User:
    """Designated, invited, accepted: the journey of every account (F-05)."""
    branch = organisation.branches.get(name=persona.branch)
    person = record_person(
        branch=branch,
        role=persona.role,
        given_name=persona.given_name,
        family_name=persona.family_name,
        function=persona.function,
        email=persona.email,
        by=by,
    )
    respondent = designate(
        branch=branch,
        person=person,
        role=persona.role,
        since=SINCE,
        act_reference="Acte fictif 2024-01",
        by=by,
    )
    invitation = invite(respondent=respondent, email=persona.email, by=by)
    return open_invited_account(invitation=invitation, password=PASSWORD, by=None)


def _signer(users: dict[Role, User]) -> None:
    """A second person confirms the DERO; INTRL attests the identity; a factor is enrolled."""
    dero = users[Role.DERO]
    assert dero.person is not None
    respondent = dero.person.respondents.get()
    confirm_designation(respondent=respondent, by=users[Role.MANDA])
    attest_identity(
        respondent=respondent, method="Pièce d'identité vue (fictif)", by=users[Role.INTRL]
    )
    TOTP.activate(dero, b32encode(dero.email.encode()[:20].ljust(20)).decode())


def _accounts(organisation: Organisation, interlocutor: User, agent: User) -> None:
    """Both providers for the city and the school; the village sees no list of Rogers's (R-17)."""
    telus, rogers = Provider.objects.get(code="telus"), Provider.objects.get(code="rogers")
    if organisation.name == VILLAGE:
        return
    branches = list(organisation.branches.all())
    wanted = [(branch, telus) for branch in branches]
    wanted.append((branches[0], rogers))
    if organisation.name == CITY:
        wanted.append((organisation.branches.get(name=WORKS), rogers))
    for branch, provider in wanted:
        account = record_account(
            branch=branch,
            provider=provider,
            number=f"{provider.pk}{branch.pk:07}",
            opened_on=date(2024, 3, 1),
            by=interlocutor,
        )
        confirm_account(account=account, by=agent)
    name_account_manager(
        branch=branches[0],
        provider=telus,
        name="Camille Fictif",
        email="gestion.telus@exemple.test",
        phone="418 555-0100",
        by=interlocutor,
    )


def _agreement(organisation: Organisation) -> Upload:
    """A one-line fictitious agreement."""
    text = f"%PDF-1.4\n% Entente fictive de {organisation.name}\n%%EOF\n"
    return Upload(text.encode(), "entente-fictive.pdf", "application/pdf")


def _daily_life() -> None:
    """Cost centres, a role that ended, an access to revoke, a message: pages are not empty."""
    users = {user.email: user for user in User.objects.select_related("person")}
    interlocutor = users["intrl.ville@exemple.test"]
    rcell = users["rcell.ville@exemple.test"]
    for branch in Branch.objects.filter(organisation__name__in=(CITY, SCHOOL)):
        keeper = rcell if branch.organisation.name == CITY else users["rcell.css@exemple.test"]
        for code, name in (("100", "Administration"), ("200", "Terrain"), ("300", "Direction")):
            add_cost_centre(branch=branch, code=code, name=name, by=keeper)
    _former_representative(interlocutor, midnight(date(2025, 6, 1)))
    assert rcell.person is not None
    authorise_writing(respondent=rcell.person.respondents.get(), by=interlocutor)
    send_to_itq(
        branch=Branch.objects.get(name=CITY),
        subject="Liste des appareils sans frais",
        body="Bonjour, quand la prochaine liste des appareils sans frais sera-t-elle publiée ?",
        by=rcell,
    )


def _former_representative(interlocutor: User, left_at: datetime) -> None:
    """Someone who left: the register shows the role, the inbox the access to revoke (R-06)."""
    branch = Branch.objects.get(name=CITY)
    person = record_person(
        branch=branch,
        role=Role.RCELL,
        given_name="Normand",
        family_name="Bouchard",
        by=interlocutor,
    )
    respondent = designate(
        branch=branch, person=person, role=Role.RCELL, since=SINCE, by=interlocutor
    )
    record_access(
        branch=branch,
        provider=Provider.objects.get(code="telus"),
        person=person,
        scopes=[ProviderAccess.Scope.ORDER_FORMS, ProviderAccess.Scope.INVENTORY_FULL],
        asked_on=date(2024, 1, 20),
        granted_on=date(2024, 1, 22),
        by=interlocutor,
    )
    end_role(respondent=respondent, by=interlocutor, reason="Départ à la retraite", at=left_at)
