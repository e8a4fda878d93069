"""The only writer of a state: a table of transitions, and ``advance()`` that obeys it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.translation import gettext as _

from portal.audit import Actor, Event, record

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of an app's ``states.py``.

    ``permission`` is None when only SYSTEM or another action may take it.
    """

    name: str
    label: "StrOrPromise"
    sources: tuple[str, ...]
    target: str
    permission: str | None
    event: Event


class TransitionRefused(Exception):
    """The object is not in a state from which this transition starts."""

    def __init__(self, transition: Transition, obj: models.Model) -> None:
        state = obj.get_state_display()  # type: ignore[attr-defined]
        super().__init__(
            _("« %(act)s » n'est plus possible : l'état est maintenant « %(state)s ».")
            % {"act": transition.label, "state": state}
        )
        self.transition = transition


def locked(obj: M) -> M:
    """Return the row of ``obj`` read again under FOR UPDATE, inside the caller's transaction."""
    manager: models.Manager[Any] = type(obj)._base_manager
    fresh: M = manager.select_for_update(of=("self",)).get(pk=obj.pk)
    return fresh


def advance(transition: Transition, *, on: M, by: Actor, hat: str = "", **data: object) -> M:
    """Lock the row, check its state, write the new one and its event; return the fresh row.

    ``data`` whose names are fields of the model are written with the state and go with it.
    Raises TransitionRefused when the row is in no source state.
    """
    if not isinstance(transition, Transition):
        raise ImproperlyConfigured("advance() takes a Transition")
    fresh = locked(on)
    if fresh.state not in transition.sources:  # type: ignore[attr-defined]
        raise TransitionRefused(transition, fresh)
    before = fresh.state  # type: ignore[attr-defined]
    fresh.state = transition.target  # type: ignore[attr-defined]
    fields = {field.name for field in fresh._meta.concrete_fields}
    written = {name: value for name, value in data.items() if name in fields}
    for name, value in written.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=["state", *written])
    told = {name: value for name, value in data.items() if name not in fields}
    told |= {"before": before, "after": transition.target}
    record(transition.event, by=by, on=fresh, hat=hat, **told)  # type: ignore[arg-type]
    return fresh


def open_transitions(table: tuple[Transition, ...], obj: models.Model) -> list[Transition]:
    """The rows of ``table`` that start from the object's state: what buttons are drawn from."""
    return [row for row in table if obj.state in row.sources]  # type: ignore[attr-defined]
