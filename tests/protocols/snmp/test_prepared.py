"""The hot path reads what the slow path reads: values, changes, and no reply that is not the answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysnmp.proto import rfc1902, rfc1905

from tests.protocols.snmp.scripted_agent import Question as Asked
from tests.protocols.snmp.scripted_agent import refusal, reply, understood
from wanmon.protocols.snmp.ber import MalformedMessage, encode, encode_integer, encode_oid, encode_value
from wanmon.protocols.snmp.envelope import CommunityEnvelope
from wanmon.protocols.snmp.manners import Manners
from wanmon.protocols.snmp.message import MismatchedReply, Version, read_reply, read_varbinds
from wanmon.protocols.snmp.prepared import PreparedReading, prepared_for
from wanmon.protocols.snmp.remedy import ErrorReply
from wanmon.protocols.snmp.types import Oid, Reading, Syntax

COLUMN: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6)
NUMBER = st.one_of(st.integers(0, 300), st.integers(0, 2**32 - 1), st.sampled_from([0, 127, 128, 2**31, 2**32 - 1]))
VALUE: st.SearchStrategy[Any] = st.one_of(
    NUMBER.map(rfc1902.Counter32),
    NUMBER.map(rfc1902.Gauge32),
    st.integers(0, 2**64 - 1).map(rfc1902.Counter64),
    st.integers(-(2**31), 2**31 - 1).map(rfc1902.Integer32),
    st.integers(-3, 3).map(rfc1902.Integer32),
    st.binary(max_size=6).map(rfc1902.OctetString),
    st.sampled_from([rfc1905.noSuchInstance, rfc1902.Null("")]),
)


def oids(count: int) -> list[Oid]:
    return [(*COLUMN, number) for number in range(1, count + 1)]


def prepared(count: int, max_bytes: int = 1400) -> tuple[Reading, PreparedReading]:
    reading = Reading(oids(count))
    return reading, PreparedReading(reading, CommunityEnvelope(Version.V2C, b"public"), Manners(max_bytes, 2.0))


def answer(names: list[Oid], values: list[Any]) -> bytes:
    return reply(
        Asked("GetRequestPDU", 1, b"public", 12_345_678, tuple(names), 0), list(zip(names, values, strict=True))
    )


@given(st.integers(1, 6).flatmap(lambda count: st.lists(st.lists(VALUE, min_size=count, max_size=count), min_size=1)))
def test_any_series_of_replies_leaves_the_values_and_changes_of_plain_reading(rounds: list[list[Any]]) -> None:
    """However the shape of the replies jumps between rounds, short cuts included."""
    count = len(rounds[0])
    reading, ready = prepared(count)
    (pdu,) = ready.pdus
    before: list[Any] = [None] * count
    for values in rounds:
        heard = read_reply(answer(oids(count), values))
        expected = [varbind.value for varbind in read_varbinds(heard)]
        changed = pdu.take(heard)

        assert expected == reading.values
        assert [index for index in range(count) if before[index] != expected[index]] == sorted(changed)
        before = expected


@given(st.lists(st.integers(0, 2**64 - 1), min_size=3, max_size=12))
def test_one_number_among_others_is_followed_through_every_length(numbers: list[int]) -> None:
    """The usual day: the shape stays, then a counter needs one byte more."""
    reading, ready = prepared(3)
    (pdu,) = ready.pdus
    for number in numbers:
        fixed = rfc1902.Counter32(70_000)
        pdu.take(read_reply(answer(oids(3), [fixed, rfc1902.Counter64(number), rfc1902.OctetString("ge0")])))

        assert [70_000, number, b"ge0"] == reading.values


def test_a_sign_that_changes_within_the_same_length_is_seen() -> None:
    reading, ready = prepared(1)
    (pdu,) = ready.pdus
    seen = []
    for number in (5, 6, 7, -7, -8, -9, 9):
        pdu.take(read_reply(answer(oids(1), [rfc1902.Integer32(number)])))
        seen.append(reading.values[0])

    assert [5, 6, 7, -7, -8, -9, 9] == seen


def test_a_gauge_that_goes_back_is_followed_back() -> None:
    """Each reply is compared with the one before, not with the one that the shape was learnt from."""
    reading, ready = prepared(1)
    (pdu,) = ready.pdus
    seen, changes = [], []
    for number in (40, 41, 42, 41, 41, 42, 40):
        changes.append(pdu.take(read_reply(answer(oids(1), [rfc1902.Gauge32(number)]))))
        seen.append(reading.values[0])

    assert [40, 41, 42, 41, 41, 42, 40] == seen
    assert [[0], [0], [0], [0], [], [0], [0]] == changes


def test_a_zero_byte_above_the_width_must_stay_zero() -> None:
    """A fifth byte of a Counter32 that is not 0 is a lie, also after many replies of that shape."""
    reading, ready = prepared(1)
    (pdu,) = ready.pdus
    for number in (2**31, 2**31 + 1, 2**31 + 2):
        pdu.take(read_reply(answer(oids(1), [rfc1902.Counter32(number)])))
    lie = answer(oids(1), [rfc1902.Counter32(2**31 + 3)]).replace(b"\x41\x05\x00", b"\x41\x05\x01")

    with pytest.raises(MalformedMessage):
        pdu.take(read_reply(lie))
    assert [2**31 + 2] == reading.values


def steady() -> tuple[Reading, Any]:
    """A PDU of two counters that has seen three replies of one shape."""
    reading, ready = prepared(2)
    (pdu,) = ready.pdus
    for number in (300, 301, 302):
        pdu.take(read_reply(answer(oids(2), [rfc1902.Counter32(number), rfc1902.Counter32(900)])))
    return reading, pdu


def counter(oid: Oid, number: int) -> bytes:
    return encode(0x30, encode_oid(oid) + encode_value(Syntax.COUNTER32, number))


FIRST, SECOND = oids(2)
IMPOSTORS: dict[str, tuple[bytes, type[Exception]]] = {
    "another OID": (counter(FIRST, 700) + counter((*COLUMN, 9), 901), MismatchedReply),
    "the OIDs swapped": (counter(SECOND, 700) + counter(FIRST, 901), MismatchedReply),
    "a longer OID": (counter(FIRST, 700) + counter((*SECOND, 1), 901), MismatchedReply),
    "one var-bind less": (counter(FIRST, 700), MismatchedReply),
    "one var-bind more": (counter(FIRST, 700) + counter(SECOND, 901) + counter((*COLUMN, 3), 1), MismatchedReply),
    "none": (b"", MismatchedReply),
    "a value too long for its type": (
        counter(FIRST, 700) + encode(0x30, encode_oid(SECOND) + b"\x41\x05\x01\x00\x00\x00\x00"),
        MalformedMessage,
    ),
    "bytes after a value": (
        counter(FIRST, 700) + encode(0x30, encode_oid(SECOND) + b"\x41\x01\x05\x05\x00"),
        MalformedMessage,
    ),
    "an OID of another type": (counter(FIRST, 700) + encode(0x30, b"\x04\x01x\x41\x01\x05"), MalformedMessage),
}


@pytest.mark.parametrize(("varbinds", "error"), IMPOSTORS.values(), ids=IMPOSTORS.keys())
def test_a_reply_that_is_not_the_answer_changes_nothing(varbinds: bytes, error: type[Exception]) -> None:
    """Not even the var-binds before the wrong one."""
    reading, pdu = steady()
    numbers = encode_integer(12_345_678) + encode_integer(0) * 2
    pdu_bytes = encode(0xA2, numbers + encode(0x30, varbinds))
    message = encode(0x30, encode_integer(1) + encode(0x04, b"public") + pdu_bytes)

    with pytest.raises(error):
        pdu.take(read_reply(message))
    assert [302, 900] == reading.values


def test_an_oid_with_a_padded_length_is_still_the_oid_asked() -> None:
    reading, pdu = steady()
    padded = encode(0x30, b"\x06\x81" + encode_oid(SECOND)[1:] + encode_value(Syntax.COUNTER32, 77))
    body = encode_integer(12_345_678) + encode_integer(0) * 2 + encode(0x30, counter(FIRST, 700) + padded)
    pdu.take(read_reply(encode(0x30, encode_integer(1) + encode(0x04, b"public") + encode(0xA2, body))))

    assert [700, 77] == reading.values


def test_the_same_reply_again_changes_nothing() -> None:
    _reading, pdu = steady()

    assert [] == pdu.take(read_reply(answer(oids(2), [rfc1902.Counter32(302), rfc1902.Counter32(900)])))


def test_an_error_status_is_handed_on_and_changes_nothing() -> None:
    reading, pdu = steady()

    assert ErrorReply(1, 0) == pdu.take(read_reply(refusal(understood(bytes(pdu.request.data)), 1)))
    assert [302, 900] == reading.values


def test_the_second_round_is_packed_by_the_sizes_seen() -> None:
    """A GET of 140 small counters fits into fewer PDUs than 140 unknown numbers do."""
    reading, ready = prepared(140)
    first = len(ready.pdus)
    for pdu in ready.pdus:
        names = [reading.oids[index] for index in pdu.indexes]
        pdu.take(read_reply(answer(names, [rfc1902.Counter32(1)] * len(names))))
    ready.keep(ready.pdus, all_heard=True)

    assert (3, 2) == (first, len(ready.pdus))
    assert list(range(140)) == [index for pdu in ready.pdus for index in pdu.indexes]


def test_no_reply_of_a_settled_reading_outgrows_the_limit_by_one_byte_a_value() -> None:
    """The spare byte is for a counter that grows; the next growth packs anew."""
    reading, ready = prepared(200)
    largest = []
    for number in (1, 1, 300, 70_000, 2**24, 2**31):
        sizes = []
        for pdu in ready.pdus:
            names = [reading.oids[index] for index in pdu.indexes]
            data = answer(names, [rfc1902.Counter32(number)] * len(names))
            pdu.take(read_reply(data))
            sizes.append(len(data))
        ready.keep(ready.pdus, all_heard=True)
        largest.append(max(sizes))

    assert all(size <= 1400 + 80 for size in largest)
    assert largest[-1] <= 1480
    assert 1400 >= largest[1]


def test_what_another_version_or_community_prepared_is_made_anew() -> None:
    reading = Reading(oids(2))
    manners = Manners(1400, 2.0)
    first = prepared_for(reading, CommunityEnvelope(Version.V2C, b"old"), manners)

    assert first is prepared_for(reading, CommunityEnvelope(Version.V2C, b"old"), manners)
    assert first is not prepared_for(reading, CommunityEnvelope(Version.V2C, b"new"), manners)
    assert Version.V1 == prepared_for(reading, CommunityEnvelope(Version.V1, b"new"), manners).envelope.version
