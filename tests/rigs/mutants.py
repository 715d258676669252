"""What a hostile agent makes of a true reply: bits flipped, lengths that lie, numbers, names and frames of others.

Pure but for the random numbers, which the caller seeds. Knows the shape of an SNMP message and nothing of wanmon's
codec; elements are put together by the lab's encoder. A kind of mutant is one function and one row of `KINDS`.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from wanmon.lab.encoding import length, oid_content, tlv

#: Makes a mutant of a reply.
Kind = Callable[[Random, bytes], bytes]

_TELLING = bytes((0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x30, 0x41, 0x46, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xA2, 0xA8, 0xFF))
_TAGS = bytes((0x02, 0x04, 0x05, 0x06, 0x40, 0x41, 0x42, 0x43, 0x44, 0x46, 0x80, 0x81, 0x82, 0x03, 0x1F, 0x24, 0x30))
LARGEST_DATAGRAM = 65_507
# Children of the message and of its PDU.
_VERSION, _COMMUNITY, _PDU = 0, 1, 2
_REQUEST_ID, _STATUS, _INDEX, _BINDS = 0, 1, 2, 3


class Element(NamedTuple):
    """Where an element stands in a message: its tag, the first byte of its contents, and its end."""

    at: int
    start: int
    stop: int


def element(data: bytes, at: int) -> Element:
    """The element of a true message at `at`."""
    size, start = data[at + 1], at + 2
    if size > 0x7F:
        start += size & 0x7F
        size = int.from_bytes(data[at + 2 : start], "big")
    return Element(at, start, start + size)


def children(data: bytes, parent: Element) -> list[Element]:
    """The elements inside a constructed one."""
    found, at = [], parent.start
    while at < parent.stop:
        found.append(element(data, at))
        at = found[-1].stop
    return found


def path(data: bytes, *places: int) -> list[Element]:
    """From the whole message down to a child of a child."""
    way = [element(data, 0)]
    for place in places:
        way.append(children(data, way[-1])[place])
    return way


def any_path(rng: Random, data: bytes) -> list[Element]:
    """From the whole message down to anything in it."""
    way = [element(data, 0)]
    while data[way[-1].at] & 0x20 and rng.random() < 0.9:
        inside = children(data, way[-1])
        if not inside:
            break
        way.append(rng.choice(inside))
    return way


def leaf_path(rng: Random, data: bytes) -> list[Element]:
    """From the whole message down to the name or the value of a var-bind; to their list, where there are none."""
    way = path(data, _PDU, _BINDS)
    while data[way[-1].at] & 0x20:
        inside = children(data, way[-1])
        if not inside:
            break
        way.append(rng.choice(inside))
    return way


def replaced(data: bytes, way: list[Element], new: bytes) -> bytes:
    """The message with another element at the end of the path, and lengths that fit."""
    at, _, stop = way[-1]
    for parent in reversed(way[:-1]):
        new = tlv(data[parent.at], data[parent.start : at] + new + data[stop : parent.stop])
        at, stop = parent.at, parent.stop
    return data[:at] + new + data[stop:]


# -- bytes


def flipped(rng: Random, data: bytes) -> bytes:
    """Some bits the other way."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def telling_bytes(rng: Random, data: bytes) -> bytes:
    """Some bytes that mean something elsewhere."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        out[rng.randrange(len(out))] = rng.choice(_TELLING)
    return bytes(out)


def shifted(rng: Random, data: bytes) -> bytes:
    """Bytes lost or doubled in the middle."""
    at, count = rng.randrange(len(data)), rng.randrange(1, 12)
    return data[:at] + data[at + count :] if rng.random() < 0.5 else data[: at + count] + data[at:]


def lengthened(rng: Random, data: bytes) -> bytes:
    """Something behind the message."""
    return data + (data if rng.random() < 0.3 else rng.randbytes(rng.randrange(1, 40)))


def garbage(rng: Random, data: bytes) -> bytes:
    """No message at all, or its beginning and no more."""
    size = rng.choice((0, 1, 2, 3, 30, len(data)))
    return data[:4] + rng.randbytes(size) if rng.random() < 0.5 else rng.randbytes(size)


# -- lengths


def length_lie(rng: Random, data: bytes) -> bytes:
    """A length that is not that of what it stands before."""
    at = any_path(rng, data)[-1].at + 1
    lie = rng.choice((0, 1, data[at] + 1 & 0xFF, data[at] - 1 & 0xFF, 0x7F, 0x80, 0x81, 0x84, 0x85, 0xFF))
    return data[:at] + bytes((lie,)) + data[at + 1 :]


def long_length(rng: Random, data: bytes) -> bytes:
    """A length that is written longer than need be, is far too great, or is indefinite."""
    way = any_path(rng, data)
    at, start, stop = way[-1]
    contents = data[start:stop]
    size = len(contents)
    written = rng.choice(
        (
            b"\x82" + size.to_bytes(2, "big"),
            b"\x84" + size.to_bytes(4, "big"),
            b"\x85" + size.to_bytes(5, "big"),
            b"\x84\xff\xff\xff\xff",
            b"\x84\x7f\xff\xff\xff",
            b"\x88" + b"\xff" * 8,
            b"\xfe" + b"\x00" * 125 + b"\x01",
        )
    )
    if rng.random() < 0.15:
        return replaced(data, way, data[at : at + 1] + b"\x80" + contents + b"\x00\x00")
    return replaced(data, way, data[at : at + 1] + written + contents)


# -- elements


def other_value(rng: Random, data: bytes) -> bytes:
    """A value, or a name, of any type and any size, its lengths in order."""
    contents = rng.randbytes(rng.choice((0, 0, 1, 1, 2, 3, 4, 4, 5, 8, 9, 10, 60, 300)))
    if rng.random() < 0.2:
        contents = rng.choice((b"\x00", b"\xff")) * len(contents)
    return replaced(data, leaf_path(rng, data), tlv(rng.choice(_TAGS), contents))


def other_type(rng: Random, data: bytes) -> bytes:
    """The tag of another type before the same contents."""
    at = any_path(rng, data)[-1].at
    return data[:at] + bytes((rng.choice(_TAGS + _TELLING),)) + data[at + 1 :]


def huge_oid(rng: Random, data: bytes) -> bytes:
    """A name of too many arcs, of arcs too great, or of the largest that may be."""
    most = rng.choice((126, 127, 128, 129, 500))
    arcs = (1, 3, *(rng.choice((0, 127, 128, 2**31, 2**32 - 1, 2**32, 2**64)) for _ in range(most)))
    contents = rng.choice((oid_content(arcs), b"\x2b" + b"\xff" * most + b"\x7f", b"\x2b" + b"\x80" * most, b""))
    way = leaf_path(rng, data)
    return replaced(data, way, tlv(0x06, contents))


def nested(rng: Random, data: bytes) -> bytes:
    """An element inside so many others."""
    way = any_path(rng, data)
    return replaced(data, way, buried(rng, data[way[-1].at : way[-1].stop], rng.choice((1, 2, 10, 60, 250))))


def buried(rng: Random, inmost: bytes, depth: int) -> bytes:
    tag = bytes((rng.choice((0x30, 0x30, 0xA2, 0x24)),))
    headers, size = [], len(inmost)
    for _ in range(depth):
        headers.append(tag + length(size))
        size += len(headers[-1])
    return b"".join(reversed(headers)) + inmost


def repeated(rng: Random, data: bytes) -> bytes:
    """An element twice, or many times, or not at all."""
    way = any_path(rng, data)
    whole = data[way[-1].at : way[-1].stop]
    return replaced(data, way, whole * rng.choice((0, 0, 2, 2, 3, 20)))


def swapped(rng: Random, data: bytes) -> bytes:
    """Two var-binds, two names or two values that have changed places."""
    way = path(data, _PDU, _BINDS)
    binds = [data[bind.at : bind.stop] for bind in children(data, way[-1])]
    if len(binds) < 2:
        return flipped(rng, data)
    one, other = rng.sample(range(len(binds)), 2)
    binds[one], binds[other] = binds[other], binds[one]
    return replaced(data, way, tlv(0x30, b"".join(binds)))


# -- the frame


def other_request_id(rng: Random, data: bytes) -> bytes:
    """The id of another request, near by or far off."""
    way = path(data, _PDU, _REQUEST_ID)
    start, stop = way[-1].start, way[-1].stop
    true = int.from_bytes(data[start:stop], "big")
    other = rng.choice((true ^ 1, true + 1, true ^ 1 << rng.randrange(31), rng.getrandbits(31), 0))
    return replaced(data, way, tlv(0x02, (other & 0x7FFF_FFFF).to_bytes(4, "big")))


def other_version(rng: Random, data: bytes) -> bytes:
    """Another version of SNMP, known or unknown."""
    true = data[path(data, _VERSION)[-1].start]
    others = [bytes((number,)) for number in (0, 1, 2, 3, 127, 255) if number != true]
    return replaced(data, path(data, _VERSION), tlv(0x02, rng.choice([*others, b"", b"\x7f\xff\xff\xff", b"\x01" * 9])))


def other_community(rng: Random, data: bytes) -> bytes:
    """Another community: shorter, longer, empty, or a byte away."""
    way = path(data, _COMMUNITY)
    true = data[way[-1].start : way[-1].stop]
    others = (true[:-1], true + b"\x00", true.swapcase(), b"", b"public", rng.randbytes(len(true)), true * 200)
    return replaced(data, way, tlv(0x04, rng.choice(others)))


def error_status(rng: Random, data: bytes) -> bytes:
    """An error, named or not, at a place that is or is not there; its var-binds true or not."""
    way = path(data, _PDU, _STATUS)
    status = rng.choice((1, 2, 2, 5, 5, 3, 16, 18, 19, 127, 255, 0))
    out = replaced(data, way, tlv(0x02, bytes((status,))))
    index = rng.choice((0, 1, 2, 3, 100, 2**31 - 1))
    out = replaced(out, path(out, _PDU, _INDEX), tlv(0x02, index.to_bytes(4, "big")))
    fate = rng.random()
    if fate < 0.2:
        return replaced(out, path(out, _PDU, _BINDS), tlv(0x30, b""))
    return telling_bytes(rng, out) if fate < 0.4 else out


def other_pdu(rng: Random, data: bytes) -> bytes:
    """A request, a trap or a report where a response belongs."""
    at = path(data, _PDU)[-1].at
    return data[:at] + bytes((rng.choice((0xA0, 0xA1, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9)),)) + data[at + 1 :]


def long_number(rng: Random, data: bytes) -> bytes:
    """A number of the frame that is too long, negative, or nothing."""
    place = rng.choice((_REQUEST_ID, _STATUS, _INDEX))
    contents = rng.choice((b"", b"\x80", b"\xff" * 4, b"\x00" * 5, b"\x00\x80\x00\x00\x00", b"\x01" * 5, b"\x00" * 200))
    return replaced(data, path(data, _PDU, place), tlv(0x02, contents))


# -- as large as a datagram can be


def giant(rng: Random, data: bytes) -> bytes:
    """A datagram filled to the brim: with var-binds, a string, nesting, a name, or a community."""
    room = LARGEST_DATAGRAM - len(data) - 64
    way = path(data, _PDU, _BINDS)
    binds = data[way[-1].start : way[-1].stop]
    if rng.random() < 0.2:
        return replaced(data, path(data, _COMMUNITY), tlv(0x04, b"c" * room))
    whole = rng.choice((_bind(b"\x2b", b"\x05\x00"), binds or b"\x30\x00", b"\x30\x00"))
    filling = (
        whole * (room // len(whole)),
        binds + _bind(b"\x2b\x06\x01", tlv(0x04, rng.randbytes(room))),
        binds + _bind(b"\x2b" + b"\x01" * room, b"\x05\x00"),
        binds + _bind(b"\x2b" + b"\x8f" * room + b"\x01", b"\x05\x00"),
        binds + _bind(b"\x2b\x06\x01", b"\x02" + length(room) + b"\x01" * room),
        buried(rng, binds, room // 4),
        b"\x30\x80" * (room // 2),
    )
    return replaced(data, way, tlv(0x30, rng.choice(filling)))[:LARGEST_DATAGRAM]


def _bind(name: bytes, value: bytes) -> bytes:
    return tlv(0x30, tlv(0x06, name) + value)


#: The kinds of mutants of a v1 or v2c reply, and how often each is made.
KINDS: Mapping[str, tuple[Kind, float]] = {
    "flipped": (flipped, 12),
    "telling bytes": (telling_bytes, 8),
    "shifted": (shifted, 4),
    "lengthened": (lengthened, 3),
    "garbage": (garbage, 3),
    "length lie": (length_lie, 12),
    "long length": (long_length, 5),
    "other value": (other_value, 10),
    "other type": (other_type, 6),
    "huge OID": (huge_oid, 4),
    "nested": (nested, 5),
    "repeated": (repeated, 5),
    "swapped": (swapped, 3),
    "other request id": (other_request_id, 6),
    "other version": (other_version, 4),
    "other community": (other_community, 4),
    "error-status": (error_status, 4),
    "other PDU": (other_pdu, 3),
    "long number": (long_number, 3),
}
#: How often a mutant is cut short at the next byte, and how often it is a giant, among the weights of `KINDS`.
CUT, GIANT = 12, 0.1


class Mutator:
    """Mutants of one seed. `counts` tells how many of each kind were made."""

    def __init__(self, seed: int, kinds: Mapping[str, tuple[Kind, float]] = KINDS, largest: Kind = giant) -> None:
        self.counts = dict.fromkeys((*kinds, "cut", "giant"), 0)
        self._rng = Random(seed)
        self._kinds = [("cut", self._cut), ("giant", largest), *((name, kind) for name, (kind, _) in kinds.items())]
        weights = (CUT, GIANT, *(weight for _, weight in kinds.values()))
        self._weights = [sum(weights[: place + 1]) for place in range(len(weights))]
        self._cut_at = 0

    def mutant(self, reply: bytes) -> tuple[str, bytes]:
        """The next mutant of a true reply, and its kind."""
        ((name, kind),) = self._rng.choices(self._kinds, cum_weights=self._weights)
        self.counts[name] += 1
        return name, kind(self._rng, reply)

    def _cut(self, rng: Random, data: bytes) -> bytes:
        """Cut at every byte in turn."""
        self._cut_at += 1
        return data[: self._cut_at % len(data)]
