"""A package opened under its profile: which member is which part, by content, then by name."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath
from typing import BinaryIO

import polars as pl
from django.utils.translation import gettext as _

from billing.formats.archive import Member, members_of
from billing.formats.definition import PartSpec, Profile, Signature
from billing.formats.faults import Fault, FormatRefused, refuse
from billing.formats.layout import HEAD, HeadRow, delimiter_told, likest_header, split_cells
from billing.formats.text import Decoder
from portal.tabular.table import MAX_BYTES, TableRefused
from portal.tabular.workbook import read_workbook

HEAD_BYTES = 262_144
HEAD_LINE = 20_000
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DAMAGED = re.compile("[\ufffd\x80-\x9f]")
"""Characters that only a wrong encoding gives."""


@dataclass(frozen=True, slots=True)
class Part:
    """A member recognised: its spec, its stream, the text of its sidecar.

    ``unread``: a second member, that its name alone says is this part.
    """

    spec: PartSpec
    member: Member
    sidecar: str | None = None
    unread: Fault | None = None

    @property
    def place(self) -> str:
        """How faults name the part."""
        return self.member.name

    def open(self) -> BinaryIO:
        return self.member.open()


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of a package, in the order of the profile; names of members that are none."""

    profile: Profile
    parts: tuple[Part, ...]
    ignored: tuple[str, ...]

    def part(self, code: str) -> Part | None:
        """The part of this code, None where an optional one is absent."""
        return next((part for part in self.parts if part.spec.code == code), None)


@dataclass(frozen=True, slots=True)
class Match:
    """A profile under which a file opens, and how many of its parts are there."""

    profile: Profile
    parts: tuple[str, ...]


def open_package(path: Path, name: str, profile: Profile) -> Package:
    """The package at ``path``, uploaded as ``name``; raises FormatRefused before any parsing.

    Refused: hostile archives (X-19), a required part absent or twice there, a stranger where the
    profile rejects them. A part without its signs is still the file left that has its name; a
    required one, the one whose header is nearly its own, or the only one: reading it tells what is
    wrong.
    """
    return _opened(path, name, profile, is_strict=False)


def _opened(path: Path, name: str, profile: Profile, *, is_strict: bool) -> Package:
    workbooks = any(part.reader.kind == "xlsx" for part in profile.parts)
    members = members_of(path, name, profile.package, workbooks=workbooks)
    beside = _sidecars(profile, members)
    taken = {member.name for member in beside.values()}
    free = [member for member in members if member.name not in taken]
    found = {spec.code: member for spec in profile.parts if (member := _find(spec, free))}
    found |= _presumed(profile, free, found, is_strict=is_strict)
    absent = [s for s in profile.parts if s.required and s.code not in found]
    if absent:
        raise FormatRefused(_absent(absent[0], name))
    left = _left(free, found)
    parts = [
        Part(spec, member, _sidecar_text(spec, beside.get(spec.code)), _unread(spec, member, left))
        for spec in profile.parts
        if (member := found.get(spec.code))
    ]
    _refuse_shared(parts)
    known = taken | {part.member.name for part in parts}
    ignored = tuple(member.name for member in members if member.name not in known)
    if ignored and profile.package.unknown_members == "reject":
        raise refuse("unknown_member", ignored[0], _("Le profil ne connaît pas ce fichier."))
    return Package(profile, tuple(parts), ignored)


def recognise(path: Path, name: str, profiles: Iterable[Profile]) -> list[Match]:
    """The profiles under which a file opens, those that find the most parts first."""
    matches = []
    for profile in profiles:
        try:
            package = _opened(path, name, profile, is_strict=True)
        except FormatRefused:
            continue
        matches.append(Match(profile, tuple(part.spec.code for part in package.parts)))
    return sorted(matches, key=lambda match: -len(match.parts))


def head_rows(spec: PartSpec, stream: BinaryIO, count: int) -> list[HeadRow]:
    """The first lines of a part as cells, to recognise it; damage is left for the reading to tell.

    A fixed-width or keyed line is one cell. Raises FormatRefused for a workbook that is not one.
    """
    if spec.reader.kind == "xlsx":
        return list(islice(workbook_rows(stream, ""), count))
    lines = readable(stream.read(HEAD_BYTES), spec.text.encodings).split("\n")[:count]
    short = [line[:HEAD_LINE] for line in lines]
    is_cut = spec.reader.kind == "delimited"
    return [
        (number, split_cells(line, spec.text) if is_cut else [line.rstrip("\r")])
        for number, line in enumerate(short, start=1)
    ]


def readable(data: bytes, encodings: Sequence[str]) -> str:
    """The text under the encoding that damages it least, the first of as many.

    A character cut by the end of ``data`` is left out.
    """
    marked = [name for name in encodings if name == "utf-16"]
    ordered = marked if data.startswith(UTF16) else [n for n in encodings if n not in marked]
    decoders = [codecs.getincrementaldecoder(name)("replace") for name in ordered or ["utf-8"]]
    texts = (decoder.decode(data) for decoder in decoders)
    return min(texts, key=lambda text: len(_DAMAGED.findall(text)))


def has(text: str, pattern: str) -> bool:
    """Whether a profile's pattern is found in a text, in the one dialect that checked it."""
    return bool(pl.Series([text]).str.contains(pattern)[0])


def workbook_rows(stream: BinaryIO, place: str) -> Iterator[HeadRow]:
    """Numbered rows of the first visible sheet, behind the guards of the ground (X-19)."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise refuse("too_large", place, _("Le classeur dépasse 20 Mo : demandez-le en CSV."))
    try:
        yield from read_workbook(content)
    except TableRefused as error:
        raise refuse("workbook", place, str(error)) from error


def _sidecars(profile: Profile, members: Sequence[Member]) -> dict[str, Member]:
    """The sidecar of each part that has one, by the part's code."""
    found = {}
    for spec in profile.parts:
        if spec.sidecar is None:
            continue
        named = [member for member in members if has(member.name, spec.sidecar.name)]
        if len(named) != 1:
            raise refuse(
                "sidecar", spec.code, _("Le fichier d'en-têtes qui accompagne cette partie manque.")
            )
        found[spec.code] = named[0]
    return found


def _find(spec: PartSpec, members: Sequence[Member]) -> Member | None:
    """The member that has the signs of a part; among several, the one whose name says so."""
    found = [member for member in members if _is_signed(spec, member)]
    if len(found) > 1 and spec.signature.name:
        found = [member for member in found if _is_named(spec, member)] or found
    if len(found) > 1:
        raise refuse(
            "ambiguous_part",
            spec.code,
            _("Plusieurs fichiers peuvent être cette partie : %(names)s.")
            % {"names": ", ".join(member.name for member in found)},
        )
    return found[0] if found else None


def _presumed(
    profile: Profile, members: Sequence[Member], found: dict[str, Member], *, is_strict: bool
) -> dict[str, Member]:
    """For parts without their signs: the free member of that name; for required ones, the one
    whose header is nearly its own, or the only one. ``is_strict``: optional parts alone.
    """
    absent = [spec for spec in profile.parts if spec.code not in found]
    required = [] if is_strict else [spec for spec in absent if spec.required]
    presumed: dict[str, Member] = {}
    for spec in [*required, *(spec for spec in absent if not spec.required)]:
        named = [m for m in _left(members, found | presumed) if _is_named(spec, m)]
        if named:
            presumed[spec.code] = named[0]
    for spec in required:
        free = _left(members, found | presumed)
        only = free if len(free) == len(required) == 1 else []
        if spec.code not in presumed and (alike := only or _alike(spec, free)):
            presumed[spec.code] = alike[0]
    return presumed


def _left(members: Sequence[Member], found: dict[str, Member]) -> list[Member]:
    return [member for member in members if member not in found.values()]


def _is_named(spec: PartSpec, member: Member) -> bool:
    return spec.signature.name is not None and has(member.name, spec.signature.name)


def _unread(spec: PartSpec, member: Member, left: Sequence[Member]) -> Fault | None:
    """The first member left that has the name of a part, and the suffix of the one that is it."""
    named = [m.name for m in left if _is_named(spec, m) and _suffix(m) == _suffix(member)]
    if not named:
        return None
    message = _(
        "Ce fichier a aussi le nom de « %(code)s », sans en porter les signes (%(signs)s) : il ne "
        "serait pas lu. Redemandez-le avec ces signes, ou retirez-le de l'archive."
    )
    return Fault("unread_member", named[0], message % {"code": spec.code, "signs": _signs(spec)})


def _suffix(member: Member) -> str:
    return PurePath(member.name).suffix.lower()


def _alike(spec: PartSpec, members: Sequence[Member]) -> list[Member]:
    """The member that alone has a row with most of the headers of a part."""
    found = []
    for member in members:
        with suppress(FormatRefused), member.open() as stream:
            _row, held = likest_header(spec, head_rows(spec, stream, HEAD))
            if held > len(list(filter(None, spec.folded_headers))) / 2:
                found.append(member)
    return found if len(found) == 1 else []


def _absent(spec: PartSpec, name: str) -> Fault:
    return Fault(
        "missing_part",
        f"{name}, {spec.code}",
        _(
            "Le fichier « %(code)s » manque, ou ne porte pas ses signes (%(signs)s) : vérifiez "
            "l'encodage, le délimiteur et les en-têtes."
        )
        % {"code": spec.code, "signs": _signs(spec)},
    )


def _signs(spec: PartSpec) -> str:
    words = ", ".join(spec.signature.words)
    told = words or spec.signature.name or spec.signature.pattern or ""
    return told + delimiter_told(spec)


def _refuse_shared(parts: Sequence[Part]) -> None:
    names = [part.member.name for part in parts]
    for part in parts:
        if names.count(part.member.name) > 1:
            raise refuse(
                "ambiguous_part",
                part.member.name,
                _("Ce fichier porte les signes de deux parties."),
            )


def _is_signed(spec: PartSpec, member: Member) -> bool:
    """Whether a member has the signs of a part: of its content where it has some, else its name."""
    signature = spec.signature
    if not (signature.words or signature.pattern):
        return has(member.name, signature.name or "")
    try:
        with member.open() as stream:
            rows = head_rows(spec, stream, signature.within)
    except FormatRefused:
        return _is_named(spec, member)
    return _content_signs(spec, signature, [cells for _line, cells in rows])


def _content_signs(spec: PartSpec, signature: Signature, rows: Sequence[list[str]]) -> bool:
    if signature.words and not any(spec.has_words(signature.words, cells) for cells in rows):
        return False
    return not signature.pattern or any(has(" ".join(c), signature.pattern) for c in rows)


def _sidecar_text(spec: PartSpec, member: Member | None) -> str | None:
    if member is None or spec.sidecar is None:
        return None
    with member.open() as stream:
        content = stream.read(HEAD_BYTES + 1)
    if len(content) > HEAD_BYTES:
        raise refuse("sidecar", member.name, _("Le fichier d'en-têtes est démesuré."))
    return Decoder(spec.sidecar.encodings, member.name).feed(content, final=True).decode()
