"""One UDP socket for all devices of an address family: requests out, each matched with its one reply.

A reply counts only if its source address and port, request id, version and community are those of a request under way,
and if that request's own reader takes it: the var-binds, and before them all that protects a v3 message. Whatever else
comes in is counted and forgotten, and the request goes on waiting. Nothing here knows keys, or what the var-binds say.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Generic, Protocol, TypeVar

from wanmon.model.reason import Reason
from wanmon.protocols.snmp.ber import MalformedMessage
from wanmon.protocols.snmp.counters import SnmpCounters
from wanmon.protocols.snmp.message import MismatchedReply, Reply, read_reply
from wanmon.protocols.snmp.message_v3 import SecuredFrame, is_secured, read_secured
from wanmon.protocols.snmp.pace import Pace
from wanmon.protocols.snmp.refusals import listen_for_refusals, queued_refusals, reason_of
from wanmon.protocols.snmp.types import Failure

T = TypeVar("T")

_RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
_LARGEST_DATAGRAM = 65_535
_DATAGRAMS_PER_WAKEUP = 256
# Time-outs are looked at in steps: one timer for all requests, where one timer each costs as much as the send.
_TICK_S = 0.025
# How many ended requests are remembered, at least, to tell late replies from forged ones.
_REMEMBERED = 2048
# Of how many addresses it is remembered at most why their latest datagram was put aside.
_MOST_NOTES = 4096


class Sendable(Protocol):
    """What can be asked: `data` is the datagram once it is stamped with a request id."""

    @property
    def data(self) -> bytes | bytearray:
        """The datagram."""
        ...

    def stamp(self, request_id: int) -> None:
        """Make this the request of that id."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask and how patiently: `address` as `getaddrinfo` writes it. SNMPv3 has no community.

    Replies are taken from that address and port alone; `sources` are networks from which they may come as well.
    """

    address: tuple[Any, ...]
    version: int
    community: bytes | None = field(repr=False)
    pace: Pace
    retries: int
    sources: tuple[IPv4Network | IPv6Network, ...] = ()

    def may_answer(self, address: tuple[Any, ...]) -> bool:
        """Whether a reply from there may be this agent's."""
        if address == self.address:
            return True
        return address[1] == self.address[1] and any(ip_address(address[0]) in network for network in self.sources)


class _Exchange(Generic[T]):
    """A request under way."""

    __slots__ = (
        "accept", "asked_s", "deadline_s", "done", "is_over", "noted", "request_data", "retries_left", "target",
    )  # fmt: skip

    def __init__(
        self,
        target: Target,
        request_data: bytes | bytearray,
        accept: Callable[[Any], T],
        deadline_s: float,
        done: "asyncio.Future[T | Failure]",
    ) -> None:
        self.target = target
        self.request_data = request_data
        self.accept = accept
        self.deadline_s = deadline_s
        self.done = done
        self.retries_left = target.retries
        self.asked_s = 0.0
        self.noted: Failure | None = None
        self.is_over = False

    def let_go(self) -> None:
        """Nobody waits any more: free what was said, for the wheel holds this until its tick comes."""
        self.is_over = True
        del self.accept, self.done, self.request_data


class Transport:
    """The socket of one address family, inside the running event loop.

    `new_id` gives request ids in [2^23, 2^31). Raises `OSError` when no socket can be had.
    """

    def __init__(self, family: socket.AddressFamily, counters: SnmpCounters, new_id: Callable[[], int]) -> None:
        self.counters = counters
        self.received_at_s = 0.0
        self._new_id = new_id
        self._pending: dict[int, _Exchange[Any]] = {}
        self._ended: dict[int, tuple[Any, ...]] = {}
        self._ended_before: dict[int, tuple[Any, ...]] = {}
        self._notes: dict[tuple[Any, ...], tuple[float, Failure]] = {}
        self._wheel: dict[int, list[_Exchange[Any]]] = {}
        self._next_tick = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._socket = _open_socket(family)
        self._loop.add_reader(self._socket, self._receive)

    @property
    def pending(self) -> int:
        """How many requests are under way."""
        return len(self._pending)

    def now_s(self) -> float:
        """The clock of deadlines, and of `received_at_s`."""
        return self._loop.time()

    async def ask(
        self, target: Target, request: Sendable, accept: Callable[[Any], T], deadline_s: float | None = None
    ) -> T | Failure:
        """Send until `accept` takes a reply, the tries are used up, or `deadline_s` (of the loop's clock) is reached.

        `accept` gets every reply that matches (of v3, a `SecuredFrame` that is not verified yet); it returns what it
        read of it, or raises `MalformedMessage` or `MismatchedReply`, and the request waits on. One `request` must not
        be asked twice at a time.
        """
        request_id = self._new_id()
        while request_id in self._pending:
            request_id = self._new_id()
        request.stamp(request_id)
        done: asyncio.Future[T | Failure] = self._loop.create_future()
        exchange = _Exchange(target, request.data, accept, float("inf") if deadline_s is None else deadline_s, done)
        self._pending[request_id] = exchange
        try:
            exchange.asked_s = self._loop.time()
            self._send(exchange, exchange.asked_s)
            self.counters.requests += not done.done()
            return await done
        finally:
            del self._pending[request_id]
            exchange.let_go()
            self._remember(request_id, target.address)

    def close(self) -> None:
        """Give the socket back; requests under way fail as `local`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._loop.remove_reader(self._socket)
        self._socket.close()
        for exchange in self._pending.values():
            _end(exchange, Failure(Reason.LOCAL, "the SNMP engine was closed"))
        self._wheel.clear()

    def _remember(self, request_id: int, address: tuple[Any, ...]) -> None:
        self._ended[request_id] = address
        if len(self._ended) >= _REMEMBERED:
            self._ended_before, self._ended = self._ended, {}

    # -- sending and waiting

    def _send(self, exchange: _Exchange[Any], now_s: float) -> None:
        if now_s >= exchange.deadline_s:
            _end(exchange, Failure(Reason.DEADLINE, "no time was left to ask"))
            return
        error = self._try_to_send(exchange)
        if error is not None:
            _end(exchange, Failure(reason_of(error.errno), f"sendto: {error.strerror}"))
            return
        due_s = min(now_s + exchange.target.pace.timeout_s, exchange.deadline_s)
        tick = int(due_s / _TICK_S) + 1
        self._wheel.setdefault(tick, []).append(exchange)
        if self._timer is None:
            self._next_tick = int(now_s / _TICK_S)
            self._timer = self._loop.call_at((self._next_tick + 1) * _TICK_S, self._tick)

    def _try_to_send(self, exchange: _Exchange[Any]) -> OSError | None:
        """Send; the error if it cannot be sent, after a full buffer None (the datagram is lost, as any may be)."""
        error: OSError | None = None
        for _ in range(3):
            try:
                self._socket.sendto(exchange.request_data, exchange.target.address)
            except BlockingIOError:
                return None
            except OSError as raised:
                error = raised
            else:
                return None
            # With IP_RECVERR another device's ICMP error is told by whatever call comes next: then it is not ours.
            if not self._take_refusals():
                break
        return error

    def _tick(self) -> None:
        now_s = self._loop.time()
        present = int(now_s / _TICK_S)
        while self._next_tick <= present:
            for exchange in self._wheel.pop(self._next_tick, ()):
                if not exchange.is_over and not exchange.done.done():
                    self._overdue(exchange, now_s)
            self._next_tick += 1
        self._timer = self._loop.call_at((present + 1) * _TICK_S, self._tick) if self._wheel else None

    def _overdue(self, exchange: _Exchange[Any], now_s: float) -> None:
        if now_s >= exchange.deadline_s:
            self.counters.timeouts += 1
            _end(exchange, self._noted(exchange) or Failure(Reason.DEADLINE, "no reply before the deadline"))
        elif exchange.retries_left > 0:
            exchange.retries_left -= 1
            self.counters.retries += 1
            self._send(exchange, now_s)
        else:
            self.counters.timeouts += 1
            target = exchange.target
            silence = Failure(Reason.TIMEOUT, f"no reply to {target.retries + 1} x {target.pace.timeout_s:.3g} s")
            target.pace.missed()
            _end(exchange, self._noted(exchange) or silence)

    # -- receiving

    def _receive(self) -> None:
        """Take what the socket holds; what is left after a batch wakes us again."""
        self.received_at_s = self._loop.time()
        receive, take = self._socket.recvfrom, self._take
        for count in range(_DATAGRAMS_PER_WAKEUP):
            try:
                data, address = receive(_LARGEST_DATAGRAM)
            except BlockingIOError:
                if count == 0:
                    self._take_refusals()
                return
            except OSError:
                self._take_refusals()
                continue
            take(data, address)

    def _take(self, data: bytes, address: tuple[Any, ...]) -> None:
        try:
            reply: Reply | SecuredFrame = read_secured(data) if is_secured(data) else read_reply(data)
        except MalformedMessage as error:
            self.counters.malformed += 1
            self._note(address, Failure(Reason.MALFORMED, str(error)))
            return
        exchange = self._pending.get(reply.request_id)
        if exchange is None or exchange.done.done():
            self._unasked(reply, address)
            return
        target = exchange.target
        if not target.may_answer(address) or target.community != reply.community or target.version != reply.version:
            self.counters.mismatched += 1
            exchange.noted = _difference(target, reply, address)
            return
        try:
            exchange.done.set_result(exchange.accept(reply))
        except MalformedMessage as error:
            self.counters.malformed += 1
            exchange.noted = Failure(Reason.MALFORMED, str(error))
        except MismatchedReply as error:
            self.counters.mismatched += 1
            exchange.noted = Failure(Reason.MISMATCHED, str(error))
        else:
            self.counters.replies += 1
            target.pace.heard(self.received_at_s - exchange.asked_s)

    def _unasked(self, reply: Reply | SecuredFrame, address: tuple[Any, ...]) -> None:
        known = self._ended.get(reply.request_id) or self._ended_before.get(reply.request_id)
        if known == address or reply.request_id in self._pending:
            self.counters.late += 1
            self._note(address, Failure(Reason.LATE, "replies come after their time"))
        else:
            self.counters.mismatched += 1
            self._note(address, Failure(Reason.MISMATCHED, "the reply has another request id"))

    def _note(self, address: tuple[Any, ...], failure: Failure) -> None:
        """Keep why something from `address` was put aside, so that a request there need not end as plain silence.

        Kept by address: a flood of garbage must not cost a look at every request under way.
        """
        if len(self._notes) >= _MOST_NOTES:
            self._notes.clear()
        self._notes[address] = (self._loop.time(), failure)

    def _noted(self, exchange: _Exchange[Any]) -> Failure | None:
        """Why what came in for a request, or since then from its agent, was put aside; None if nothing came."""
        noted_at_s, failure = self._notes.get(exchange.target.address, (0.0, None))
        return exchange.noted or (failure if noted_at_s >= exchange.asked_s else None)

    def _take_refusals(self) -> bool:
        """Whether the kernel's queue held ICMP errors. A closed port ends a request; others may pass, and are noted.

        Anybody can send an ICMP error. Only one that quotes the request id comes from where the request went.
        """
        refusals = queued_refusals(self._socket)
        for refusal in refusals:
            failure = Failure(refusal.reason, refusal.detail)
            self._note(refusal.address, failure)
            if refusal.reason is Reason.REFUSED:
                for request_id, exchange in self._pending.items():
                    is_its = exchange.target.address == refusal.address
                    if is_its and request_id.to_bytes(4, "big") in refusal.quoted:
                        _end(exchange, failure)
        return bool(refusals)


def _open_socket(family: socket.AddressFamily) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_DGRAM)
    try:
        opened.setblocking(False)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # The kernel cuts this to net.core.rmem_max; less only means more retries when the loop is held up.
        with suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        listen_for_refusals(opened)
    except OSError:
        opened.close()
        raise
    return opened


def _end(exchange: _Exchange[Any], failure: Failure) -> None:
    if not exchange.done.done():
        exchange.done.set_result(failure)


def _difference(target: Target, reply: Reply | SecuredFrame, address: tuple[Any, ...]) -> Failure:
    """What of a reply with the right request id is not that of the request; never the community itself."""
    if not target.may_answer(address):
        return Failure(Reason.MISMATCHED, f"the reply comes from {address[0]} port {address[1]}")
    what = "version" if target.version != reply.version else "community"
    return Failure(Reason.MISMATCHED, f"the reply has another {what}")
