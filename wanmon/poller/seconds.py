"""How long each site was in which state since this process began, as counters that never fall. Plain objects.

Time is counted once it is settled: while a silence may still be dated back, its seconds are held back. It is counted
in parts of 1/64 s, which floating point adds without a rounding: the states make up the whole to the last digit.
"""

import math
from dataclasses import dataclass

from wanmon.health.intervals import Intervals
from wanmon.model.state import State

_PARTS = 64.0


@dataclass(frozen=True, slots=True)
class SiteSeconds:
    """Seconds by state, in the order of `State`, and those of them under maintenance."""

    by_state: tuple[float, ...] = (0.0,) * len(State)
    maintenance: float = 0.0

    @property
    def monitored(self) -> float:
        """All of them: exactly the sum of the states."""
        return sum(self.by_state)


class SecondsCounter:
    """The counters of one site, from `from_s` on (epoch seconds)."""

    def __init__(self, state: State, from_s: float) -> None:
        self._state = state
        self._settled_s = self._turned_s = _whole(from_s)
        self._seconds = dict.fromkeys(State, 0.0)
        self._maintenance = 0.0

    @property
    def earliest_s(self) -> float:
        """The earliest date of a change: before it time has been counted, or has changed already."""
        return max(self._settled_s, self._turned_s)

    def settle(self, until_s: float, windows: Intervals) -> None:
        """Count the time up to `until_s` for the present state."""
        until_s = _whole(until_s)
        if until_s <= self._settled_s:
            return
        self._seconds[self._state] += until_s - self._settled_s
        for start_s, end_s in windows.clip(math.floor(self._settled_s), math.ceil(until_s)):
            self._maintenance += max(0.0, min(end_s, until_s) - max(start_s, self._settled_s))
        self._settled_s = until_s

    def turn(self, state: State, at_s: float, windows: Intervals) -> None:
        """Go on in another state from `at_s` on."""
        self.settle(at_s, windows)
        self._state, self._turned_s = state, at_s

    def skip(self, seconds: float, windows: Intervals) -> None:
        """Count so much time of which nothing is known, and go on in the present state after it."""
        state, self._state = self._state, State.UNKNOWN
        self.settle(self._settled_s + seconds, windows)
        self._state = state

    def counted(self) -> SiteSeconds:
        """The counters now."""
        return SiteSeconds(tuple(self._seconds[state] for state in State), self._maintenance)


def _whole(instant_s: float) -> float:
    """The instant in whole parts, rounded down."""
    return math.floor(instant_s * _PARTS) / _PARTS
