"""How the tests read a text or a specimen under a profile, to rows, rejects and faults."""

import io
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from billing.formats.archive import Member
from billing.formats.controls import judge
from billing.formats.definition import PartSpec, Profile, parse_definition
from billing.formats.faults import Fault, FormatRefused, Reject
from billing.formats.package import Part, open_package
from billing.formats.reading import Context, read_part
from billing.formats.totals import Tally
from billing.specimens.truth import Cycle

KEY = b"a key of the tests"
CYCLE = Cycle(
    {
        "123456789": [f"51455500{n:02d}" for n in range(30)],
        "987654321": [f"51455600{n:02d}" for n in range(9)],
        "111122223": ["4185551234"],
    },
    date(2026, 1, 1),
    7,
)


@dataclass
class Read:
    """What a reading gave."""

    rows: dict[str, pl.DataFrame] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def column(self, name: str) -> list[object]:
        (rows,) = self.rows.values()
        return rows[name].to_list()


def charge_part(**changes: object) -> dict[str, object]:
    """The smallest definition of a part of charges, with some of it changed."""
    return {
        "code": "charges",
        "entity": "charge",
        "signature": {"words": ["Account"]},
        "reader": {"kind": "delimited"},
        "layout": {"header": {"kind": "row"}},
        "columns": [
            {"field": "account", "source": {"headers": ["Account", "Compte"]}},
            {"field": "label", "source": {"headers": ["Label"]}, "required": False},
            {"field": "amount", "source": {"headers": ["Amount", "Montant"]}},
        ],
        **changes,
    }


def column(field_name: str, header: str, *transforms: dict[str, object], **more: object) -> dict:
    return {
        "field": field_name,
        "source": {"headers": [header]},
        "transforms": list(transforms),
        **more,
    }


def profile_of(*parts: dict[str, object], **more: object) -> Profile:
    data = {"code": "essai", "provider": "telus", "title": "Essai", "parts": list(parts), **more}
    return parse_definition(data)


def part_of(spec: PartSpec, data: bytes, sidecar: str | None = None) -> Part:
    return Part(spec, Member("essai.csv", len(data), lambda: io.BytesIO(data)), sidecar)


def read_text(
    spec: dict[str, object] | PartSpec,
    data: str | bytes,
    sidecar: str | None = None,
    block: int = 4_000_000,
) -> Read:
    """Read some text as a part."""
    told = spec if isinstance(spec, PartSpec) else profile_of(spec).parts[0]
    content = data.encode() if isinstance(data, str) else data
    read = Read()
    frames = []
    for batch in read_part(part_of(told, content, sidecar), Context(KEY, block)):
        frames.append(batch.rows)
        read.rejects += batch.rejects
        read.facts |= batch.facts
        read.faults += batch.faults
    read.rows[told.code] = pl.concat(frames)
    return read


def read_file(path: Path, profile: Profile, **known: object) -> Read:
    """Open, read and judge a file; a refusal is its only fault."""
    read, tally = Read(), Tally(profile)
    try:
        for part in open_package(path, path.name, profile).parts:
            frames = []
            for batch in read_part(part, Context(KEY)):
                frames.append(batch.rows)
                tally.add(part.spec.code, batch)
                read.rejects += batch.rejects
            read.rows[part.spec.code] = pl.concat(frames)
    except FormatRefused as error:
        read.faults = [error.fault]
        return read
    read.faults = judge(profile, tally, **known)
    return read
