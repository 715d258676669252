"""Whose turn it is: the timetable, the retries of the silent, and whoever is to be asked at once.

No clock and no socket: the caller brings the instants, does the asking, and tells when a turn has ended. What is begun
twice is bounded here: one probe in a lane, one poll of a kind per device.
"""

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from wanmon.health.life import FILTERED_ECHO_S, Life, retry_after_s
from wanmon.poller.jobs import LANE, POLLS, Job, Task
from wanmon.poller.schedule import Schedule
from wanmon.poller.targets import DeviceTarget

#: A poll may take this share of its interval, over all its retries.
DEADLINE_SHARE = 0.8
#: A silent device is polled every 2nd, 4th, 8th interval.
MAX_BACK_OFF = 3
#: A lane that was asked afresh so short a time ago need not be asked afresh again.
FRESH_ENOUGH_S = 0.5

Key = tuple[str, Task]


@dataclass(frozen=True, slots=True)
class Turn:
    """A job whose time came at `due_s`."""

    job: Job
    due_s: float

    @property
    def key(self) -> Key:
        """Whom it asks, and what."""
        return self.job.target.name, self.job.task


@dataclass(frozen=True, slots=True)
class Asks:
    """Whom to ask at once, by name: in its lane, by SNMP or TCP beside it, or with a whole poll."""

    lane: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    knock: frozenset[str] = frozenset()
    poll: frozenset[str] = frozenset()


NOBODY = Asks()


@dataclass(slots=True)
class _Held:
    """What is held of one target."""

    target: DeviceTarget
    is_retry_due: bool = False  # a retry is on the timetable
    is_slot_due: bool = False  # a slot passed within a silence: that second's retry stands for it
    asked_afresh_s: float = -FRESH_ENOUGH_S
    echoed_s: float | None = None
    held_back: int = 0
    running: set[Task] = field(default_factory=set)
    poll_again: bool = False


class Agenda:
    """The turns of all targets. `lives` tells what is held of one, `silent_polls` how many of its polls failed last."""

    def __init__(
        self, wall_s: float, monotonic_s: float, lives: Callable[[str], Life], silent_polls: Callable[[str], int]
    ) -> None:
        self.overruns: dict[Key, int] = {}
        self._schedule: Schedule[Key] = Schedule(wall_s, monotonic_s)
        self._lives = lives
        self._silent_polls = silent_polls
        self._held: dict[str, _Held] = {}
        self._retries: list[tuple[float, int, str]] = []
        self._order = itertools.count()

    @property
    def skipped(self) -> int:
        """Ticks that passed unseen because the caller was late."""
        return self._schedule.skipped

    def target(self, name: str) -> DeviceTarget | None:
        """A target by its name."""
        held = self._held.get(name)
        return held.target if held else None

    def follow(self, fresh: Iterable[DeviceTarget], gone: Iterable[str], now_s: float) -> None:
        """Take targets on or off, or reschedule those that changed; the others keep their phase."""
        for name in gone:
            self._held.pop(name, None)
            for task in Task:
                self._schedule.remove((name, task))
        for target in fresh:
            self._put_on(target, now_s)

    def due(self, now_s: float) -> list[Turn]:
        """What is to be begun by `now_s`."""
        turns: list[Turn] = []
        for (name, task), due_s in self._schedule.due(now_s):
            held = self._held.get(name)
            if held is not None:
                turns += self._slot(held, due_s, now_s) if task is Task.LIVENESS else self._poll(held, task, due_s)
        while self._retries and self._retries[0][0] <= now_s:
            due_s, _, name = heapq.heappop(self._retries)
            held = self._held.get(name)
            if held is not None and held.is_retry_due:
                held.is_retry_due = False
                turns += self._retry(held, due_s, now_s)
        return turns

    def next_s(self) -> float | None:
        """When the next turn of anybody may come."""
        scheduled_s = self._schedule.next_s()
        if not self._retries:
            return scheduled_s
        return self._retries[0][0] if scheduled_s is None else min(scheduled_s, self._retries[0][0])

    def ended(self, turn: Turn, begun_s: float, asks: Asks, now_s: float) -> list[Turn]:
        """Take in that a turn begun at `begun_s` has ended, and was taken in; tell what is to be begun at once."""
        name, task = turn.key
        turns: list[Turn] = []
        held = self._held.get(name)
        if held is not None and held.target is turn.job.target:  # it may have moved meanwhile
            held.running.discard(task)
            if task in LANE:
                turns += self._after_lane(held, begun_s, now_s)
            if held.poll_again and task in POLLS:
                held.poll_again = False
                turns += self.poll_now(name, now_s)
        turns += self.asked(asks, now_s)
        return turns

    def asked(self, asks: Asks, now_s: float) -> list[Turn]:
        """Tell what is to be begun at once, because something was found."""
        turns: list[Turn] = []
        for asked in sorted(asks.lane):
            turns += self._fresh(asked, now_s)
        for task, names in ((Task.EVIDENCE, asks.other), (Task.KNOCK, asks.knock)):
            for asked in sorted(names):
                turns += self._beside(asked, task, now_s)
        for asked in sorted(asks.poll):
            turns += self.poll_now(asked, now_s)
        return turns

    def broken_off(self) -> None:
        """Take in that nothing is under way any more, and that nobody will tell what came of it."""
        for held in self._held.values():
            held.running.clear()
            held.poll_again = False

    def poll_now(self, name: str, now_s: float) -> list[Turn]:
        """The polls of a device that are to be begun at once, beside its schedule.

        One that is under way may have been asked before what is of interest: it is followed by another.
        """
        held = self._held.get(name)
        if held is None or not held.target.credentials:
            return []
        if Task.FAST in held.running:
            held.poll_again = True
            return []
        return [self._begun(held, Task.FAST, now_s)]

    def lane_now(self, name: str, now_s: float) -> list[Turn]:
        """The probe of a target that is to be begun at once, beside its schedule."""
        return list(self._fresh(name, now_s))

    def _put_on(self, target: DeviceTarget, now_s: float) -> None:
        self._held[target.name] = _Held(target)
        intervals = {Task.LIVENESS: target.liveness_interval_s}
        if target.credentials:
            intervals |= {Task.FAST: target.fast_interval_s, Task.SLOW: target.slow_interval_s}
        for task in Task:
            self._schedule.remove((target.name, task))
            if task in intervals:
                interval_s = intervals[task]
                self._schedule.add((target.name, task), row_id=target.id, interval_s=interval_s, now_s=now_s)

    def _begun(self, held: _Held, task: Task, due_s: float) -> Turn:
        held.running.add(task)
        by_snmp = task in LANE and self._lives(held.target.name).is_filtered
        return Turn(Job(task, held.target, DEADLINE_SHARE * held.target.fast_interval_s, by_snmp), due_s)

    def _slot(self, held: _Held, due_s: float, now_s: float) -> Iterator[Turn]:
        life = self._lives(held.target.name)
        if held.is_retry_due or Task.RETRY in held.running:
            held.is_slot_due = True
        elif Task.LIVENESS in held.running:
            self._overrun(held, Task.LIVENESS)
        else:
            yield self._begun(held, Task.LIVENESS, due_s)
        is_due = held.echoed_s is None or now_s - held.echoed_s >= FILTERED_ECHO_S
        if life.is_filtered and is_due and Task.ECHO not in held.running:
            held.echoed_s = now_s
            yield self._begun(held, Task.ECHO, due_s)

    def _retry(self, held: _Held, due_s: float, now_s: float) -> Iterator[Turn]:
        if not held.running.isdisjoint({Task.LIVENESS, Task.RETRY}):
            return
        if held.is_slot_due:
            held.is_slot_due = False
            yield self._begun(held, Task.LIVENESS, due_s)
        elif retry_after_s(self._lives(held.target.name), now_s) is not None:
            yield self._begun(held, Task.RETRY, due_s)

    def _after_lane(self, held: _Held, begun_s: float, now_s: float) -> Iterator[Turn]:
        """The next retry of a lane, if it has one: a second after the probe that has just ended was begun."""
        if held.is_retry_due or not held.running.isdisjoint({Task.LIVENESS, Task.RETRY}):
            return
        after_s = retry_after_s(self._lives(held.target.name), now_s)
        if after_s is None:
            if held.is_slot_due:  # no retry will stand for it any more
                yield from self._retry(held, now_s, now_s)
            return
        due_s = begun_s + after_s
        if due_s <= now_s:
            yield from self._retry(held, due_s, now_s)
            return
        held.is_retry_due = True
        heapq.heappush(self._retries, (due_s, next(self._order), held.target.name))

    def _fresh(self, name: str, now_s: float) -> Iterator[Turn]:
        held = self._held.get(name)
        if held is not None and Task.FRESH not in held.running and now_s - held.asked_afresh_s >= FRESH_ENOUGH_S:
            held.asked_afresh_s = now_s
            yield self._begun(held, Task.FRESH, now_s)

    def _beside(self, name: str, task: Task, now_s: float) -> Iterator[Turn]:
        held = self._held.get(name)
        if held is not None and task not in held.running:
            yield self._begun(held, task, now_s)

    def _poll(self, held: _Held, task: Task, due_s: float) -> Iterator[Turn]:
        if task in held.running:
            self._overrun(held, task)
        elif not self._holds_back(held):
            yield self._begun(held, task, due_s)

    def _holds_back(self, held: _Held) -> bool:
        """Whether a silent device is let be this time."""
        silent = self._silent_polls(held.target.name)
        if not silent:
            held.held_back = 0
            return False
        held.held_back = (held.held_back + 1) % 2 ** min(silent, MAX_BACK_OFF)
        return held.held_back != 0

    def _overrun(self, held: _Held, task: Task) -> None:
        key = held.target.name, task
        self.overruns[key] = self.overruns.get(key, 0) + 1
