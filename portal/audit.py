"""The one door to the journal: declare an event, record it, name its actor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.db import models
from django.utils.translation import gettext as _

from portal.models import AuditEvent

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EVENTS: dict[str, "Event"] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """An audit code ``noun.past_participle`` with its French label; declared once."""

    code: str
    label: "StrOrPromise"

    def __post_init__(self) -> None:
        if self.code in EVENTS:
            raise ValueError(f"event declared twice: {self.code}")
        EVENTS[self.code] = self


class Actor(Protocol):
    """Whoever acts: a user, or SYSTEM finishing a committed act (D-03)."""

    @property
    def pk(self) -> Any: ...

    @property
    def audit_label(self) -> str: ...


@dataclass(frozen=True, slots=True)
class SystemActor:
    """The named actor of tasks that finish a committed act (D-03)."""

    pk: None = None
    audit_label: str = "SYSTEM"


SYSTEM = SystemActor()


def record(
    event: Event,
    *,
    by: Actor,
    on: models.Model,
    hat: str = "",
    branch_id: int | None = None,
    **data: object,
) -> AuditEvent:
    """Write one event; ``on`` is the object, ``hat`` the role worn, ``data`` plain JSON values.

    ``branch_id`` is taken from ``on.branch_id`` when not given.
    """
    if branch_id is None:
        branch_id = getattr(on, "branch_id", None)
    return AuditEvent.objects.create(
        code=event.code,
        actor_id=by.pk,
        actor_label=by.audit_label,
        hat=hat,
        branch_id=branch_id,
        object_type=on._meta.label_lower,
        object_id=on.pk,
        object_label=str(on)[:200],
        data=data,
    )


def actor_label(event: AuditEvent) -> str:
    """Who acted, for a page: SYSTEM is the portal itself."""
    return _("Le portail") if event.actor_label == SYSTEM.audit_label else event.actor_label


def event_label(event: AuditEvent) -> str:
    """The French label of a recorded code."""
    known = EVENTS.get(event.code)
    return str(known.label) if known else event.code
