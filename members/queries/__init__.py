"""The members' reads, each through the gate, one aggregate a file."""

from members.queries.contracts import membership_verdict, rule_on
from members.queries.inbox import inbox_items

__all__ = ["inbox_items", "membership_verdict", "rule_on"]
