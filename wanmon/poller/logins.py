"""Logins on routers: who may log in where and when, so that nobody is locked out and no router runs out of lines.

Every session holds places in the database (`store.logins`), which all processes obey: one a site, eight in all. Until
the result of a login is written down, its credential may be on its way to so few devices that all of them together
cannot do more than open its breaker. Without the database there is no login.

Of several credentials one is tried in a session, never the next one after it: a device that refused rests for ten
minutes, and then comes the turn of the credential that follows. What tried them all at once would lock an account
with three wrong passwords as surely as with one.
"""

import asyncio
import itertools
import os
import random
import secrets as chance
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from sqlmodel import Session

from wanmon.checks.result import RouterSession, RouterTarget
from wanmon.clock import Clock, shown
from wanmon.config.secrets import Secrets, SshCredential
from wanmon.config.settings import LoginSettings
from wanmon.errors import StoreError
from wanmon.log import log
from wanmon.model.reason import Reason
from wanmon.poller.writing import Writes, Written
from wanmon.protocols.ssh.fault import HostKeyChanged, SshFault
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.store import logins as places
from wanmon.store.logins import Barred, Granted, Holder, Wish

#: How long to wait before asking for places again, half of it and half by chance.
ASK_AGAIN_S = 0.5
#: Places are given back within so long; where the database takes longer, that goes on beside what comes next.
GIVE_BACK_S = 2.0

#: The word by which leases of this process are told from those of a predecessor with the same id.
_PROCESS = chance.token_hex(8)
_NUMBERS = itertools.count(1)


class OpenSession(RouterSession, Protocol):
    """A login that must be closed."""

    async def close(self) -> None:
        """End it. Never raises, and is quick."""
        ...


class Opens(Protocol):
    """Who can log in."""

    async def open(
        self, router: RouterTarget, credential: SshCredential, trusted: Fingerprint, step_s: float, deadline_s: float
    ) -> OpenSession:
        """Log in once, and only where the trusted key is shown, each step within `step_s`. Raises `SshFault`."""
        ...


class Logins:
    """Implements `checks.result.Routers`. `by_chance` gives numbers from 0 to 1: waiters must not march in step."""

    def __init__(
        self,
        client: Opens,
        secrets: Secrets,
        settings: LoginSettings,
        write: Writes,
        clock: Clock,
        by_chance: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._write = write
        self._clock = clock
        self._by_chance = by_chance
        self._returning: set[asyncio.Task[None]] = set()
        self.use(settings, secrets)

    def use(self, settings: LoginSettings, secrets: Secrets) -> None:
        """Go on with other settings and secrets."""
        self._settings, self._secrets = settings, secrets
        # Who has no chance of a place in this process need not ask the database for one again and again.
        self._gate = asyncio.Semaphore(settings.sessions)

    @asynccontextmanager
    async def session(self, router: RouterTarget, deadline_s: float) -> AsyncIterator[RouterSession]:
        """A session, closed at the end; all of it within `deadline_s` seconds, and within `logins.session_s`.

        Waits for a place while there is none. Raises `SshFault` on entering, and where the time is over.
        """
        clock_s = asyncio.get_running_loop().time
        ends_s = clock_s() + deadline_s
        wish = self._wish(router)
        async with _admitted(self._gate, ends_s, places.all_taken(wish.sessions)):
            turn = _Turn(self._write)
            try:
                granted = await self._granted(turn, wish, ends_s)
                ends_s = min(ends_s, clock_s() + self._settings.session_s)
                opened = await self._log_in(turn, router, wish, granted, ends_s - clock_s())
                async with _until(opened, ends_s):
                    yield opened
            finally:
                await self._give_back(turn)

    async def close(self) -> None:
        """Wait until every place is given back."""
        if self._returning:
            await asyncio.wait(self._returning, timeout=GIVE_BACK_S)

    def _wish(self, router: RouterTarget) -> Wish:
        """What is asked of the database: with the credentials that we have and that may be sent there."""
        known = [name for name in router.credentials if name in self._secrets.ssh]
        fitting = [name for name in known if self._secrets.ssh[name].may_be_sent_to(router.address)]
        if not router.credentials:
            raise SshFault(Reason.LOCAL, f"nobody logs in to {router.device}: it names no SSH credential")
        if not known:
            missing = ", ".join(router.credentials)
            raise SshFault(Reason.LOCAL, f"{router.device}: SSH credential {missing} is not in secrets.toml")
        if not fitting:
            told = f"{router.device}: credential {', '.join(known)} may not be sent to {router.address}"
            raise SshFault(Reason.LOCAL, f"{told}: that lies in none of its networks")
        return Wish(router.site, router.device, tuple(fitting), self._settings.sessions)

    async def _granted(self, turn: "_Turn", wish: Wish, ends_s: float) -> Granted:
        """The places of a session, as soon as they are free."""
        told = "the database gave no place for it in time"
        try:
            async with asyncio.timeout_at(ends_s):
                while True:
                    answer = await turn.write(
                        lambda session: places.claim(session, wish, turn.holder, self._clock.now())
                    )
                    if isinstance(answer, Granted):
                        return answer
                    told = _barred(answer)
                    await asyncio.sleep(ASK_AGAIN_S * (1 + self._by_chance()) / 2)
        except TimeoutError:
            raise SshFault(Reason.LOCAL, told) from None
        except StoreError as error:
            raise SshFault(Reason.LOCAL, f"no login without a place in the database: {error}") from None

    async def _log_in(
        self, turn: "_Turn", router: RouterTarget, wish: Wish, granted: Granted, within_s: float
    ) -> OpenSession:
        trusted = Fingerprint(granted.algorithm, granted.fingerprint)
        credential = self._secrets.ssh.get(granted.credential)
        if credential is None:
            raise SshFault(Reason.LOCAL, f"credential {granted.credential} was taken out of secrets.toml just now")
        try:
            step_s = min(within_s, self._settings.timeout_s)
            opened = await self._client.open(router, credential, trusted, step_s, within_s)
        except HostKeyChanged as fault:
            await self._other_key(turn, router, fault)
            await self._ended(turn, wish, granted.credential, fault.reason)
            raise
        except SshFault as fault:
            await self._ended(turn, wish, granted.credential, fault.reason)
            raise
        try:
            await self._ended(turn, wish, granted.credential, None)
        except BaseException:
            await opened.close()
            raise
        return opened

    async def _ended(self, turn: "_Turn", wish: Wish, credential: str, reason: Reason | None) -> None:
        """Write down how a login ended, before anything else is done with it."""
        now = self._clock.now()
        try:
            until = await turn.write(lambda session: places.ended(session, wish, turn.holder, credential, reason, now))
        except StoreError as error:
            log.error("how a login ended was not written", device=wish.device, reason=str(error))
            turn.is_unsettled = reason is Reason.AUTH
            return
        if reason is Reason.AUTH:
            rests = {"credential_rests_until": shown(until)} if until else {}
            log.warning("a login was refused", device=wish.device, credential=credential, **rests)

    async def _other_key(self, turn: "_Turn", router: RouterTarget, fault: HostKeyChanged) -> None:
        now = self._clock.now()
        seen = fault.shown.text if fault.shown else f"no {fault.trusted.algorithm} key"
        with suppress(StoreError):
            if await turn.write(lambda session: places.other_key(session, router.device, seen, now)):
                log.error(
                    "a host key changed",
                    device=router.device,
                    trusted=str(fault.trusted),
                    shown=str(fault.shown or seen),
                )

    async def _give_back(self, turn: "_Turn") -> None:
        """Free the places of a session; when the database is slow, beside what comes next."""
        if turn.is_unsettled:
            return  # a refusal that nobody knows of must go on to count
        returning = asyncio.ensure_future(turn.give_back())
        self._returning.add(returning)
        returning.add_done_callback(self._returning.discard)
        await asyncio.wait({returning}, timeout=GIVE_BACK_S)


class _Turn:
    """One session and what it writes: one thing after another, and to the end, whoever has stopped waiting for it."""

    def __init__(self, write: Writes) -> None:
        self.holder = Holder(_PROCESS, next(_NUMBERS), os.getpid(), socket.gethostname())
        self.is_unsettled = False
        self._write = write
        self._last: asyncio.Task[Any] | None = None

    async def write(self, make: Callable[[Session], Written]) -> Written:
        """What `make(session)` returned. Raises `StoreError`."""
        self._last = writing = asyncio.ensure_future(self._after(self._last, make))
        writing.add_done_callback(_looked_at)
        return await asyncio.shield(writing)

    async def give_back(self) -> None:
        """Free all its places, also those that were asked for and not awaited."""
        try:
            await self.write(lambda session: places.give_back(session, self.holder))
        except StoreError as error:
            log.warning("the places of a session were not given back, and are free when it is old", reason=str(error))

    async def _after(self, before: asyncio.Task[Any] | None, make: Callable[[Session], Written]) -> Written:
        if before is not None:
            await asyncio.wait({before})
        return await self._write(make)


@asynccontextmanager
async def _admitted(gate: asyncio.Semaphore, ends_s: float, told: str) -> AsyncIterator[None]:
    """Within a gate, as soon as it opens. Raises `SshFault` where that takes too long."""
    try:
        async with asyncio.timeout_at(ends_s):
            await gate.acquire()
    except TimeoutError:
        raise SshFault(Reason.LOCAL, told) from None
    try:
        yield
    finally:
        gate.release()


@asynccontextmanager
async def _until(opened: OpenSession, ends_s: float) -> AsyncIterator[None]:
    """While a session may last; it is closed at the end. Raises `SshFault` where the time is over."""
    limit = asyncio.timeout_at(ends_s)
    try:
        async with limit:
            yield
    except TimeoutError:
        if limit.expired():
            raise SshFault(Reason.OUTPUT, "the session has taken all the time it had") from None
        raise
    finally:
        await opened.close()


def _barred(answer: Barred) -> str:
    """Why one must wait. Raises `SshFault` where that is of no use."""
    if not answer.may_pass:
        raise SshFault(answer.reason, answer.detail)
    return answer.detail


def _looked_at(done: asyncio.Task[Any]) -> None:
    """Whoever waited for it may have gone: what went wrong then was told elsewhere."""
    if not done.cancelled():
        done.exception()
