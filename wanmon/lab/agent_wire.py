"""SNMPv1 and v2c messages as an agent sees them: requests are read, responses are written (RFC 1157, RFC 3416).

The lab's own reader, so that it can contradict the poller's. Lenient where agents are (lengths need not be shortest),
safe everywhere: every length is checked against what is there, nothing recurses, and whatever does not fit is
`Malformed`.
"""

from enum import IntEnum
from typing import NamedTuple

from wanmon.lab.encoding import length, number_content, tlv
from wanmon.protocols.snmp.types import Oid, Syntax

V1, V2C = 0, 1

_SEQUENCE = 0x30
_RESPONSE = 0xA2
_MOST_ARCS = 128
_LARGEST_ARC = 0xFFFF_FFFF
_ONE_BYTE_LENGTHS = 0x80


class Pdu(IntEnum):
    """The requests that an agent understands, by their tag."""

    GET = 0xA0
    GET_NEXT = 0xA1
    SET = 0xA3
    GET_BULK = 0xA5


class ErrorStatus(IntEnum):
    """How a request failed (RFC 3416 section 3)."""

    NONE = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    NOT_WRITABLE = 17


class Malformed(ValueError):
    """The datagram is no request that an agent could read."""


class Request(NamedTuple):
    """A request, with the parts that its response repeats kept as bytes.

    `head` is the encoded version and community, `request_id` the encoded INTEGER, `varbinds` the content of the
    variable-bindings. `second` and `third` are error-status and error-index, or non-repeaters and max-repetitions.
    """

    version: int
    community: bytes
    pdu: Pdu
    head: bytes
    request_id: bytes
    second: int
    third: int
    varbinds: bytes


def read_version(datagram: bytes) -> int:
    """The msgVersion: 0 for v1, 1 for v2c, 3 for v3."""
    _, start, stop = _item(datagram, 0, len(datagram), _SEQUENCE)
    _, start, stop = _item(datagram, start, stop, Syntax.INTEGER)
    return _integer(datagram, start, stop)


def read_request(datagram: bytes) -> Request:
    """A v1 or v2c request. Raises `Malformed`."""
    _, head_start, end = _item(datagram, 0, len(datagram), _SEQUENCE)
    _, start, stop = _item(datagram, head_start, end, Syntax.INTEGER)
    version = _integer(datagram, start, stop)
    _, start, head_stop = _item(datagram, stop, end, Syntax.OCTET_STRING)
    community = datagram[start:head_stop]
    tag, id_start, end = _item(datagram, head_stop, end, None)
    pdu = _PDUS.get(tag)
    if pdu is None or version not in (V1, V2C):
        raise Malformed("no request of SNMPv1 or v2c")
    _, _, id_stop = _item(datagram, id_start, end, Syntax.INTEGER)
    _, start, stop = _item(datagram, id_stop, end, Syntax.INTEGER)
    second = _integer(datagram, start, stop)
    _, start, stop = _item(datagram, stop, end, Syntax.INTEGER)
    third = _integer(datagram, start, stop)
    _, start, stop = _item(datagram, stop, end, _SEQUENCE)
    return Request(
        version,
        community,
        pdu,
        datagram[head_start:head_stop],
        datagram[id_start:id_stop],
        second,
        third,
        datagram[start:stop],
    )


def read_names(varbinds: bytes) -> list[Oid]:
    """The OIDs of the variable-bindings; their values are passed over. Raises `Malformed`."""
    names: list[Oid] = []
    at, end = 0, len(varbinds)
    while at < end:
        _, start, at = _item(varbinds, at, end, _SEQUENCE)
        _, start, stop = _item(varbinds, start, at, Syntax.OBJECT_IDENTIFIER)
        names.append(_oid(varbinds, start, stop))
        _item(varbinds, stop, at, None)
    return names


def response(request: Request, varbinds: bytes, status: ErrorStatus = ErrorStatus.NONE, index: int = 0) -> bytes:
    """The response to a request; `varbinds` is the content of its variable-bindings."""
    outcome = b"\x02\x01\x00\x02\x01\x00"
    if status:
        outcome = tlv(Syntax.INTEGER, number_content(status)) + tlv(Syntax.INTEGER, number_content(index))
    body = request.request_id + outcome + b"\x30" + length(len(varbinds)) + varbinds
    message = request.head + tlv(_RESPONSE, body)
    return b"\x30" + length(len(message)) + message


_PDUS = {int(pdu): pdu for pdu in Pdu}


def _item(data: bytes, at: int, end: int, tag: int | None) -> tuple[int, int, int]:
    """The tag of the item at `at`, and where its content starts and stops; `tag` is the one expected, if any."""
    if at + 2 > end:
        raise Malformed("an item is cut off")
    found, size = data[at], data[at + 1]
    start = at + 2
    if size >= _ONE_BYTE_LENGTHS:
        digits = size & 0x7F
        start += digits
        if not 1 <= digits <= 4 or start > end:
            raise Malformed("a length that cannot be")
        size = int.from_bytes(data[at + 2 : start], "big")
    stop = start + size
    if stop > end:
        raise Malformed("an item reaches beyond what holds it")
    if tag is not None and found != tag:
        raise Malformed(f"tag {found:#04x} where {tag:#04x} belongs")
    return found, start, stop


def _integer(data: bytes, start: int, stop: int) -> int:
    if not 1 <= stop - start <= 5:
        raise Malformed("an INTEGER of more than 32 bits")
    return int.from_bytes(data[start:stop], "big", signed=True)


def _oid(data: bytes, start: int, stop: int) -> Oid:
    if not 1 <= stop - start <= 5 * _MOST_ARCS or data[stop - 1] & 0x80:
        raise Malformed("an OID that is empty, too long or cut off")
    arcs: list[int] = []
    arc = 0
    for octet in data[start:stop]:
        arc = arc << 7 | octet & 0x7F
        if arc > _LARGEST_ARC:
            raise Malformed("an arc of more than 32 bits")
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    if len(arcs) >= _MOST_ARCS:
        raise Malformed("an OID of more than 128 arcs")
    first = min(arcs[0] // 40, 2)
    return (first, arcs[0] - 40 * first, *arcs[1:])
