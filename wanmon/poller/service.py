"""A poller that lives: follows the inventory, beats its heart, keeps its lease, and re-reads what it is told to.

The poller itself is `poller.loop`; this is what keeps it and the database in step. No failure of the database stops
the asking.
"""

import asyncio
import os
import secrets as random
import socket
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from wanmon.clock import Clock
from wanmon.errors import LeaseHeld, StoreError
from wanmon.log import log
from wanmon.model.inventory import Inventory
from wanmon.model.life import CredentialProtocol
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.keys import KeyRing
from wanmon.poller.loop import Poller, watched
from wanmon.poller.track import PollerTrack
from wanmon.store import credentials, inventory, leases, life
from wanmon.store.database import Database
from wanmon.store.writer import Writer

LEASE = "serve"
FOLLOW_EVERY_S = 2.0
BEAT_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class News:
    """What changed in the database since it was last looked at; no inventory where that is as it was."""

    changeset: int
    inventory: Inventory | None
    pauses: dict[str, datetime]


class Service:
    """Runs the poller against a database until it is cancelled or loses its lease."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        poller: Poller,
        executor: LocalExecutor,
        keys: KeyRing,
        breaker: CredentialBreaker,
        track: PollerTrack,
        clock: Clock,
    ) -> None:
        self._database = database
        self._writer = writer
        self._poller = poller
        self._executor = executor
        self._keys = keys
        self._breaker = breaker
        self._track = track
        self._clock = clock
        self._token = random.token_hex(8)
        self._changeset = -1

    def begin(self) -> None:
        """Take the lease, and take up the inventory, the last states and the credentials that worked.

        Raises `LeaseHeld` where another process serves this database.
        """
        with self._database.write() as session:
            now, pid = self._clock.now(), os.getpid()
            leases.acquire(session, LEASE, token=self._token, pid=pid, host=socket.gethostname(), now=now)
            life.beat(session, now)
        with self._database.read() as session:
            states = life.load_states(session)
            self._keys.prefer(credentials.winners(session, CredentialProtocol.SNMP))
        news = self._look()
        self._changeset = news.changeset
        self._breaker.note(news.pauses)
        if news.inventory is not None:
            self._poller.follow(news.inventory, dict(states.devices), dict(states.sites))

    async def run(self) -> None:
        """Ask, follow and beat until cancelled. Raises `LeaseHeld` when another process took the lease over."""
        async with asyncio.TaskGroup() as group:
            for name, work in (("poll", self._poller.run), ("follow", self._follow), ("beat", self._beat)):
                group.create_task(watched(name, work, self._restarted), name=name)

    def end(self) -> None:
        """Give the lease back, after all that was decided is written."""
        self._writer.submit(lambda session: leases.release(session, LEASE, self._token))

    def _restarted(self) -> None:
        self._track.task_restarts += 1

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(FOLLOW_EVERY_S)
            try:
                news = await asyncio.to_thread(self._look)
            except StoreError as error:
                log.warning("the inventory cannot be read, going on with the old one", reason=str(error))
                continue
            self._breaker.note(news.pauses)
            if news.inventory is not None:
                self._changeset = news.changeset
                for device in self._poller.follow(news.inventory):
                    self._executor.forget(device)
                log.info("inventory taken up", changeset=news.changeset, devices=len(news.inventory.devices))

    def _look(self) -> News:
        with self._database.read() as session:
            latest = inventory.latest_changeset(session)
            pauses = credentials.pauses(session, CredentialProtocol.SNMP, self._clock.now())
            return News(latest, inventory.load(session) if latest != self._changeset else None, pauses)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY_S)
            now = self._clock.now()
            renewing = self._writer.submit(partial(self._renew, now=now))
            try:
                is_ours = await asyncio.wrap_future(renewing)
            except StoreError as error:
                log.warning("no heartbeat was written", reason=str(error))
                continue
            if not is_ours:
                raise LeaseHeld("another process has taken the database over: this one stops")

    def _renew(self, session: Session, *, now: datetime) -> bool:
        life.beat(session, now)
        return leases.renew(session, LEASE, self._token, now)
