"""The clock of a simulation: it jumps from one event to the next, and its wall time can be set as a person would."""

from datetime import UTC, datetime, timedelta

from wanmon.lab.course import START_S


class LabClock:
    """Implements `clock.Clock`. At `START_S` on the monotonic clock it is `start` on the wall."""

    def __init__(self, start: datetime) -> None:
        self.now_s = START_S
        self._zero = start.astimezone(UTC) - timedelta(seconds=START_S)

    def now(self) -> datetime:
        """The wall time, aware, in UTC."""
        return self._zero + timedelta(seconds=self.now_s)

    def monotonic(self) -> float:
        """Seconds since an arbitrary instant, never going back."""
        return self.now_s

    def set_forward(self, seconds: float) -> None:
        """Set the wall clock forward, or back."""
        self._zero += timedelta(seconds=seconds)
