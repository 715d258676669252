"""A poller that lives: follows the inventory, beats its heart, keeps its lease, and re-reads what it is told to.

The poller itself is `poller.loop`; this is what keeps it and the database in step. No failure of the database stops
the asking.
"""

import asyncio
import os
import secrets as random
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from sqlmodel import Session

from wanmon.clock import SteadyClock
from wanmon.errors import LeaseHeld, StoreError
from wanmon.health import blocks
from wanmon.health.blocks import local_day
from wanmon.health.cause import Interval
from wanmon.health.intervals import Span
from wanmon.health.maintenance import NO_WINDOWS, Windows, windows
from wanmon.log import log
from wanmon.model.inventory import EMPTY, Inventory
from wanmon.model.life import CredentialProtocol
from wanmon.model.maintenance import Maintenance
from wanmon.model.path import Hop
from wanmon.poller.board import Families
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.checking.questions import Key
from wanmon.poller.checking.recording import stands
from wanmon.poller.checking.rounds import Rounds
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.keys import KeyRing
from wanmon.poller.loop import Poller, watched
from wanmon.poller.memory import Remembered
from wanmon.poller.pipeline import Pipeline
from wanmon.poller.sites import STRAYS_S
from wanmon.store import (
    credentials,
    inventory,
    leases,
    life,
    maintenance,
    manners,
    outages,
    paths,
    replacement,
    stretches,
    traffic,
)
from wanmon.store.database import Database
from wanmon.store.writer import Writer

LEASE = "serve"
FOLLOW_EVERY_S = 2.0
BEAT_EVERY_S = 10.0
FIGURES_EVERY_S = 60.0
#: Windows are kept at hand for so long back: no outage that is still open began earlier, or its window is of no use.
WINDOWS_BACK_S = 400 * 86_400
#: And for so long ahead: one that lasts longer is shown without its end.
WINDOWS_AHEAD_S = 62 * 86_400
#: So often they are looked up anew where nobody adds or ends one: time goes on.
WINDOWS_EVERY_S = 3600


class Seen(NamedTuple):
    """What must be looked up anew when it has changed: an inventory is another one on another day, too."""

    changeset: int
    day: date
    windows: tuple[int, int]
    hour: int
    paths: tuple[int, datetime | None]


#: What else runs as long as the service does, by name.
NOTHING_BESIDE: Mapping[str, Callable[[], Awaitable[None]]] = MappingProxyType({})
#: Reckons the live figures at an instant, and renders them.
Reckon = Callable[[Session, Inventory, datetime], Families]


@dataclass(frozen=True, slots=True)
class News:
    """What changed in the database since it was last looked at; no inventory and no windows where these are as before.

    `generations` belong to the inventory (`store.replacement`).
    `seen` tells one look from another: the changeset and the day, and what the windows depend on. `windows` are all,
    and those that excuse an outage; `acknowledged` are the sites whose outage is acknowledged, `baselines` the paths
    that checks compare with, where these are others.
    """

    seen: Seen
    inventory: Inventory | None
    pauses: dict[str, datetime]
    windows: tuple[Windows, Windows] | None
    acknowledged: frozenset[str]
    baselines: Mapping[Key, tuple[Hop, ...]] | None
    generations: Mapping[str, int] = field(default_factory=dict)


class Service:
    """Runs the poller against a database until it is cancelled or loses its lease; calls `look` with every beat."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        poller: Poller,
        pipeline: Pipeline,
        executor: LocalExecutor,
        keys: KeyRing,
        breaker: CredentialBreaker,
        clock: SteadyClock,
        reckon: Reckon,
        look: Callable[[], None] = lambda: None,
        checks: Rounds | None = None,
        beside: Mapping[str, Callable[[], Awaitable[None]]] = NOTHING_BESIDE,
    ) -> None:
        self._beside = beside
        self._database = database
        self._writer = writer
        self._poller = poller
        self._pipeline = pipeline
        self._executor = executor
        self._keys = keys
        self._breaker = breaker
        self._clock = clock
        self._reckon = reckon
        self._look_after = look
        self._checks = checks
        self._token = random.token_hex(8)
        self._seen: Seen | None = None
        self._inventory: Inventory = EMPTY
        self._windows = (NO_WINDOWS, NO_WINDOWS)
        self._is_behind = False

    def begin(self) -> None:
        """Take the lease, and take up the inventory, the last states and the credentials that worked.

        Raises `LeaseHeld` where another process serves this database.
        """
        with self._database.write() as session:
            now, pid = self._clock.now(), os.getpid()
            leases.acquire(session, LEASE, token=self._token, pid=pid, host=socket.gethostname(), now=now)
            remembered = recall(session, now)
            life.beat(session, now)
            outages.process(session, now)
        with self._database.read() as session:
            self._keys.prefer(credentials.winners(session, CredentialProtocol.SNMP))
            learnt = manners.learnt(session)
            if self._checks is not None:
                self._checks.resume(stands(stretches.present(session)))
            for circuit, averages in traffic.of_day(session, local_day(now.timestamp())).items():
                self._pipeline.traffic.resume(circuit, local_day(now.timestamp()), blocks.unpack(averages))
        self._executor.know(learnt)
        self._pipeline.acquaintance.resume(learnt)
        self._take(self._look(), remembered)

    async def run(self) -> None:
        """Ask, follow and beat until cancelled. Raises `LeaseHeld` when another process took the lease over."""
        async with asyncio.TaskGroup() as group:
            own = {"poll": self._poller.run, "follow": self._follow, "beat": self._beat, "figures": self._figure}
            works: dict[str, Callable[[], Awaitable[None]]] = {**own, **self._beside}
            if self._checks is not None:
                works["checks"] = self._checks.run
            for name, work in works.items():
                group.create_task(watched(name, work, self._restarted), name=name)

    def end(self) -> None:
        """Store all that is known, say when this was, and give the lease back."""
        self._pipeline.end()
        if self._checks is not None:
            self._checks.end()
        now = self._clock.now()
        self._writer.submit(partial(self._renew, now=now))
        self._writer.submit(lambda session: leases.release(session, LEASE, self._token))

    def _restarted(self) -> None:
        self._pipeline.poller.task_restarts += 1

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(FOLLOW_EVERY_S)
            try:
                news = await asyncio.to_thread(self._look)
            except StoreError as error:
                log.warning("the inventory cannot be read, going on with the old one", reason=str(error))
                continue
            self._take(news)
            if news.inventory is not None:
                log.info("inventory taken up", changeset=news.seen.changeset, devices=len(news.inventory.devices))

    def _take(self, news: News, remembered: Remembered | None = None) -> None:
        """Take up what is new."""
        self._breaker.note(news.pauses)
        if self._checks is not None and news.baselines is not None:
            self._checks.compare_with(news.baselines)
        if news.inventory is not None:
            self._inventory = news.inventory
            for device in self._poller.follow(news.inventory, remembered, news.generations):
                self._executor.forget(device)
            if self._checks is not None:
                self._checks.follow(news.inventory)
            now = self._clock.now()
            self._writer.submit(lambda session: outages.end_unwatched(session, now))
        if news.windows is not None:
            self._windows = news.windows
        self._pipeline.use(*self._windows, news.acknowledged, self._poller.instant())
        self._seen = news.seen

    def _look(self) -> News:
        now, before = self._clock.now(), self._seen
        now_s = int(now.timestamp())
        with self._database.read() as session:
            seen = Seen(
                inventory.latest_changeset(session),
                local_day(now_s),
                maintenance.generation(session),
                now_s // WINDOWS_EVERY_S,
                paths.generation(session),
            )
            baselines = _baselines(session) if before is None or seen.paths != before.paths else None
            is_new = before is None or (seen.changeset, seen.day) != (before.changeset, before.day)
            fresh = inventory.load(session) if is_new else None
            generations = replacement.generations(session) if is_new else {}
            rows = maintenance.touching(session, _span(now_s)) if seen != before else []
            pauses = credentials.pauses(session, CredentialProtocol.SNMP, now)
            open_outages = outages.current(session)
            acknowledged = frozenset(row.site for row in open_outages.values() if row.acknowledged_at is not None)
            session.expunge_all()
        held = None if seen == before else _windows(rows, fresh or self._inventory, _span(now_s))
        return News(seen, fresh, pauses, held, acknowledged, baselines, generations)

    async def _figure(self) -> None:
        """Reckon the figures of the months anew, beside all else."""
        while True:
            try:
                self._pipeline.show_figures(await asyncio.to_thread(self._reckoned))
            except StoreError as error:
                log.warning("the figures cannot be reckoned, the old ones stay", reason=str(error))
            await asyncio.sleep(FIGURES_EVERY_S)

    def _reckoned(self) -> Families:
        with self._database.read() as session:
            return self._reckon(session, self._inventory, self._clock.now())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY_S)
            self._follow_clock()
            self._look_after()
            now = self._clock.now()
            renewing = self._writer.submit(partial(self._renew, now=now))
            try:
                is_ours = await asyncio.wrap_future(renewing)
            except StoreError as error:
                log.warning("no heartbeat was written", reason=str(error))
                continue
            if not is_ours:
                raise LeaseHeld("another process has taken the database over: this one stops")

    def _follow_clock(self) -> None:
        """Follow a clock that was set forward: of the time skipped nothing is known, as after any gap of beats.

        One that was set back is not followed: instants would come before those that they follow.
        """
        ahead_s = self._clock.ahead_s()
        if ahead_s > STRAYS_S:
            log.warning("the clock was set forward, or this machine slept", seconds=round(ahead_s))
            self._clock.follow()
        is_behind = ahead_s < -STRAYS_S
        if is_behind and not self._is_behind:
            log.warning(
                "the clock was set back: instants go on as before until serve is started anew",
                seconds=round(-ahead_s),
            )
        self._is_behind = is_behind

    def _renew(self, session: Session, *, now: datetime) -> bool:
        life.beat(session, now)
        return leases.renew(session, LEASE, self._token, now)


def _baselines(session: Session) -> dict[Key, tuple[Hop, ...]]:
    known = paths.baselines(session)
    return {Key(site, check, target): hops for (check, site, target), hops in known.items()}


def _span(now_s: int) -> Span:
    """The time that windows are looked up for."""
    return Span(now_s - WINDOWS_BACK_S, now_s + WINDOWS_AHEAD_S)


def _windows(rows: Sequence[Maintenance], held: Inventory, span: Span) -> tuple[Windows, Windows]:
    """All windows, and those that excuse an outage."""
    return windows(rows, held, span), windows((row for row in rows if row.excludes), held, span)


def recall(session: Session, now: datetime) -> Remembered:
    """What an earlier run left: states, witnesses, open outages, and when nobody was there."""
    states = life.load_states(session)
    witnesses = life.load_witnesses(session)
    running, unexplained = outages.current(session), outages.unexplained(session)
    beats = life.heartbeats(session, now - timedelta(seconds=WINDOWS_BACK_S))
    session.expunge_all()
    stretches = [*beats, (now, now)]
    absences = tuple(
        Interval(ended.timestamp(), began.timestamp(), "nobody watched")
        for (_, ended), (began, _) in pairwise(stretches)
        if began - ended > life.HEARTBEAT_GAP
    )
    return Remembered(
        states.sites,
        states.devices,
        witnesses,
        running,
        states.circuits,
        seen_at=beats[-1][1] if beats else None,
        absences=absences,
        unexplained=tuple(unexplained),
    )
