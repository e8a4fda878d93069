"""What a person says of a prepared import: published, or refused (D-40, D-42)."""

from billing.models import Import
from members.models import User
from portal.commands import action


@action
def confirm_import(*, bill_import: Import, by: User) -> Import:
    """Publish what waited: its differences, or its blind spots, were seen by ``by`` (D-42)."""
    raise NotImplementedError


@action
def refuse_import(*, bill_import: Import, reason: str, by: User) -> Import:
    """Refuse what waited, with the reason; nothing of it was shown, nothing is left of it."""
    raise NotImplementedError
