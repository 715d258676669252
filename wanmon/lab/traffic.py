"""How much runs through a port: the rate at an instant, and its integral since a fixed Monday.

Pure and exact: the same seed and instant give the same figure on every machine, and all arithmetic is on integers so
that a counter made from it never falls by a rounding. Instants are milliseconds since 1970 (UTC).

A Vietnamese office day is a curve of hourly knots. Noise bends the time at which the curve is read, never the curve:
within each bin of 90 s time runs a little faster or slower, so the integral stays a look-up and no history is needed.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

#: Parts of 10,000 of the peak at each full hour, local time; the lines between them are straight.
OFFICE_DAY = (
    *(300, 200, 200, 200, 200, 300, 900, 4_500),
    *(8_800, 10_000, 10_000, 8_800, 3_500, 4_800, 9_000, 9_800),
    *(9_000, 4_500, 1_800, 1_500, 1_400, 1_200, 900, 600),
)
DAY_OFF = (
    *(300, 200, 200, 200, 200, 200, 300, 500),
    *(800, 1_000, 1_000, 900, 600, 600, 800, 900),
    *(800, 700, 600, 600, 600, 500, 400, 300),
)
WEEK = OFFICE_DAY * 5 + DAY_OFF * 2
WHOLE = 10_000

HOUR_MS = 3_600_000
BIN_MS = 90_000
# Monday 1970-01-05 00:00 in Vietnam, UTC+7 all year.
MONDAY_MS = (4 * 24 - 7) * HOUR_MS

#: How far the bins let the rate stray from the curve, where the contracted rate leaves room.
SWING = 0.35
_MASK = 0xFFFF_FFFF_FFFF_FFFF


def _cumulated() -> tuple[int, ...]:
    """The integral of the week's curve up to each full hour, in parts x milliseconds."""
    sums = [0]
    for hour, level in enumerate(WEEK):
        sums.append(sums[-1] + HOUR_MS * (level + WEEK[(hour + 1) % len(WEEK)]) // 2)
    return tuple(sums)


_SUMS = _cumulated()


@dataclass(frozen=True, slots=True)
class Flow:
    """What runs through a port in one direction.

    `peak_bps` is the height of the curve, `swing_ms` how far a bin's edge may be moved; `packet_octets`,
    `packets_per_error` and `packets_per_discard` turn octets into the other counters.
    """

    peak_bps: int
    key: int
    swing_ms: int
    packet_octets: int
    packets_per_error: int
    packets_per_discard: int


class Tally(NamedTuple):
    """What a direction has counted."""

    octets: int
    unicast: int
    multicast: int
    broadcast: int
    errors: int
    discards: int


def flow(seed: int, device: str, port: str, direction: str, rate_bps: int, busy: float | None = None) -> Flow:
    """The flow that a seed gives to a direction of a port; it never exceeds `rate_bps`.

    `busy` is the share of the rate reached at the peak, 0 to 1; without it the seed takes one from 0.15 to 0.65.
    """
    key = int.from_bytes(blake2b(f"{seed}/{device}/{port}/{direction}".encode(), digest_size=8).digest(), "big")
    share = 0.15 + 0.5 * (mixed(key) % 1000) / 1000 if busy is None else busy
    swing = min(SWING, 1 / share - 1) if share > 0 else 0.0
    return Flow(
        peak_bps=int(rate_bps * share),
        key=key,
        swing_ms=int(BIN_MS * swing),
        packet_octets=400 + mixed(key + 1) % 500,
        packets_per_error=(20_000, 500_000, 2_000_000, 10_000_000)[mixed(key + 2) % 4],
        packets_per_discard=(50_000, 1_000_000, 5_000_000, 20_000_000)[mixed(key + 3) % 4],
    )


def rate_bps(flow: Flow, at_ms: int) -> float:
    """The bits per second that run at an instant."""
    start, stop = _bin(flow, at_ms // BIN_MS)
    hours, into_ms = divmod(_bent(flow, at_ms) - MONDAY_MS, HOUR_MS)
    level, next_level = WEEK[hours % len(WEEK)], WEEK[(hours + 1) % len(WEEK)]
    curve = level + (next_level - level) * into_ms / HOUR_MS
    return flow.peak_bps * curve / WHOLE * (stop - start) / BIN_MS


def octets(flow: Flow, at_ms: int) -> int:
    """The octets that have run since the first Monday; only differences mean something."""
    hours, into_ms = divmod(_bent(flow, at_ms) - MONDAY_MS, HOUR_MS)
    weeks, hour = divmod(hours, len(WEEK))
    level, next_level = WEEK[hour], WEEK[(hour + 1) % len(WEEK)]
    # One division for the whole term: two rounded ones could step back by one.
    within = (2 * HOUR_MS * level * into_ms + (next_level - level) * into_ms * into_ms) // (2 * HOUR_MS)
    parts = weeks * _SUMS[-1] + _SUMS[hour] + within
    return flow.peak_bps * parts // (8 * 1000 * WHOLE)


def tally(flow: Flow, octets: int, elapsed_ms: int) -> Tally:
    """All counters of a direction, from its octets and the time in which they ran (for the chatter of multicast)."""
    packets = octets // flow.packet_octets
    return Tally(
        octets=octets,
        unicast=packets,
        multicast=elapsed_ms // 10_000,
        broadcast=elapsed_ms // 45_000,
        errors=packets // flow.packets_per_error,
        discards=packets // flow.packets_per_discard,
    )


def _bent(flow: Flow, at_ms: int) -> int:
    """The instant at which the curve is read: moved by less than a bin, never backwards."""
    number, into_ms = divmod(at_ms, BIN_MS)
    start, stop = _bin(flow, number)
    return start + (stop - start) * into_ms // BIN_MS


@lru_cache(maxsize=8192)
def _bin(flow: Flow, number: int) -> tuple[int, int]:
    """Where the edges of a bin have been moved to, in milliseconds."""
    edges = (number + step for step in (0, 1))
    start, stop = (edge * BIN_MS + mixed(flow.key ^ edge * 0x9E37_79B9) % (flow.swing_ms + 1) for edge in edges)
    return start, stop


def mixed(number: int) -> int:
    """Sixty-four bits in which every bit of `number` has had its say (multiply and fold, twice)."""
    number = number * 0xD6E8_FEB8_6659_FD93 & _MASK
    number ^= number >> 32
    number = number * 0xD6E8_FEB8_6659_FD93 & _MASK
    return number ^ number >> 32
