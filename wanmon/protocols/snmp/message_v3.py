"""The SNMPv3 message of RFC 3412 section 6 with the parameters of RFC 3414 section 2.4: written, and read strictly.

Only the form is known here. Whether a message is to be believed is decided in `acceptance`, what keys do in `usm`.
"""

from typing import NamedTuple

from wanmon.protocols.snmp.ber import (
    SEQUENCE,
    MalformedMessage,
    encode,
    encode_integer,
    enter,
    read_header,
    read_integer,
)
from wanmon.protocols.snmp.message import Reply, Version, read_pdu
from wanmon.protocols.snmp.types import Syntax

AUTH, PRIV, REPORTABLE = 1, 2, 4
#: The bits of msgFlags that are the security level.
LEVEL = AUTH | PRIV
#: SnmpEngineID and SnmpAdminString of a user name have at most 32 octets (RFC 3411 section 5).
MAX_ID_BYTES = 32
MAX_MAC_BYTES = 64

_USM = 3
# What we can take in: the largest UDP datagram over IPv4.
_MAX_SIZE = encode_integer(65_507)
_VERSION = encode_integer(Version.V3)
_MODEL = encode_integer(_USM)
_FLAGS = [encode(Syntax.OCTET_STRING, bytes((flags,))) for flags in range(8)]
# The most bytes that a cipher may leave after the scoped PDU: a whole block of padding is what some add.
_MOST_PADDING = 8


class Header(NamedTuple):
    """What stands around the data of a message to one engine; `engine_id` and `user` are encoded OCTET STRINGs."""

    flags: int
    engine_id: bytes
    boots: int
    time_s: int
    user: bytes


class SecuredFrame(NamedTuple):
    """A v3 message whose frame was read: `data[start:stop]` is its scoped PDU, or the ciphertext of one.

    Its msgID is our request id. `version` and `community` are there for the transport, to which all replies are alike:
    v3 has no community, not even an empty one.
    """

    request_id: int
    flags: int
    engine_id: bytes
    boots: int
    time_s: int
    user: bytes
    mac_at: int
    mac_size: int
    salt: bytes
    data: bytes
    start: int
    stop: int
    version: int = Version.V3
    community: None = None


class ScopedPdu(NamedTuple):
    """The PDU of a message and where it belongs; `tag` is that of the PDU."""

    engine_id: bytes
    context: bytes
    tag: int
    reply: Reply


def is_secured(data: bytes) -> bool:
    """Whether a datagram says that it is SNMPv3, looking at nothing else."""
    length = data[1] if len(data) > 1 else 0
    at = 2 if length < 0x80 else length - 0x80 + 2
    return data[at : at + 3] == _VERSION


def encode_secured(request_id: int, header: Header, mac_bytes: int, salt: bytes, data: bytes) -> tuple[bytearray, int]:
    """A message with zeros in the place of its code, and where that place is; `data` is an encoded element."""
    flags, engine_id, boots, time_s, user = header
    codes = encode(Syntax.OCTET_STRING, bytes(mac_bytes)) + encode(Syntax.OCTET_STRING, salt)
    parameters = encode(SEQUENCE, engine_id + encode_integer(boots) + encode_integer(time_s) + user + codes)
    numbers = encode(SEQUENCE, encode_integer(request_id) + _MAX_SIZE + _FLAGS[flags] + _MODEL)
    message = encode(SEQUENCE, _VERSION + numbers + encode(Syntax.OCTET_STRING, parameters) + data)
    return bytearray(message), len(message) - len(data) - len(salt) - 2 - mac_bytes


def encode_scoped(engine_id: bytes, context: bytes, pdu: bytes | bytearray) -> bytes:
    """A PDU with its context; `engine_id` is an encoded OCTET STRING."""
    return encode(SEQUENCE, engine_id + encode(Syntax.OCTET_STRING, context) + pdu)


def read_secured(data: bytes) -> SecuredFrame:
    """The frame of a v3 message; its lengths must fill the datagram exactly. Raises `MalformedMessage`."""
    end = len(data)
    at, stop = enter(data, 0, end, SEQUENCE)
    if stop != end:
        raise MalformedMessage("bytes follow the message")
    version, at = read_integer(data, at, end)
    if version != Version.V3:
        raise MalformedMessage(f"version {version} where 3 belongs")
    at, stop = enter(data, at, end, SEQUENCE)
    request_id, flags = _read_numbers(data, at, stop)
    at, stop = enter(data, stop, end, Syntax.OCTET_STRING)
    engine_id, boots, time_s, user, mac_at, mac_size, salt = _read_parameters(data, at, stop)
    if flags & PRIV:
        start, stop = enter(data, stop, end, Syntax.OCTET_STRING)
    else:
        start, (_tag, _at, stop) = stop, read_header(data, stop, end)
    if stop != end:
        raise MalformedMessage("bytes follow the data")
    return SecuredFrame(
        request_id, flags, engine_id, boots, time_s, user, mac_at, mac_size, salt, data, start, stop
    )  # fmt: skip


def _read_numbers(data: bytes, at: int, end: int) -> tuple[int, int]:
    """MsgID and msgFlags; msgMaxSize is of no use to who asks, msgSecurityModel must be USM."""
    request_id, at = read_integer(data, at, end)
    _max_size, at = read_integer(data, at, end)
    flags_at, flags_end = enter(data, at, end, Syntax.OCTET_STRING)
    model, at = read_integer(data, flags_end, end)
    if flags_end - flags_at != 1 or at != end or model != _USM or request_id < 0:
        raise MalformedMessage("the global data is not that of a USM message")
    flags = data[flags_at]
    if flags & LEVEL == PRIV:
        raise MalformedMessage("privacy without authentication")
    return request_id, flags


def _read_parameters(data: bytes, at: int, end: int) -> tuple[bytes, int, int, bytes, int, int, bytes]:
    at, stop = enter(data, at, end, SEQUENCE)
    if stop != end:
        raise MalformedMessage("bytes follow the security parameters")
    engine_at, engine_end = enter(data, at, end, Syntax.OCTET_STRING)
    boots, at = read_integer(data, engine_end, end)
    time_s, at = read_integer(data, at, end)
    user_at, user_end = enter(data, at, end, Syntax.OCTET_STRING)
    mac_at, mac_end = enter(data, user_end, end, Syntax.OCTET_STRING)
    salt_at, salt_end = enter(data, mac_end, end, Syntax.OCTET_STRING)
    if salt_end != end or boots < 0 or time_s < 0:
        raise MalformedMessage("security parameters that are none")
    if max(engine_end - engine_at, user_end - user_at) > MAX_ID_BYTES or mac_end - mac_at > MAX_MAC_BYTES:
        raise MalformedMessage("an engine id, user name or code that is too long")
    engine_id, user, salt = data[engine_at:engine_end], data[user_at:user_end], data[salt_at:salt_end]
    return engine_id, boots, time_s, user, mac_at, mac_end - mac_at, salt


def read_scoped(plain: bytes, size_bytes: int, *, is_padded: bool) -> ScopedPdu:
    """A scoped PDU out of a datagram of `size_bytes`; padding may follow what was encrypted.

    Raises `MalformedMessage`.
    """
    at, end = enter(plain, 0, len(plain), SEQUENCE)
    if len(plain) - end > (_MOST_PADDING if is_padded else 0):
        raise MalformedMessage("bytes follow the scoped PDU")
    engine_at, engine_end = enter(plain, at, end, Syntax.OCTET_STRING)
    name_at, name_end = enter(plain, engine_end, end, Syntax.OCTET_STRING)
    context = plain[name_at:name_end]
    tag, reply = read_pdu(plain[:end], name_end, Version.V3, context, size_bytes)
    return ScopedPdu(plain[engine_at:engine_end], context, tag, reply)
