"""A `Reading` made ready for the wire: its PDUs encoded once, their replies read against the OIDs asked.

This is the hot path. A reply with the shape of the reply before is compared with it, and only the numbers that differ
are decoded (`layout`); any other is read var-bind by var-bind. No OID ever becomes numbers. A reply is taken whole or
not at all: values change only after its last byte was checked.
"""

from collections.abc import Sequence
from itertools import pairwise

from wanmon.protocols.snmp.ber import SEQUENCE, MalformedMessage, encode_oid, enter, read_oid, read_value
from wanmon.protocols.snmp.envelope import Envelope
from wanmon.protocols.snmp.layout import UNSIGNED_BYTES, Layout
from wanmon.protocols.snmp.manners import Manners
from wanmon.protocols.snmp.message import MismatchedReply, Question, Reply, Request
from wanmon.protocols.snmp.packing import HEADERS_BYTES, LARGEST_NUMBER_BYTES, pack
from wanmon.protocols.snmp.remedy import ErrorReply, error_reply
from wanmon.protocols.snmp.types import Reading, Value

#: PDUs stay as they were packed while the limit stays within these shares of what it was then.
_MUCH_LESS, _MUCH_MORE = 0.999, 1.25


class PreparedPdu:
    """One GET of a reading: `indexes` are places in its `oids` and `values`.

    `size_bytes` is the size of the latest reply.
    """

    __slots__ = ("_last", "_layout", "_numbers", "_oids", "_stops", "_values", "indexes", "request", "size_bytes")

    def __init__(self, request: Request, indexes: Sequence[int], oids: Sequence[bytes], values: list[Value]) -> None:
        self.request = request
        self.indexes = indexes
        self.size_bytes = 0
        self._oids = oids
        self._values = values
        self._last: bytes | None = None
        self._stops = [0] * len(indexes)
        self._layout: Layout | None = None
        self._numbers: tuple[bytes, ...] = ()

    @property
    def sizes(self) -> list[int]:
        """The bytes of each var-bind of the latest reply; 0 while there was none."""
        return [stop - start for start, stop in pairwise((0, *self._stops))]

    def take(self, reply: Reply) -> list[int] | ErrorReply:
        """Update the reading from a reply; the indexes whose values changed.

        Raises `MalformedMessage` or `MismatchedReply`, and then nothing was updated.
        """
        if reply.error_status:
            return error_reply(reply)
        data = reply.data[reply.start :]
        if data == self._last:
            return []
        numbers = self._layout.numbers(data) if self._layout else None
        changed = self._read_whole(data) if numbers is None else self._compare(numbers)
        self._last = data
        self.size_bytes = reply.size_bytes
        return changed

    def _compare(self, numbers: tuple[bytes, ...]) -> list[int]:
        assert self._layout is not None
        values, indexes, to_number = self._values, self.indexes, int.from_bytes
        changed = []
        for position, new, old in zip(self._layout.positions, numbers, self._numbers, strict=True):
            if new != old:
                index = indexes[position]
                values[index] = to_number(new, "big")
                changed.append(index)
        self._numbers = numbers
        return changed

    def _read_whole(self, data: bytes) -> list[int]:
        last = self._last or b""
        found, stops = _differences(data, self._oids, last, self._stops)
        self._stops = stops
        # A new shape is not worth the work until it comes twice: it may be the only one of its kind.
        self._layout = Layout(data, self._oids, stops) if len(data) == len(last) else None
        self._numbers = (self._layout.numbers(data) or ()) if self._layout else ()
        return self._adopt(found)

    def _adopt(self, found: list[tuple[int, Value]]) -> list[int]:
        values, indexes = self._values, self.indexes
        changed = []
        for position, value in found:
            index = indexes[position]
            if values[index] != value:
                values[index] = value
                changed.append(index)
        return changed


def _differences(
    data: bytes, oids: Sequence[bytes], last: bytes, last_stops: Sequence[int]
) -> tuple[list[tuple[int, Value]], list[int]]:
    """(position, value) of each var-bind of `data` that is not byte for byte that of `last`, and where all end.

    This is one long function because each call would cost as much as the rest of a turn.
    """
    begins, number, unsigned = data.startswith, int.from_bytes, UNSIGNED_BYTES
    found: list[tuple[int, Value]] = []
    stops: list[int] = []
    at, end, was = 0, len(data), 0
    for position, (oid, last_stop) in enumerate(zip(oids, last_stops, strict=True)):
        raw = last[was:last_stop]
        was = last_stop
        if raw and begins(raw, at):
            at += len(raw)
            stops.append(at)
            continue
        tag_at = at + 2 + len(oid)
        # The usual shape in one test: the OID asked, short lengths that agree, a plain number. Else, step by step.
        if tag_at + 2 < end and begins(oid, at + 2) and data[at] == SEQUENCE:
            stop = at + 2 + data[at + 1]
            size = data[tag_at + 1]
            if 0 < size <= unsigned[data[tag_at]] and tag_at + 2 + size == stop <= end:
                found.append((position, number(data[tag_at + 2 : stop], "big")))
                stops.append(stop)
                at = stop
                continue
        value, at = _read_one(data, at, oid)
        found.append((position, value))
        stops.append(at)
    if at != end:
        raise MismatchedReply("more var-binds than were asked")
    return found, stops


def _read_one(data: bytes, at: int, oid: bytes) -> tuple[Value, int]:
    if at >= len(data):
        raise MismatchedReply("fewer var-binds than were asked")
    start, stop = enter(data, at, len(data), SEQUENCE)
    found, after = read_oid(data, start, stop)
    if found != read_oid(oid, 0, len(oid))[0]:
        raise MismatchedReply("an OID that was not asked")
    _syntax, value, after = read_value(data, after, stop)
    if after != stop:
        raise MalformedMessage("bytes follow a value")
    return value, stop


class PreparedReading:
    """The PDUs of one reading in one envelope, as large as the `manners` of the agent let replies be.

    The first round assumes the largest numbers; the second is packed by the sizes seen, one spare byte each.
    """

    def __init__(self, reading: Reading, envelope: Envelope, manners: Manners) -> None:
        self.envelope = envelope
        self.manners = manners
        self._reading = reading
        self._packed_bytes = 0
        self._oids = [encode_oid(oid) for oid in reading.oids]
        self._sizes = [HEADERS_BYTES + len(oid) + LARGEST_NUMBER_BYTES for oid in self._oids]
        self._by_size_seen = False
        self.pdus: list[PreparedPdu] = []
        self._pack(range(len(self._oids)))

    def keep(self, pdus: list[PreparedPdu], *, all_heard: bool) -> None:
        """The PDUs that a round ended with are those of the next.

        They are packed anew when the agent may be asked for much more or for less than they were packed for; and, where
        it had its say on `all_heard` of them, after the first round, and when replies outgrow the limit.
        """
        self.pdus = pdus
        limit = self.manners.limit_bytes
        fits = self._by_size_seen and all(pdu.size_bytes <= limit for pdu in pdus)
        is_of_its_size = self._packed_bytes * _MUCH_LESS <= limit <= self._packed_bytes * _MUCH_MORE
        if is_of_its_size and (fits or not all_heard):
            return
        for pdu in pdus:
            for index, size in zip(pdu.indexes, pdu.sizes, strict=True):
                # A PDU that was refused has shown no sizes.
                self._sizes[index] = size + 1 if size else self._sizes[index]
        self._by_size_seen = self._by_size_seen or all_heard
        self._pack(sorted(index for pdu in pdus for index in pdu.indexes))

    def part(self, pdu: PreparedPdu, positions: Sequence[int]) -> PreparedPdu:
        """A PDU of its own for some positions of `pdu`."""
        return self._pdu([pdu.indexes[position] for position in positions])

    def expected_bytes(self, pdu: PreparedPdu) -> int:
        """About the size of the reply to one of the PDUs."""
        return pdu.size_bytes or sum(self._sizes[index] for index in pdu.indexes) + self.envelope.frame_bytes

    def parts(self, pdu: PreparedPdu) -> list[PreparedPdu]:
        """The PDUs to ask in place of one that was packed when larger replies were thought possible; else itself."""
        if self.expected_bytes(pdu) <= self.manners.limit_bytes:
            return [pdu]
        parts = self._packed(pdu.indexes)
        return parts if len(parts) > 1 else [pdu]

    def _pack(self, indexes: Sequence[int]) -> None:
        self._packed_bytes = self.manners.limit_bytes
        self.pdus = self._packed(indexes)

    def _packed(self, indexes: Sequence[int]) -> list[PreparedPdu]:
        room = self.manners.limit_bytes - self.envelope.frame_bytes
        parts = pack((self._sizes[index] for index in indexes), room)
        return [self._pdu([indexes[position] for position in part]) for part in parts]

    def _pdu(self, indexes: Sequence[int]) -> PreparedPdu:
        oids = [self._oids[index] for index in indexes]
        request = self.envelope.request(Question.GET, oids)
        return PreparedPdu(request, indexes, oids, self._reading.values)


def prepared_for(reading: Reading, envelope: Envelope, manners: Manners) -> PreparedReading:
    """What hangs on `reading`, made anew if it was made for another envelope, engine or agent."""
    held = reading.prepared
    if not isinstance(held, PreparedReading) or (held.envelope, held.manners) != (envelope, manners):
        held = reading.prepared = PreparedReading(reading, envelope, manners)
    return held
