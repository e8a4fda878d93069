"""The console over members, one aggregate a file."""

from members.admin import agreements, exchanges, organisations, people, plans

__all__ = ["agreements", "exchanges", "organisations", "people", "plans"]
