"""The members' tables, one aggregate a file."""

from members.grants import BranchGrant, BranchGroupGrant
from members.models.accesses import AccountManager, ProviderAccess, ProviderAccount
from members.models.contracts import (
    AdministeringBody,
    Contract,
    ContractPhase,
    ContractRank,
    JoiningRule,
    Membership,
    Provider,
)
from members.models.delegations import (
    Absence,
    Delegation,
    DelegationPlan,
    Interim,
    SigningRule,
)
from members.models.exchanges import ItqMessage, StandingAuthorisation
from members.models.factors import FactorReset
from members.models.mandates import BillingMandate
from members.models.organisations import Branch, CostCentre, Organisation
from members.models.people import Person, StaffAppointment, User
from members.models.respondents import Invitation, Respondent

__all__ = [
    "Absence",
    "AccountManager",
    "AdministeringBody",
    "BillingMandate",
    "Branch",
    "BranchGrant",
    "BranchGroupGrant",
    "Contract",
    "ContractPhase",
    "ContractRank",
    "CostCentre",
    "Delegation",
    "DelegationPlan",
    "FactorReset",
    "Interim",
    "Invitation",
    "ItqMessage",
    "JoiningRule",
    "Membership",
    "Organisation",
    "Person",
    "Provider",
    "ProviderAccess",
    "ProviderAccount",
    "Respondent",
    "SigningRule",
    "StaffAppointment",
    "StandingAuthorisation",
    "User",
]
