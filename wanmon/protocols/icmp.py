"""ICMP echo to many hosts: one socket for all of an address family, and a bound on how many leave in a second."""

import asyncio
from collections import deque
from typing import Any

from wanmon.model.reason import Reason
from wanmon.protocols import ping_socket
from wanmon.protocols.departures import Departures
from wanmon.protocols.echo_wire import Asked, Echo, EchoWire
from wanmon.protocols.ping_socket import EchoForbidden

__all__ = ["Echo", "EchoClient", "EchoForbidden", "forbidden"]


class EchoClient:
    """Sends echo requests. Belongs to the event loop in which it is first asked; its sockets go when it does."""

    def __init__(self, timeout_s: float = 1.0, per_second: float = 500) -> None:
        self._wires: dict[int, EchoWire] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timeout_s = timeout_s
        self._departures = Departures(per_second)
        self._places: dict[str, Any] = {}
        self._queue: deque[tuple[EchoWire, Asked]] = deque()

    def close(self) -> None:
        """Give the sockets back; who still waits gets no answer."""
        if self._timer is not None:
            self._timer.cancel()
        for wire in self._wires.values():
            wire.close()

    def __del__(self) -> None:
        self.close()

    @property
    def under_way(self) -> int:
        """How many requests wait, for their turn or for what comes back."""
        return sum(wire.under_way for wire in self._wires.values())

    async def ask(self, address: str) -> Echo:
        """Send one echo request and wait for its reply, for as long as the timeout says.

        Requests leave at most `per_second`, a few at once where they wait for their turn. What the network says of one
        ends it at once. Raises `EchoForbidden` where the system does not allow it. A reply after the timeout is `late`:
        loss.
        """
        loop = asyncio.get_running_loop()
        version = 6 if ":" in address else 4
        try:
            wire, place = self._wire(version), self._place(version, address)
        except OSError:
            return Echo(None, Reason.LOCAL)
        asked = wire.prepare(place)
        if self._queue or not self._departures.take(loop.time()):
            self._queue.append((wire, asked))
            self._come_again(loop)
        else:
            wire.send(asked)
        try:
            return await asked.answer
        except asyncio.CancelledError:
            wire.forget(asked)
            raise

    def _wire(self, version: int) -> EchoWire:
        wire = self._wires.get(version)
        if wire is None:
            wire = self._wires[version] = EchoWire(version, self._timeout_s)
        return wire

    def _place(self, version: int, address: str) -> Any:
        if address in self._places:
            return self._places[address]
        place = ping_socket.place(version, address)
        if "%" not in address:  # the number of a port may change
            self._places[address] = place
        return place

    def _come_again(self, loop: asyncio.AbstractEventLoop) -> None:
        """Be woken for the next turns, and by nothing else: every waking costs more than a reply that lies there."""
        for wire in self._wires.values():
            wire.rest()
        if self._timer is None:
            self._timer = loop.call_at(self._departures.next_s, self._next_turns, loop)

    def _next_turns(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take in what has come, and let go those whose turn it is."""
        self._timer = None
        for wire in self._wires.values():
            if wire.under_way:
                wire.read()
        while self._queue:
            wire, asked = self._queue[0]
            if not asked.answer.done():
                if not self._departures.take(loop.time()):
                    self._come_again(loop)
                    return
                wire.send(asked)
            self._queue.popleft()
        for wire in self._wires.values():
            wire.listen()


async def forbidden(timeout_s: float = 0.2) -> EchoForbidden | None:
    """Try one echo to ourselves: None when it is allowed, else the error that says what is missing."""
    try:
        await EchoClient(timeout_s).ask("127.0.0.1")
    except EchoForbidden as error:
        return error
    return None
