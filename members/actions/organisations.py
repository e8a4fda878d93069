"""Create organisations, their root and their billing subdivisions (D-01, F-01)."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from members import events
from members.models import Branch, Organisation
from members.permissions import WHOLE_GROUP, require
from members.roles import StaffMay
from portal.audit import Actor, record
from portal.commands import action
from portal.workflow import locked

KEPT = (
    *("kind", "neq", "population", "administrative_region"),
    *("payment_system", "payment_reference", "status"),
)


@action
def create_organisation(
    *,
    name: str,
    kind: Organisation.Kind,
    payment_system: Organisation.PaymentSystem,
    by: Actor,
    neq: str = "",
    population: int | None = None,
    administrative_region: str = "",
    payment_reference: str = "",
    is_fictitious: bool = False,
) -> Organisation:
    """ITQ records a public body, in joining, with the root branch that its rights hang on (D-01).

    Raises ValidationError when the name is taken.
    """
    hat = require(by, StaffMay.MANAGE_MEMBERS, on=WHOLE_GROUP)
    organisation = Organisation(
        name=name,
        slug=_free_slug(name),
        kind=kind,
        neq=neq,
        population=population,
        administrative_region=administrative_region,
        payment_system=payment_system,
        payment_reference=payment_reference,
        is_fictitious=is_fictitious,
    )
    try:
        with transaction.atomic():
            organisation.save()
    except IntegrityError as error:
        raise ValidationError(_("Un organisme de ce nom est déjà inscrit.")) from error
    root = Branch.objects.create(organisation=organisation, name=name, is_root=True)
    record(events.ORGANISATION_CREATED, by=by, on=organisation, hat=hat, branch_id=root.pk)
    return organisation


@action
def change_organisation(*, organisation: Organisation, by: Actor, **facts: object) -> Organisation:
    """ITQ changes what is known of a member; the journal keeps before and after.

    ``facts`` are among kind, neq, population, region, payment and status; TypeError otherwise.
    """
    hat = require(by, StaffMay.MANAGE_MEMBERS, on=WHOLE_GROUP)
    if unknown := set(facts) - set(KEPT):
        raise TypeError(f"not facts of an organisation: {sorted(unknown)}")
    fresh = locked(organisation)
    changed = {name: value for name, value in facts.items() if getattr(fresh, name) != value}
    before = {name: getattr(fresh, name) for name in changed}
    for name, value in changed.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=list(changed))
    if changed:
        root = fresh.branches.get(is_root=True).pk
        record(
            events.ORGANISATION_CHANGED,
            by=by,
            on=fresh,
            hat=hat,
            branch_id=root,
            before=before,
            after=changed,
        )
    return fresh


@action
def add_subdivision(*, organisation: Organisation, name: str, by: Actor) -> Branch:
    """Add a billing subdivision under a member's root (F-01)."""
    hat = require(by, StaffMay.MANAGE_MEMBERS, on=WHOLE_GROUP)
    branch = Branch(organisation=organisation, name=name)
    try:
        with transaction.atomic():
            branch.save()
    except IntegrityError as error:
        raise ValidationError(_("Cet organisme a déjà une subdivision de ce nom.")) from error
    record(events.SUBDIVISION_ADDED, by=by, on=branch, hat=hat, branch_id=branch.pk)
    return branch


def _free_slug(name: str) -> str:
    """The name as it stands in addresses; a number follows when it is taken."""
    base = slugify(name)[:50] or "organisme"
    slug, number = base, 1
    while Organisation.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return slug
