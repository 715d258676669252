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
        self._settled_s = _whole(from_s)
        self._seconds = dict.fromkeys(State, 0.0)
        self._maintenance = 0.0

    @property
    def settled_s(self) -> float:
        """Up to when time has been counted: no change may be dated earlier."""
        return self._settled_s

    def settle(self, until_s: float, windows: Intervals) -> None:
        """Count the time up to `until_s` for the present state."""
        until_s = _whole(until_s)
        if until_s <= self._settled_s:
            return
        self._seconds[self._state] += until_s - self._settled_s
        for start_s, end_s in windows:
            self._maintenance += max(0.0, min(end_s, until_s) - max(start_s, self._settled_s))
        self._settled_s = until_s

    def skip(self, seconds: float) -> None:
        """Pass over time of which nothing is known: our clock was set forward."""
        seconds = _whole(seconds)
        self._seconds[State.UNKNOWN] += seconds
        self._settled_s += seconds

    def turn(self, state: State, at_s: float, windows: Intervals) -> None:
        """Go on in another state from `at_s` on."""
        self.settle(at_s, windows)
        self._state = state

    def counted(self) -> SiteSeconds:
        """The counters now."""
        return SiteSeconds(tuple(self._seconds[state] for state in State), self._maintenance)


def _whole(instant_s: float) -> float:
    """The instant in whole parts, rounded down."""
    return math.floor(instant_s * _PARTS) / _PARTS
