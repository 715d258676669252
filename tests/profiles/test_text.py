r"""Bytes of a device as text: one printable line, told back to the byte, and typed by the profile."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wanmon.profiles.text import LABEL_CHARACTERS, as_bytes, text, typed

#: Pieces that make trouble: half an escape, a whole one, backslashes, quotes, other encodings, marks that combine.
PIECES = st.sampled_from(
    [b"\\", b"\\\\", b"\\x", b"\\xff", b"ff", b"x", b"\xff", b"\xed\xa0\x80", b"e\xcc\x81", b"\xcc\x81", b"a", b"\x1b",
     b'"', "ắ".encode(), b"\xe2\x80\xae", b" ", b"\n", b"\0"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("Bắc Ninh", "Bắc Ninh".encode()),
        ("Bắc Ninh", unicodedata.normalize("NFD", "Bắc Ninh").encode()),
        ("a b", b"a\n\t\r b\0\0"),
        ("a b", "a\u00a0\u2003b".encode()),
        (r"B\xb0c", b"B\xb0c"),
        (r"a\x1b\x07b", b"a\x1b\x07b"),
        (r"ab\xe2\x80\x8b", b"ab\xe2\x80\x8b"),
        (r"\xed\xa0\x80", b"\xed\xa0\x80"),
        (r"\Device\{0}", rb"\Device\{0}"),
        (r"\\host\share", rb"\\host\share"),
        (r"\\xff", rb"\xff"),
        (r"\xff\\\xfe", b"\xff\\\xfe"),
        (r"\xff\xcc\x81", b"\xff\xcc\x81"),
        ("", None),
        ("", 7),
        ("", (1, 3)),
    ],
    ids=["UTF-8", "NFD", "white space", "other spaces", "TCVN3", "control", "unseen", "surrogate", "backslash",
         "backslashes", "as if written out", "both", "combining", "nothing", "number", "OID"],
)  # fmt: skip
def test_bytes_of_a_device_become_one_printable_line(expected: str, value: object):
    assert expected == text(value)


@given(st.binary(max_size=300) | st.lists(PIECES, max_size=80).map(b"".join))
def test_any_bytes_at_all_become_one_printable_line(value: bytes):
    shown = text(value)

    assert shown.isprintable()
    assert len(shown) <= LABEL_CHARACTERS
    assert shown == shown.encode().decode()
    assert shown == unicodedata.normalize("NFC", shown)


def without_space(value: bytes) -> str:
    """What `text` keeps of bytes: NFC, runs of white space as one, no NULs at the end."""
    decoded = value.rstrip(b"\0").decode("utf-8", "surrogateescape")
    return " ".join(unicodedata.normalize("NFC", decoded).split())


@given(st.binary(max_size=30) | st.lists(PIECES, max_size=10).map(b"".join))
def test_what_is_written_out_can_be_read_back(value: bytes):
    assert without_space(value) == as_bytes(text(value, 1000)).decode("utf-8", "surrogateescape")


@given(st.lists(PIECES, max_size=8).map(b"".join), st.lists(PIECES, max_size=8).map(b"".join))
def test_two_names_that_differ_are_shown_differently(one: bytes, other: bytes):
    """Else two ports would become one series."""
    assert (without_space(one) == without_space(other)) == (text(one, 1000) == text(other, 1000))


def test_a_character_that_is_written_out_is_not_cut_in_two():
    assert r"\xff" * 2 == text(b"\xff" * 9, 11)


def test_what_is_cut_is_cut_to_the_limit():
    assert "x" * 200 == text(b"x" * 300)


@pytest.mark.parametrize(
    ("expected", "syntax", "value"),
    [
        ("2018-04-09T19:28:15", "date_and_time", bytes.fromhex("07e20409131c0f00")),
        ("2018-04-09T19:28:15.500+08:00", "date_and_time", bytes.fromhex("07e20409131c0f052b0800")),
        ("2018-04-09T19:28:15-03:30", "date_and_time", bytes.fromhex("07e20409131c0f002d031e")),
        ("2018-04-09T19:28:15+00:00", "date_and_time", bytes.fromhex("07e20409131c0f002b0000")),
        ("2016-12-31T23:59:59+00:00", "date_and_time", bytes.fromhex("07e00c1f173b3c002b0000")),
        ("0x0000000000000000", "date_and_time", bytes(8)),
        ("0x07e20d09131c0f00", "date_and_time", bytes.fromhex("07e20d09131c0f00")),
        ("0x07e20409131c0f00000800", "date_and_time", bytes.fromhex("07e20409131c0f00000800")),
        ("0x07e2", "date_and_time", bytes.fromhex("07e2")),
        ("00:20:85:eb:df:d0", "mac", bytes.fromhex("002085ebdfd0")),
        ("00:20:85:ff:fe:eb:df:d0", "mac", bytes.fromhex("002085fffeebdfd0")),
        ("", "mac", b""),
        ("0x002085", "mac", bytes.fromhex("002085")),
        ("10.1.8.2", "ip", bytes([10, 1, 8, 2])),
        ("2001:db8::1", "ip", bytes.fromhex("20010db8" + "00" * 11 + "01")),
        ("fe80::1%5", "ip", bytes.fromhex("fe80" + "00" * 13 + "01" + "00000005")),
        ("", "ip", b""),
        ("0x0a01", "ip", b"\x0a\x01"),
        ("other, 3, 9", "bits", b"\x90\x40"),
        ("", "bits", b"\0"),
        ("a b", "text", b"a\nb"),
        ("7", "integer", 7),
        ("other", "integer", 0),
        ("1.3.6", "oid", (1, 3, 6)),
        ("", "text", None),
    ],
)
def test_a_value_is_shown_by_its_syntax(expected: str, syntax: str, value: object):
    """DateAndTime and BITS by RFC 2579 and 2578; what does not fit is shown as it came."""
    assert expected == typed(value, syntax, {0: "other"})


@given(
    st.sampled_from(["integer", "counter64", "timeticks", "text", "oid", "date_and_time", "mac", "ip", "bits"]),
    st.binary(max_size=40) | st.integers() | st.none() | st.lists(st.integers(0, 2**32 - 1)).map(tuple),
)
def test_a_syntax_that_an_agent_does_not_keep_to_breaks_nothing(syntax: str, value: object):
    assert typed(value, syntax).isprintable()
