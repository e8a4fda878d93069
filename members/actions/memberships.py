"""INTRL files the membership and the MAMH's authorisation, ITQ confirms (R-03, F-09)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from members import events
from members.joining import authorisation_needed, contract_years
from members.models import Contract, Membership, Organisation
from members.permissions import require
from members.queries.contracts import rule_on
from members.roles import May
from portal.audit import Actor, record
from portal.clock import database_clock
from portal.commands import action
from portal.files import store_document
from portal.uploads import Upload
from portal.workflow import locked

Authorisation = Membership.Authorisation


@action
def file_membership(
    *,
    organisation: Organisation,
    contract: Contract,
    agreement: Upload,
    agreement_on: date,
    bound_by: str,
    by: Actor,
    taken_over: bool = False,
) -> Membership:
    """INTRL files the agreement; whether the MAMH must authorise is judged here, once (R-03).

    The membership runs from the agreement's date. ValidationError when one is already filed.
    """
    hat = require(by, May.FILE_MEMBERSHIP, on=organisation)
    needed = _authorisation_needed(organisation, contract, agreement_on)
    kept = store_document(agreement)
    membership = _inserted(
        Membership(
            organisation=organisation,
            branch=organisation.branches.get(is_root=True),
            contract=contract,
            valid=DateRange(agreement_on, None),
            agreement=kept,
            agreement_on=agreement_on,
            bound_by=bound_by,
            authorisation=Authorisation.REQUIRED if needed else Authorisation.NOT_REQUIRED,
            authorisation_reason="" if needed else _("La règle ne vise pas cet organisme."),
            taken_over=taken_over,
        )
    )
    record(events.MEMBERSHIP_FILED, by=by, on=membership, hat=hat, sha256=kept.sha256)
    return membership


@action
def file_authorisation(
    *,
    membership: Membership,
    document: Upload,
    reference: str,
    resolution: str,
    authorised_on: date,
    by: Actor,
) -> Membership:
    """INTRL files the MAMH's authorisation: reference, resolution, date, file (R-03)."""
    hat = require(by, May.FILE_MEMBERSHIP, on=membership)
    fresh = locked(membership)
    if fresh.authorisation not in (Authorisation.REQUIRED, Authorisation.FILED):
        raise ValidationError(_("Aucune autorisation n'est attendue pour cette adhésion."))
    fresh.authorisation = Authorisation.FILED
    fresh.authorisation_reference, fresh.authorisation_resolution = reference, resolution
    fresh.authorisation_on = authorised_on
    fresh.authorisation_file = store_document(document)
    fresh.save()
    record(events.AUTHORISATION_FILED, by=by, on=fresh, hat=hat, reference=reference)
    return fresh


@action
def confirm_membership(*, membership: Membership, by: Actor) -> Membership:
    """ITQ confirms the agreement on file; nothing else missing, the organisation is a member."""
    hat = require(by, May.CONFIRM_MEMBERSHIP, on=membership)
    fresh = locked(membership)
    if fresh.confirmed_at:
        raise ValidationError(_("Cette adhésion est déjà confirmée."))
    fresh.confirmed_at, fresh.confirmed_by = database_clock(), by  # type: ignore[assignment]
    fresh.save(update_fields=["confirmed_at", "confirmed_by"])
    _activate(fresh)
    record(events.MEMBERSHIP_CONFIRMED, by=by, on=fresh, hat=hat)
    return fresh


@action
def confirm_authorisation(*, membership: Membership, by: Actor) -> Membership:
    """ITQ confirms the MAMH's authorisation that INTRL filed (R-03)."""
    hat = require(by, May.CONFIRM_MEMBERSHIP, on=membership)
    fresh = locked(membership)
    if fresh.authorisation != Authorisation.FILED:
        raise ValidationError(_("Aucune autorisation déposée n'attend de confirmation."))
    fresh.authorisation = Authorisation.OBTAINED
    fresh.save(update_fields=["authorisation"])
    _activate(fresh)
    record(events.AUTHORISATION_CONFIRMED, by=by, on=fresh, hat=hat)
    return fresh


@action
def waive_authorisation(*, membership: Membership, reason: str, by: Actor) -> Membership:
    """ITQ marks the authorisation as not required, with a reason (R-03)."""
    hat = require(by, May.CONFIRM_MEMBERSHIP, on=membership)
    fresh = locked(membership)
    if fresh.authorisation in (Authorisation.OBTAINED, Authorisation.NOT_REQUIRED):
        raise ValidationError(_("Aucune autorisation n'est attendue pour cette adhésion."))
    fresh.authorisation, fresh.authorisation_reason = Authorisation.NOT_REQUIRED, reason
    fresh.save(update_fields=["authorisation", "authorisation_reason"])
    _activate(fresh)
    record(events.AUTHORISATION_WAIVED, by=by, on=fresh, hat=hat, reason=reason)
    return fresh


def _authorisation_needed(organisation: Organisation, contract: Contract, day: date) -> bool:
    """The rule in force on the day of joining, over the organisation as it is known (R-03)."""
    return authorisation_needed(
        is_municipality=organisation.kind == Organisation.Kind.MUNICIPALITY,
        population=organisation.population,
        years=contract_years(contract.valid.lower, contract.valid.upper),
        rule=rule_on(day),
    )


def _inserted(membership: Membership) -> Membership:
    """One membership per contract at a time."""
    try:
        with transaction.atomic():
            membership.save()
    except IntegrityError as error:
        raise ValidationError(_("L'adhésion à ce contrat est déjà au dossier.")) from error
    return membership


def _activate(membership: Membership) -> None:
    """An organisation in joining becomes a member once a membership lacks nothing (R-03)."""
    settled = membership.authorisation in (Authorisation.OBTAINED, Authorisation.NOT_REQUIRED)
    if membership.confirmed_at is None or not settled:
        return
    Organisation.objects.filter(
        pk=membership.organisation_id, status=Organisation.Status.JOINING
    ).update(status=Organisation.Status.ACTIVE)
