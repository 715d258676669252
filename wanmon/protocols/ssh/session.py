"""Sessions on routers: opened by one attempt to log in, used for single lines, and gone when they are closed.

Whatever a router does, each ends in its time with a reason; who is no longer waited for is hung up on. netmiko is
loaded with the first login, in a thread.
"""

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from wanmon.config.secrets import SshCredential
from wanmon.errors import UsageError
from wanmon.model.reason import Reason
from wanmon.protocols.ssh.fault import HostKeyChanged, SshFault
from wanmon.protocols.ssh.host_key import Fingerprint
from wanmon.protocols.ssh.plain import one_line, without
from wanmon.protocols.ssh.wire import Wire, dial

if TYPE_CHECKING:
    from wanmon.protocols.ssh.driver import Entrance

Answer = TypeVar("Answer")

#: How often it is looked whether a thread has ended.
_LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Login:
    """Where and how to log in: `device_type` is netmiko's, `trusted` the one host key that will do.

    `timeout_s` is for each step (connection, banner, key exchange, authentication, prompt) by itself.
    """

    address: str
    port: int
    device_type: str
    credential: SshCredential
    trusted: Fingerprint
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a server shows before anybody logs in: its key, and its version as `SSH-2.0-Cisco-1.25`."""

    fingerprint: Fingerprint
    version: str


class Session:
    """A prompt on a router. One line at a time; after a fault it is closed."""

    def __init__(self, client: "SshClient", entrance: "Entrance", connection: Any) -> None:
        self._client, self._entrance, self._connection = client, entrance, connection

    async def run(self, command: str, within_s: float) -> str:
        """What the router answers to one line, without echo and prompt, in lines of printable characters.

        Raises `SshFault` (OUTPUT), and `UsageError` where it is not one line.
        """
        if not command or not command.isprintable():
            raise UsageError(f"command {command!r:.80}: is not one line of text")
        from wanmon.protocols.ssh import driver

        answered = False
        try:
            async with asyncio.timeout(within_s):
                answer = await self._client.in_thread(lambda: driver.ask(self._connection, command, within_s))
            answered = True
        except TimeoutError:
            detail = f"{command}: the prompt did not come back within {within_s:g} s"
            raise SshFault(Reason.OUTPUT, detail) from None
        finally:
            if not answered:
                self._client.hang_up(self._entrance)
        return answer

    async def close(self) -> None:
        """Hang up; a second call does nothing."""
        self._connection.disconnect()
        self._client.hang_up(self._entrance)
        while not self._entrance.is_over:
            await asyncio.sleep(_LOOK_EVERY_S)


class SshClient:
    """Logs in on routers, with so many `threads`: each login and each line takes one while it lasts."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="ssh")
        self._jobs: set[Future[Any]] = set()
        self._entrances: set[Entrance] = set()
        self._is_closed = False

    async def open(self, login: Login, deadline_s: float) -> Session:
        """Log in within `deadline_s` seconds, by one attempt. Raises `SshFault`, and `UsageError` for no device type.

        Who gives up waiting leaves no session behind.
        """
        entrance: Entrance | None = None
        opened = False
        try:
            async with asyncio.timeout(deadline_s):
                entrance = await self._reach(login)
                session = await self._enter(entrance, login)
            opened = True
        except TimeoutError:
            step = entrance.step if entrance else Reason.TCP
            raise SshFault(step, f"not done when the {deadline_s:g} s of the whole login were over") from None
        except HostKeyChanged as changed:
            raise await _looked_up(changed, login) from None
        except SshFault as fault:
            raise SshFault(fault.reason, without(fault.detail, login.credential.hidden)) from None
        finally:
            if entrance and not opened:
                self.hang_up(entrance)
        return session

    async def close(self) -> None:
        """Hang up everywhere, and wait until every thread has ended."""
        self._is_closed = True
        entrances = list(self._entrances)
        for entrance in entrances:
            self.hang_up(entrance)
        self._pool.shutdown(wait=False, cancel_futures=True)
        while not (all(job.done() for job in self._jobs.copy()) and all(entrance.is_over for entrance in entrances)):
            await asyncio.sleep(_LOOK_EVERY_S)
        self._pool.shutdown(wait=True)

    async def in_thread(self, work: Callable[[], Answer]) -> Answer:
        """What some work comes to that waits for a router. Raises `SshFault` (LOCAL) when the client is closed."""
        if self._is_closed:
            raise SshFault(Reason.LOCAL, "no session is opened any more: the program ends")
        job = self._pool.submit(work)
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return await asyncio.wrap_future(job)

    def hang_up(self, entrance: "Entrance") -> None:
        """End a session at once, whatever it is doing."""
        self._entrances.discard(entrance)
        entrance.end()

    async def _reach(self, login: Login) -> "Entrance":
        """All that is done before the device hears of it, and the connection."""
        if not login.credential.may_be_sent_to(login.address):
            detail = f"credential {login.credential.name} may not be sent to {login.address}: see its networks"
            raise SshFault(Reason.LOCAL, detail)
        key = await self.in_thread(lambda: _prepare(login))
        from wanmon.protocols.ssh.driver import Entrance

        connection = await dial(login.address, login.port, login.timeout_s)
        entrance = Entrance(Wire(connection), login.trusted, login.credential, key, login.timeout_s)
        self._entrances.add(entrance)
        return entrance

    async def _enter(self, entrance: "Entrance", login: Login) -> Session:
        from wanmon.protocols.ssh import driver

        name = login.credential.username
        connection = await self.in_thread(
            lambda: driver.log_in(entrance, login.device_type, login.address, login.port, name)
        )
        return Session(self, entrance, connection)


async def greet(address: str, port: int, timeout_s: float, like: str = "", hidden: Collection[str] = ()) -> Greeting:
    """The key that a server shows and proves; nobody logs in, no user is named. `timeout_s` is for each step.

    Of several keys it shows one of the algorithm `like`, if it has that. `hidden` are secrets that it may know from
    logins, and must not be shown when it repeats them. Raises `SshFault` (TCP, BANNER, KEY_EXCHANGE).
    """
    wire = Wire(await dial(address, port, timeout_s))
    try:
        greeting = await asyncio.to_thread(_greeting, wire, timeout_s, like)
        return Greeting(greeting.fingerprint, without(greeting.version, hidden))
    except SshFault as fault:
        raise SshFault(fault.reason, without(fault.detail, hidden)) from None
    finally:
        wire.cut()


async def _looked_up(changed: HostKeyChanged, login: Login) -> HostKeyChanged:
    """The same, with the key that is shown now where the trusted kind is not there any more."""
    shown = changed.shown
    if shown is None:
        with suppress(SshFault):
            shown = (await greet(login.address, login.port, login.timeout_s)).fingerprint
    return HostKeyChanged(changed.trusted, shown)


def _prepare(login: Login) -> Any:
    from wanmon.protocols.ssh import authentication, driver

    driver.check(login.device_type)
    return authentication.load_key(login.credential)


def _greeting(wire: Wire, timeout_s: float, like: str) -> Greeting:
    from wanmon.protocols.ssh.handshake import Line, prefer, shake

    line = Line(wire, timeout_s)
    prefer(line, like)
    try:
        return Greeting(shake(line), one_line(line.remote_version))
    finally:
        line.end()
        line.join()
