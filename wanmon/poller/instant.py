"""One instant on both clocks: the wall's, by which facts are dated, and the monotonic one, by which they are judged."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Instant:
    """Wall time `at` and monotonic time `now_s`, read together."""

    at: datetime
    now_s: float

    def dated(self, monotonic_s: float) -> datetime:
        """The wall time of another monotonic instant."""
        return self.at - timedelta(seconds=self.now_s - monotonic_s)

    def epoch_s(self, monotonic_s: float) -> float:
        """The same as seconds since 1970 UTC."""
        return self.at.timestamp() - (self.now_s - monotonic_s)

    def monotonic_s(self, at: datetime) -> float:
        """The monotonic time of another instant of the wall clock; before this machine started it is negative."""
        return self.now_s - (self.at - at).total_seconds()
