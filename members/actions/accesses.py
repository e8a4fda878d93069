"""The register of accesses to each provider's own portal, and their revocation (R-06, F-90)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from members import events
from members.models import Branch, Person, Provider, ProviderAccess, Respondent, User
from members.permissions import can, require
from members.roles import May
from portal.audit import Actor, record
from portal.clock import day_of
from portal.commands import action
from portal.workflow import locked


@action
def record_access(
    *,
    branch: Branch,
    provider: Provider,
    person: Person,
    scopes: Sequence[str],
    asked_on: date,
    by: User,
    account_name: str = "",
    granted_on: date | None = None,
) -> ProviderAccess:
    """INTRL records anyone's access, RCELL their own: asked, then granted (R-06)."""
    hat = _require_keeping(branch, person.pk, by)
    if granted_on and granted_on < asked_on:
        raise ValidationError({"granted_on": _("L'accord ne peut précéder la demande.")})
    access = ProviderAccess.objects.create(
        branch=branch,
        provider=provider,
        person=person,
        account_name=account_name,
        scopes=sorted(scopes),
        asked_on=asked_on,
        granted_on=granted_on,
    )
    record(events.ACCESS_RECORDED, by=by, on=access, hat=hat, scopes=sorted(scopes))
    return access


@action
def grant_access(*, access: ProviderAccess, granted_on: date, by: User) -> ProviderAccess:
    """Date the day on which the provider opened the access."""
    hat = _require_keeping(access.branch, access.person_id, by)
    fresh = locked(access)
    if fresh.granted_on or fresh.revoked_on:
        raise ValidationError(_("Cet accès a déjà été accordé ou retiré."))
    if granted_on < fresh.asked_on:
        raise ValidationError({"granted_on": _("L'accord ne peut précéder la demande.")})
    fresh.granted_on = granted_on
    fresh.save(update_fields=["granted_on"])
    record(events.ACCESS_GRANTED, by=by, on=fresh, hat=hat, on_day=granted_on.isoformat())
    return fresh


@action
def revoke_access(*, access: ProviderAccess, revoked_on: date, by: User) -> ProviderAccess:
    """Date the day on which the provider closed the access: it leaves INTRL's inbox (R-06)."""
    hat = _require_keeping(access.branch, access.person_id, by)
    fresh = locked(access)
    if fresh.revoked_on:
        raise ValidationError(_("Cet accès est déjà retiré."))
    if revoked_on < fresh.asked_on:
        raise ValidationError({"revoked_on": _("Le retrait ne peut précéder la demande.")})
    fresh.revoked_on = revoked_on
    fresh.revocation_asked_on = fresh.revocation_asked_on or revoked_on
    fresh.save(update_fields=["revoked_on", "revocation_asked_on"])
    record(events.ACCESS_REVOKED, by=by, on=fresh, hat=hat, on_day=revoked_on.isoformat())
    return fresh


@action
def keep_access(*, access: ProviderAccess, reason: str, by: User) -> ProviderAccess:
    """INTRL keeps the access of someone who still holds a role there (R-06)."""
    hat = require(by, May.KEEP_ACCESSES, on=access)
    fresh = locked(access)
    if fresh.revocation_asked_on is None or fresh.revoked_on:
        raise ValidationError(_("Aucun retrait n'est à demander pour cet accès."))
    roles = Respondent.objects.effective().filter(
        person=fresh.person_id, branch__organisation=fresh.branch.organisation_id
    )
    if not roles.exists():
        raise ValidationError(
            _("Cette personne n'a plus de rôle dans l'organisme : l'accès doit être retiré.")
        )
    fresh.revocation_asked_on = None
    fresh.save(update_fields=["revocation_asked_on"])
    record(events.ACCESS_KEPT, by=by, on=fresh, hat=hat, reason=reason)
    return fresh


def open_revocations(*, person: Person, branch: Branch, at: datetime, by: Actor, hat: str) -> None:
    """A role ends: each access of the person on that branch is to be revoked (R-06).

    A root's end reaches the accesses recorded on its subdivisions.
    """
    rows = ProviderAccess.objects.select_for_update(of=("self",)).filter(
        person=person, revoked_on__isnull=True, revocation_asked_on__isnull=True
    )
    reach = (
        {"branch__organisation": branch.organisation_id} if branch.is_root else {"branch": branch}
    )
    for row in rows.filter(**reach):
        row.revocation_asked_on = day_of(at)
        row.save(update_fields=["revocation_asked_on"])
        record(events.ACCESS_REVOCATION_ASKED, by=by, on=row, hat=hat)


def _require_keeping(branch: Branch, person_id: int, by: User) -> str:
    """INTRL keeps the whole register, RCELL their own rows."""
    if by.person_id == person_id and not can(by, May.KEEP_ACCESSES, on=branch):
        return require(by, May.KEEP_OWN_ACCESS, on=branch)
    return require(by, May.KEEP_ACCESSES, on=branch)
