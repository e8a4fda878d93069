"""Providers' files received: stored once, recognised, their reading promised (billing.md §3)."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from billing import events
from billing.formats.definition import Profile, parse_definition
from billing.kinds import ImportPart, ImportState, ProfileState
from billing.models import BillFile, Import, ProfileVersion
from billing.queries.expected import refused_still
from billing.recognition import recognised
from members.models import Branch, Provider, User
from members.permissions import WHOLE_GROUP, require
from members.roles import May, StaffMay
from portal.audit import SystemActor, record
from portal.clock import database_clock, day_of
from portal.commands import action
from portal.files import NoRoom, path_of, store_upload
from portal.queue import later
from portal.workflow import locked

OPEN = (ImportState.RECEIVED, ImportState.READING, ImportState.PREPARED)


class AlreadyImported(ValidationError):
    """The same bytes came before: « déjà importé », or refused, and which file it was (X-12)."""

    def __init__(self, earlier: BillFile) -> None:
        told = {
            "day": day_of(earlier.sent_at).isoformat(),
            "person": earlier.sent_by.person if earlier.sent_by else _("le portail"),
            "name": earlier.name,
        }
        if earlier.imports.exclude(state=ImportState.REFUSED).exists():
            message = _(
                "Ce fichier est déjà importé : il a été déposé le %(day)s par %(person)s sous le "
                "nom « %(name)s ». Rien n'a été ajouté."
            )
        else:
            message = _(
                "Ce fichier a déjà été déposé le %(day)s par %(person)s sous le nom « %(name)s », "
                "et refusé. Ouvrez-le dans la liste pour lire le motif ; une fois la cause réglée, "
                "choisissez « Relire ce fichier »."
            )
        super().__init__(message % told, code="already_imported")
        self.bill_file = earlier


@action
def receive_bill_file(
    *, upload: File, provider: Provider, branch: Branch | None, by: User | SystemActor
) -> BillFile:
    """Store a provider's file once by its sha256, and promise its reading (X-11, X-12).

    With ``branch``, its account holder's; without, ITQ's for the group (R-44), or SYSTEM's from
    the watched folder. It is recognised first: one that cannot be leaves no bytes behind. Raises
    AlreadyImported for the same bytes, and ValidationError where no profile serves the provider.
    """
    hat = _require_sender(branch, by)
    name = PurePath(upload.name or provider.code).name[:200]
    with _on_disk(upload) as path:
        version, parts = _recognised(provider, path, name)
    file = store_upload(upload, content_type="application/octet-stream")
    same = BillFile.objects.filter(file=file, branch=branch, provider=provider)
    if earlier := same.first():
        raise AlreadyImported(earlier)
    try:
        with transaction.atomic():
            bill_file = BillFile.objects.create(
                branch=branch,
                provider=provider,
                file=file,
                name=name,
                sent_by=by if isinstance(by, User) else None,
            )
    except IntegrityError as error:
        known = BillFile.objects.get(file=file, branch=branch, provider=provider)
        raise AlreadyImported(known) from error
    record(events.FILE_RECEIVED, by=by, on=bill_file, hat=hat, sha256=file.sha256, name=name)
    _open_imports(bill_file, version, parts)
    return bill_file


@action
def replay_import(*, bill_import: Import, by: User) -> Import:
    """Read a kept file again, under the profile now in service: what did not change stays (D-40).

    For a file that was refused, or some accounts of which were unknown then. Raises
    ValidationError while one of its parts is being read or waits for a person.
    """
    hat = _require_sender(bill_import.branch, by)
    bill_file = locked(bill_import.bill_file)
    if bill_file.imports.filter(state__in=OPEN).exists():
        raise ValidationError(
            _("Ce fichier est en cours de lecture ou attend une confirmation : réglez-le d'abord.")
        )
    path = path_of(bill_file.file.sha256)
    version, parts = _recognised(bill_file.provider, path, bill_file.name)
    first = _open_imports(bill_file, version, parts)
    record(events.IMPORT_REPLAYED, by=by, on=first, hat=hat, earlier=bill_import.pk)
    return first


@action
def settle_refusals(*, bill_file: BillFile, by: User) -> BillFile:
    """A file refused by mistake, or that a right one replaced, is recalled to nobody any more.

    It stays listed and may still be read again. Raises ValidationError where nothing is recalled.
    """
    hat = _require_sender(bill_file.branch, by)
    held = locked(bill_file)
    told = refused_still().filter(bill_file=held)
    if not told.update(confirmed_at=database_clock(), confirmed_by=by):
        raise ValidationError(_("Ce fichier est déjà réglé : il n'est plus rappelé à personne."))
    record(events.FILE_SETTLED, by=by, on=held, hat=hat)
    return held


def _require_sender(branch: Branch | None, by: User | SystemActor) -> str:
    """FACTU of the branch, or ITQ under its mandate; for the group, ITQ (R-44)."""
    if branch is None:
        return require(by, StaffMay.IMPORT_GROUP_BILLS, on=WHOLE_GROUP)
    return require(by, May.IMPORT_BILLS, on=branch)


@contextmanager
def _on_disk(upload: File) -> Iterator[Path]:
    """Where the bytes of an upload are: its open file, or a copy where it is in memory."""
    with tempfile.TemporaryFile() as copy:
        try:
            held = upload.fileno()
        except OSError:
            _copied(upload, copy)
            held = copy.fileno()
        yield Path(f"/proc/self/fd/{held}")


def _copied(upload: File, copy: IO[bytes]) -> None:
    try:
        copy.writelines(upload.chunks())
        copy.flush()
    except OSError as error:
        raise NoRoom from error


def _recognised(
    provider: Provider, path: Path, name: str
) -> tuple[ProfileVersion, tuple[ImportPart, ...]]:
    """The version in service under which the file is read, and what it publishes.

    Raises ValidationError: the provider has no profile, or the file is another one's.
    """
    active = (
        ProfileVersion.objects.filter(state=ProfileState.ACTIVE)
        .select_related("profile__provider")
        .order_by("profile_id")
    )
    versions = list(active.filter(profile__provider=provider))
    if not versions:
        raise ValidationError(
            _(
                "Aucun profil de format n'est en service pour %(provider)s : ITQ doit d'abord en "
                "mettre un en service."
            )
            % {"provider": provider}
        )
    found = recognised(path, name, _profiles(versions))
    others = [] if found.is_sure else list(active.exclude(profile__provider=provider))
    if others and (other := recognised(path, name, _profiles(others))).is_sure:
        raise ValidationError(
            _(
                "Ce fichier n'est pas de %(provider)s : il a les signes d'un fichier de %(other)s "
                "(« %(profile)s »). Choisissez ce prestataire, puis déposez-le de nouveau."
            )
            % {
                "provider": provider,
                "other": others[other.index].profile.provider,
                "profile": others[other.index].profile,
            }
        )
    return versions[found.index], found.parts


def _profiles(versions: list[ProfileVersion]) -> list[Profile]:
    return [parse_definition(version.definition) for version in versions]


def _open_imports(
    bill_file: BillFile, version: ProfileVersion, parts: tuple[ImportPart, ...]
) -> Import:
    """One import for each part; charges are read first, their publication promises use (D-41)."""
    imports = [
        Import.objects.create(
            bill_file=bill_file,
            profile_version=version,
            part=part,
            branch=bill_file.branch,
            provider=bill_file.provider,
        )
        for part in parts
    ]
    later("billing.read_import", import_id=imports[0].pk)
    return imports[0]
