"""Packages are opened without trust, and parts recognised by their content first (X-19)."""

import gzip
import io
import stat
import struct
import time
import tracemalloc
import zipfile

import pytest

from billing.formats.faults import FormatRefused
from billing.formats.nearest import nearest
from billing.formats.package import open_package, readable, recognise
from billing.formats.shipped import shipped_definitions, shipped_profile
from billing.specimens.layouts import write_specimen
from tests.billing.formats.reads import CYCLE, charge_part, profile_of, read_file

TEXT = "Account,Label,Amount\n12345,a,1.00\n"


def telus():
    return shipped_profile("telus_text_bill")


def archive(path, *members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info, data in members:
            target.writestr(info, data)
    return path


def refused(path, profile=None):
    with pytest.raises(FormatRefused) as caught:
        open_package(path, "essai.zip", profile or telus())
    return caught.value.fault.code


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "a/../../b.csv", "C:/a.csv", "a\\b.csv"])
def test_a_name_that_leaves_its_folder_is_refused(name, tmp_path):
    assert refused(archive(tmp_path / "f", (name, TEXT))) == "unsafe_member"


def test_a_link_is_refused(tmp_path):
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refused(archive(tmp_path / "f", (info, "/etc/passwd"))) == "unsafe_member"


@pytest.mark.parametrize("name", ["a.zip", "a.csv"])
def test_a_nested_archive_is_refused_whatever_its_name(name, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as target:
        target.writestr("a.csv", TEXT)
    assert refused(archive(tmp_path / "f", (name, inner.getvalue()))) == "nested_archive"


def test_two_members_of_one_name_are_refused(tmp_path):
    path = archive(tmp_path / "f", ("a.csv", TEXT), ("x/A.CSV", TEXT))
    assert refused(path) == "duplicate_member"


def test_too_many_members_are_refused_before_their_list_is_read(tmp_path):
    path = archive(tmp_path / "f", *((f"{n}.csv", "") for n in range(30)))
    assert refused(path) == "too_many_members"


def zip64(path, count, told):
    """An archive of ``count`` members whose plain end tells one; ``told``: what its ZIP64 says."""
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, *[0] * 7, 1, *[0] * 6) + b"a"
    start = 1_000
    size = len(entry) * count
    wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, told, told, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 47, start, 0)
    path.write_bytes(b"\0" * start + entry * count + wide + locator + end)
    return path


@pytest.mark.parametrize("told", [100_000, 1])
def test_members_that_only_zip64_counts_are_refused_before_their_list_is_read(told, tmp_path):
    """X-19: the plain end said one, 100 000 were loaded."""
    path = zip64(tmp_path / "f", 100_000, told)
    tracemalloc.start()
    began = time.monotonic()
    assert refused(path) == "too_many_members"
    took, (_now, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (took < 2, peak < 10_000_000) == (True, True)


def test_more_members_than_the_end_tells_are_counted(tmp_path):
    assert refused(zip64(tmp_path / "f", 30, 1)) == "too_many_members"


def test_an_archive_of_zip64_is_read(tmp_path):
    """A file of several gigabytes is written so."""
    path = archive(tmp_path / "f", ("a.csv", TEXT))
    data = path.read_bytes()
    at = data.index(b"PK\x05\x06")
    size, start = struct.unpack_from("<2L", data, at + 12)
    wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size, start)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    path.write_bytes(data[:at] + wide + struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1) + end)
    profile = profile_of(charge_part(), package={"kind": "zip"})
    assert [part.member.name for part in open_package(path, "f.zip", profile).parts] == ["a.csv"]


def test_a_bomb_is_refused_before_it_is_inflated(tmp_path):
    assert refused(archive(tmp_path / "f", ("a.csv", b"0" * 50_000_000))) == "zip_bomb"


def test_a_member_larger_than_the_limit_is_refused(tmp_path):
    profile = profile_of(charge_part(), package={"kind": "zip", "max_bytes": 10})
    assert refused(archive(tmp_path / "f", ("a.csv", TEXT)), profile) == "too_large"


def test_an_encrypted_member_is_refused(tmp_path):
    path = archive(tmp_path / "f", ("a.csv", TEXT))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert refused(path) == "encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_member_that_is_neither_stored_nor_deflated_is_refused(method, tmp_path):
    """A damaged LZMA member raised what nobody caught."""
    with zipfile.ZipFile(tmp_path / "f", "w", method) as target:
        target.writestr("a.csv", TEXT)
    data = bytearray((tmp_path / "f").read_bytes())
    data[40:44] = b"\xff" * 4
    (tmp_path / "f").write_bytes(bytes(data))
    assert refused(tmp_path / "f") == "compression"


def test_a_name_that_is_not_the_utf8_it_says_is_refused(tmp_path):
    path = archive(tmp_path / "f", ("é.csv", TEXT))
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))
    assert refused(path) == "damaged_package"


@pytest.mark.parametrize("is_name", [True, False])
def test_a_workbook_whose_name_or_member_is_damaged_is_refused(is_name, tmp_path):
    path = write_specimen("telus_inventory", tmp_path / "f", CYCLE).path
    data = bytearray(path.read_bytes())
    if is_name:
        at = data.index(b"PK\x01\x02")
        data[at + 9] |= 8
        data[at + 46] = 0xFF
    else:
        data[30 + data[26] : 60 + data[26]] = b"\xff" * 30
    path.write_bytes(bytes(data))
    faults = read_file(path, shipped_profile("telus_inventory")).faults
    assert [fault.code for fault in faults] == ["workbook"]


def test_the_nearest_profile_reads_patterns_as_the_check_of_profiles_did(tmp_path):
    """« \\z » means nothing to Python, and a nested star never ends there."""
    (tmp_path / "f").write_bytes(b"a")
    signs = [r"essai\.csv\z", r"^(a+)+$"]
    parts = [charge_part(code=f"c{n}", signature={"name": s}) for n, s in enumerate(signs)]
    profiles = [profile_of(part) for part in parts]
    assert nearest(tmp_path / "f", "essai.csv", profiles) is profiles[0]
    assert nearest(tmp_path / "f", "a" * 40 + "!", profiles[1:]) is profiles[1]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_cut_archive_is_refused(share, tmp_path):
    path = write_specimen("telus_text_bill", tmp_path / "f", CYCLE).path
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert refused(path) in ("package", "damaged_package")


def test_a_damaged_member_is_refused_while_it_is_read(tmp_path):
    path = write_specimen("telus_text_bill", tmp_path / "f", CYCLE).path
    data = bytearray(path.read_bytes())
    data[2_000] ^= 0xFF
    path.write_bytes(bytes(data))
    assert [fault.code for fault in read_file(path, telus()).faults if fault.is_blocking]


def test_an_archive_where_text_is_expected_is_refused(tmp_path):
    assert refused(archive(tmp_path / "f", ("a.csv", TEXT)), profile_of(charge_part())) == "package"


def test_gzip_is_read_and_its_bomb_refused(tmp_path):
    profile = profile_of(charge_part(), package={"kind": "gzip", "max_bytes": 1_000_000})
    (tmp_path / "f").write_bytes(gzip.compress(TEXT.encode()))
    assert read_file(tmp_path / "f", profile).faults == []
    (tmp_path / "f").write_bytes(gzip.compress(TEXT.encode() + b"12345,a,1.00\n" * 900_000))
    assert [fault.code for fault in read_file(tmp_path / "f", profile).faults] == ["too_large"]
    (tmp_path / "f").write_text(TEXT)
    assert refused(tmp_path / "f", profile) == "package"


def test_parts_are_recognised_by_their_content_whatever_their_names(tmp_path):
    path = write_specimen("telus_text_bill", tmp_path / "f", CYCLE, usage_rows=10).path
    with zipfile.ZipFile(path) as source:
        members = [(f"{n}.txt", source.read(i)) for n, i in enumerate(source.infolist())]
    package = open_package(archive(path, *members), "f.zip", telus())
    assert [(part.spec.code, part.member.name) for part in package.parts] == [
        ("individual_detail", "0.txt"),
        ("group_summary", "1.txt"),
        ("airtime_detail", "2.txt"),
    ]


def test_a_required_part_that_is_absent_is_named_and_an_optional_one_is_not_needed(tmp_path):
    path = write_specimen("telus_text_bill", tmp_path / "f", CYCLE).path
    assert open_package(path, "f.zip", telus()).part("airtime_detail") is None
    with zipfile.ZipFile(path) as source:
        detail = source.read(source.infolist()[0])
    with pytest.raises(FormatRefused) as caught:
        open_package(archive(path, ("d.csv", detail)), "f.zip", telus())
    assert "group_summary" in caught.value.fault.place


def with_members(path, *changes):
    """The specimen of TELUS with its use, some of its members changed, taken out or added."""
    write_specimen("telus_text_bill", path, CYCLE, usage_rows=10)
    with zipfile.ZipFile(path) as source:
        members = {info.filename: source.read(info) for info in source.infolist()}
    (use,) = (name for name in members if name.startswith("airtime"))
    for name, change in changes:
        members[name or use] = change(members[use])
    return archive(path, *members.items())


def in_bars(data):
    return data.replace(b",", b"|")


def test_an_optional_member_that_only_its_name_tells_is_read_to_tell_what_is_wrong(tmp_path):
    """Between other marks, the use was a stranger: ignored, and nobody was told."""
    path = with_members(tmp_path / "f", ("", in_bars))
    assert recognise(path, "f.zip", [telus()])[0].parts[-1] == "airtime_detail"
    (fault,) = read_file(path, telus()).faults
    assert (fault.code, fault.place[:14]) == ("header", "airtime_detail")
    assert "(« BAN », « Called Number », délimiteur « , »)" in fault.message
    assert "Redemandez le fichier" in fault.message


def test_a_second_member_of_a_part_s_name_is_refused_and_a_stranger_is_not(tmp_path):
    path = with_members(tmp_path / "f", ("airtime_detail_2.csv", in_bars))
    (fault,) = read_file(path, telus()).faults
    assert (fault.code, fault.place) == ("unread_member", "airtime_detail_2.csv")
    for told in ("airtime_detail", "BAN, Called Number", "délimiteur « , »", "retirez-le"):
        assert told in fault.message
    path = with_members(
        tmp_path / "f", ("airtime_detail.pdf", lambda _use: b"%PDF"), ("lisez-moi.csv", in_bars)
    )
    assert [fault for fault in read_file(path, telus()).faults if fault.is_blocking] == []


def test_a_member_known_by_words_that_are_damaged_is_read_to_tell_their_line(tmp_path):
    """It was said to be absent."""
    path = archive(
        tmp_path / "f",
        ("lisez-moi.txt", "bonjour"),
        ("a.csv", b"Acco\x81unt,Label,Amount\n12345,a,1.00\n"),
    )
    (fault,) = read_file(path, profile_of(charge_part(), package={"kind": "zip"})).faults
    assert (fault.code, fault.place) == ("undecodable", "a.csv, ligne 1")


def test_a_head_that_ends_within_a_character_keeps_its_encoding():
    """It was read in the next one: « Libellé » was no more in it."""
    assert readable("Libellé é".encode()[:-1], ["utf-8-sig", "cp1252"]) == "Libellé "


def test_a_stranger_is_told_or_refused(tmp_path):
    members = [("a.csv", TEXT), ("lisez-moi.txt", "bonjour")]
    path = archive(tmp_path / "f", *members)
    lenient = profile_of(charge_part(), package={"kind": "zip"})
    assert open_package(path, "f.zip", lenient).ignored == ("lisez-moi.txt",)
    strict = profile_of(charge_part(), package={"kind": "zip", "unknown_members": "reject"})
    assert refused(path, strict) == "unknown_member"


@pytest.mark.parametrize("code", sorted(shipped_definitions()))
def test_a_file_is_recognised_among_all_profiles(code, tmp_path):
    path = write_specimen(code, tmp_path / "f", CYCLE, usage_rows=10).path
    matches = recognise(path, "f", [shipped_profile(code) for code in shipped_definitions()])
    assert matches[0].profile.code == code
    assert len(matches) == 1


def test_a_missing_sidecar_and_a_mismatched_one_are_told(tmp_path):
    profile = shipped_profile("rogers_wireless_zip")
    path = write_specimen(profile.code, tmp_path / "f", CYCLE).path
    with zipfile.ZipFile(path) as source:
        header, rows = (source.read(info) for info in source.infolist())
    assert refused(archive(path, ("Wireless.csv", rows)), profile) == "sidecar"
    longer = header + b"Extra,10,String\r\n"
    archive(path, ("Header-Wireless.txt", longer), ("Wireless.csv", rows))
    told = [fault for fault in read_file(path, profile).faults if fault.code == "column_count"]
    assert not told[0].is_blocking
    assert "11 colonnes, les rangs en ont 10" in told[0].message
