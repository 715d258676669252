"""One life of a simulated poller: the real agenda and the real pipeline, on a world, under a clock that jumps.

A discrete event simulation: nothing sleeps and nothing runs at the same time. What is due is begun at its instant, and
its outcome is taken in when it is there.
"""

import heapq
import itertools
import math
from collections.abc import Callable

from wanmon.clock import SteadyClock
from wanmon.lab.asking import Asking
from wanmon.lab.clockwork import LabClock
from wanmon.lab.keeping import LabRecords, Ledger
from wanmon.lab.rest import LOOK_EVERY_S, LabAgenda, Rest
from wanmon.lab.world import World
from wanmon.model.inventory import Inventory
from wanmon.poller.agenda import Turn
from wanmon.poller.board import DeviceLines
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import LivenessResult, Outcome, PollResult
from wanmon.poller.loop import TICK_S
from wanmon.poller.memory import Remembered
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.service import BEAT_EVERY_S, recall
from wanmon.poller.sites import STRAYS_S
from wanmon.poller.track import DeviceTrack
from wanmon.store import inventory as inventories
from wanmon.store import outages


class Unrendered:
    """Stands where the renderer stands: nothing is exported."""

    def after_liveness(self, track: DeviceTrack, shown: DeviceLines) -> DeviceLines:
        """The lines after a probe of life."""
        return shown

    def after_poll(self, track: DeviceTrack, result: PollResult, shown: DeviceLines) -> DeviceLines:
        """The lines after an SNMP poll."""
        return shown

    def forget(self, device: str) -> None:
        """A device that is no longer shown."""


class Watch:
    """A poller from its start to its stop. `canaries` are addresses; `is_short` lets who is at rest be (see `rest`).

    `dated` is told from when on the poller's wall time is ahead of the monotonic clock, and by how much.
    """

    def __init__(
        self,
        world: World,
        clock: LabClock,
        ledger: Ledger,
        canaries: tuple[str, ...] = (),
        dated: Callable[[float, float], None] = lambda from_s, ahead_s: None,
        *,
        is_short: bool = True,
    ) -> None:
        self.world = world
        self.clock = clock
        self.steady = SteadyClock(clock)
        self.ledger = ledger
        self.records = LabRecords(ledger, self.steady)
        self.pipeline = Pipeline(Unrendered(), self.records)
        self.agenda = LabAgenda(self.steady.now().timestamp(), clock.now_s, self.pipeline)
        self.rest = Rest(world, self.pipeline, self.agenda, clock.now_s, is_allowed=is_short)
        self.steps = 0
        self.begun_s = self.ticked_s = self.beaten_s = clock.now_s
        self._dated = dated
        self._asking = Asking(world)
        self._arrivals: list[tuple[float, int, Turn, float, Outcome]] = []
        self._order = itertools.count()
        inventory, remembered = self._recalled()
        fresh, gone = self.pipeline.follow(inventory, self.instant(), canaries, remembered)
        self.agenda.follow(fresh, gone, clock.now_s)
        self.rest.follow(fresh)
        self._tell_offset()

    def instant(self) -> Instant:
        """Now, on both clocks."""
        return Instant(self.steady.now(), self.clock.now_s)

    def until(self, end_s: float, ticked: Callable[["Watch"], None]) -> None:
        """Go on until just before `end_s`; `ticked` is called after each tick."""
        self._go_on(end_s, ticked)
        self._wake(end_s, everybody=True)
        self._go_on(end_s, ticked)
        self.clock.now_s = end_s

    def begin(self, turn: Turn, at_s: float) -> None:
        """Begin a turn: what comes of it is known, and is taken in when its time has come."""
        outcome, ended_s = self._asking.ask(turn.job, at_s)
        heapq.heappush(self._arrivals, (ended_s, next(self._order), turn, at_s, outcome))

    def tick(self) -> None:
        """Let time pass for those of whom nothing is heard."""
        self.ticked_s = self.clock.now_s
        self.rest.refresh(self.ticked_s)
        self.pipeline.tick(self.instant())

    def beat(self) -> None:
        """Say that we live, and follow a clock that was set forward, as `poller.service` does."""
        self.beaten_s = self.clock.now_s
        if self.steady.ahead_s() > STRAYS_S:
            self.steady.follow()
            self._tell_offset()
        self.ledger.beat(self.steady.now())

    def end(self) -> None:
        """Store all that is known: the poller is stopped."""
        self.pipeline.end()
        self.records.end()
        self.ledger.beat(self.steady.now())
        self.ledger.stopped()

    def _tell_offset(self) -> None:
        self._dated(self.clock.now_s, self.steady.now().timestamp() - self.clock.now_s)

    def _recalled(self) -> tuple[Inventory, Remembered]:
        now = self.steady.now()
        with self.ledger.database.write() as session:
            remembered = recall(session, now)
            outages.process(session, now)
        with self.ledger.database.read() as session:
            inventory = inventories.load(session)
        self.ledger.beat(now)
        return inventory, remembered

    def _go_on(self, end_s: float, ticked: Callable[["Watch"], None]) -> None:
        while (next_s := self._next_s()) < end_s:
            self.clock.now_s = next_s
            if self._arrivals and self._arrivals[0][0] <= next_s:
                self._arrive()
            elif self.rest.wakes_s <= next_s:
                self._wake(next_s)
            elif self.rest.looked_s + LOOK_EVERY_S <= next_s:
                self.rest.lie_down(next_s)
            elif self.beaten_s + BEAT_EVERY_S <= next_s:
                self.beat()
            elif self.ticked_s + TICK_S <= next_s:
                self.tick()
                ticked(self)
            else:
                for turn in self.agenda.due(next_s):
                    self.begin(turn, next_s)

    def _next_s(self) -> float:
        next_s, scheduled_s = self.rest.wakes_s, self.agenda.next_s()
        if not self._is_quiet:
            looks_s, beats_s = self.rest.looked_s + LOOK_EVERY_S, self.beaten_s + BEAT_EVERY_S
            next_s = min(next_s, self.ticked_s + TICK_S, looks_s, beats_s)
        if scheduled_s is not None and scheduled_s < next_s:
            next_s = scheduled_s
        return min(next_s, self._arrivals[0][0]) if self._arrivals else next_s

    @property
    def _is_quiet(self) -> bool:
        """Whether there is nobody for whom time would have to pass."""
        return self.rest.is_whole and not self._arrivals

    def _wake(self, now_s: float, *, everybody: bool = False) -> None:
        """Wake who is to be woken; whatever was due while all were at rest is made up for first."""
        if self._is_quiet:
            self._make_up(now_s)
        for turn, at_s in self.rest.wake(now_s, everybody=everybody):
            self.begin(turn, at_s)

    def _make_up(self, now_s: float) -> None:
        """The last beat and the last tick before now."""
        beats = math.ceil((now_s - self.beaten_s) / BEAT_EVERY_S) - 1
        if beats > 0:
            self.clock.now_s = self.beaten_s = self.beaten_s + beats * BEAT_EVERY_S
            self.ledger.beat_through(self.steady.now())
        ticks = math.ceil((now_s - self.ticked_s) / TICK_S) - 1
        if ticks > 0:
            self.clock.now_s = self.ticked_s + ticks * TICK_S
            self.tick()
        self.clock.now_s = now_s

    def _arrive(self) -> None:
        _, _, turn, begun_s, outcome = heapq.heappop(self._arrivals)
        self.steps += isinstance(outcome, LivenessResult)
        instant = self.instant()
        asks = self.pipeline.take(turn.job, outcome, begun_s, instant)
        for follows in self.agenda.ended(turn, begun_s, asks, instant.now_s):
            self.begin(follows, instant.now_s)
