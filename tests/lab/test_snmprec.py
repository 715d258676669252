"""Recorded walks as files: every line means what snmpsim means by it, and what is written is read back the same."""

import bz2
import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wanmon.errors import RecordingError
from wanmon.lab import snmprec
from wanmon.protocols.snmp.types import Syntax, VarBind

OID = (1, 3, 6, 1, 2, 1, 1, 5, 0)


def parsed(*lines, note=lambda text: None):
    return snmprec.parse([line if isinstance(line, bytes) else line.encode() for line in lines], "walk", note)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2|-7", (Syntax.INTEGER, -7)),
        ("4|BN-0001", (Syntax.OCTET_STRING, b"BN-0001")),
        ("4|", (Syntax.OCTET_STRING, b"")),
        ("4|a|b # c", (Syntax.OCTET_STRING, b"a|b # c")),
        ("4|0x0a", (Syntax.OCTET_STRING, b"0x0a")),
        (r"4|C:\new", (Syntax.OCTET_STRING, rb"C:\new")),
        ("4|Bắc Ninh", (Syntax.OCTET_STRING, "Bắc Ninh".encode())),
        ("4|à", (Syntax.OCTET_STRING, "à".encode())),
        ("4x|00ffA0", (Syntax.OCTET_STRING, b"\x00\xff\xa0")),
        ("4x|", (Syntax.OCTET_STRING, b"")),
        (r"4e|a\x00\n\\x\'", (Syntax.OCTET_STRING, b"a\x00\n\\x'")),
        ("5|", (Syntax.NULL, None)),
        ("6|1.3.6.1.4.1.9", (Syntax.OBJECT_IDENTIFIER, (1, 3, 6, 1, 4, 1, 9))),
        ("6|.1.3.6", (Syntax.OBJECT_IDENTIFIER, (1, 3, 6))),
        ("6|0.0", (Syntax.OBJECT_IDENTIFIER, (0, 0))),
        ("6|", (Syntax.OBJECT_IDENTIFIER, (0, 0))),
        ("64|10.27.0.1", (Syntax.IP_ADDRESS, b"\x0a\x1b\x00\x01")),
        ("64x|0a1b0001", (Syntax.IP_ADDRESS, b"\x0a\x1b\x00\x01")),
        ("65|4294967295", (Syntax.COUNTER32, 2**32 - 1)),
        ("66|0", (Syntax.GAUGE32, 0)),
        ("67|250420447", (Syntax.TIMETICKS, 250_420_447)),
        ("68x|9f7804", (Syntax.OPAQUE, b"\x9f\x78\x04")),
        ("68|abc", (Syntax.OPAQUE, b"abc")),
        ("70|18446744073709551615", (Syntax.COUNTER64, 2**64 - 1)),
        ("67:numeric|rate=100", (Syntax.TIMETICKS, 0)),
        ("2:numeric|max=100,wrap=1,scale=0,offset=50,deviation=50", (Syntax.INTEGER, 50)),
        ("66:numeric|min=0,scale=95,deviation=2,function=cos,rate=0.001", (Syntax.GAUGE32, 0)),
        ("65:numeric|initial=7,offset=1,max=5", (Syntax.COUNTER32, 5)),
    ],
)
def test_a_line_means_what_snmpsim_means_by_it(text, expected):
    assert {OID: expected} == parsed(f"1.3.6.1.2.1.1.5.0|{text}")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("1.3.6.1|2|4294967295", "no INTEGER can be"),
        ("1.3.6.1|65|-1", "no COUNTER32 can be"),
        ("1.3.6.1|70|18446744073709551616", "no COUNTER64 can be"),
        ("1.3.6.1|2|", "a number without a value"),
        ("1.3.6.1|64|", "an IP address without a value"),
        ("1.3.6.1|64x|0a1b", "an IP address of 2 bytes"),
        ("1.3.6.1|71|5", "tag 71, which no SNMP value has"),
        ("1.3.6.1|128|", "says that there is nothing"),
        ("1.3.6.1|4:delay|value=abc,wait=100", "made up by snmpsim"),
        ("1.3.6.1|67:numeric|rate=fast", "are no numbers"),
        ("1.3.6.1|:writecache|value=abc", "a whole subtree"),
    ],
    ids=lambda text: text if "|" in text else "",
)
def test_what_no_agent_could_answer_is_passed_over_and_noted(line, why):
    """snmpsim serves the rest of such a file, too."""
    noted = []
    found = parsed("1.3.6.1.2.1.1.5.0|4|a", line, note=noted.append)

    assert {OID: (Syntax.OCTET_STRING, b"a")} == found
    (note,) = noted
    assert note.startswith(f"walk:2: '{line}'")
    assert why in note


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("sysName.0 = STRING: lo", "is no OID|TAG|VALUE"),
        ("1.3.6.1|4", "is no OID|TAG|VALUE"),
        ("iso.3.6|4|a", "no OID of numbers"),
        ("1|4|a", "no OID of numbers"),
        ("3.3.6|4|a", "no OID of numbers"),
        ("1.40.6|4|a", "a number that no OID may have"),
        ("1.3.4294967296|4|a", "a number that no OID may have"),
        ("1.3." + ".".join("1" * 127) + "|4|a", "no OID of numbers"),
        ("1.3.6|four|a", "no tag like 4, 4x or 65, but 'four'"),
        ("1.3.6||a", "no tag like 4, 4x or 65, but ''"),
        ("1.3.6|2|up", "'up' where a number belongs"),
        ("1.3.6|2x|0a", "neither hex digits nor escapes"),
        ("1.3.6|65|1_000", "'1_000' where a number belongs"),
        ("1.3.6|4x|0a1", "whole bytes of two hex digits"),
        ("1.3.6|4x|zz", "whole bytes of two hex digits"),
        (r"4e|\q".join(["1.3.6|", ""]), r"unknown escape \q"),
        ("1.3.6|64|10.27.0.256", "where an address like 10.27.0.1 belongs"),
        ("1.3.6|6|ifName", "no OID of numbers"),
    ],
    ids=lambda text: text[:24],
)
def test_a_line_that_cannot_be_one_is_told_with_its_place_and_what_to_do(line, why):
    with pytest.raises(RecordingError) as told:
        parsed("# a switch", "1.3.6.1.2.1.1.5.0|4|a", line)

    (problem,) = told.value.problems
    assert problem.startswith("walk:3: ")
    assert why in problem
    assert problem.endswith(": correct the line or take it out")


def test_all_wrong_lines_are_told_at_once_but_not_without_end():
    with pytest.raises(RecordingError) as told:
        parsed(*["garbage"] * 1000)

    assert 20 == len(told.value.problems)


def test_what_is_told_first_counts_and_the_order_is_that_of_a_walk():
    """Walks of several agents end with their last OID again, and an empty value for "end of MIB"."""
    noted = []
    found = parsed("1.3.6.1.2|2|2", "1.0.8802|2|1", "1.3.6.1.10|2|3", "1.3.6.1.2|4|", note=noted.append)

    assert [((1, 0, 8802), 1), ((1, 3, 6, 1, 2), 2), ((1, 3, 6, 1, 10), 3)] == [(o, v) for o, (_, v) in found.items()]
    assert ["walk:4: '1.3.6.1.2|4|' tells an OID again, and otherwise than before: passed over"] == noted


def test_the_same_line_again_is_not_worth_a_word():
    noted = []
    parsed("1.3.6.1|2|2", "1.3.6.1|2|2", note=noted.append)

    assert [] == noted


@pytest.mark.parametrize(
    ("name", "pack"), [("w.snmprec", bytes), ("w.snmprec.bz2", bz2.compress), ("w.snmprec.gz", gzip.compress)]
)
def test_a_file_may_be_packed(tmp_path, name, pack):
    file = tmp_path / name
    file.write_bytes(pack(b"\xef\xbb\xbf#Eaton\r\n\r\n1.3.6.1.2.1.1.5.0|4|a\r\n"))

    assert {OID: (Syntax.OCTET_STRING, b"a")} == snmprec.read(file)


@pytest.mark.parametrize("name", ["cut.snmprec.bz2", "cut.snmprec.gz"])
@pytest.mark.parametrize("content", [b"no archive", None], ids=["another kind of file", "cut off"])
def test_a_file_that_cannot_be_unpacked_is_one_line(tmp_path, name, content):
    pack = bz2.compress if name.endswith("bz2") else gzip.compress
    (tmp_path / name).write_bytes(content or pack(b"1.3.6.1|2|2\n" * 1000)[:-9])
    with pytest.raises(RecordingError, match=f"{name}: cannot be "):
        snmprec.read(tmp_path / name)


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(RecordingError, match="walk: cannot be read: No such file or directory"):
        snmprec.read(tmp_path / "walk")


@pytest.mark.parametrize(("limit", "most"), [("MAX_BYTES", 100), ("MAX_LINES", 10)])
def test_a_file_without_end_is_refused(tmp_path, monkeypatch, limit, most):
    """Forty bytes of bzip2 unpack to a megabyte."""
    monkeypatch.setattr(snmprec, limit, most)
    (tmp_path / "bomb.bz2").write_bytes(bz2.compress(b"\n" * 1_000_000))
    with pytest.raises(RecordingError, match=f"more than {most} lines|larger than {most} bytes"):
        snmprec.read(tmp_path / "bomb.bz2")


ARC = st.integers(0, 2**32 - 1)
OIDS = st.builds(lambda tail: (1, 3, *tail), st.lists(ARC, max_size=20).map(tuple))
VALUES = st.one_of(
    st.tuples(st.just(Syntax.INTEGER), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.sampled_from([Syntax.COUNTER32, Syntax.GAUGE32, Syntax.TIMETICKS]), st.integers(0, 2**32 - 1)),
    st.tuples(st.just(Syntax.COUNTER64), st.integers(0, 2**64 - 1)),
    st.tuples(st.sampled_from([Syntax.OCTET_STRING, Syntax.OPAQUE]), st.binary(max_size=40)),
    st.tuples(st.just(Syntax.OCTET_STRING), st.text(max_size=40).map(lambda text: text.encode())),
    st.tuples(st.just(Syntax.OCTET_STRING), st.text("a1 |#\\'\"\t:=", max_size=8).map(lambda text: text.encode())),
    st.tuples(st.just(Syntax.IP_ADDRESS), st.binary(min_size=4, max_size=4)),
    st.tuples(st.just(Syntax.OBJECT_IDENTIFIER), OIDS),
    st.just((Syntax.NULL, None)),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(OIDS, VALUES, max_size=20))
def test_what_is_written_is_read_back_exactly(rows):
    noted = []
    lines = [snmprec.line(VarBind(oid, *row)) for oid, row in rows.items()]

    assert dict(sorted(rows.items())) == parsed(*lines, note=noted.append)
    assert [] == noted
    assert b"" == b"".join(lines).translate(None, delete=bytes(range(32, 127)))


@pytest.mark.parametrize("name", ["w.snmprec", "w.snmprec.bz2", "w.snmprec.gz"])
def test_a_written_file_is_read_back_and_never_written_over(tmp_path, name):
    rows = [VarBind(OID, Syntax.OCTET_STRING, b"a\nb"), VarBind((*OID, 1), Syntax.NO_SUCH_INSTANCE, None)]
    snmprec.write(tmp_path / name, rows, ["a walk\nof 10.27.0.1"])

    assert {OID: (Syntax.OCTET_STRING, b"a\nb")} == snmprec.read(tmp_path / name)
    with pytest.raises(RecordingError, match="cannot be written: File exists"):
        snmprec.write(tmp_path / name, rows)


def test_a_comment_is_one_line(tmp_path):
    snmprec.write(tmp_path / "w", [], ["router\n1.3.6.1|4|forged"])

    assert b"# router 1.3.6.1|4|forged\n" == (tmp_path / "w").read_bytes()
