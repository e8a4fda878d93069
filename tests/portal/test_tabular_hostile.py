"""Hostile workbooks are refused before parsing, in 2 s and 100 MB at most (X-19)."""

import io
import json
import random
import resource
import struct
import subprocess
import sys
import textwrap
import time
import zipfile

import pytest

from portal.tabular import TableRefused, read_table
from tests.portal.test_tabular import workbook

SECONDS, MEGABYTES = 2, 100
SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
TAIL = "</sheetData></worksheet>"


def plain():
    return workbook(lambda book, sheet: sheet.write_column(0, 0, ["nom", "A"]))


def rebuilt(changes=(), added=(), level=9):
    """A good workbook with members replaced or added: pairs of name and bytes."""
    buffer = io.BytesIO()
    changes = dict(changes)
    with (
        zipfile.ZipFile(io.BytesIO(plain())) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as target,
    ):
        for member in source.infolist():
            target.writestr(member.filename, changes.get(member.filename, source.read(member)))
        for name, content in added:
            target.writestr(name, content)
    return buffer.getvalue()


def sheet(body, head=HEAD):
    return rebuilt({SHEET: (head + body + TAIL).encode()})


def zeros_that_lie():
    """A member that declares 100 bytes and inflates to 200 MB."""
    content = bytearray(rebuilt(added=[("xl/zeros.xml", b" " * 200_000_000)]))
    real = struct.pack("<L", 200_000_000)
    return bytes(content.replace(real, struct.pack("<L", 100)))


def shared_string_repeated():
    """30 kB of text, shared by 60 000 cells: 1.8 GB once read."""
    strings = f"<sst><si><t>{'x' * 30_000}</t></si></sst>".replace(
        "<sst>", '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    )
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 60_001))
    return rebuilt({"xl/sharedStrings.xml": strings.encode(), SHEET: (HEAD + rows + TAIL).encode()})


def laughs():
    entities = ['<!ENTITY a0 "ha">'] + [
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)
    ]
    return f'<?xml version="1.0"?><!DOCTYPE x [{"".join(entities)}]>' + HEAD


HOSTILE = {
    "zip bomb": lambda: rebuilt(added=[("xl/bomb.xml", b" " * 300_000_000)]),
    "bomb below the ratio": lambda: rebuilt({SHEET: b" " * 70_000_000}, level=1),
    "bomb that lies about its size": zeros_that_lie,
    "nested zip": lambda: rebuilt(added=[("xl/embeddings/book.xlsx", plain())]),
    "nested zip without its name": lambda: rebuilt(added=[("xl/media/image.png", plain())]),
    "four hundred thousand members": lambda: rebuilt(added=[(f"a{n}", b"") for n in range(60_000)]),
    "two members of one name": lambda: rebuilt(added=[("XL/worksheets/Sheet1.xml", b"<a/>")]),
    "billion laughs": lambda: sheet(
        '<row r="1"><c r="A1" t="str"><v>&a11;</v></c></row>', laughs()
    ),
    "external entity": lambda: sheet(
        '<row r="1"><c r="A1" t="str"><v>&e;</v></c></row>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + HEAD,
    ),
    "doctype in the list of relations": lambda: rebuilt(
        {"xl/_rels/workbook.xml.rels": b'<!DOCTYPE x [<!ENTITY e "x">]><a/>'}
    ),
    "one cell at the far corner": lambda: sheet(
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    ),
    "one cell far right": lambda: sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'),
    "one cell far down": lambda: sheet('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'),
    "far down by its row alone": lambda: sheet('<row r="1048576"><c><v>1</v></c></row>'),
    "wide and long at once": lambda: sheet('<row r="99999"><c r="GR99999"><v>1</v></c></row>'),
    "columns without references": lambda: sheet(f'<row r="1">{"<c/>" * 201}</row>'),
    "millions of elements": lambda: sheet("<row/>" * 7_000_000),
    "one text repeated": shared_string_repeated,
    "a text that does not exist": lambda: sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'),
    "a cell of no place": lambda: sheet('<row r="1"><c r="AAAA1"><v>1</v></c></row>'),
    "sheet cut short": lambda: rebuilt({SHEET: HEAD.encode()}),
    "archive cut short": lambda: plain()[:-30],
    "bytes after the archive": lambda: plain() + b"x",
}
ASKED = textwrap.dedent("""
    import json, resource, sys, time
    import django
    from django.conf import settings
    settings.configure(USE_I18N=False)
    from portal.tabular import TableRefused, read_table
    content = sys.stdin.buffer.read()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    try:
        read_table(content, "liste.xlsx")
        told = ""
    except TableRefused as error:
        told = str(error)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(json.dumps([told, time.monotonic() - begun, grown]))
""")


def measured(content):
    """The refusal, its seconds and its megabytes, in a process of its own."""
    run = subprocess.run([sys.executable, "-c", ASKED], input=content, capture_output=True)
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    return json.loads(run.stdout)


def test_a_damaged_workbook_is_read_or_refused_wherever_it_is_damaged():
    clean, draw = plain(), random.Random(1)
    refused = 0
    for _ in range(300):
        damaged = bytearray(clean)
        damaged[draw.randrange(len(clean))] ^= 1 << draw.randrange(8)
        try:
            read_table(bytes(damaged), "liste.xlsx")
        except TableRefused:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_quickly_and_in_little_memory(name):
    told, seconds, megabytes = measured(HOSTILE[name]())
    assert told.endswith((".", ")")), told
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


def test_the_control_workbook_is_read():
    """Otherwise every refusal above would prove nothing."""
    assert measured(rebuilt())[0] == ""
    assert measured(sheet('<row r="1"><c r="A1" t="str"><v>nom</v></c></row>'))[0] == ""


def test_a_sheet_hidden_under_another_name_is_checked_too():
    """The relation may name any member; whatever calamine could parse was streamed first."""
    hidden = (HEAD + '<row r="1"><c r="XFD1"><v>1</v></c></row>' + TAIL).encode()
    with zipfile.ZipFile(io.BytesIO(plain())) as source:
        relations = source.read("xl/_rels/workbook.xml.rels")
    for name in ("hidden.rels", "sharedStrings.xml", "hidden.bin"):
        target = relations.replace(b"worksheets/sheet1.xml", name.encode())
        changes = {"xl/_rels/workbook.xml.rels": target, "xl/sharedStrings.xml": hidden}
        with pytest.raises(TableRefused):
            read_table(rebuilt(changes, added=[(f"xl/{name}2", hidden)]), "x.xlsx")
        if name != "sharedStrings.xml":
            changes.pop("xl/sharedStrings.xml")
            with pytest.raises(TableRefused):
                read_table(rebuilt(changes, added=[(f"xl/{name}", hidden)]), "x.xlsx")


def test_twenty_megabytes_of_one_line_stay_under_300_megabytes():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    with pytest.raises(TableRefused):
        read_table(b"a;b\n" + b"x" * 19_000_000, "liste.csv")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 300
    assert time.monotonic() - begun < SECONDS
