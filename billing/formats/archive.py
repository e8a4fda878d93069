"""The members of a provider's package, opened without trust: each limit is checked before parsing.

What a member declares is a first wall; what it really inflates to is counted as it is read.
"""

import gzip
import io
import re
import stat
import struct
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from django.utils.translation import gettext as _

from billing.formats.definition import PackageSpec
from billing.formats.faults import refuse
from portal.tabular.workbook import DAMAGE

_END = struct.Struct("<4s4H2LH")
_WIDE_END = struct.Struct("<4sQ2H2L4Q4sLQL")
"""A ZIP64 directory's end and its locator, which ``zipfile`` believes when they precede the end."""
_ABSOLUTE = re.compile(r"^(/|\\|[A-Za-z]:)")
_NESTED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")
_RATIO_FROM = 1_000_000
_INFLATED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a package: its name without folders, its size in bytes where it is declared."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


def members_of(path: Path, name: str, spec: PackageSpec, *, workbooks: bool) -> list[Member]:
    """The members of a package on disk; ``name`` is the name that it was given.

    ``workbooks``: whether members may themselves be XLSX. Raises FormatRefused.
    """
    with path.open("rb") as stream:
        start = stream.read(4)
    if spec.kind == "zip":
        return _zip_members(path, name, spec, workbooks=workbooks)
    if spec.kind == "gzip":
        if not start.startswith(GZIP):
            raise refuse("package", name, _("Ce fichier n'est pas comprimé en gzip."))
        inner = PurePosixPath(name).name.removesuffix(".gz")
        return [Member(inner, 0, partial(_open_gzip, path, name, spec))]
    if start.startswith((*_NESTED,)) and not (workbooks and start.startswith(ZIP)):
        raise refuse("package", name, _("Ce fichier est une archive : le profil attend le texte."))
    size = path.stat().st_size
    if size > spec.max_bytes:
        raise _too_large(name, spec)
    return [Member(PurePosixPath(name).name, size, partial(_open_plain, path))]


def _open_plain(path: Path) -> BinaryIO:
    return path.open("rb")


def _open_gzip(path: Path, name: str, spec: PackageSpec) -> BinaryIO:
    limit = min(spec.max_bytes, max(path.stat().st_size, 4_000) * spec.max_ratio)
    stream = cast(BinaryIO, gzip.open(path, "rb"))  # noqa: SIM115 - closed by its guard
    return cast(BinaryIO, io.BufferedReader(_Guarded(stream, name, limit, spec)))


def _open_member(path: Path, info: zipfile.ZipInfo, spec: PackageSpec) -> BinaryIO:
    archive = zipfile.ZipFile(path)
    stream = cast(BinaryIO, archive.open(info))
    return cast(
        BinaryIO, io.BufferedReader(_Guarded(stream, info.filename, info.file_size, spec, archive))
    )


class _Guarded(io.RawIOBase):
    """A member's bytes: never more than its limit, and damage told in French."""

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        limit: int,
        spec: PackageSpec,
        archive: zipfile.ZipFile | None = None,
    ) -> None:
        self._stream, self._name, self._left, self._spec = stream, name, limit, spec
        self._archive = archive

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except DAMAGE as error:
            raise _damaged(self._name) from error
        self._left -= len(data)
        if self._left < 0:
            raise _too_large(self._name, self._spec)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        if self._archive:
            self._archive.close()
        super().close()


def _zip_members(path: Path, name: str, spec: PackageSpec, *, workbooks: bool) -> list[Member]:
    _check_directory(path, name, spec)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_count(len(archive.infolist()), name, spec)
            infos = [info for info in archive.infolist() if not info.is_dir()]
            _check_declared(infos, name, spec, path.stat().st_size)
            for info in infos:
                _check_member(archive, info, spec, workbooks=workbooks)
    except DAMAGE as error:
        raise _damaged(name) from error
    return [
        Member(PurePosixPath(i.filename).name, i.file_size, partial(_open_member, path, i, spec))
        for i in infos
    ]


def _check_directory(path: Path, name: str, spec: PackageSpec) -> None:
    """The number of members, read at the very end before ``zipfile`` loads their list."""
    with path.open("rb") as stream:
        start = max(stream.seek(0, io.SEEK_END) - 65_557, 0)
        stream.seek(start)
        tail = stream.read()
        at = tail.rfind(b"PK\x05\x06")
        stream.seek(max(start + at - _WIDE_END.size, 0))
        before = stream.read(min(start + at, _WIDE_END.size)) if at >= 0 else b""
    if at < 0 or len(tail) - at < _END.size:
        raise refuse("package", name, _("Ce fichier n'est pas une archive ZIP, ou il est coupé."))
    _mark, _disk, _first, _here, members, size, _start, _comment = _END.unpack_from(tail, at)
    if before[-20:].startswith(b"PK\x06\x07"):
        if len(before) < _WIDE_END.size or not before.startswith(b"PK\x06\x06"):
            raise _damaged(name)
        members, size = _WIDE_END.unpack(before)[7:9]
    _check_count(members, name, spec)
    if size > spec.max_members * 2_000:
        raise refuse(
            "too_many_members", name, _("La table des fichiers de l'archive est démesurée.")
        )


def _check_count(members: int, name: str, spec: PackageSpec) -> None:
    if members > spec.max_members:
        raise refuse(
            "too_many_members",
            name,
            _("L'archive contient %(count)s fichiers ; la limite est de %(limit)s.")
            % {"count": members, "limit": spec.max_members},
        )


def _check_declared(
    infos: list[zipfile.ZipInfo], name: str, spec: PackageSpec, packed: int
) -> None:
    """Names told twice, the whole size and the whole ratio."""
    names = Counter(PurePosixPath(info.filename).name.casefold() for info in infos)
    for info in infos:
        if names[PurePosixPath(info.filename).name.casefold()] > 1:
            raise refuse(
                "duplicate_member", info.filename, _("Deux fichiers de l'archive ont ce nom.")
            )
    total = sum(info.file_size for info in infos)
    if total > spec.max_bytes:
        raise _too_large(name, spec)
    if total > _RATIO_FROM and total > packed * spec.max_ratio:
        raise _too_packed(name)


def _check_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, spec: PackageSpec, *, workbooks: bool
) -> None:
    name = info.filename
    if _ABSOLUTE.match(name) or "\\" in name or ".." in PurePosixPath(name).parts or "\0" in name:
        raise refuse(
            "unsafe_member", name[:200], _("Un nom de l'archive sort de son dossier : refusée.")
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise refuse("unsafe_member", name, _("L'archive contient un lien : refusée."))
    if info.flag_bits & 0x1:
        raise refuse(
            "encrypted", name, _("L'archive est chiffrée : redemandez-la sans mot de passe.")
        )
    if info.compress_type not in _INFLATED:
        raise refuse(
            "compression",
            name,
            _("L'archive est comprimée autrement que par « deflate » : redemandez un ZIP courant."),
        )
    if (
        info.file_size > _RATIO_FROM
        and info.file_size > max(info.compress_size, 1) * spec.max_ratio
    ):
        raise _too_packed(name)
    with archive.open(info) as stream:
        start = stream.read(4)
    book = workbooks and start == ZIP and name.lower().endswith(".xlsx")
    if start.startswith(_NESTED) and not book:
        raise refuse("nested_archive", name, _("L'archive en contient une autre : refusée."))


def _damaged(name: str) -> Exception:
    return refuse("damaged_package", name, _("L'archive est abîmée ou coupée : redemandez-la."))


def _too_large(name: str, spec: PackageSpec) -> Exception:
    return refuse(
        "too_large",
        name,
        _("Une fois ouvert, ce fichier dépasserait %(limit)s octets : refusé.")
        % {"limit": spec.max_bytes},
    )


def _too_packed(name: str) -> Exception:
    return refuse(
        "zip_bomb", name, _("Ce fichier est démesurément comprimé : refusé sans être ouvert.")
    )
