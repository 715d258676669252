"""Our BER against pyasn1's, in both directions, and against bytes that lie."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto import rfc1902

from wanmon.protocols.snmp.ber import (
    MalformedMessage,
    encode,
    encode_integer,
    encode_oid,
    encode_value,
    enter,
    read_header,
    read_integer,
    read_oid,
    read_value,
)
from wanmon.protocols.snmp.types import Oid, Syntax, Value

ARC = st.one_of(st.integers(0, 2**32 - 1), st.sampled_from([0, 127, 128, 16383, 16384, 2**31, 2**32 - 1]))
OIDS = st.builds(
    lambda top, second, rest: (top, second if top == 2 else second % 40, *rest),
    st.integers(0, 2),
    st.integers(0, 2**20),
    st.lists(ARC, max_size=126),
)
NUMBERS: dict[Syntax, tuple[Any, int]] = {
    Syntax.COUNTER32: (rfc1902.Counter32, 32),
    Syntax.GAUGE32: (rfc1902.Gauge32, 32),
    Syntax.TIMETICKS: (rfc1902.TimeTicks, 32),
    Syntax.COUNTER64: (rfc1902.Counter64, 64),
}


def number_cases() -> st.SearchStrategy[tuple[Syntax, int]]:
    return st.sampled_from(list(NUMBERS)).flatmap(
        lambda syntax: st.tuples(st.just(syntax), st.integers(0, 2 ** NUMBERS[syntax][1] - 1))
    )


def value_of(data: bytes) -> tuple[Syntax, Value]:
    syntax, value, end = read_value(data, 0, len(data))
    assert len(data) == end
    return syntax, value


@given(st.integers(-(2**31), 2**31 - 1))
@example(-128)
@example(-(2**31))
def test_an_integer_goes_to_pyasn1_and_comes_back(number: int) -> None:
    """pyasn1 spends a byte too much on -2^7, -2^15 and so on: read all the same, and ours is never longer."""
    theirs = bytes(encoder.encode(univ.Integer(number)))
    ours = encode_integer(number)

    assert number == int(decoder.decode(ours, asn1Spec=univ.Integer())[0])
    assert (number, len(theirs)) == read_integer(theirs, 0, len(theirs))
    assert len(ours) <= len(theirs)


@given(OIDS)
def test_an_oid_is_the_same_bytes_as_pyasn1_writes(oid: Oid) -> None:
    encoded = bytes(encoder.encode(univ.ObjectIdentifier(oid)))

    assert encoded == encode_oid(oid)
    assert (oid, len(encoded)) == read_oid(encoded, 0, len(encoded))
    assert oid == tuple(decoder.decode(encode_oid(oid))[0])


@given(number_cases())
def test_a_counter_gauge_or_time_is_read_as_pysnmp_wrote_it(case: tuple[Syntax, int]) -> None:
    syntax, number = case
    theirs = NUMBERS[syntax][0](number)

    assert (syntax, number) == value_of(bytes(encoder.encode(theirs)))
    assert number == int(decoder.decode(encode_value(syntax, number), asn1Spec=NUMBERS[syntax][0]())[0])


@given(st.binary(max_size=70_000))
def test_a_string_of_any_bytes_and_length_survives(text: bytes) -> None:
    theirs = bytes(encoder.encode(rfc1902.OctetString(text)))

    assert (Syntax.OCTET_STRING, text) == value_of(theirs)
    assert theirs == encode_value(Syntax.OCTET_STRING, text)


VALUES: list[tuple[bytes, Syntax, Value]] = [
    (b"\x41\x04\xff\xff\xff\xff", Syntax.COUNTER32, 2**32 - 1),
    (b"\x41\x05\x00\xff\xff\xff\xff", Syntax.COUNTER32, 2**32 - 1),
    (b"\x46\x08" + b"\xff" * 8, Syntax.COUNTER64, 2**64 - 1),
    (b"\x46\x09\x00" + b"\xff" * 8, Syntax.COUNTER64, 2**64 - 1),
    (b"\x46\x01\x80", Syntax.COUNTER64, 128),
    (b"\x02\x05\x00\x7f\xff\xff\xff", Syntax.INTEGER, 2**31 - 1),
    (b"\x02\x01\xff", Syntax.INTEGER, -1),
    (b"\x04\x82\x00\x02ab", Syntax.OCTET_STRING, b"ab"),
    (b"\x04\x84\x00\x00\x00\x02ab", Syntax.OCTET_STRING, b"ab"),
    (b"\x04\x00", Syntax.OCTET_STRING, b""),
    (b"\x40\x04\x0a\x1b\x00\x01", Syntax.IP_ADDRESS, b"\x0a\x1b\x00\x01"),
    (b"\x44\x07\x9f\x78\x04\x41\x20\x00\x00", Syntax.OPAQUE, b"\x9f\x78\x04\x41\x20\x00\x00"),
    (b"\x06\x00", Syntax.OBJECT_IDENTIFIER, (0, 0)),
    (b"\x05\x00", Syntax.NULL, None),
    (b"\x80\x00", Syntax.NO_SUCH_OBJECT, None),
    (b"\x81\x00", Syntax.NO_SUCH_INSTANCE, None),
    (b"\x82\x00", Syntax.END_OF_MIB_VIEW, None),
]


@pytest.mark.parametrize(("data", "syntax", "value"), VALUES, ids=[data.hex() for data, _, _ in VALUES])
def test_what_agents_write_is_read(data: bytes, syntax: Syntax, value: Value) -> None:
    """Padded lengths, missing sign bytes and 06 00 come from real agents."""
    assert (syntax, value) == value_of(data)


LIES: dict[str, bytes] = {
    "nothing": b"",
    "a tag alone": b"\x02",
    "an indefinite length": b"\x04\x80ab\x00\x00",
    "a length of five bytes": b"\x04\x85\x00\x00\x00\x00\x01a",
    "a reserved length": b"\x04\xff" + b"\x00" * 130,
    "a length that is cut off": b"\x04\x82\x00",
    "a length beyond the end": b"\x04\x05abcd",
    "a length of 4 GiB": b"\x04\x84\xff\xff\xff\xffa",
    "an empty INTEGER": b"\x02\x00",
    "an INTEGER of 33 bits": b"\x02\x05\x01\x00\x00\x00\x00",
    "an INTEGER of 2^31": b"\x02\x05\x00\x80\x00\x00\x00",
    "an INTEGER of six bytes": b"\x02\x06\x00\x00\x00\x00\x00\x01",
    "an empty Counter32": b"\x41\x00",
    "a Counter32 of 33 bits": b"\x41\x05\x01\x00\x00\x00\x00",
    "a Counter32 with a negative fifth byte": b"\x41\x05\xff\xff\xff\xff\xff",
    "a Counter64 of 65 bits": b"\x46\x09\x01" + b"\x00" * 8,
    "a Counter64 of ten bytes": b"\x46\x0a" + b"\x00" * 10,
    "an IpAddress of five bytes": b"\x40\x05\x01\x02\x03\x04\x05",
    "an IpAddress of three bytes": b"\x40\x03\x01\x02\x03",
    "a NULL with contents": b"\x05\x01\x00",
    "a noSuchInstance with contents": b"\x81\x01\x00",
    "an OID that does not end": b"\x06\x02\x2b\x86",
    "an OID with a padded arc": b"\x06\x03\x2b\x80\x01",
    "an OID with an arc of 33 bits": b"\x06\x06\x2b\x90\x80\x80\x80\x00",
    "an OID with an endless arc": b"\x06\x7f\x2b" + b"\x8f" * 125 + b"\x01",
    "an OID of 129 arcs": b"\x06\x81\x80\x2b" + b"\x01" * 127,
    "a constructed string": b"\x24\x04\x04\x02ab",
    "a SEQUENCE for a value": b"\x30\x02\x05\x00",
    "a tag of two bytes": b"\x1f\x81\x00\x00",
    "a BIT STRING": b"\x03\x02\x00\x01",
}


@pytest.mark.parametrize("data", LIES.values(), ids=LIES.keys())
def test_a_value_that_lies_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_value(data, 0, len(data))


def test_an_oid_of_128_arcs_is_the_longest() -> None:
    longest = (1, 3, *[2**32 - 1] * 126)

    assert longest == read_oid(encode_oid(longest), 0, len(encode_oid(longest)))[0]
    with pytest.raises(ValueError, match="128 arcs"):
        encode_oid((*longest, 1))


def test_an_empty_oid_is_no_name() -> None:
    """As a value 06 00 means 0.0; a var-bind without a name means nothing."""
    with pytest.raises(MalformedMessage):
        read_oid(b"\x06\x00", 0, 2)


@pytest.mark.parametrize("oid", [(1,), (3, 1), (1, 40), (1, 3, -1), (1, 3, 2**32)], ids=str)
def test_what_is_no_oid_is_not_encoded(oid: Oid) -> None:
    with pytest.raises(ValueError, match="OID"):
        encode_oid(oid)


@pytest.mark.parametrize(
    ("syntax", "value"),
    [
        (Syntax.INTEGER, 2**31),
        (Syntax.COUNTER32, -1),
        (Syntax.GAUGE32, 2**32),
        (Syntax.COUNTER64, 2**64),
        (Syntax.OCTET_STRING, None),
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_its_type_is_not_encoded(syntax: Syntax, value: Value) -> None:
    with pytest.raises(ValueError, match=r"is no|needs a value"):
        encode_value(syntax, value)


@pytest.mark.parametrize("read", [read_header, read_integer, read_oid, read_value], ids=lambda read: read.__name__)
@given(data=st.binary(max_size=40))
def test_no_reader_raises_anything_but_malformed(read: Callable[..., Any], data: bytes) -> None:
    try:
        end = read(data, 0, len(data))[-1]
    except MalformedMessage:
        return
    assert 0 < end <= len(data)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_reader_never_looks_beyond_its_end(contents: bytes, data: st.DataObject) -> None:
    """What follows a container belongs to somebody else."""
    element = encode(Syntax.OCTET_STRING, contents)
    cut = data.draw(st.integers(0, len(element) - 1))

    with pytest.raises(MalformedMessage):
        enter(element, 0, cut, Syntax.OCTET_STRING)


def test_ten_thousand_nested_sequences_are_just_one_header() -> None:
    """Nothing recurses, so that depth costs nothing."""
    data = b""
    for _ in range(10_000):
        data = encode(0x30, data)

    with pytest.raises(MalformedMessage):
        read_value(data, 0, len(data))
