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
from members.models.exchanges import ItqMessage, StandingAuthorisation
from members.models.factors import FactorReset
from members.models.organisations import Branch, CostCentre, Organisation
from members.models.people import Person, StaffAppointment, User
from members.models.respondents import Invitation, Respondent

__all__ = [
    "AccountManager",
    "AdministeringBody",
    "Branch",
    "BranchGrant",
    "BranchGroupGrant",
    "Contract",
    "ContractPhase",
    "ContractRank",
    "CostCentre",
    "FactorReset",
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
    "StaffAppointment",
    "StandingAuthorisation",
    "User",
]
