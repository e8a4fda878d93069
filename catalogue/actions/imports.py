"""Receive a provider's list, tell every error, then publish it whole or not at all (F-45)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from catalogue import events
from catalogue.differences import compare
from catalogue.imports import SCHEMA, offer_values
from catalogue.models import CatalogueImport, CatalogueVersion, Offer, PlanTier
from catalogue.queries.lists import latest_version
from catalogue.states import CHECK, PUBLISH, REFUSE
from members.models import ContractRank, User
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay
from portal.audit import record
from portal.commands import action
from portal.files import read, store
from portal.models import StoredFile
from portal.tabular import SheetRead, SheetRow, Table, TableRefused, read_table
from portal.workflow import advance, locked

NOT_COMPARED = {"code"}


@action
def upload_list(
    *,
    rank: ContractRank,
    name: str,
    content: bytes,
    content_type: str,
    effective_on: date,
    by: User,
    is_fictitious: bool = False,
) -> CatalogueImport:
    """Dry run of a provider's list: every error at once, or what it would change (F-45, F-21).

    Nothing is offered until it is published. Raises ValidationError on a file that cannot be
    read (X-15, X-16, X-19), on a day before the last version's, and on the file in force.
    """
    hat = require(by, StaffMay.MANAGE_CATALOGUE, on=WHOLE_GROUP)
    base = latest_version(rank)
    _refuse_day(rank, base, effective_on)
    table = _table(content, name)
    file = store(content, name=name, content_type=content_type)
    _refuse_same(base, file)
    received = CatalogueImport.objects.create(
        rank=rank,
        file=file,
        effective_on=effective_on,
        is_fictitious=is_fictitious,
        base=base,
        uploaded_by=by,
    )
    record(events.IMPORT_RECEIVED, by=by, on=received, hat=hat, file=file.sha256)
    return _judge(received, table, by=by, hat=hat)


@action
def publish_list(*, catalogue_import: CatalogueImport, by: User) -> CatalogueVersion:
    """Publish a checked list as a new version, all or nothing; the prices in orders stay (R-18).

    Raises TransitionRefused when it is already published, ValidationError when another version
    appeared since the dry run.
    """
    hat = require(by, StaffMay.MANAGE_CATALOGUE, on=WHOLE_GROUP)
    rank = locked(catalogue_import.rank)
    checked = locked(catalogue_import)
    latest = latest_version(rank)
    if checked.state in PUBLISH.sources and checked.base_id != (latest and latest.pk):
        raise ValidationError(
            _(
                "Une autre version a été publiée depuis cette vérification. Téléversez de nouveau "
                "le fichier pour revoir ce qu'il change."
            )
        )
    version = CatalogueVersion.objects.create(
        rank=rank,
        number=latest.number + 1 if latest else 1,
        effective_on=checked.effective_on,
        file=checked.file,
        published_by=by,
    )
    advance(PUBLISH, on=checked, by=by, hat=hat, version=version)
    _write_offers(version, _rows_again(checked), checked)
    return version


def _refuse_day(rank: ContractRank, base: CatalogueVersion | None, effective_on: date) -> None:
    """A list takes effect within its contract, and never before the one it replaces."""
    if effective_on not in rank.contract.valid:
        raise ValidationError(
            {
                "effective_on": _(
                    "Le contrat n'est pas en vigueur à cette date : choisissez-en une autre."
                )
            }
        )
    if base is not None and effective_on < base.effective_on:
        raise ValidationError(
            {
                "effective_on": _(
                    "La version %(number)s est en vigueur le %(day)s : choisissez cette date ou "
                    "une date plus tardive."
                )
                % {"number": base.number, "day": base.effective_on.isoformat()}
            }
        )


def _table(content: bytes, name: str) -> Table:
    """The file's rows; a refusal becomes a sentence of the form."""
    try:
        return read_table(content, name)
    except TableRefused as error:
        raise ValidationError(str(error)) from error


def _refuse_same(base: CatalogueVersion | None, file: StoredFile) -> None:
    """The file of the last version has nothing to say again."""
    if base is not None and base.file_id == file.pk:
        raise ValidationError(
            _("Ce fichier est déjà publié : c'est la version %(number)s, en vigueur le %(day)s.")
            % {"number": base.number, "day": base.effective_on.isoformat()}
        )


def _judge(received: CatalogueImport, table: Table, *, by: User, hat: str) -> CatalogueImport:
    """Refuse the list with every fault, or keep what it would change."""
    found = SCHEMA.read(table)
    told = {"row_count": len(table.rows), "unknown_headers": found.unknown}
    if found.faults:
        faults = [fault.as_json() for fault in found.faults]
        return advance(REFUSE, on=received, by=by, hat=hat, faults=faults, **told)
    differences = _differences(received.base, found.rows, received.effective_on).as_json()
    return advance(CHECK, on=received, by=by, hat=hat, differences=differences, **told)


def _differences(
    base: CatalogueVersion | None, rows: Iterable[SheetRow], effective_on: date
) -> Any:
    """What the rows change in ``base``, over every column but the code."""
    labels = {c.name: str(c.label) for c in SCHEMA.columns if c.name not in NOT_COMPARED}
    before = [] if base is None else [_facts(offer, base) for offer in _whole(base)]
    after = [_row_facts(row, effective_on) for row in rows]
    return compare(before, after, labels)


def _whole(version: CatalogueVersion) -> Iterable[Offer]:
    return version.offers.prefetch_related("tiers")


def _facts(offer: Offer, version: CatalogueVersion) -> dict[str, Any]:
    """An offer by the columns of a list; a start that is its version's day is no fact."""
    facts = {c.name: getattr(offer, c.name, None) for c in SCHEMA.columns}
    since, end = offer.valid.lower, offer.valid.upper
    facts["kind"] = offer.get_kind_display()
    facts["tier_basis"] = offer.get_tier_basis_display()
    facts["tiers"] = tuple((tier.up_to_gb, tier.monthly_amount) for tier in offer.tiers.all())
    facts["since"] = None if since == version.effective_on else since
    facts["until"] = end and date.fromordinal(end.toordinal() - 1)
    return facts


def _row_facts(row: SheetRow, effective_on: date) -> dict[str, Any]:
    """A row by the same columns, with the words of the same choices."""
    facts = dict(row.values)
    facts["kind"] = str(Offer.Kind(facts["kind"]).label)
    facts["tier_basis"] = (
        str(Offer.TierBasis(facts["tier_basis"]).label) if facts["tier_basis"] else ""
    )
    for name in ("is_zero_cost", "is_subsidised"):
        facts[name] = bool(facts[name])
    if facts["since"] == effective_on:
        facts["since"] = None
    return facts


def _rows_again(checked: CatalogueImport) -> list[SheetRow]:
    """The rows of the stored file, judged once more by today's rules."""
    found: SheetRead = SCHEMA.read(read_table(read(checked.file), checked.file.name))
    if found.faults:
        raise ValidationError(
            _("La liste ne passe plus la vérification : téléversez-la de nouveau.")
        )
    return found.rows


def _write_offers(
    version: CatalogueVersion, rows: list[SheetRow], checked: CatalogueImport
) -> None:
    """Every offer and its tiers, in two statements."""
    offers = []
    for row in rows:
        values = offer_values(row, effective_on=version.effective_on)
        valid = DateRange(values.pop("since"), values.pop("end"))
        offers.append(
            Offer(version=version, valid=valid, is_fictitious=checked.is_fictitious, **values)
        )
    written = Offer.objects.bulk_create(offers)
    PlanTier.objects.bulk_create(
        PlanTier(offer=offer, up_to_gb=bound, monthly_amount=amount)
        for offer, row in zip(written, rows, strict=True)
        for bound, amount in row.values["tiers"]
    )
