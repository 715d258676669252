"""The subset of BER that SNMP is made of (X.690, RFC 3417 section 8), read strictly and without recursion.

Readers take `(data, at, end)` and never look at or beyond `end`; whatever is not exactly what SNMP allows raises
`MalformedMessage`, and nothing else is ever raised for bytes from the network. Lengths are definite, in at most four
bytes; an OID has at most 128 arcs below 2^32 (RFC 2578 section 3.5). Writers raise `ValueError` for what cannot be
said.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from wanmon.protocols.snmp.types import Oid, Syntax, Value

SEQUENCE = 0x30
#: In a plan of `read_spans`, any tag.
ANY = -1
MAX_ARCS = 128
MAX_ARC = 2**32 - 1
#: Instances that we ask for have no more.
_USUAL_ARCS = 24

_UNSIGNED_BYTES = {Syntax.COUNTER32: 4, Syntax.GAUGE32: 4, Syntax.TIMETICKS: 4, Syntax.COUNTER64: 8}
_EMPTY = (Syntax.NULL, Syntax.NO_SUCH_OBJECT, Syntax.NO_SUCH_INSTANCE, Syntax.END_OF_MIB_VIEW)


class MalformedMessage(ValueError):
    """Bytes that are not the protocol; used only inside this package."""


def read_header(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """The tag at `at`, and where its contents begin and end."""
    if at + 2 > end:
        raise MalformedMessage("a header is cut off")
    tag, size = data[at], data[at + 1]
    at += 2
    if size >= 0x80:
        size, at = _read_long_size(data, size - 0x80, at, end)
    if at + size > end:
        raise MalformedMessage("a length reaches beyond its container")
    return tag, at, at + size


def _read_long_size(data: bytes, count: int, at: int, end: int) -> tuple[int, int]:
    # Leading zeros are let through: agents that always write 82 00 xx are many, and harmless.
    if not 1 <= count <= 4:
        raise MalformedMessage("an indefinite or absurd length")
    if at + count > end:
        raise MalformedMessage("a length is cut off")
    return int.from_bytes(data[at : at + count], "big"), at + count


def enter(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Where the contents of the element at `at` begin and end; its tag must be `tag`."""
    found, start, stop = read_header(data, at, end)
    if found != tag:
        raise MalformedMessage(f"tag {found:#04x} stands where {tag:#04x} belongs")
    return start, stop


def read_integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A signed 32-bit INTEGER and where it ends."""
    start, stop = enter(data, at, end, Syntax.INTEGER)
    return integer_in(data, start, stop), stop


def read_spans(data: bytes, plan: Sequence[tuple[int, bool]]) -> list[tuple[int, int]]:
    """Where the contents of elements that follow each other begin and end, each with its tag of the plan, or any.

    After one that the plan marks as a container comes what is inside it. That containers end with their last element is
    left to the caller. One loop, because a function called for each element would cost as much as all else.
    """
    spans = []
    at, end = 0, len(data)
    for tag, is_container in plan:
        if at + 2 > end or data[at] != tag != ANY:
            found = f"tag {data[at]:#04x}" if at < end else "nothing"
            raise MalformedMessage(f"{found} stands where {tag:#04x} belongs")
        start, size = at + 2, data[at + 1]
        if size >= 0x80:
            size, start = _read_long_size(data, size - 0x80, start, end)
        stop = start + size
        if stop > end:
            raise MalformedMessage("a length reaches beyond the message")
        spans.append((start, stop))
        at = start if is_container else stop
    return spans


def read_oid(data: bytes, at: int, end: int) -> tuple[Oid, int]:
    """An OBJECT IDENTIFIER and where it ends."""
    start, stop = enter(data, at, end, Syntax.OBJECT_IDENTIFIER)
    return _arcs(data, start, stop), stop


def read_value(data: bytes, at: int, end: int) -> tuple[Syntax, Value, int]:
    """The value of a var-bind: its syntax, itself, and where it ends."""
    tag, start, stop = read_header(data, at, end)
    reader = _READERS.get(tag)
    if reader is None:
        raise MalformedMessage(f"no SNMP value has tag {tag:#04x}")
    return Syntax(tag), reader(data, start, stop), stop


def integer_in(data: bytes, start: int, stop: int) -> int:
    """A signed 32-bit INTEGER by its contents."""
    # Five bytes: some agents put a zero before four. The value must still be a 32-bit one.
    if not 1 <= stop - start <= 5:
        raise MalformedMessage(f"an INTEGER of {stop - start} bytes")
    value = int.from_bytes(data[start:stop], "big", signed=True)
    if not -(2**31) <= value < 2**31:
        raise MalformedMessage("an INTEGER beyond 32 bits")
    return value


def _unsigned(width: int) -> Callable[[bytes, int, int], int]:
    def read(data: bytes, start: int, stop: int) -> int:
        # Read as unsigned whatever the top bit: some agents leave out the zero byte that BER asks for.
        size = stop - start
        if not 1 <= size <= width + 1 or (size > width and data[start] != 0):
            raise MalformedMessage(f"a number of {size} bytes where at most {width} belong")
        return int.from_bytes(data[start:stop], "big")

    return read


def _string(data: bytes, start: int, stop: int) -> bytes:
    return data[start:stop]


def _ip_address(data: bytes, start: int, stop: int) -> bytes:
    if stop - start != 4:
        raise MalformedMessage(f"an IpAddress of {stop - start} bytes")
    return data[start:stop]


def _nothing(_data: bytes, start: int, stop: int) -> None:
    if start != stop:
        raise MalformedMessage("a NULL with contents")


def _oid_value(data: bytes, start: int, stop: int) -> Oid:
    # As a value, 06 00 is how several agents write 0.0 (zeroDotZero), and net-snmp reads it so.
    return _arcs(data, start, stop) if stop > start else (0, 0)


def _arcs(data: bytes, start: int, stop: int) -> Oid:
    if start == stop or data[stop - 1] & 0x80:
        raise MalformedMessage("an OID that is empty or does not end")
    if stop - start > 5 * MAX_ARCS:
        raise MalformedMessage(f"an OID of {stop - start} bytes")
    arcs: list[int] = []
    arc = 0
    for byte in data[start:stop]:
        if byte == 0x80 and arc == 0:
            raise MalformedMessage("an arc with padding")
        arc = arc << 7 | byte & 0x7F
        # The first two arcs share one number: 2.(2^32 - 1) is 80 more than an arc may be.
        if arc > MAX_ARC + (0 if arcs else 80):
            raise MalformedMessage("an arc beyond 32 bits")
        if byte < 0x80:
            arcs.append(arc)
            arc = 0
    if len(arcs) >= MAX_ARCS:
        raise MalformedMessage(f"an OID of more than {MAX_ARCS} arcs")
    top = min(arcs[0] // 40, 2)
    return (top, arcs[0] - 40 * top, *arcs[1:])


_READERS: dict[int, Callable[[bytes, int, int], Value]] = {
    Syntax.INTEGER: integer_in,
    Syntax.OCTET_STRING: _string,
    Syntax.OBJECT_IDENTIFIER: _oid_value,
    Syntax.IP_ADDRESS: _ip_address,
    Syntax.OPAQUE: _string,
    **{syntax: _unsigned(width) for syntax, width in _UNSIGNED_BYTES.items()},
    **dict.fromkeys(_EMPTY, _nothing),
}


def encode(tag: int, contents: bytes) -> bytes:
    """One element: tag, shortest definite length, contents."""
    size = len(contents)
    if size < 0x80:
        return bytes((tag, size)) + contents
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + contents


def encode_integer(value: int) -> bytes:
    """A signed 32-bit INTEGER in its shortest form."""
    if not -(2**31) <= value < 2**31:
        raise ValueError(f"{value} is no 32-bit INTEGER")
    return encode(Syntax.INTEGER, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def encode_oid(oid: Oid) -> bytes:
    """An OBJECT IDENTIFIER of 2 to 128 arcs. Raises `ValueError` for what is none."""
    return _encode_usual_oid(oid) if len(oid) <= _USUAL_ARCS else _encode_any_oid(oid)


def _encode_any_oid(oid: Oid) -> bytes:
    if not 2 <= len(oid) <= MAX_ARCS or min(oid) < 0 or max(oid) > MAX_ARC:
        raise ValueError(f"{'.'.join(map(str, oid))!r} is no OID of 2 to {MAX_ARCS} arcs below 2^32")
    if oid[0] > 2 or (oid[0] < 2 and oid[1] > 39):
        raise ValueError(f"no OID begins with {oid[0]}.{oid[1]}")
    return encode(Syntax.OBJECT_IDENTIFIER, b"".join(map(_base_128, (oid[0] * 40 + oid[1], *oid[2:]))))


# All devices are asked for the same instances. Hostile ones name others: these may not fill the memory.
_encode_usual_oid = lru_cache(maxsize=4096)(_encode_any_oid)


def _base_128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(arc & 0x7F | 0x80)
    return bytes(reversed(digits))


def encode_value(syntax: Syntax, value: Value) -> bytes:
    """A value as an agent would send it; what reads it back gets `(syntax, value)`."""
    if syntax in _EMPTY:
        return encode(syntax, b"")
    if isinstance(value, bytes):
        return encode(syntax, value)
    if isinstance(value, tuple):
        return encode_oid(value)
    if value is None:
        raise ValueError(f"{syntax.name} needs a value")
    return encode_integer(value) if syntax is Syntax.INTEGER else _encode_unsigned(syntax, value)


def _encode_unsigned(syntax: Syntax, value: int) -> bytes:
    if not 0 <= value < 1 << 8 * _UNSIGNED_BYTES[syntax]:
        raise ValueError(f"{value} is no {syntax.name}")
    return encode(syntax, value.to_bytes(value.bit_length() // 8 + 1, "big"))
