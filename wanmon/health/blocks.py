"""The five-minute averages of one circuit on one local day, both directions, and their packed form. Pure.

A bin that was watched for less than half of its time is missing, and is never taken for an idle one. How full the line
was is judged elsewhere (`capacity`).
"""

import math
import struct
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from wanmon.clock import LOCAL
from wanmon.errors import StoreError

BINS = 288
BIN_S = 300.0
#: A bin counts from so much of its time on.
WATCHED_S = BIN_S / 2

_VERSION = 1
#: Version, then 288 averages of either direction in bits per second, little-endian; NaN is a missing bin.
_PACKED = struct.Struct(f"<B{BINS}f{BINS}f")

Averages = tuple[float | None, ...]


class Direction(StrEnum):
    """Which way the octets went, seen from the site."""

    RECEIVE = "receive"
    TRANSMIT = "transmit"


@dataclass(frozen=True, slots=True)
class Block:
    """288 averages a direction, in bits per second; None where a bin is missing."""

    receive: Averages
    transmit: Averages


def pack(block: Block) -> bytes:
    """The block as 2,305 bytes; the averages are rounded to single precision."""
    return _PACKED.pack(_VERSION, *map(_stored, block.receive), *map(_stored, block.transmit))


def unpack(packed: bytes) -> Block:
    """The block again.

    Raises StoreError where the bytes are not such a block.
    """
    if packed[:1] != bytes([_VERSION]) or len(packed) != _PACKED.size:
        wanted = f"version {_VERSION} of {_PACKED.size} bytes"
        raise StoreError(
            f"a stored day of averages is not of {wanted} but begins {packed[:1].hex() or 'with nothing'} and has "
            f"{len(packed)}: use the wanmon that wrote it, or restore a backup"
        )
    averages = tuple(map(_shown, _PACKED.unpack(packed)[1:]))
    return Block(averages[:BINS], averages[BINS:])


def _stored(average: float | None) -> float:
    return math.nan if average is None else average


def _shown(stored: float) -> float | None:
    return None if math.isnan(stored) else stored


def local_day(at_s: float) -> date:
    """The local day of an epoch second."""
    return datetime.fromtimestamp(at_s, LOCAL).date()


class DayTally:
    """What has been gathered of one circuit on one local day so far."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.begins_s = datetime.combine(on, time(), LOCAL).timestamp()
        self._bits = {direction: array("d", bytes(8 * BINS)) for direction in Direction}
        self._watched_s = {direction: array("d", bytes(8 * BINS)) for direction in Direction}

    @classmethod
    def resumed(cls, on: date, block: Block) -> "DayTally":
        """Go on from what was stored.

        Of a bin that was stored half full it is only known that half of it was watched; so much it weighs.
        """
        tally = cls(on)
        for direction, averages in ((Direction.RECEIVE, block.receive), (Direction.TRANSMIT, block.transmit)):
            for place, average in enumerate(averages):
                if average is not None:
                    tally._gather(direction, place, average, WATCHED_S)
        return tally

    def add(self, direction: Direction, bps: float, from_s: float, to_s: float) -> None:
        """Spread a rate over the bins it covers, from epoch second to epoch second; other days' share is left out."""
        begins_s, ends_s = max(from_s - self.begins_s, 0.0), min(to_s - self.begins_s, BINS * BIN_S)
        if ends_s <= begins_s:
            return
        for place in range(int(begins_s // BIN_S), math.ceil(ends_s / BIN_S)):
            covered_s = min(ends_s, (place + 1) * BIN_S) - max(begins_s, place * BIN_S)
            self._gather(direction, place, bps, covered_s)

    def block(self) -> Block:
        """The averages so far."""
        return Block(self._averages(Direction.RECEIVE), self._averages(Direction.TRANSMIT))

    def _gather(self, direction: Direction, place: int, bps: float, watched_s: float) -> None:
        self._bits[direction][place] += bps * watched_s
        self._watched_s[direction][place] += watched_s

    def _averages(self, direction: Direction) -> Averages:
        return _averaged(self._bits[direction], self._watched_s[direction])


def _averaged(bits: Sequence[float], watched_s: Iterable[float]) -> Averages:
    return tuple(
        total / seconds if seconds >= WATCHED_S else None for total, seconds in zip(bits, watched_s, strict=True)
    )
