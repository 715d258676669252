"""A script played from its beginning to its end: poller after poller, the clock set, and nothing waited for."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import select

from wanmon.lab.clockwork import LabClock
from wanmon.lab.course import START_S, Broken, Spell
from wanmon.lab.keeping import Ledger, make_database
from wanmon.lab.plot import course_of
from wanmon.lab.script import Script
from wanmon.lab.watch import Watch
from wanmon.lab.world import World
from wanmon.model.inventory import Inventory
from wanmon.model.outage import Outage
from wanmon.store import inventory as inventories
from wanmon.store.database import Database

#: What stands for our own gateway, and for a host of the hub.
CANARIES = ("10.27.0.254", "10.27.0.253")

Ticked = Callable[[Watch], None]


class _Deed(IntEnum):
    """What is done to the poller or to its clock, in the order in which it is done at one instant."""

    STEP = 0
    STOP = 1
    START = 2


class Offset(NamedTuple):
    """By how much the poller's wall time ran ahead of the monotonic clock from `from_s` on.

    `outages` is the id of the last outage that was recorded before that poller was started.
    """

    from_s: float
    ahead_s: float
    outages: int


@dataclass(frozen=True, slots=True)
class Played:
    """What a script has left: its world, the database, how the clock of its poller went, and how long all took."""

    world: World
    database: Database
    until_s: float
    clocks: tuple[Offset, ...]
    steps: int
    wall_s: float

    def began_s(self, at: datetime, outage: int) -> float:
        """When it was that the poller which recorded an outage knew by that wall time."""
        clocks = [clock for clock in self.clocks if clock.outages < outage]
        found = [(clock.from_s, at.timestamp() - clock.ahead_s) for clock in clocks]
        return next((at_s for from_s, at_s in reversed(found) if at_s >= from_s), found[0][1])

    def ended_s(self, at: datetime, began_s: float) -> float:
        """The first instant after a beginning that the poller knew by that wall time: its clock may be set back."""
        ends_s = [*(clock.from_s for clock in self.clocks[1:]), self.until_s]
        found = [(at.timestamp() - clock.ahead_s, end_s) for clock, end_s in zip(self.clocks, ends_s, strict=True)]
        return next((at_s for at_s, end_s in found if began_s <= at_s <= end_s), max(began_s, found[-1][0]))


class Run:
    """One play of a script on an inventory, into a new database at `path`; of so many days of it, where told."""

    def __init__(
        self, script: Script, inventory: Inventory, path: Path, days: float | None = None, *, is_short: bool = True
    ) -> None:
        self.until_s = START_S + (script.days if days is None else days) * 86_400
        self._database = make_database(path, inventory, script.start)
        with self._database.read() as session:
            inventory = inventories.load(session)
        self._canaries = CANARIES if script.canaries else ()
        self.world = World(
            inventory,
            course_of(script, inventory, self.until_s),
            seed=script.seed,
            epoch_s=script.start.timestamp(),
            canaries=self._canaries,
        )
        self._ledger = Ledger(self._database)
        self._clock = LabClock(script.start)
        self._is_short = is_short
        self._watch: Watch | None = None
        self._clocks: list[Offset] = []
        self._steps = 0

    def play(self, ticked: Ticked = lambda watch: None) -> Played:
        """Play it to its end; `ticked` is called after each tick of the poller."""
        began_s = time.perf_counter()
        for at_s, deed, seconds in sorted(_deeds(self.world)):
            if at_s < self.until_s:
                self._go_on(at_s, ticked)
                self._do(deed, seconds)
        self._go_on(self.until_s, ticked)
        self._stop()
        wall_s = time.perf_counter() - began_s
        return Played(self.world, self._database, self.until_s, tuple(self._clocks), self._steps, wall_s)

    def _go_on(self, until_s: float, ticked: Ticked) -> None:
        if self._watch is not None:
            self._watch.until(until_s, ticked)
        self._clock.now_s = until_s

    def _do(self, deed: _Deed, seconds: float) -> None:
        if deed is _Deed.STEP:
            self._clock.set_forward(seconds)
        elif deed is _Deed.STOP:
            self._stop()
        else:
            self._start()

    def _start(self) -> None:
        with self._database.read() as session:
            known = session.exec(select(func.max(Outage.id))).one() or 0

        def dated(from_s: float, ahead_s: float) -> None:
            self._clocks.append(Offset(from_s, ahead_s, known))

        self._watch = Watch(self.world, self._clock, self._ledger, self._canaries, dated, is_short=self._is_short)

    def _stop(self) -> None:
        if self._watch is not None:
            self._watch.end()
            self._steps += self._watch.steps
            self._watch = None


def _deeds(world: World) -> Iterator[tuple[float, _Deed, float]]:
    """When the poller is started and stopped, and when the clock is set and by how much."""
    yield START_S, _Deed.START, 0.0
    for from_s, to_s in _stretches(world.course.of(Broken.POLLER)):
        yield from_s, _Deed.STOP, 0.0
        yield to_s, _Deed.START, 0.0
    for at_s, seconds in world.course.steps:
        yield at_s, _Deed.STEP, seconds


def _stretches(spells: tuple[Spell, ...]) -> list[tuple[float, float]]:
    """The time that spells cover, without overlaps."""
    found: list[tuple[float, float]] = []
    for spell in spells:
        if found and spell.from_s <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], spell.to_s)
        else:
            found.append((spell.from_s, spell.to_s))
    return found
