"""PDUs (RFC 3416), and the SNMPv1 and v2c messages around them (RFC 1157, RFC 1901): requests to send, replies to read.

Read-only on purpose: there is no SET here and no way to write one. A request is encoded once; asking it again
patches the four bytes of its request id. What v3 has around a PDU is in `message_v3`.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from wanmon.protocols.snmp.ber import (
    SEQUENCE,
    MalformedMessage,
    encode,
    encode_integer,
    enter,
    read_integer,
    read_oid,
    read_value,
)
from wanmon.protocols.snmp.types import Syntax, VarBind

#: Every request id has this bit: at least 2^23, so that its INTEGER always takes four bytes.
REQUEST_ID_FLOOR = 1 << 23
REQUEST_ID_BITS = 31

#: A reply may have so many: no question of ours wants more, and a datagram could hold nine times as many.
MAX_VARBINDS = 1000

RESPONSE, REPORT = 0xA2, 0xA8

_NULL = encode(Syntax.NULL, b"")
_ID_PLACE = encode_integer(REQUEST_ID_FLOOR)


class Version(IntEnum):
    """The number of a version inside a message."""

    V1 = 0
    V2C = 1
    V3 = 3


class Question(IntEnum):
    """The PDUs that ask, by their tag."""

    GET = 0xA0
    GETNEXT = 0xA1
    GETBULK = 0xA5


class ErrorStatus(IntEnum):
    """What error-status says (RFC 3416 section 3); the ones that are acted upon."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    GEN_ERR = 5


_ERROR_NAMES = (
    "noError",
    "tooBig",
    "noSuchName",
    "badValue",
    "readOnly",
    "genErr",
    "noAccess",
    "wrongType",
    "wrongLength",
    "wrongEncoding",
    "wrongValue",
    "noCreation",
    "inconsistentValue",
    "resourceUnavailable",
    "commitFailed",
    "undoFailed",
    "authorizationError",
    "notWritable",
    "inconsistentName",
)


class MismatchedReply(ValueError):
    """A well-formed reply to something else than was asked; used only inside this package."""


class Request:
    """An encoded message whose request id can be changed in place."""

    __slots__ = ("data", "id_at")

    def __init__(self, data: bytearray, id_at: int) -> None:
        self.data = data
        self.id_at = id_at

    def stamp(self, request_id: int) -> None:
        """Make this the request of that id."""
        self.data[self.id_at : self.id_at + 4] = request_id.to_bytes(4, "big")


class Reply(NamedTuple):
    """A response whose frame was read: `data[start:]` are its var-binds, not yet looked at.

    `size_bytes` is the size of the datagram that it came in.
    """

    request_id: int
    version: int
    community: bytes
    error_status: int
    error_index: int
    data: bytes
    start: int
    size_bytes: int


def error_name(status: int) -> str:
    """The name of an error-status as the RFC writes it."""
    return _ERROR_NAMES[status] if 0 <= status < len(_ERROR_NAMES) else f"error-status {status}"


def encode_request(
    question: Question, version: Version, community: bytes, oids: Sequence[bytes], max_repetitions: int = 0
) -> Request:
    """A request for `oids`, encoded ones; `max_repetitions` is for GETBULK, with no non-repeaters.

    Raises `ValueError` for GETBULK in v1.
    """
    if question is Question.GETBULK and version is Version.V1:
        raise ValueError("SNMPv1 has no GETBULK")
    pdu = encode_pdu(question, oids, max_repetitions)
    frame = encode_integer(version) + encode(Syntax.OCTET_STRING, community)
    message = encode(SEQUENCE, frame + pdu.data)
    return Request(bytearray(message), len(message) - len(pdu.data) + pdu.id_at)


def encode_pdu(question: Question, oids: Sequence[bytes], max_repetitions: int = 0) -> Request:
    """The same without a message around it."""
    binds = encode(SEQUENCE, b"".join(encode(SEQUENCE, oid + _NULL) for oid in oids))
    numbers = encode_integer(0) + encode_integer(max_repetitions)
    pdu = encode(question, _ID_PLACE + numbers + binds)
    return Request(bytearray(pdu), len(pdu) - len(binds) - len(numbers) - len(_ID_PLACE) + 2)


def read_reply(data: bytes) -> Reply:
    """The frame of a v1 or v2c response; its lengths must fill the datagram exactly. Raises `MalformedMessage`."""
    end = len(data)
    at, stop = enter(data, 0, end, SEQUENCE)
    if stop != end:
        raise MalformedMessage("bytes follow the message")
    version, at = read_integer(data, at, end)
    at, stop = enter(data, at, end, Syntax.OCTET_STRING)
    community = data[at:stop]
    at, stop = enter(data, stop, end, RESPONSE)
    if stop != end:
        raise MalformedMessage("bytes follow the PDU")
    request_id, at = read_integer(data, at, end)
    error_status, at = read_integer(data, at, end)
    error_index, at = read_integer(data, at, end)
    start, stop = enter(data, at, end, SEQUENCE)
    if stop != end:
        raise MalformedMessage("bytes follow the var-binds")
    return Reply(request_id, version, community, error_status, error_index, data, start, end)


def read_varbinds(reply: Reply) -> tuple[VarBind, ...]:
    """All var-binds of a reply, in its order. Raises `MalformedMessage`, for more than anybody asks for as well."""
    data, at, end = reply.data, reply.start, len(reply.data)
    found = []
    while at < end:
        start, stop = enter(data, at, end, SEQUENCE)
        oid, at = read_oid(data, start, stop)
        syntax, value, at = read_value(data, at, stop)
        if at != stop:
            raise MalformedMessage("bytes follow a value")
        found.append(VarBind(oid, syntax, value))
        if len(found) > MAX_VARBINDS:
            raise MalformedMessage(f"more than {MAX_VARBINDS} var-binds")
    return tuple(found)
