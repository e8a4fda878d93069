"""What the orders' draws make of a derogation: used up, or with something left again (R-23)."""

from derogations.models import Derogation
from derogations.states import EXHAUST, REPLENISH
from portal.audit import SystemActor
from portal.commands import action
from portal.workflow import advance


@action
def mark_exhausted(*, derogation: Derogation, by: SystemActor) -> Derogation:
    """Its whole quantity is drawn: nothing more rests on it (R-23)."""
    return advance(EXHAUST, on=derogation, by=by)


@action
def mark_replenished(*, derogation: Derogation, by: SystemActor) -> Derogation:
    """A draw was released: what is left may be drawn again (R-23)."""
    return advance(REPLENISH, on=derogation, by=by)
