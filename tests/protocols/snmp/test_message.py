"""Requests as pysnmp understands them, replies as pysnmp writes them, and 20,000 that nobody should write."""

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysnmp.proto import rfc1902, rfc1905

from tests.protocols.snmp.scripted_agent import Question as Asked
from tests.protocols.snmp.scripted_agent import refusal, reply, understood
from wanmon.protocols.snmp.ber import MalformedMessage, encode, encode_integer, encode_oid
from wanmon.protocols.snmp.envelope import CommunityEnvelope
from wanmon.protocols.snmp.manners import Manners
from wanmon.protocols.snmp.message import (
    REQUEST_ID_FLOOR,
    MismatchedReply,
    Question,
    Version,
    encode_request,
    error_name,
    read_reply,
    read_varbinds,
)
from wanmon.protocols.snmp.prepared import PreparedReading
from wanmon.protocols.snmp.types import Oid, Reading, Syntax, VarBind

OIDS: list[Oid] = [(1, 3, 6, 1, 2, 1, 1, 3, 0), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 4_000_000_000)]
KINDS = {"GetRequestPDU": Question.GET, "GetNextRequestPDU": Question.GETNEXT, "GetBulkRequestPDU": Question.GETBULK}


@given(
    kind=st.sampled_from(list(KINDS)),
    version=st.sampled_from([Version.V1, Version.V2C]),
    community=st.binary(max_size=200),
    request_id=st.integers(REQUEST_ID_FLOOR, 2**31 - 1),
    repetitions=st.integers(0, 2**31 - 1),
    count=st.integers(0, 80),
)
def test_pysnmp_reads_a_request_as_it_was_meant(
    kind: str, version: Version, community: bytes, request_id: int, repetitions: int, count: int
) -> None:
    if kind == "GetBulkRequestPDU":
        version = Version.V2C
    else:
        repetitions = 0
    oids = [(*OIDS[1], number) for number in range(count)]
    request = encode_request(KINDS[kind], version, community, [encode_oid(oid) for oid in oids], repetitions)
    request.stamp(request_id)

    assert Asked(kind, version, community, request_id, tuple(oids), repetitions) == understood(bytes(request.data))


def test_stamping_changes_the_request_id_and_nothing_else() -> None:
    request = encode_request(Question.GET, Version.V2C, b"public", [encode_oid(OIDS[0])])
    size = len(request.data)
    for request_id in (REQUEST_ID_FLOOR, 2**31 - 1, 2**30):
        request.stamp(request_id)

        assert request_id == understood(bytes(request.data)).request_id
        assert size == len(request.data)


def test_there_is_no_way_to_write_a_set() -> None:
    """SET is PDU tag A3 (RFC 3416 section 3): the wire is read-only."""
    assert [0xA0, 0xA1, 0xA5] == [question.value for question in Question]


def test_version_1_has_no_getbulk() -> None:
    with pytest.raises(ValueError, match="GETBULK"):
        encode_request(Question.GETBULK, Version.V1, b"public", [], 10)


@pytest.mark.parametrize("version", [Version.V1, Version.V2C])
def test_a_reply_of_pysnmp_is_read(version: Version) -> None:
    asked = Asked("GetRequestPDU", version, b"public", 12_345_678, tuple(OIDS), 0)
    pairs = [(OIDS[0], rfc1902.TimeTicks(4711)), (OIDS[1], rfc1902.OctetString(b"\xff\x00"))]
    heard = read_reply(reply(asked, pairs))

    assert (12_345_678, version, b"public", 0, 0) == heard[:5]
    assert (
        VarBind(OIDS[0], Syntax.TIMETICKS, 4711),
        VarBind(OIDS[1], Syntax.OCTET_STRING, b"\xff\x00"),
    ) == read_varbinds(heard)


def test_an_error_status_is_read_with_its_index() -> None:
    asked = Asked("GetRequestPDU", 1, b"public", 12_345_678, tuple(OIDS), 0)
    heard = read_reply(refusal(asked, 5, 2))

    assert (5, 2) == (heard.error_status, heard.error_index)


@pytest.mark.parametrize(
    ("status", "name"), [(0, "noError"), (5, "genErr"), (16, "authorizationError"), (99, "error-status 99")]
)
def test_an_error_status_has_the_name_of_the_rfc(status: int, name: str) -> None:
    assert name == error_name(status)


def sample() -> tuple[Reading, PreparedReading, bytes]:
    """A reading of every kind of value, and the truthful reply to it."""
    values = [
        rfc1902.Integer32(-5),
        rfc1902.OctetString(b"x" * 40),
        rfc1902.ObjectIdentifier((1, 3, 6, 1, 4, 1, 2**32 - 1)),
        rfc1902.IpAddress("10.27.0.1"),
        rfc1902.Counter32(2**32 - 1),
        rfc1902.Gauge32(7),
        rfc1902.TimeTicks(0),
        rfc1902.Counter64(2**64 - 1),
        rfc1902.Opaque(b"\x9f\x78\x04\x00\x00\x00\x00"),
        rfc1902.Null(""),
        rfc1905.noSuchObject,
        rfc1905.noSuchInstance,
    ]
    oids = [(*OIDS[1], number) for number in range(len(values))]
    reading = Reading(oids)
    asked = Asked("GetRequestPDU", 1, b"public", 12_345_678, tuple(oids), 0)
    return (
        reading,
        PreparedReading(reading, CommunityEnvelope(Version.V2C, b"public"), Manners(1400, 2.0)),
        reply(asked, list(zip(oids, values, strict=True))),
    )


def test_a_reply_cut_at_any_byte_is_malformed() -> None:
    _reading, _prepared, whole = sample()
    for length in range(len(whole)):
        with pytest.raises(MalformedMessage):
            read_reply(whole[:length])


def test_a_reply_with_one_byte_more_is_malformed() -> None:
    """RFC 3417 section 3: one message is one datagram."""
    with pytest.raises(MalformedMessage):
        read_reply(sample()[2] + b"\x00")


def framed(outer: int = 0, pdu: int = 0, binds: int = 0, bind: bytes = b"") -> bytes:
    """A reply of one Counter32 whose lengths lie by so many bytes; `bind` follows the value inside its var-bind."""
    varbind = encode(0x30, encode_oid(OIDS[0]) + b"\x41\x01\x07" + bind)
    numbers = encode_integer(12_345_678) + encode_integer(0) * 2
    inner = lying(0xA2, numbers + lying(0x30, varbind, binds), pdu)
    return lying(0x30, encode_integer(1) + encode(0x04, b"public") + inner, outer)


def lying(tag: int, contents: bytes, by: int) -> bytes:
    return bytes((tag, len(contents) + by)) + contents


def test_a_reply_without_lies_is_read() -> None:
    assert (VarBind(OIDS[0], Syntax.COUNTER32, 7),) == read_varbinds(read_reply(framed()))


@pytest.mark.parametrize("container", ["outer", "pdu", "binds"])
@pytest.mark.parametrize("by", [-2, -1, 1, 2])
def test_a_container_that_lies_about_its_length_is_malformed(container: str, by: int) -> None:
    with pytest.raises(MalformedMessage):
        read_reply(framed(**{container: by}))


@pytest.mark.parametrize(
    "bind",
    [b"\x00", b"\x05\x00", b"\x41\x01\x08", encode(0x30, encode_oid(OIDS[1]) + b"\x41\x01\x08")],
    ids=["a byte", "a NULL", "a second value", "a var-bind"],
)
def test_what_follows_a_value_in_its_varbind_is_malformed(bind: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_varbinds(read_reply(framed(bind=bind)))


def mutated(rng: random.Random, whole: bytes) -> bytes:
    """The reply with a few bytes changed, dropped, doubled or swapped, by preference where lengths and tags are."""
    data = bytearray(whole)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(data))
        match rng.randrange(6):
            case 0:
                data[at] = rng.randrange(256)
            case 1:
                data[at] = rng.choice((0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFF, 0x30, 0x06, 0x02))
            case 2:
                data[at] ^= 1 << rng.randrange(8)
            case 3:
                del data[at : at + rng.randrange(1, 9)]
            case 4:
                data[at:at] = data[at : at + rng.randrange(1, 20)]
            case _:
                data[at : at + 4] = rng.randbytes(4)
        if not data:
            return b""
    return bytes(data)


def test_20_000_mutated_replies_crash_nothing() -> None:
    """Another library crashed on 1.3 % of such replies; ours takes what is still a reply and refuses the rest."""
    rng = random.Random(20260302)
    reading, prepared, whole = sample()
    (pdu,) = prepared.pdus
    taken, slowest_s = 0, 0.0
    for _ in range(20_000):
        data = mutated(rng, whole)
        began_s = time.thread_time()
        try:
            heard = read_reply(data)
            read_varbinds(heard)
            pdu.take(heard)
            taken += 1
        except (MalformedMessage, MismatchedReply):
            pass
        slowest_s = max(slowest_s, time.thread_time() - began_s)

    assert 0 < taken < 20_000
    assert slowest_s < 0.05
    pdu.take(read_reply(whole))
    assert [-5, b"x" * 40, (1, 3, 6, 1, 4, 1, 2**32 - 1)] == reading.values[:3]
    assert [b"\x0a\x1b\x00\x01", 2**32 - 1, 7, 0, 2**64 - 1] == reading.values[3:8]


BRIMFUL = {
    "var-binds": b"\x30\x05\x06\x01\x2b\x05\x00" * 9_000,
    "a name of many arcs": encode(0x30, encode(0x06, b"\x2b" + b"\x01" * 64_000) + b"\x05\x00"),
    "an endless arc": encode(0x30, encode(0x06, b"\x2b" + b"\x8f" * 64_000 + b"\x01") + b"\x05\x00"),
    "nesting": b"\x30\x80" * 32_000,
    "empty var-binds": b"\x30\x00" * 32_000,
}


@pytest.mark.parametrize("filling", BRIMFUL.values(), ids=BRIMFUL.keys())
def test_a_datagram_filled_to_the_brim_is_put_aside_at_once(filling: bytes) -> None:
    """Whoever sends them by the thousand must not keep us busy with them."""
    pdu = encode_integer(2**30) + encode_integer(0) * 2 + encode(0x30, filling)
    data = encode(0x30, encode_integer(1) + encode(0x04, b"public") + encode(0xA2, pdu))
    spent_s = []
    for _ in range(5):
        began_s = time.thread_time()
        with pytest.raises(MalformedMessage):
            read_varbinds(read_reply(data))
        spent_s.append(time.thread_time() - began_s)

    assert min(spent_s) < 0.01


@given(st.binary(max_size=120))
def test_random_bytes_are_malformed_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_reply(data)
