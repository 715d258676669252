"""The SNMPv3 message of RFC 3412 section 6 with the parameters of RFC 3414 section 2.4: written, and read strictly.

Only the form is known here. Whether a message is to be believed is decided in `acceptance`, what keys do in `usm`.
"""

from typing import NamedTuple

from wanmon.protocols.snmp.ber import (
    ANY,
    SEQUENCE,
    MalformedMessage,
    encode,
    encode_integer,
    integer_in,
    read_header,
    read_spans,
)
from wanmon.protocols.snmp.message import Reply, Version
from wanmon.protocols.snmp.types import Syntax

AUTH, PRIV, REPORTABLE = 1, 2, 4
#: The bits of msgFlags that are the security level.
LEVEL = AUTH | PRIV
#: SnmpEngineID and SnmpAdminString of a user name have at most 32 octets (RFC 3411 section 5).
MAX_ID_BYTES = 32

_USM = 3
# What we can take in: the largest UDP datagram over IPv4.
_MAX_SIZE = encode_integer(65_507)
_VERSION = encode_integer(Version.V3)
_MODEL = encode_integer(_USM)
_INSIDE, _BESIDE = True, False
_SEQUENCE, _OCTETS, _INTEGER = (SEQUENCE, _INSIDE), (Syntax.OCTET_STRING, _BESIDE), (Syntax.INTEGER, _BESIDE)
# RFC 3412 section 6 and RFC 3414 section 2.4, up to msgData.
_FRAME = (
    _SEQUENCE, _INTEGER, _SEQUENCE, _INTEGER, _INTEGER, _OCTETS, _INTEGER, (Syntax.OCTET_STRING, _INSIDE),
    _SEQUENCE, _OCTETS, _INTEGER, _INTEGER, _OCTETS, _OCTETS, _OCTETS,
)  # fmt: skip
_SCOPED = (_SEQUENCE, _OCTETS, _OCTETS, (ANY, _INSIDE), _INTEGER, _INTEGER, _INTEGER, _SEQUENCE)
# The most bytes that a cipher may leave after the scoped PDU: a whole block of padding is what some add.
_MOST_PADDING = 8


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


class Writer:
    """Writes messages to one engine for one user; what is the same in all of them is encoded once."""

    __slots__ = ("_engine", "_head", "_numbers", "_tail", "mac_bytes")

    def __init__(self, flags: int, engine_id: bytes, user: bytes, mac_bytes: int, salt_bytes: int) -> None:
        self.mac_bytes = mac_bytes
        self._numbers = _MAX_SIZE + encode(Syntax.OCTET_STRING, bytes((flags,))) + _MODEL
        # Request ids take four bytes, as `message` gives them.
        self._head = _VERSION + bytes((SEQUENCE, 6 + len(self._numbers), Syntax.INTEGER, 4))
        self._engine = encode(Syntax.OCTET_STRING, engine_id)
        blank = encode(Syntax.OCTET_STRING, bytes(mac_bytes))
        self._tail = encode(Syntax.OCTET_STRING, user) + blank + bytes((Syntax.OCTET_STRING, salt_bytes))

    def write(self, request_id: int, boots: int, time_s: int, salt: bytes, data: bytes) -> tuple[bytearray, int]:
        """A message with zeros in the place of its code, and where that place is; `data` is an encoded element."""
        clock = encode_integer(boots) + encode_integer(time_s)
        parameters = encode(SEQUENCE, self._engine + clock + self._tail + salt)
        numbers = self._head + request_id.to_bytes(4, "big") + self._numbers
        message = encode(SEQUENCE, numbers + encode(Syntax.OCTET_STRING, parameters) + data)
        return bytearray(message), len(message) - len(data) - len(salt) - 2 - self.mac_bytes

    def scoped(self, context: bytes, pdu: bytes | bytearray) -> bytes:
        """A PDU with its context, which is one of the engine itself."""
        return encode(SEQUENCE, self._engine + encode(Syntax.OCTET_STRING, context) + pdu)


def read_secured(data: bytes) -> SecuredFrame:
    """The frame of a v3 message; its lengths must fill the datagram exactly. Raises `MalformedMessage`."""
    (
        (_, end), (version_at, version_end), (_, numbers_end), request_id, _max_size, (flags_at, flags_end),
        (model_at, model_end), (_, wrapped_end), (_, parameters_end), (engine_at, engine_end), boots, time_s,
        (user_at, user_end), (mac_at, mac_end), (salt_at, salt_end),
    ) = read_spans(data, _FRAME)  # fmt: skip
    # Containers end with what is last in them: nothing stands between.
    if end != len(data) or numbers_end != model_end or not wrapped_end == parameters_end == salt_end:
        raise MalformedMessage("bytes follow the message, its numbers or its parameters")
    if data[version_at:version_end] != b"\3" or data[model_at:model_end] != b"\3" or flags_end - flags_at != 1:
        raise MalformedMessage("the global data is not that of a USM message")
    if engine_end - engine_at > MAX_ID_BYTES or user_end - user_at > MAX_ID_BYTES:
        raise MalformedMessage("an engine id or user name that is too long")
    numbers = integer_in(data, *request_id), integer_in(data, *boots), integer_in(data, *time_s)
    if min(numbers) < 0:
        raise MalformedMessage("a number below 0 where none belongs")
    flags = data[flags_at]
    start, stop = _data_of(data, salt_end, flags)
    return SecuredFrame(
        numbers[0], flags, data[engine_at:engine_end], numbers[1], numbers[2], data[user_at:user_end],
        mac_at, mac_end - mac_at, data[salt_at:salt_end], data, start, stop,
    )  # fmt: skip


def _data_of(data: bytes, at: int, flags: int) -> tuple[int, int]:
    """Where the ciphertext, or the whole plain element, begins and ends."""
    tag, start, stop = read_header(data, at, len(data))
    if stop != len(data):
        raise MalformedMessage("bytes follow the data")
    if not flags & PRIV:
        return at, stop
    if not flags & AUTH or tag != Syntax.OCTET_STRING:
        raise MalformedMessage("privacy without authentication, or without a ciphertext")
    return start, stop


def read_scoped(plain: bytes, size_bytes: int, *, is_padded: bool) -> ScopedPdu:
    """A scoped PDU out of a datagram of `size_bytes`; padding may follow what was encrypted.

    Raises `MalformedMessage`.
    """
    (
        (_, end), (engine_at, engine_end), (name_at, name_end), (_, pdu_end), request_id, status, index, (start, stop)
    ) = read_spans(plain, _SCOPED)  # fmt: skip
    if len(plain) - end > (_MOST_PADDING if is_padded else 0) or not end == pdu_end == stop:
        raise MalformedMessage("bytes follow the scoped PDU, or something in it")
    context = plain[name_at:name_end]
    reply = Reply(
        integer_in(plain, *request_id), Version.V3, context, integer_in(plain, *status), integer_in(plain, *index),
        plain[:end], start, size_bytes,
    )  # fmt: skip
    return ScopedPdu(plain[engine_at:engine_end], context, plain[name_end], reply)
