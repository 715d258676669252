"""What a hostile agent makes of an SNMPv3 reply: everything around the data, and the data without understanding it.

Beside the kinds of `mutants` that know nothing of the version. Most of these are what somebody could try who sees all
traffic and has no key.
"""

from collections.abc import Mapping
from random import Random

from tests.rigs import mutants
from tests.rigs.mutants import Element, Kind, children, element, path, replaced
from wanmon.lab.encoding import number_content, oid_content, tlv, varbind
from wanmon.protocols.snmp.types import Oid, Syntax

FORGED_REPORT = "forged report"
# Children of the message, of its global data and of its security parameters.
_VERSION, _GLOBAL, _PARAMETERS, _DATA = range(4)
_MSG_ID, _MAX_SIZE, _FLAGS, _MODEL = range(4)
_ENGINE, _BOOTS, _TIME, _USER, _MAC, _SALT = range(6)
_USM_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)


def parameter_path(data: bytes, place: int) -> list[Element]:
    """The path to one of the security parameters, which lie in an OCTET STRING."""
    way = path(data, _PARAMETERS)
    inside = element(data, way[-1].start)
    return [*way, inside, children(data, inside)[place]]


def other_msg_id(rng: Random, data: bytes) -> bytes:
    """The id of another message."""
    way = path(data, _GLOBAL, _MSG_ID)
    true = int.from_bytes(data[way[-1].start : way[-1].stop], "big")
    other = rng.choice((true ^ 1, true ^ 1 << rng.randrange(31), rng.getrandbits(31), 0, -1))
    return replaced(data, way, tlv(0x02, number_content(other)))


def other_flags(rng: Random, data: bytes) -> bytes:
    """Another security level, or flags that do not exist."""
    flags = rng.choice((b"\x00", b"\x01", b"\x02", b"\x04", b"\x05", b"\xff", b"", b"\x03\x00"))
    return replaced(data, path(data, _GLOBAL, _FLAGS), tlv(0x04, flags))


def other_global(rng: Random, data: bytes) -> bytes:
    """Another security model, or another largest size."""
    number = rng.choice((0, 1, 2, 4, 484, -1, 2**31 - 1))
    return replaced(data, path(data, _GLOBAL, rng.choice((_MAX_SIZE, _MODEL))), tlv(0x02, number_content(number)))


def other_engine(rng: Random, data: bytes) -> bytes:
    """The id of another engine, or none."""
    way = parameter_path(data, _ENGINE)
    true = data[way[-1].start : way[-1].stop]
    other = rng.choice((b"", true[:-1], true + b"\x00", rng.randbytes(len(true)), true * 8, mutants.flipped(rng, true)))
    return replaced(data, way, tlv(0x04, other))


def other_clock(rng: Random, data: bytes) -> bytes:
    """Another number of boots, or another time."""
    number = rng.choice((0, 1, 6, -1, 2**31 - 1, rng.getrandbits(31)))
    return replaced(data, parameter_path(data, rng.choice((_BOOTS, _TIME))), tlv(0x02, number_content(number)))


def other_user(rng: Random, data: bytes) -> bytes:
    """The name of another user."""
    name = rng.choice((b"", b"root", b"no", b"nocc", b"NOC", b"\x00" * 32, b"n" * 33, b"n" * 300))
    return replaced(data, parameter_path(data, _USER), tlv(0x04, name))


def other_digest(rng: Random, data: bytes) -> bytes:
    """A digest that is wrong in one bit, in all, in its length, or absent."""
    way = parameter_path(data, _MAC)
    true = data[way[-1].start : way[-1].stop]
    wrong = (b"", bytes(len(true)), true[:-1], true[:1], true + b"\x00", true * 8, rng.randbytes(len(true)))
    flipped = mutants.flipped(rng, true) if true else b"\x00"
    return replaced(data, way, tlv(0x04, rng.choice((*wrong, flipped, flipped))))


def other_salt(rng: Random, data: bytes) -> bytes:
    """Another salt."""
    salt = rng.choice((b"", bytes(8), rng.randbytes(8), rng.randbytes(7), rng.randbytes(200)))
    return replaced(data, parameter_path(data, _SALT), tlv(0x04, salt))


def other_data(rng: Random, data: bytes) -> bytes:
    """The data changed, cut, lengthened, or in clear."""
    way = path(data, _DATA)
    true = data[way[-1].start : way[-1].stop]
    contents = rng.choice((b"", true[:-1], true[:8], true + bytes(8), mutants.flipped(rng, true), rng.randbytes(40)))
    return replaced(data, way, tlv(rng.choice((0x04, 0x04, 0x30)), contents))


def forged_report(rng: Random, data: bytes) -> bytes:
    """A sound Report in clear that answers this very request: whoever sees our requests can write one."""
    way = path(data, _GLOBAL, _MSG_ID)
    message_id = data[way[-1].at : way[-1].stop]
    numbers = message_id + tlv(0x02, b"\x00\xff\xe3") + tlv(0x04, b"\x00") + tlv(0x02, b"\x03")
    engine = parameter_path(data, _ENGINE)[-1]
    nobody = data[engine.at : engine.stop] + tlv(0x02, b"\x01") * 2 + tlv(0x04, b"") * 3
    complaint = (*_USM_STATS, rng.randrange(1, 7), 0)
    binds = tlv(0x30, varbind(complaint, Syntax.COUNTER32, b"\x01"))
    pdu = tlv(0xA8, message_id + tlv(0x02, b"\x00") * 2 + binds)
    scoped = tlv(0x30, data[engine.at : engine.stop] + tlv(0x04, b"") + pdu)
    return tlv(0x30, tlv(0x02, b"\x03") + tlv(0x30, numbers) + tlv(0x04, tlv(0x30, nobody)) + scoped)


def in_clear(rng: Random, data: bytes) -> bytes:
    """A sound response in clear to this very request, with values of its own."""
    way = path(data, _GLOBAL, _MSG_ID)
    message_id = data[way[-1].at : way[-1].stop]
    flags = rng.choice((b"\x00", b"\x01"))
    out = replaced(data, path(data, _GLOBAL, _FLAGS), tlv(0x04, flags))
    name = tlv(0x06, oid_content((1, 3, 6, 1, 2, 1, 1, 5, 0)))
    pdu = tlv(0xA2, message_id + tlv(0x02, b"\x00") * 2 + tlv(0x30, tlv(0x30, name + tlv(0x04, b"false"))))
    engine = parameter_path(out, _ENGINE)[-1]
    scoped = tlv(0x30, out[engine.at : engine.stop] + tlv(0x04, b"") + pdu)
    return replaced(out, path(out, _DATA), scoped)


def secured_giant(rng: Random, data: bytes) -> bytes:
    """A datagram filled to the brim: with ciphertext, with a name, with a digest, or with nesting in clear."""
    room = mutants.LARGEST_DATAGRAM - len(data) - 64
    if rng.random() < 0.5:
        place = rng.choice((_ENGINE, _USER, _MAC, _SALT))
        return replaced(data, parameter_path(data, place), tlv(0x04, rng.randbytes(room)))
    true = data[path(data, _DATA)[-1].at :]
    filling = (
        tlv(0x04, rng.randbytes(room - room % 8)),
        mutants.buried(rng, true, room // 4),
        tlv(0x30, tlv(0x04, b"e") + tlv(0x04, b"c" * room)),
    )
    return replaced(data, path(data, _DATA), rng.choice(filling))[: mutants.LARGEST_DATAGRAM]


class Replays:
    """What was sent before, sent again: whole, or its data under the head of the present reply."""

    def __init__(self) -> None:
        self._before = b""

    def replayed(self, rng: Random, data: bytes) -> bytes:
        """The reply before, or a chimera of both."""
        before, self._before = self._before or mutants.flipped(rng, data), data
        if before[:1] != b"\x30" or rng.random() < 0.5:
            return before
        try:
            old = path(before, _DATA)[-1]
            return replaced(data, path(data, _DATA), before[old.at : old.stop])
        except IndexError:
            return before


def secured_kinds() -> Mapping[str, tuple[Kind, float]]:
    """The kinds of mutants of a v3 reply, and how often each is made."""
    generic = (
        "flipped", "telling bytes", "shifted", "lengthened", "garbage", "length lie", "long length", "other type",
        "nested", "repeated",
    )  # fmt: skip
    return {
        **{name: mutants.KINDS[name] for name in generic},
        "other msgID": (other_msg_id, 5),
        "other flags": (other_flags, 5),
        "other global data": (other_global, 3),
        "other engine": (other_engine, 5),
        "other clock": (other_clock, 5),
        "other user": (other_user, 4),
        "other digest": (other_digest, 10),
        "other salt": (other_salt, 4),
        "other data": (other_data, 8),
        "in clear": (in_clear, 4),
        "replayed": (Replays().replayed, 6),
        FORGED_REPORT: (forged_report, 0.5),
    }
