"""The few rows that everything hangs on, made through the actions: staff, contract, catalogue."""

from datetime import date, timedelta

from allauth.mfa.totp.internal.auth import TOTP

from catalogue import demonstration as catalogue
from members.actions.contracts import (
    Ranked,
    add_phase,
    open_contract,
    record_administering_body,
    record_provider,
    set_joining_rule,
)
from members.actions.staff import open_staff_account
from members.models import Contract, ContractPhase, JoiningRule, User
from members.roles import StaffRole
from orders.actions.dispatch_modes import set_dispatch_mode
from orders.kinds import OrderKind, SendingMode
from portal.audit import SYSTEM
from portal.clock import today

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
BEGAN = date(2015, 10, 1)


def lay_ground() -> Contract:
    """ITQ's staff, the contract with both providers, their lists, the ways of sending."""
    admin = _staff("admin.itq@exemple.test", StaffRole.ADMIN, None)
    _staff("agent.itq@exemple.test", StaffRole.AGENT, admin)
    contract = _contract(admin)
    catalogue.load()
    modes = (SendingMode.EMAIL, SendingMode.PROVIDER_PORTAL)
    for rank, mode in zip(contract.ranks.select_related("provider"), modes, strict=True):
        email = f"commandes.{rank.provider.code}@exemple.test"
        set_dispatch_mode(provider=rank.provider, mode=mode, email=email, since=BEGAN, by=admin)
    return contract


def _staff(email: str, role: StaffRole, by: User | None) -> User:
    """An account of ITQ with its second factor."""
    user = open_staff_account(
        email=email, given_name="Camille", family_name=role.name.title(), role=role, by=by or SYSTEM
    )
    TOTP.activate(user, TOTP_SECRET)
    return user


def _contract(admin: User) -> Contract:
    """The contract, its phases, and the rule of joining, all fictitious but the numbers."""
    record_administering_body(
        name="ITQ",
        full_name="Infrastructures technologiques Québec",
        advisers_email="conseillers@exemple.test",
        approval_email="approbation@exemple.test",
        since=BEGAN,
        by=admin,
    )
    mode = JoiningRule.Mode.BLOCK
    set_joining_rule(mode=mode, source="Contrat fictif", since=BEGAN, by=admin)
    telus = record_provider(code="telus", name="TELUS", by=admin)
    rogers = record_provider(code="rogers", name="Rogers", by=admin)
    ends = today() + timedelta(days=700)
    contract = open_contract(
        title="Services en mobilité cellulaire",
        since=BEGAN,
        until=ends,
        ranks=[Ranked(telus, 1, "999726687"), Ranked(rogers, 2, "999726688")],
        by=admin,
    )
    for kind, since, until in (
        (ContractPhase.Kind.FIRM, BEGAN, date(2025, 10, 1)),
        (ContractPhase.Kind.EXTENSION, date(2025, 10, 1), ends),
    ):
        add_phase(
            contract=contract,
            kind=kind,
            since=since,
            until=until,
            order_kinds=OrderKind.values,
            act_reference="Acte fictif",
            is_fictitious=True,
            by=admin,
        )
    return contract
