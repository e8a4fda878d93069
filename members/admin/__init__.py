"""The console over members, one aggregate a file."""

from members.admin import agreements, exchanges, organisations, people

__all__ = ["agreements", "exchanges", "organisations", "people"]
