"""RCELL keeps the cost centres of a branch: add, rename, retire, restore (D-05, F-01)."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from members import events
from members.models import Branch, CostCentre
from members.permissions import require
from members.roles import May
from portal.audit import Actor, record
from portal.commands import action
from portal.workflow import locked


@action
def add_cost_centre(*, branch: Branch, code: str, name: str, by: Actor) -> CostCentre:
    """A code is used once in a branch, even after it was retired."""
    hat = require(by, May.KEEP_COST_CENTRES, on=branch)
    centre = _saved(CostCentre(branch=branch, code=code, name=name))
    record(events.COST_CENTRE_ADDED, by=by, on=centre, hat=hat, code=code, name=name)
    return centre


@action
def rename_cost_centre(*, centre: CostCentre, code: str, name: str, by: Actor) -> CostCentre:
    """Change its code or name; lines keep the link."""
    hat = require(by, May.KEEP_COST_CENTRES, on=centre)
    fresh = locked(centre)
    before = {"code": fresh.code, "name": fresh.name}
    fresh.code, fresh.name = code, name
    _saved(fresh)
    record(
        events.COST_CENTRE_RENAMED,
        by=by,
        on=fresh,
        hat=hat,
        before=before,
        after={"code": code, "name": name},
    )
    return fresh


@action
def retire_cost_centre(*, centre: CostCentre, by: Actor) -> CostCentre:
    """A retired centre is offered no more; lines that carry it keep it."""
    hat = require(by, May.KEEP_COST_CENTRES, on=centre)
    fresh = locked(centre)
    fresh.is_active = False
    fresh.save(update_fields=["is_active"])
    record(events.COST_CENTRE_RETIRED, by=by, on=fresh, hat=hat)
    return fresh


@action
def restore_cost_centre(*, centre: CostCentre, by: Actor) -> CostCentre:
    """Offer a retired centre again."""
    hat = require(by, May.KEEP_COST_CENTRES, on=centre)
    fresh = locked(centre)
    fresh.is_active = True
    fresh.save(update_fields=["is_active"])
    record(events.COST_CENTRE_RESTORED, by=by, on=fresh, hat=hat)
    return fresh


def _saved(centre: CostCentre) -> CostCentre:
    """Save under the unique code of the branch."""
    try:
        with transaction.atomic():
            centre.save()
    except IntegrityError as error:
        raise ValidationError(
            {"code": _("Ce code est déjà pris dans cette subdivision : choisissez-en un autre.")}
        ) from error
    return centre
