"""The only place that reads a clock.

Rules take instants as arguments; whoever needs "now" is handed a `Clock`. Wall time is UTC and aware;
intervals run on `monotonic()`, which no clock step moves.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Where the time comes from: the system, or a test."""

    def now(self) -> datetime:
        """The wall time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary instant, never going back."""
        ...


class SystemClock:
    """The clocks of this machine."""

    def now(self) -> datetime:
        """The wall time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary instant, never going back."""
        return time.monotonic()


class SteadyClock:
    """A clock for one run of a service: wall time that goes on evenly, whatever is done to the system's clock.

    Without it a clock set back would date an outage before the one that came before it. A clock set forward, or a
    machine that slept, is followed when told to (`follow`): then nothing is known of the time that was skipped.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = clock.now() - timedelta(seconds=clock.monotonic())

    def now(self) -> datetime:
        """The wall time, aware, in UTC."""
        return self._offset + timedelta(seconds=self._clock.monotonic())

    def monotonic(self) -> float:
        """Seconds since an arbitrary instant, never going back."""
        return self._clock.monotonic()

    def ahead_s(self) -> float:
        """How far the system's clock has been set ahead of this one; negative where it was set back."""
        return (self._clock.now() - self.now()).total_seconds()

    def follow(self) -> float:
        """Take over the system's wall time, unless that would go back; by how many seconds it has moved on."""
        ahead_s = max(0.0, self.ahead_s())
        self._offset += timedelta(seconds=ahead_s)
        return ahead_s


def shown(instant: datetime) -> str:
    """An instant as people and scripts read it: ISO 8601, local time with its offset, whole seconds."""
    return instant.astimezone(LOCAL).isoformat(timespec="seconds")
