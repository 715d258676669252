"""When is whom to be asked? Pure: the caller brings the instants and does the waiting.

The phase of a device is the van der Corput number of its row id times the interval: even at any moment, and not moved
by additions, removals or restarts. Wall time anchors it once; intervals then run on the monotonic clock. A tick that
was missed is skipped and counted, never caught up.
"""

import heapq
import itertools
import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


def phase(row_id: int) -> float:
    """The van der Corput number of `row_id` in base 2: 0, 1/2, 1/4, 3/4, 1/8, ... in [0, 1)."""
    result, weight = 0.0, 0.5
    while row_id > 0:
        row_id, bit = divmod(row_id, 2)
        result += bit * weight
        weight /= 2
    return result


@dataclass(slots=True)
class _Entry:
    interval_s: float
    offset_s: float
    next_s: float


class Schedule(Generic[Key]):
    """A timetable of things that come round at intervals, on the monotonic clock.

    `wall_s` and `monotonic_s` are the two clocks read together once, at the start.
    """

    def __init__(self, wall_s: float, monotonic_s: float) -> None:
        self._epoch_s = monotonic_s - wall_s
        self._entries: dict[Key, _Entry] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._order = itertools.count()
        self.skipped = 0

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, key: Key, *, row_id: int, interval_s: float, now_s: float) -> None:
        """Put `key` on the timetable, or move it; its first tick is its next one after `now_s`."""
        offset_s = self._epoch_s + phase(row_id) * interval_s
        entry = _Entry(interval_s, offset_s, 0.0)
        entry.next_s = _tick_after(entry, now_s)
        self._entries[key] = entry
        heapq.heappush(self._heap, (entry.next_s, next(self._order), key))

    def remove(self, key: Key) -> None:
        """Take `key` off the timetable."""
        self._entries.pop(key, None)

    def due(self, now_s: float) -> list[tuple[Key, float]]:
        """What is due by `now_s`, each with the instant at which it was; each moves on to its next tick."""
        due = []
        while self._heap and self._heap[0][0] <= now_s:
            at_s, _, key = heapq.heappop(self._heap)
            entry = self._entries.get(key)
            if entry is None or entry.next_s != at_s:
                continue  # removed or moved since
            entry.next_s = _tick_after(entry, now_s)
            missed = round((entry.next_s - at_s) / entry.interval_s) - 1
            self.skipped += missed
            due.append((key, at_s + missed * entry.interval_s))
            heapq.heappush(self._heap, (entry.next_s, next(self._order), key))
        return due

    def next_s(self) -> float | None:
        """The instant of the next tick of anything."""
        while self._heap:
            at_s, _, key = self._heap[0]
            entry = self._entries.get(key)
            if entry is not None and entry.next_s == at_s:
                return at_s
            heapq.heappop(self._heap)
        return None


def _tick_after(entry: _Entry, now_s: float) -> float:
    ticks = math.floor((now_s - entry.offset_s) / entry.interval_s) + 1
    at_s = entry.offset_s + ticks * entry.interval_s
    return at_s if at_s > now_s else at_s + entry.interval_s
