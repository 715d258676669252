"""SNMPv3 messages as pysnmp writes and reads them, and ones that nobody should write."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder, encoder
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message
from pysnmp.proto.secmod.rfc3414.service import UsmSecurityParameters

from tests.protocols.snmp.scripted_agent import Question as Asked
from tests.protocols.snmp.scripted_agent import reply
from tests.protocols.snmp.test_message import mutated
from wanmon.protocols.snmp.ber import SEQUENCE, MalformedMessage, encode, encode_integer, encode_oid
from wanmon.protocols.snmp.message import RESPONSE, Question, encode_pdu, read_varbinds
from wanmon.protocols.snmp.message_v3 import (
    AUTH,
    PRIV,
    REPORTABLE,
    Writer,
    is_secured,
    read_scoped,
    read_secured,
)
from wanmon.protocols.snmp.types import Oid, Syntax, VarBind

NAME: Oid = (1, 3, 6, 1, 2, 1, 1, 5, 0)
ENGINE_ID, USER, CONTEXT = bytes.fromhex("80001f8804") + b"lab", b"noc", b"vrf-wan"
REQUEST_ID = 0x1234_5678
OCTETS = Syntax.OCTET_STRING


def scoped(pdu: bytes | None = None) -> bytes:
    if pdu is None:
        request = encode_pdu(Question.GET, [encode_oid(NAME)])
        request.stamp(REQUEST_ID)
        pdu = bytes(request.data)
    return Writer(0, ENGINE_ID, USER, 0, 0).scoped(CONTEXT, pdu)


def message(data: bytes | None = None, flags: int = REPORTABLE, mac_bytes: int = 0, salt: bytes = b"") -> bytes:
    writer = Writer(flags, ENGINE_ID, USER, mac_bytes, len(salt))
    return bytes(writer.write(REQUEST_ID, 7, 4711, salt, scoped() if data is None else data)[0])


def pysnmps(data: bytes) -> tuple[Any, Any]:
    """Message and security parameters as pysnmp decodes them."""
    whole, rest = decoder.decode(data, asn1Spec=SNMPv3Message())
    parameters, more = decoder.decode(whole["msgSecurityParameters"], asn1Spec=UsmSecurityParameters())
    assert (b"", b"") == (rest, more)
    return whole, parameters


def response(oid: Oid = NAME, value: Any = None, request_id: int = REQUEST_ID) -> bytes:
    """A response PDU as pysnmp encodes it."""
    asked = Asked("GetRequestPDU", 1, b"", request_id, (oid,), 0)
    whole = reply(asked, [(oid, value if value is not None else rfc1902.OctetString(b"edge"))])
    return whole[whole.index(bytes((RESPONSE,))) :]


def test_pysnmp_reads_a_message_as_it_was_meant() -> None:
    whole, parameters = pysnmps(message())
    numbers, data = whole["msgGlobalData"], whole["msgData"]["plaintext"]
    pdu = data["data"]["get-request"]

    assert (3, REQUEST_ID, 65507, b"\x04", 3) == (
        int(whole["msgVersion"]),
        int(numbers["msgID"]),
        int(numbers["msgMaxSize"]),
        bytes(numbers["msgFlags"]),
        int(numbers["msgSecurityModel"]),
    )
    assert (ENGINE_ID, 7, 4711, USER, b"", b"") == tuple(
        bytes(part) if index not in (1, 2) else int(part) for index, part in enumerate(parameters.values())
    )
    assert (ENGINE_ID, CONTEXT) == (bytes(data["contextEngineId"]), bytes(data["contextName"]))
    assert (REQUEST_ID, NAME) == (int(pdu["request-id"]), tuple(pdu["variable-bindings"][0]["name"]))


@given(
    mac_bytes=st.sampled_from([12, 16, 24, 32, 48]),
    salt=st.binary(min_size=8, max_size=8),
    secret=st.binary(min_size=1, max_size=400),
)
def test_the_place_of_the_code_is_where_it_is_said_to_be(mac_bytes: int, salt: bytes, secret: bytes) -> None:
    writer = Writer(AUTH | PRIV, ENGINE_ID, USER, mac_bytes, len(salt))
    made, mac_at = writer.write(REQUEST_ID, 7, 4711, salt, encode(OCTETS, secret))
    made[mac_at : mac_at + mac_bytes] = b"M" * mac_bytes
    whole, parameters = pysnmps(bytes(made))
    frame = read_secured(bytes(made))

    assert b"M" * mac_bytes == bytes(parameters["msgAuthenticationParameters"])
    assert (salt, secret) == (bytes(parameters["msgPrivacyParameters"]), bytes(whole["msgData"]["encryptedPDU"]))
    assert (mac_at, mac_bytes, salt, secret) == (
        frame.mac_at, frame.mac_size, frame.salt, frame.data[frame.start : frame.stop],
    )  # fmt: skip


def test_what_is_written_is_read() -> None:
    frame = read_secured(message(scoped(response()), flags=0))
    opened = read_scoped(frame.data[frame.start : frame.stop], len(frame.data), is_padded=False)

    assert (REQUEST_ID, 0, ENGINE_ID, 7, 4711, USER, b"", 3, None) == (
        frame.request_id, frame.flags, frame.engine_id, frame.boots, frame.time_s, frame.user, frame.salt,
        frame.version, frame.community,
    )  # fmt: skip
    assert (ENGINE_ID, CONTEXT, RESPONSE, REQUEST_ID) == (*opened[:3], opened.reply.request_id)
    assert (VarBind(NAME, OCTETS, b"edge"),) == read_varbinds(opened.reply)
    assert len(frame.data) == opened.reply.size_bytes


@pytest.mark.parametrize("padding", [0, 1, 7, 8])
def test_padding_follows_only_what_was_encrypted(padding: int) -> None:
    plain = scoped(response()) + bytes(padding)

    assert REQUEST_ID == read_scoped(plain, 100, is_padded=True).reply.request_id
    if padding:
        with pytest.raises(MalformedMessage):
            read_scoped(plain, 100, is_padded=False)


def test_more_than_a_block_of_padding_is_malformed() -> None:
    with pytest.raises(MalformedMessage):
        read_scoped(scoped(response()) + bytes(9), 100, is_padded=True)


def test_pysnmp_s_own_messages_are_read_too() -> None:
    """Its encoder is not ours: definite lengths in their shortest form, and a PDU of its own making."""
    whole, _parameters = pysnmps(message(scoped(response()), flags=0))
    theirs = bytes(encoder.encode(whole))

    assert REQUEST_ID == read_secured(theirs).request_id
    assert is_secured(theirs)


def test_a_report_is_told_from_a_response() -> None:
    pdu = bytes((0xA8,)) + response((1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0), rfc1902.Counter32(3))[1:]

    assert 0xA8 == read_scoped(scoped(pdu), 100, is_padded=False).tag


@pytest.mark.parametrize(
    ("head", "expected"),
    [("3003020103", True), ("30810302010300", True), ("308200030201030000", True), ("3003020101", False),
     ("3003020100", False), ("", False), ("30", False), ("3084", False), ("020103", False)],
)  # fmt: skip
def test_the_version_is_told_at_a_glance(head: str, expected: bool) -> None:
    assert expected == is_secured(bytes.fromhex(head))


def numbers(request_id: int = REQUEST_ID, flags: bytes = b"\x00", model: int = 3, more: bytes = b"") -> bytes:
    parts = encode_integer(request_id) + encode_integer(1400) + encode(OCTETS, flags) + encode_integer(model)
    return encode(SEQUENCE, parts + more)


def parameters(
    engine_id: bytes = ENGINE_ID, boots: int = 7, time_s: int = 4711, user: bytes = USER, more: bytes = b""
) -> bytes:
    parts = encode(OCTETS, engine_id) + encode_integer(boots) + encode_integer(time_s) + encode(OCTETS, user)
    return encode(OCTETS, encode(SEQUENCE, parts + encode(OCTETS, b"") * 2 + more))


def built(head: bytes = b"", protection: bytes = b"", data: bytes = b"", version: int = 3, more: bytes = b"") -> bytes:
    parts = (head or numbers()) + (protection or parameters()) + (data or scoped(response()))
    return encode(SEQUENCE, encode_integer(version) + parts + more)


def test_a_message_without_lies_is_read() -> None:
    assert USER == read_secured(built()).user


BROKEN = {
    "another version": built(version=2),
    "a byte more": built() + b"\x00",
    "an element more": built(more=b"\x05\x00"),
    "privacy without authentication": built(numbers(flags=b"\x02"), data=encode(OCTETS, b"secret")),
    "flags of two bytes": built(numbers(flags=b"\x00\x00")),
    "no flags": built(numbers(flags=b"")),
    "another security model": built(numbers(model=2)),
    "a negative msgID": built(numbers(request_id=-1)),
    "more global data": built(numbers(more=b"\x05\x00")),
    "negative boots": built(protection=parameters(boots=-1)),
    "a negative time": built(protection=parameters(time_s=-1)),
    "an engine id of 33 bytes": built(protection=parameters(engine_id=bytes(33))),
    "a user of 33 bytes": built(protection=parameters(user=bytes(33))),
    "a length of five bytes": b"\x30\x85\0\0\0\0" + built()[1:],
    "a length that is cut off": b"\x30\x82\0",
    "data that reach beyond": built(data=b"\x30\x7f\x00"),
    "more parameters": built(protection=parameters(more=b"\x05\x00")),
    "parameters and a byte": built(protection=encode(OCTETS, parameters()[2:] + b"\x00")),
    "plain where a secret belongs": built(numbers(flags=b"\x03")),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_usm_message_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_secured(data)


def test_a_message_cut_at_any_byte_is_malformed() -> None:
    whole = message(scoped(response()), flags=0)
    for length in range(len(whole)):
        with pytest.raises(MalformedMessage):
            read_secured(whole[:length])


def test_20_000_mutated_messages_crash_nothing() -> None:
    rng = random.Random(20260302)
    wholes = [
        message(scoped(response(value=rfc1905.noSuchInstance)), flags=0),
        message(encode(OCTETS, bytes(64)), flags=AUTH | PRIV, mac_bytes=24, salt=bytes(8)),
    ]
    read = 0
    for number in range(20_000):
        try:
            frame = read_secured(mutated(rng, wholes[number % 2]))
            plain = frame.data[frame.start : frame.stop]
            read_varbinds(read_scoped(plain, len(frame.data), is_padded=bool(frame.flags & PRIV)).reply)
            read += 1
        except MalformedMessage:
            pass

    assert 0 < read < 20_000


@given(st.binary(max_size=120))
def test_random_bytes_are_malformed_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_secured(data)
