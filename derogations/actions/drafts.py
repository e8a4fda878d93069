"""Write a request before it is submitted: open it, fill its parts, its places and its lines."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalogue.models import Offer
from derogations import events
from derogations.completeness import PLACES, SERVICE_NUMBERS
from derogations.freezing import field_names
from derogations.models import CoverageTest, Derogation, Head, Place
from derogations.queries.requests import EDITABLE_STATES, open_comments, open_fields
from derogations.reading import label_of
from members.models import Branch, Contract, Provider, User
from members.permissions import require
from members.powers import DerogationKind
from members.roles import May
from portal.audit import record
from portal.clock import database_clock, today
from portal.commands import action
from portal.numbers import next_number
from portal.workflow import locked

MAX_PLACES = 50
MAX_NUMBERS = 500


@action
def open_request(
    *,
    branch: Branch,
    provider: Provider,
    contract: Contract,
    kinds: Collection[str],
    by: User,
    offer: Offer | None = None,
    quantity: int = 1,
    service_numbers: Sequence[str] = (),
    **values: Any,
) -> Derogation:
    """Open a draft of one request for all its kinds (R-20), filled with what is known (F-22, F-28).

    ``values`` are fields of the request. The offer gives the costs, the device and, by its
    commitment, the end (R-23). Without an offer it is a request by need (R-17).
    """
    hat = require(by, May.ASK_DEROGATION, on=branch)
    if not kinds:
        raise ValidationError({"kinds": _("Choisissez au moins un genre de dérogation.")})
    assert by.person is not None  # an account without a person has no role
    derogation = Derogation.objects.create(
        number=next_number("D"),
        branch=branch,
        provider=provider,
        contract=contract,
        offer=offer,
        quantity=quantity,
        service_numbers=list(service_numbers),
        created_by=by,
        requester=by.person,
        last_editor=by.person,
        **{**_from_offer(offer), **values},
    )
    Head.objects.bulk_create(
        Head(derogation=derogation, kind=kind) for kind in DerogationKind if kind in kinds
    )
    record(events.DEROGATION_DRAFTED, by=by, on=derogation, hat=hat, kinds=sorted(kinds), fields=[])
    return derogation


@action
def edit_request(*, derogation: Derogation, values: Mapping[str, Any], by: User) -> Derogation:
    """Change fields of a draft, or those that a return opened (F-28, F-30).

    Raises ValidationError by field for one that is not open, or when the request is frozen.
    """
    hat = require(by, May.ASK_DEROGATION, on=derogation)
    fresh = _editable(derogation, values)
    changed = [name for name, value in values.items() if getattr(fresh, name) != value]
    unknown = set(changed) - {*field_names([h.kind for h in fresh.heads.all()]), "beneficiary"}
    if unknown:
        raise ValueError(f"not a field of this request: {sorted(unknown)}")
    for name in changed:
        setattr(fresh, name, values[name])
    _touch(fresh, by, *changed)
    if changed:
        record(events.DEROGATION_EDITED, by=by, on=fresh, hat=hat, fields=sorted(changed))
    return fresh


@action
def set_kinds(*, derogation: Derogation, kinds: Collection[str], by: User) -> Derogation:
    """Choose again the kinds of a draft: one head each (R-20)."""
    hat = require(by, May.ASK_DEROGATION, on=derogation)
    fresh = _editable(derogation, {"kinds"})
    if not kinds:
        raise ValidationError({"kinds": _("Choisissez au moins un genre de dérogation.")})
    fresh.heads.exclude(kind__in=kinds).delete()
    held = set(fresh.heads.values_list("kind", flat=True))
    Head.objects.bulk_create(
        Head(derogation=fresh, kind=kind) for kind in DerogationKind if kind in set(kinds) - held
    )
    _touch(fresh, by)
    record(events.DEROGATION_EDITED, by=by, on=fresh, hat=hat, fields=["kinds"])
    return fresh


@action
def set_service_numbers(*, derogation: Derogation, numbers: Sequence[str], by: User) -> Derogation:
    """Say which lines the request is for: a snapshot of their numbers (D-12)."""
    hat = require(by, May.ASK_DEROGATION, on=derogation)
    fresh = _editable(derogation, {SERVICE_NUMBERS})
    if len(numbers) > MAX_NUMBERS:
        raise ValidationError(
            {"numbers": _("Au plus %(count)s lignes par demande.") % {"count": MAX_NUMBERS}}
        )
    fresh.service_numbers = list(dict.fromkeys(numbers))
    _touch(fresh, by, "service_numbers")
    record(events.DEROGATION_EDITED, by=by, on=fresh, hat=hat, fields=[SERVICE_NUMBERS])
    return fresh


@action
def add_place(
    *,
    derogation: Derogation,
    address: str,
    municipality: str,
    administrative_region: str,
    by: User,
) -> Place:
    """Add a place where the first rank does not serve (F-33)."""
    hat = require(by, May.ASK_DEROGATION, on=derogation)
    fresh = _editable(derogation, {PLACES})
    if fresh.places.count() >= MAX_PLACES:
        raise ValidationError(
            _("Au plus %(count)s lieux par demande : regroupez-les.") % {"count": MAX_PLACES}
        )
    place = Place.objects.create(
        derogation=fresh,
        address=address,
        municipality=municipality,
        administrative_region=administrative_region,
    )
    _touch(fresh, by)
    record(events.DEROGATION_EDITED, by=by, on=fresh, hat=hat, fields=[PLACES])
    return place


@action
def change_place(
    *, place: Place, address: str, municipality: str, administrative_region: str, by: User
) -> Place:
    """Correct a place of a draft."""
    hat = require(by, May.ASK_DEROGATION, on=place.derogation)
    fresh = _editable(place.derogation, {PLACES})
    place.address, place.municipality = address, municipality
    place.administrative_region = administrative_region
    place.save(update_fields=["address", "municipality", "administrative_region"])
    _touch(fresh, by)
    record(events.DEROGATION_EDITED, by=by, on=fresh, hat=hat, fields=[PLACES])
    return place


@action
def remove_place(*, place: Place, by: User) -> None:
    """Take a place and its tests out of a draft."""
    hat = require(by, May.ASK_DEROGATION, on=place.derogation)
    fresh = _editable(place.derogation, {PLACES})
    place.delete()
    _touch(fresh, by)
    record(events.DEROGATION_EDITED, by=by, on=fresh, hat=hat, fields=[PLACES])


@action
def add_test(
    *,
    place: Place,
    provider: Provider,
    tested_on: date,
    device: str,
    result: str,
    by: User,
    signal_dbm: int | None = None,
) -> CoverageTest:
    """Record a test made at a place: device, day, signal, result (F-33).

    Raises ValidationError for a day to come or a signal that no device shows.
    """
    hat = require(by, May.ASK_DEROGATION, on=place.derogation)
    fresh = _editable(place.derogation, {PLACES})
    if tested_on > today():
        raise ValidationError({"tested_on": _("Ce jour n'est pas encore venu.")})
    if signal_dbm is not None and not -150 <= signal_dbm <= 0:
        raise ValidationError(
            {"signal_dbm": _("Un signal se lit entre -150 et 0 dBm : vérifiez le signe.")}
        )
    test = CoverageTest.objects.create(
        place=place,
        provider=provider,
        tested_on=tested_on,
        device=device,
        result=result,
        signal_dbm=signal_dbm,
    )
    _touch(fresh, by)
    record(events.DEROGATION_EDITED, by=by, on=fresh, hat=hat, fields=[PLACES])
    return test


@action
def remove_test(*, test: CoverageTest, by: User) -> None:
    """Take a test out of a draft."""
    hat = require(by, May.ASK_DEROGATION, on=test.place.derogation)
    fresh = _editable(test.place.derogation, {PLACES})
    test.delete()
    _touch(fresh, by)
    record(events.DEROGATION_EDITED, by=by, on=fresh, hat=hat, fields=[PLACES])


def _from_offer(offer: Offer | None) -> dict[str, Any]:
    """What the article says: its costs, its device, and the end of its commitment (R-23)."""
    if offer is None:
        return {}
    begins = today()
    filled: dict[str, Any] = {
        "one_off_amount": offer.one_off_amount,
        "monthly_amount": offer.monthly_amount,
        "wanted_on": begins,
    }
    if offer.kind == Offer.Kind.DEVICE:
        filled |= {"device_model": offer.name, "device_amount": offer.one_off_amount}
    if offer.commitment_months:
        filled["ends_on"] = _months_later(begins, offer.commitment_months)
    return filled


def _months_later(day: date, months: int) -> date:
    """The same day so many months later; the 28th at the latest, which every month has."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, min(day.day, 28))


def _editable(derogation: Derogation, fields: Collection[str]) -> Derogation:
    """The request, locked, in a state where those fields may change (F-30)."""
    fresh = locked(derogation)
    if fresh.state not in EDITABLE_STATES:
        raise ValidationError(
            _("Cette demande n'est plus modifiable : son état est « %(state)s ».")
            % {"state": fresh.get_state_display()}
        )
    opened = open_fields(fresh, open_comments(fresh))
    closed = sorted(set(fields) - opened) if opened is not None else []
    if closed:
        raise ValidationError(
            _("Seuls les champs commentés se modifient ; ceux-ci sont fermés : %(fields)s.")
            % {"fields": ", ".join(_label(name) for name in closed)}
        )
    return fresh


def _label(name: str) -> str:
    return _("Genre") if name == "kinds" else label_of(name)


def _touch(derogation: Derogation, by: User, *changed: str) -> None:
    """Who edited last: that person will not sign (R-21)."""
    assert by.person is not None
    derogation.last_editor = by.person
    derogation.edited_at = database_clock()
    derogation.save(update_fields=[*changed, "last_editor", "edited_at"])
