"""Bytes become text strictly: encodings, damage with its line, in bounded memory (X-15, X-16)."""

import io
import resource
import subprocess
import sys

import pytest

from billing.formats.definition import TextSpec, parse_definition
from billing.formats.faults import FormatRefused
from billing.formats.nearest import nearest
from billing.formats.package import recognise
from billing.formats.shipped import shipped_definitions
from billing.formats.text import read_blocks
from billing.specimens.layouts import write_specimen
from tests.billing.formats.reads import CYCLE, charge_part, read_text

TEXT = "Account,Label,Amount\n12345,Éric œuvre,1.00\n12345,Zoé,2.50\n"


def encoded(*encodings, **more):
    return charge_part(text={"encodings": list(encodings), **more})


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        (("utf-8",), "utf-8"),
        (("utf-8-sig",), "utf-8-sig"),
        (("utf-8-sig",), "utf-8"),
        (("utf-8", "cp1252"), "cp1252"),
        (("utf-16",), "utf-16"),
        (("utf-8", "utf-16"), "utf-16"),
    ],
)
def test_a_declared_encoding_is_read_exactly(declared, written):
    read = read_text(encoded(*declared), TEXT.encode(written))
    assert read.column("label") == ["Éric œuvre", "Zoé"]


def test_latin_1_is_read_where_it_is_declared():
    read = read_text(encoded("iso-8859-1"), TEXT.replace("œ", "oe").encode("iso-8859-1"))
    assert read.column("label") == ["Éric oeuvre", "Zoé"]


@pytest.mark.parametrize("block", [7, 16, 4_000_000])
def test_a_character_cut_by_a_block_stays_whole(block):
    for written in ("utf-8", "utf-16"):
        read = read_text(encoded("utf-8", "utf-16"), TEXT.encode(written), block=block)
        assert read.column("label") == ["Éric œuvre", "Zoé"]
        assert read.column("line") == [2, 3]


def refused(spec, data, **more):
    with pytest.raises(FormatRefused) as caught:
        read_text(spec, data, **more)
    return caught.value.fault


def test_an_undecodable_byte_is_refused_with_its_line_and_position():
    data = b"Account,Label,Amount\n12345,a,1.00\n12345,\x81,2.00\n"
    for block in (5, 4_000_000):
        fault = refused(encoded("utf-8", "cp1252"), data, block=block)
        assert fault.place == "essai.csv, ligne 3"
        assert f"position {data.index(0x81) + 1} " in fault.message


@pytest.mark.parametrize(
    "data",
    [
        "Account,Label,Amount\n12345,Éric,1.00\n".encode() + "12345,Zoé,2.00\n".encode("cp1252"),
        "Account,Label,Amount\n12345,Éric,1.00\n".encode("cp1252") + "12345,Zoé,2.00\n".encode(),
    ],
)
def test_two_encodings_in_one_file_are_refused(data):
    fault = refused(encoded("utf-8", "cp1252"), data)
    assert fault.code == "undecodable"


def test_an_encoding_that_is_not_declared_is_refused():
    assert refused(encoded("utf-8"), TEXT.encode("utf-16")).code == "encoding"


@pytest.mark.parametrize(("damage", "line"), [("12345,a\0,1.00\n", 3), ("12345,\ufffd,1.00\n", 3)])
def test_nul_and_lost_characters_are_refused_with_their_line(damage, line):
    fault = refused(charge_part(), "Account,Label,Amount\n12345,a,1.00\n" + damage)
    assert fault.place == f"essai.csv, ligne {line}"


def test_carriage_returns_alone_are_refused():
    assert refused(charge_part(), TEXT.replace("\n", "\r")).code == "line_end"
    fault = refused(charge_part(), "Account,Label,Amount\n12345,a\rb,1.00\n")
    assert fault.place == "essai.csv, ligne 2"


@pytest.mark.parametrize(("declared", "written"), [("lf", "\r\n"), ("crlf", "\n")])
def test_another_line_end_than_the_declared_one_is_refused(declared, written):
    spec = charge_part(text={"encodings": ["utf-8"], "line_end": declared})
    assert refused(spec, TEXT.replace("\n", written)).code == "line_end"
    right = {"lf": "\n", "crlf": "\r\n"}[declared]
    assert read_text(spec, TEXT.replace("\n", right)).column("label") == ["Éric œuvre", "Zoé"]


@pytest.mark.parametrize("row", ['12345,"a,1.00', '12345,5" écran,1.00', '12345,"a"b,1.00'])
def test_a_quote_left_open_or_inside_a_cell_is_refused_where_its_row_begins(row):
    fault = refused(charge_part(), f"Account,Label,Amount\n12345,a,1.00\n{row}\n12345,b,2.00\n")
    assert (fault.code, fault.place) == ("quote", "essai.csv, ligne 3")


def test_a_file_cut_inside_its_last_text_is_refused_at_that_line():
    text = "Amount,Account,Label\n1.00,12345,a\n2.50,12345,forfait a"
    fault = refused(charge_part(), text)
    assert (fault.code, fault.place) == ("cut", "essai.csv, ligne 3")
    never_ended = charge_part(text={"last_line_ends": False})
    assert read_text(never_ended, text).column("label") == ["a", "forfait a"]


def test_a_line_too_long_is_refused_with_its_line():
    spec = charge_part(text={"encodings": ["utf-8"], "max_row": 100})
    fault = refused(spec, "Account,Label,Amount\n12345,a,1\n12345," + "x" * 200 + ",1\n12345,a,1\n")
    assert (fault.code, fault.place) == ("long_line", "essai.csv, ligne 3")


def test_a_line_end_between_quotes_keeps_the_lines_right():
    text = 'Account,Label,Amount\n12345,"a\nb, ""c""",1\n12345,d,2\n12345,"e\r\nf",x\n'
    for block in (10, 4_000_000):
        read = read_text(charge_part(), text, block=block)
        assert read.column("label") == ['a\nb, "c"', "d"]
        assert read.column("line") == [2, 4]
        assert [reject.line for reject in read.rejects] == [5]


def test_a_gigabyte_on_one_line_is_refused_in_bounded_memory():
    class Endless(io.RawIOBase):
        def read(self, size=-1):
            return b"x" * size

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FormatRefused):
        list(read_blocks(Endless(), TextSpec(), "essai"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_wrong_delimiter_is_refused_and_says_so():
    fault = refused(
        charge_part(layout={"header": {"kind": "containing", "words": ["Amount"]}}),
        TEXT.replace(",", ";"),
    )
    assert fault.code == "header"
    assert "délimiteur" in fault.message


def test_an_empty_file_is_refused():
    assert refused(charge_part(), "").code == "empty"


MEASURE = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(USE_I18N=False)
from billing.formats.package import open_package
from billing.formats.reading import Context, read_part
from billing.formats.shipped import shipped_profile
profile = shipped_profile("rogers_usage_breakdown")
part = open_package(Path(sys.argv[1]), "usage.csv", profile).parts[0]
rows = sum(batch.accepted for batch in read_part(part, Context(b"key")))
status = Path("/proc/self/status").read_text()
print(rows, int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def test_memory_is_small_and_flat(tmp_path):
    """At 50 000 and 400 000 rows here; the bench measures 0.25, 1 and 4 million (X-28)."""
    peaks = []
    for rows in (50_000, 400_000):
        write_specimen("rogers_usage_breakdown", tmp_path / "f", CYCLE, usage_rows=rows)
        told = subprocess.run(
            [sys.executable, "-c", MEASURE, str(tmp_path / "f")],
            capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
        assert int(told[0]) == rows
        peaks.append(int(told[1]))
    assert peaks[1] <= 300


def test_a_picture_sent_as_a_text_file_is_recognised_as_nothing(tmp_path):
    picture = tmp_path / "photo.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10)
    profiles = [parse_definition(one) for one in shipped_definitions().values()]
    assert recognise(picture, "photo.csv", profiles) == []
    said = refused(charge_part(), picture.read_bytes())
    assert (said.code, said.place) == ("not_text", "essai.csv")
    assert "n'est pas un fichier texte (une image PNG)" in said.message
    assert nearest(picture, "photo.csv", profiles) in profiles


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.7\n1 0 obj", "un PDF"),
        (b"\xff\xd8\xff\xe0JFIF", "une image JPEG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "un document d'avant 2007 (XLS, DOC)"),
        (bytes(range(256)), "son contenu est binaire"),
    ],
)
def test_what_is_no_text_is_named_and_what_to_send_is_told(data, told):
    said = refused(charge_part(), data)
    assert said.code == "not_text"
    assert f"({told})" in said.message
    assert "déposez le fichier de données" in said.message
