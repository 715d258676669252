"""What a response says, read without wanmon's codec: the judge of what a mutant is worth.

Reads by the rules that `wanmon.protocols.snmp.ber` states for itself (strict, but for what real agents are known to
write), in another way: one cursor that eats what it has read. `ruled_by_pysnmp` is the judge of this judge.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from pyasn1.codec.ber import decoder
from pyasn1.type import univ
from pysnmp.proto import api

Oid = tuple[int, ...]
Value = int | bytes | Oid | None

_RESPONSE = 0xA2
_LARGEST_ARC = 2**32 - 1
_MOST_ARCS = 128
_MOST_BINDS = 1_000


class Said(NamedTuple):
    """A sound response: `binds` are (name, value) in their order."""

    version: int
    community: bytes
    request_id: int
    status: int
    position: int
    binds: tuple[tuple[Oid, Value], ...]


class Nonsense(ValueError):
    """The bytes are no response."""


class _Cursor:
    """Bytes that are read from the front."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def element(self, wanted: int | None = None) -> tuple[int, bytes]:
        """The tag and contents of the next element."""
        rest = self.rest
        if len(rest) < 2:
            raise Nonsense
        tag, size, header = rest[0], rest[1], 2
        if size > 0x7F:
            count = size & 0x7F
            if count not in (1, 2, 3, 4) or len(rest) < 2 + count:
                raise Nonsense
            header = 2 + count
            size = int.from_bytes(rest[2:header], "big")
        if len(rest) - header < size or (wanted is not None and wanted != tag):
            raise Nonsense
        self.rest = rest[header + size :]
        return tag, rest[header : header + size]

    def ended(self) -> None:
        if self.rest:
            raise Nonsense


def said(data: bytes) -> Said | None:
    """What a datagram says; None if it is no sound response of SNMPv1 or v2c."""
    try:
        return _said(data)
    except Nonsense:
        return None


def _said(data: bytes) -> Said:
    outer = _Cursor(data)
    message = _Cursor(outer.element(0x30)[1])
    outer.ended()
    version = _integer(message.element(0x02)[1])
    community = message.element(0x04)[1]
    pdu = _Cursor(message.element(_RESPONSE)[1])
    message.ended()
    request_id, status, index = (_integer(pdu.element(0x02)[1]) for _ in range(3))
    binds = _Cursor(pdu.element(0x30)[1])
    pdu.ended()
    found = []
    while binds.rest:
        found.append(_bind(binds.element(0x30)[1]))
        if len(found) > _MOST_BINDS:
            raise Nonsense
    return Said(version, community, request_id, status, index, tuple(found))


def _bind(contents: bytes) -> tuple[Oid, Value]:
    bind = _Cursor(contents)
    name = _oid(bind.element(0x06)[1])
    tag, value = bind.element()
    bind.ended()
    read = _VALUES.get(tag)
    if read is None:
        raise Nonsense
    return name, read(value)


def _integer(contents: bytes) -> int:
    number = int.from_bytes(contents, "big", signed=True)
    if not 0 < len(contents) < 6 or abs(number + 0.5) > 2**31:
        raise Nonsense
    return number


def _counter(bits: int) -> Callable[[bytes], int]:
    def read(contents: bytes) -> int:
        number = int.from_bytes(contents, "big")
        if not 0 < len(contents) <= bits // 8 + 1 or number >> bits:
            raise Nonsense
        return number

    return read


def _oid(contents: bytes) -> Oid:
    if not contents or contents[-1] > 0x7F:
        raise Nonsense
    arcs, begins = [], 0
    for at, octet in enumerate(contents):
        if octet <= 0x7F:
            group = contents[begins : at + 1]
            if group[0] == 0x80 or len(group) > 5:
                raise Nonsense
            arcs.append(sum((digit & 0x7F) << 7 * place for place, digit in enumerate(reversed(group))))
            begins = at + 1
    top = 2 if arcs[0] >= 80 else arcs[0] // 40
    oid = (top, arcs[0] - 40 * top, *arcs[1:])
    if len(oid) > _MOST_ARCS or max(oid) > _LARGEST_ARC:
        raise Nonsense
    return oid


def _empty(contents: bytes) -> None:
    if contents:
        raise Nonsense


def _address(contents: bytes) -> bytes:
    if len(contents) != 4:
        raise Nonsense
    return contents


_VALUES: dict[int, Callable[[bytes], Value]] = {
    0x02: _integer,
    0x04: bytes,
    0x05: _empty,
    0x06: lambda contents: _oid(contents) if contents else (0, 0),
    0x40: _address,
    0x41: _counter(32),
    0x42: _counter(32),
    0x43: _counter(32),
    0x44: bytes,
    0x46: _counter(64),
    0x80: _empty,
    0x81: _empty,
    0x82: _empty,
}


def ruled_by_pysnmp(data: bytes) -> Said | None:
    """What pysnmp reads in a datagram; None where it refuses it."""
    try:
        version = int(api.decodeMessageVersion(data))
        module = api.PROTOCOL_MODULES[version]
        message, rest = decoder.decode(data, asn1Spec=module.Message())
        pdu = module.apiMessage.get_pdu(message)
        if rest or "Response" not in type(pdu).__name__:
            return None
        binds = tuple((tuple(name), _plain(value)) for name, value in module.apiPDU.get_varbinds(pdu))
        community = bytes(module.apiMessage.get_community(message))
        return Said(version, community, int(pdu[0]), int(pdu[1]), int(pdu[2]), binds)
    except Exception:  # whatever it likes to raise
        return None


def _plain(value: Any) -> Value:
    """A value of pysnmp's as ours."""
    if isinstance(value, univ.Null):
        return None
    if isinstance(value, univ.ObjectIdentifier):
        return tuple(value)
    return int(value) if isinstance(value, univ.Integer) else bytes(value)
