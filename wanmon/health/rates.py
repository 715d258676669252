"""From two readings of an octet counter to bits per second, or the reason why not. Pure.

Nothing is clamped and nothing is guessed: a pair that could mean two things gives no rate, and the next pair starts
from the newer reading.
"""

from dataclasses import dataclass
from enum import StrEnum

from wanmon.health.uptime import deviation_s, restarted

#: Octets and clocks are never quite in step: so much above the capacity may still be true.
OVER_SPEED = 1.25
#: Readings closer than this say more of the agent's refreshing than of the line.
SHORTEST_S = 1.0
#: Three polls of the fast group.
LONGEST_S = 90.0


class DropReason(StrEnum):
    """Why a pair of readings gives no rate: a closed list."""

    RESTART = "restart"  # the agent started anew between them
    DISCONTINUITY = "discontinuity"  # ifCounterDiscontinuityTime moved (RFC 2863)
    FELL = "fell"  # a 64-bit counter does not wrap in a lifetime: it was reset
    AMBIGUOUS_WRAP = "ambiguous_wrap"  # a 32-bit counter may have wrapped more than once, or been reset
    WIDTH_CHANGED = "width_changed"  # 32 bits of one counter, 64 of another
    OVER_SPEED = "over_speed"  # faster than the line can be
    NO_TIME = "no_time"  # too little time between them, or none
    GAP = "gap"  # so long that an average would hide what happened


@dataclass(frozen=True, slots=True)
class Reading:
    """One octet counter with what the same PDU said of the time.

    `received_s` is monotonic, `uptime_ticks` and `discontinuity_ticks` are hundredths of a second; an uptime of 0 or
    None tells nothing. `bits` is the width of the counter, 32 or 64.
    """

    value: int
    bits: int
    received_s: float
    uptime_ticks: int | None = None
    discontinuity_ticks: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What the line can carry, as far as anybody knows, and how long a pair may span."""

    speed_bps: float | None = None
    contracted_bps: float | None = None
    longest_s: float = LONGEST_S

    @property
    def capacity_bps(self) -> float | None:
        """The greater of the two; None where neither is known (an ifSpeed of 0 is not)."""
        return max(self.speed_bps or 0, self.contracted_bps or 0) or None


@dataclass(frozen=True, slots=True)
class Rate:
    """An average over `dt_s` seconds."""

    bps: float
    dt_s: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """No rate, and why."""

    reason: DropReason


def rate(before: Reading, after: Reading, limits: Limits) -> Rate | Dropped:
    """The average rate between two readings."""
    elapsed_s = after.received_s - before.received_s
    reason = _unlike(before, after) or _untimely(before, after, elapsed_s, limits)
    if reason is not None:
        return Dropped(reason)
    dt_s = _dt_s(before, after, elapsed_s)
    reason = _reset(before, after, dt_s, limits)
    if reason is not None:
        return Dropped(reason)
    bps = (after.value - before.value) % 2**after.bits * 8 / dt_s
    capacity_bps = limits.capacity_bps
    if capacity_bps is not None and bps > OVER_SPEED * capacity_bps:
        return Dropped(DropReason.OVER_SPEED)
    return Rate(bps, dt_s)


def step(held: Reading | None, fresh: Reading, limits: Limits) -> tuple[Reading, Rate | Dropped | None]:
    """Advance by one reading of a counter: what to hold next, and what the pair gives; None at the first.

    What is held is always the fresh one, so that no bad reading is compared with twice.
    """
    return fresh, None if held is None else rate(held, fresh, limits)


def _unlike(before: Reading, after: Reading) -> DropReason | None:
    """Why the two are not readings of one counter that went on counting."""
    if before.bits != after.bits:
        return DropReason.WIDTH_CHANGED
    known = before.discontinuity_ticks is not None and after.discontinuity_ticks is not None
    if known and before.discontinuity_ticks != after.discontinuity_ticks:
        return DropReason.DISCONTINUITY
    return None


def _untimely(before: Reading, after: Reading, elapsed_s: float, limits: Limits) -> DropReason | None:
    if elapsed_s > limits.longest_s:
        return DropReason.GAP
    if elapsed_s > 0 and restarted(before.uptime_ticks or 0, after.uptime_ticks or 0, elapsed_s):
        return DropReason.RESTART
    return DropReason.NO_TIME if _dt_s(before, after, elapsed_s) < SHORTEST_S else None


def _dt_s(before: Reading, after: Reading, elapsed_s: float) -> float:
    """By the agent's clock, which stood beside the counter; by ours where it tells nothing."""
    if elapsed_s > 0 and before.uptime_ticks and after.uptime_ticks:
        # Not the plain difference: of two readings close together the later may show the lesser uptime.
        return elapsed_s + deviation_s(before.uptime_ticks, after.uptime_ticks, elapsed_s)
    return elapsed_s


def _reset(before: Reading, after: Reading, dt_s: float, limits: Limits) -> DropReason | None:
    """Why the difference of the two values is not what passed."""
    if after.bits == 64:
        return DropReason.FELL if after.value < before.value else None
    capacity_bps = limits.capacity_bps
    if capacity_bps is None or dt_s >= 2**32 * 8 / capacity_bps:
        return DropReason.AMBIGUOUS_WRAP
    # Whether a fall is a wrap or a restart, only the uptime can tell.
    is_told = bool(before.uptime_ticks and after.uptime_ticks)
    return DropReason.AMBIGUOUS_WRAP if after.value < before.value and not is_told else None
