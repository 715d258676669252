"""The only place that reads a clock.

Rules take instants as arguments; whoever needs "now" is handed a `Clock`. Wall time is UTC and aware;
intervals run on `monotonic()`, which no clock step moves.
"""

import time
from datetime import UTC, datetime
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


def shown(instant: datetime) -> str:
    """An instant as people and scripts read it: ISO 8601, local time with its offset, whole seconds."""
    return instant.astimezone(LOCAL).isoformat(timespec="seconds")
