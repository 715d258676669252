"""The time in which the lab lives: the wall time of its start, carried on by the monotonic clock.

So that no step of the system's clock makes a counter fall.
"""

from wanmon.clock import Clock

_STEP_MS = 10


class Timeline:
    """Instants in milliseconds since 1970, never going back, in steps of 10 ms: the grain of TimeTicks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset_s = clock.now().timestamp() - clock.monotonic()

    def at_ms(self) -> int:
        """The present instant."""
        return int((self._offset_s + self._clock.monotonic()) * 1000) // _STEP_MS * _STEP_MS
