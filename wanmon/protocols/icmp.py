"""ICMP echo, over gufo-ping: one socket for all devices of an address family."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from wanmon.errors import WanmonError
from wanmon.model.reason import Reason


@dataclass(frozen=True, slots=True)
class Echo:
    """The answer to one echo request: its round trip, or why there is none."""

    rtt_s: float | None
    reason: Reason | None = None


class EchoForbidden(WanmonError):
    """The system does not let this process send echo requests."""

    def __init__(self) -> None:
        super().__init__(
            "echo is forbidden to this process: give it CAP_NET_RAW (systemd: AmbientCapabilities=CAP_NET_RAW), "
            "or put its group into the sysctl net.ipv4.ping_group_range"
        )


class EchoClient:
    """Sends echo requests. Must be made inside a running event loop."""

    def __init__(self, timeout_s: float = 1.0, per_second: float = 500) -> None:
        # Imported late: gufo-ping exists for Linux only, and `wanmon --help` needs no socket.
        from gufo.ping import Ping
        from gufo.ping.socket import SelectionPolicy

        self._timeout_s = timeout_s
        self._gap_s = 1 / per_second
        self._next_at_s = 0.0
        self._ping: Any = Ping(policy=SelectionPolicy.RAW_DGRAM, timeout=timeout_s, coarse=False)

    async def ask(self, address: str) -> Echo:
        """Send one echo request and wait for its reply, for as long as the timeout says.

        Requests leave at most `per_second`: a burst would queue in this process and inflate the round trips.
        Raises `EchoForbidden` where the system does not allow it. A reply after the timeout is `late`: loss.
        """
        await self._turn()
        # gufo-ping looks for what has timed out only every `timeout`, and resolves its futures by itself: one that
        # was cancelled would take the replies read along with it down. So it is left alone when time is over.
        echo: asyncio.Future[Echo] = asyncio.get_running_loop().create_future()
        timer = echo.get_loop().call_later(self._timeout_s, _settle, echo, Echo(None, Reason.TIMEOUT))
        self._step(self._ping.ping(address), echo)
        try:
            return await echo
        finally:
            timer.cancel()

    def _step(self, asking: Coroutine[Any, None, float | None], echo: "asyncio.Future[Echo]", _: object = None) -> None:
        """Let the library go on until it waits or is done; a task for each echo would cost as much again."""
        try:
            waits_for: asyncio.Future[Any] | None = asking.send(None)
        except StopIteration as done:
            _settle(echo, self._told(done.value))
        except PermissionError:
            _fail(echo, EchoForbidden())
        except (OSError, ValueError):
            _settle(echo, Echo(None, Reason.LOCAL))
        except Exception as error:
            _fail(echo, error)
        else:
            if waits_for is None:
                echo.get_loop().call_soon(self._step, asking, echo)
            else:
                # A future that is yielded marks itself as waited for; a task would take the mark off.
                waits_for._asyncio_future_blocking = False
                waits_for.add_done_callback(partial(self._step, asking, echo))

    def _told(self, rtt_s: float | None) -> Echo:
        if rtt_s is None:
            return Echo(None, Reason.TIMEOUT)
        return Echo(rtt_s, Reason.LATE if rtt_s > self._timeout_s else None)

    async def _turn(self) -> None:
        now_s = time.monotonic()
        at_s = max(now_s, self._next_at_s)
        self._next_at_s = at_s + self._gap_s
        if at_s > now_s:
            await asyncio.sleep(at_s - now_s)


def _settle(echo: "asyncio.Future[Echo]", told: Echo) -> None:
    """The first that is known counts, and nothing where nobody waits any more."""
    if not echo.done():
        echo.set_result(told)


def _fail(echo: "asyncio.Future[Echo]", error: Exception) -> None:
    if not echo.done():
        echo.set_exception(error)


async def forbidden(timeout_s: float = 0.2) -> EchoForbidden | None:
    """Try one echo to ourselves: None when it is allowed, else the error that says what is missing."""
    try:
        await EchoClient(timeout_s).ask("127.0.0.1")
    except EchoForbidden as error:
        return error
    return None
