"""Billing accounts at a provider: asked, opened, confirmed, closed; and account managers (R-17)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from members import events
from members.models import AccountManager, Branch, Provider, ProviderAccount
from members.permissions import require
from members.roles import May
from portal.audit import Actor, record
from portal.clock import database_clock
from portal.commands import action
from portal.workflow import locked


@action
def ask_account(
    *, branch: Branch, provider: Provider, asked_on: date, by: Actor
) -> ProviderAccount:
    """« Ouvrir un compte » : INTRL asked the provider for an account of that branch (R-17)."""
    hat = require(by, May.RECORD_ACCOUNT, on=branch)
    waiting = ProviderAccount.objects.filter(branch=branch, provider=provider, number="")
    if waiting.exists():
        raise ValidationError(
            _("Une ouverture est déjà demandée à ce prestataire : inscrivez plutôt son numéro.")
        )
    account = ProviderAccount.objects.create(
        branch=branch, provider=provider, number="", asked_on=asked_on
    )
    record(events.PROVIDER_ACCOUNT_ASKED, by=by, on=account, hat=hat)
    return account


@action
def record_account(
    *, branch: Branch, provider: Provider, number: str, opened_on: date, by: Actor
) -> ProviderAccount:
    """INTRL records an account's number; an opening asked before takes it (D-05).

    ``number`` is the BAN, digits only. ValidationError when it is taken or badly written.
    """
    hat = require(by, May.RECORD_ACCOUNT, on=branch)
    digits = _digits(number)
    asked = ProviderAccount.objects.select_for_update().filter(
        branch=branch, provider=provider, number=""
    )
    account = asked.first() or ProviderAccount(branch=branch, provider=provider)
    if account.asked_on and opened_on < account.asked_on:
        raise ValidationError({"opened_on": _("L'ouverture ne peut précéder la demande.")})
    account.number, account.opened_on = digits, opened_on
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise ValidationError(
            {"number": _("Ce numéro est déjà inscrit pour ce prestataire : vérifiez-le.")}
        ) from error
    record(events.PROVIDER_ACCOUNT_RECORDED, by=by, on=account, hat=hat, number=digits)
    return account


@action
def confirm_account(*, account: ProviderAccount, by: Actor) -> ProviderAccount:
    """ITQ confirms the account: its provider's list and orders open (R-17, D-05)."""
    hat = require(by, May.CONFIRM_ACCOUNT, on=account)
    fresh = locked(account)
    if not fresh.number:
        raise ValidationError(_("Ce compte n'a pas encore de numéro."))
    if fresh.confirmed_at:
        raise ValidationError(_("Ce compte est déjà confirmé."))
    fresh.confirmed_at, fresh.confirmed_by = database_clock(), by  # type: ignore[assignment]
    fresh.save(update_fields=["confirmed_at", "confirmed_by"])
    record(events.PROVIDER_ACCOUNT_CONFIRMED, by=by, on=fresh, hat=hat, number=fresh.number)
    return fresh


@action
def close_account(*, account: ProviderAccount, closed_on: date, by: Actor) -> ProviderAccount:
    """INTRL dates the end of an account; its history stays."""
    hat = require(by, May.RECORD_ACCOUNT, on=account)
    fresh = locked(account)
    if fresh.closed_on:
        raise ValidationError(_("Ce compte est déjà fermé."))
    if fresh.opened_on and closed_on < fresh.opened_on:
        raise ValidationError({"closed_on": _("La fermeture ne peut précéder l'ouverture.")})
    fresh.closed_on = closed_on
    fresh.save(update_fields=["closed_on"])
    record(events.PROVIDER_ACCOUNT_CLOSED, by=by, on=fresh, hat=hat, on_day=closed_on.isoformat())
    return fresh


@action
def name_account_manager(
    *, branch: Branch, provider: Provider, name: str, email: str, phone: str, by: Actor
) -> AccountManager:
    """The provider's account manager from now; the one before ends at that instant (R-06)."""
    hat = require(by, May.RECORD_ACCOUNT, on=branch)
    instant = database_clock()
    held = AccountManager.objects.in_force(instant).select_for_update()
    for before in held.filter(branch=branch, provider=provider):
        before.period = DateTimeTZRange(before.period.lower, instant)
        before.save(update_fields=["period"])
    manager = AccountManager.objects.create(
        branch=branch,
        provider=provider,
        name=name,
        email=email,
        phone=phone,
        period=DateTimeTZRange(instant, None),
    )
    record(events.ACCOUNT_MANAGER_NAMED, by=by, on=manager, hat=hat)
    return manager


def _digits(number: str) -> str:
    """The number without spaces or hyphens; only digits may be left."""
    bare = "".join(number.split()).replace("-", "").replace("\u2011", "")
    if not bare.isascii() or not bare.isdigit():
        raise ValidationError({"number": _("Le numéro de compte s'écrit en chiffres seulement.")})
    return bare
