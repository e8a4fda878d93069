"""How the console names a column and writes a value, in French, from the model alone."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.backends.postgresql.psycopg_any import Range
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.templatetags.portal import NARROW, day, instant, money

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FIELD_NAMES: dict[str, "StrOrPromise"] = {
    "code": gettext_lazy("code"),
    "mode": gettext_lazy("mode"),
    "name": gettext_lazy("nom"),
    "period": gettext_lazy("période"),
    "population": gettext_lazy("population"),
    "source": gettext_lazy("source"),
    "last_login": gettext_lazy("dernière connexion"),
    "organisation": gettext_lazy("organisme"),
    "branch": gettext_lazy("subdivision"),
    "is_root": gettext_lazy("organisme entier"),
    "slug": gettext_lazy("nom dans l'adresse"),
    "is_fictitious": gettext_lazy("fictif"),
    "is_active": gettext_lazy("actif"),
    "person": gettext_lazy("personne"),
    "account": gettext_lazy("compte"),
    "role": gettext_lazy("rôle"),
    "direction": gettext_lazy("sens"),
    "in_reply_to": gettext_lazy("en réponse à"),
    "state": gettext_lazy("état"),
    "contract": gettext_lazy("contrat"),
    "provider": gettext_lazy("prestataire"),
    "rank": gettext_lazy("contrat et rang"),
    "version": gettext_lazy("version"),
    "base": gettext_lazy("version comparée"),
    "file": gettext_lazy("fichier"),
    "act_file": gettext_lazy("acte au dossier"),
    "agreement": gettext_lazy("entente au dossier"),
    "authorisation_file": gettext_lazy("autorisation au dossier"),
    "respondent": gettext_lazy("répondant"),
    "identity_method": gettext_lazy("manière d'attester l'identité"),
    "order": gettext_lazy("commande"),
    "order_line": gettext_lazy("ligne de commande"),
    "service_line": gettext_lazy("ligne en service"),
    "position": gettext_lazy("rang dans la commande"),
    "holder": gettext_lazy("détenteur"),
    "cost_centre": gettext_lazy("centre de coûts"),
    "address": gettext_lazy("adresse de livraison"),
    "device": gettext_lazy("appareil"),
    "plan": gettext_lazy("forfait"),
    "accessory": gettext_lazy("accessoire"),
    "sheet": gettext_lazy("bon de commande"),
    "one_off_amount": gettext_lazy("montant unique"),
    "one_off_tps_amount": gettext_lazy("TPS sur le montant unique"),
    "one_off_tvq_amount": gettext_lazy("TVQ sur le montant unique"),
    "monthly_amount": gettext_lazy("montant par mois"),
    "monthly_tps_amount": gettext_lazy("TPS par mois"),
    "monthly_tvq_amount": gettext_lazy("TVQ par mois"),
    "attestation_version": gettext_lazy("version de l'attestation"),
    "message_id": gettext_lazy("identifiant du courriel"),
    "task_name": gettext_lazy("tâche"),
    "attempts": gettext_lazy("essais"),
    "last_error": gettext_lazy("dernière erreur"),
    "content_type": gettext_lazy("type de contenu"),
    "size": gettext_lazy("taille (octets)"),
    "sha256": gettext_lazy("empreinte sha256"),
    "actor_label": gettext_lazy("qui"),
    "hat": gettext_lazy("à titre de"),
    "object_type": gettext_lazy("genre d'objet"),
    "object_id": gettext_lazy("numéro interne de l'objet"),
    "object_label": gettext_lazy("objet"),
    "data": gettext_lazy("données"),
    "revoked_reason": gettext_lazy("motif du retrait"),
    "recorded_at": gettext_lazy("inscrit le"),
    "recorded_by": gettext_lazy("inscrit par"),
    "created_at": gettext_lazy("ouvert le"),
    "created_by": gettext_lazy("ouvert par"),
    "submitted_by": gettext_lazy("soumise par"),
    "confirmed_at": gettext_lazy("confirmé le"),
    "confirmed_by": gettext_lazy("confirmé par"),
    "removed_by": gettext_lazy("retrait demandé par"),
    "ended_at": gettext_lazy("fin inscrite le"),
    "ended_by": gettext_lazy("fin inscrite par"),
    "retracted_at": gettext_lazy("annulé le"),
    "retracted_by": gettext_lazy("annulé par"),
    "invited_at": gettext_lazy("invité le"),
    "invited_by": gettext_lazy("invité par"),
    "accepted_at": gettext_lazy("accepté le"),
    "accepted_by": gettext_lazy("accepté par"),
    "revoked_at": gettext_lazy("retiré le"),
    "expires_at": gettext_lazy("expire le"),
    "filed_at": gettext_lazy("déposé le"),
    "sent_at": gettext_lazy("envoyé le"),
    "sent_by": gettext_lazy("envoyé par"),
    "handled_at": gettext_lazy("traité le"),
    "handled_by": gettext_lazy("traité par"),
    "copy_seen_at": gettext_lazy("copie vue le"),
    "copy_seen_by": gettext_lazy("copie vue par"),
    "asked_at": gettext_lazy("demandé le"),
    "asked_by": gettext_lazy("demandé par"),
    "answered_at": gettext_lazy("répondu le"),
    "answered_by": gettext_lazy("répondu par"),
    "read_at": gettext_lazy("réponse lue le"),
    "completed_at": gettext_lazy("achevé le"),
    "completed_by": gettext_lazy("achevé par"),
    "authorised_at": gettext_lazy("autorisé le"),
    "authorised_by": gettext_lazy("autorisé par"),
    "identity_attested_at": gettext_lazy("identité attestée le"),
    "identity_attested_by": gettext_lazy("identité attestée par"),
    "published_at": gettext_lazy("publiée le"),
    "published_by": gettext_lazy("publiée par"),
    "uploaded_at": gettext_lazy("reçu le"),
    "uploaded_by": gettext_lazy("déposé par"),
    "applied_at": gettext_lazy("repris le"),
    "applied_by": gettext_lazy("repris par"),
    "retired_at": gettext_lazy("retirée le"),
    "started_at": gettext_lazy("commencée le"),
    "stored_at": gettext_lazy("conservé le"),
    "due_at": gettext_lazy("dû le"),
    "done_at": gettext_lazy("accomplie le"),
    "dead_at": gettext_lazy("abandonnée le"),
    "leased_until": gettext_lazy("tenue par un travailleur jusqu'au"),
    "origin": gettext_lazy("origine"),
    "any_of": gettext_lazy("preuves, dont une suffit"),
    "refused_at": gettext_lazy("refusée le"),
    "working_days": gettext_lazy("après (jours ouvrables)"),
    "signed_at": gettext_lazy("signée le"),
    "derogation": gettext_lazy("dérogation"),
    "requester": gettext_lazy("demandeur"),
    "last_editor": gettext_lazy("dernier à modifier"),
    "edited_at": gettext_lazy("modifiée le"),
    "added_at": gettext_lazy("jointe le"),
    "added_by": gettext_lazy("jointe par"),
    "removed_at": gettext_lazy("retirée le"),
    "number": gettext_lazy("numéro"),
    "content_sha256": gettext_lazy("empreinte du texte"),
    "pdf_sha256": gettext_lazy("empreinte du document"),
    "pdf": gettext_lazy("document figé"),
    "steps": gettext_lazy("signatures par étape"),
    "total_amount": gettext_lazy("montant engagé"),
    "submitted_at": gettext_lazy("soumise le"),
    "voided_at": gettext_lazy("annulée le"),
    "void_reason": gettext_lazy("motif d'annulation"),
    "capacity": gettext_lazy("à titre de"),
    "acting_for": gettext_lazy("pour"),
    "level": gettext_lazy("niveau de la signature"),
    "step": gettext_lazy("étape"),
    "slot": gettext_lazy("place"),
    "kinds": gettext_lazy("genres"),
    "user": gettext_lazy("compte"),
    "delegation": gettext_lazy("ligne du plan"),
    "declaration_version": gettext_lazy("version de la déclaration"),
    "together_reason": gettext_lazy("motif du cumul"),
    "offer": gettext_lazy("article"),
    "recorded": gettext_lazy("au dossier"),
    "replaces": gettext_lazy("remplace"),
    "kind": gettext_lazy("genre"),
    "substitute": gettext_lazy("substitut"),
    "quantity": gettext_lazy("quantité"),
    "drawn_at": gettext_lazy("prise le"),
    "signature": gettext_lazy("signature"),
    "scan": gettext_lazy("document numérisé"),
    "attached_at": gettext_lazy("jointe le"),
    "attached_by": gettext_lazy("jointe par"),
    "confirmed_again_at": gettext_lazy("confirmée de nouveau le"),
    "confirmed_again_by": gettext_lazy("confirmée de nouveau par"),
    "withdrawn_at": gettext_lazy("retirée le"),
    "sealed_at": gettext_lazy("scellée le"),
    "evidence": gettext_lazy("dossier de preuve"),
    "journal_position": gettext_lazy("position au journal"),
    "act": gettext_lazy("acte"),
    "consumed_at": gettext_lazy("utilisé le"),
    "interim": gettext_lazy("intérim"),
    "absence": gettext_lazy("absence"),
    "stamped_at": gettext_lazy("horodaté le"),
    "good_until": gettext_lazy("certificat valable jusqu'au"),
    "hashes": gettext_lazy("empreintes du registre"),
    "stamp": gettext_lazy("horodatage"),
    "flagged_at": gettext_lazy("signalée le"),
    "closed_at": gettext_lazy("close le"),
    "closed_by": gettext_lazy("close par"),
    "own_delegation": gettext_lazy("ligne du substitut"),
}
"""The columns that a model leaves unnamed because no form asks for them: one name, one meaning."""

STATES = {"state", "status", "outcome"}
"""Columns whose codes have their tone in ``components.css``."""


def is_named(field: Any) -> bool:
    """Whether a field has a French name: its model's own, or one of ``FIELD_NAMES``."""
    return field.name in FIELD_NAMES or _own_name(field) is not None


def field_label(field: Any) -> str:
    """The French name of a field, with a capital."""
    own = _own_name(field)
    name = str(own if own is not None else FIELD_NAMES.get(field.name, field.name))
    return name[:1].upper() + name[1:]


def plain(value: Any, field: Any = None) -> object:
    """A value as an export carries it: numbers, days and instants stay what they are."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, int | Decimal | datetime | date) and not _choices(field):
        return value
    if isinstance(value, Range):
        return _period(value)
    if isinstance(value, list):
        return ", ".join(str(plain(item, getattr(field, "base_field", None))) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(_choices(field).get(value, value))


def shown(value: Any, field: Any = None) -> SafeString | str:
    """A value as a page writes it; nothing for nothing."""
    if isinstance(value, SafeString):
        return value
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal) and field is not None and field.name.endswith("_amount"):
        return money(value)
    if isinstance(field, models.PositiveIntegerField | models.PositiveBigIntegerField):
        return "" if value is None else f"{value:,}".replace(",", NARROW)
    if value and field is not None and field.name in STATES:
        return format_html('<span class="badge badge--{}">{}</span>', value, plain(value, field))
    return str(plain(value, field))


def is_numeric(field: Any) -> bool:
    """Whether a column of the field is aligned on its digits."""
    numbers = (models.DecimalField, models.IntegerField, models.PositiveIntegerField)
    return isinstance(field, numbers) and not field.choices


def _own_name(field: Any) -> "StrOrPromise | None":
    """The name that the model gives; Django makes one up from the identifier otherwise."""
    name: StrOrPromise = field.verbose_name
    return None if str(name) == field.name.replace("_", " ") else name


def _choices(field: Any) -> dict[Any, Any]:
    choices: Sequence[Any] | None = getattr(field, "choices", None)
    if choices is None or isinstance(field, ArrayField):
        return {}
    return dict(field.flatchoices)


def _period(period: Range[Any]) -> str:
    """``2026-01-01 → 2027-01-01``, the end excluded; an open end says so."""
    since = _bound(period.lower) or _("toujours")
    return f"{since} → {_bound(period.upper) or _('sans fin')}"


def _bound(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        midnight = not (local.hour or local.minute)
        return f"{local:%Y-%m-%d}" if midnight else f"{local:%Y-%m-%d %H:%M}"
    return value.isoformat() if value else ""
