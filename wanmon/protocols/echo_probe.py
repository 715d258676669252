"""Echoes toward one address, one socket for each: for single checks that ask more than whether something lives.

Size, "do not fragment", DSCP, source and hop limit can be set, and what the network says of a lost packet is read from
the socket's error queue. The poller's own client, one socket for all devices, is `wanmon.protocols.icmp`.
"""

import asyncio
import errno
import secrets
import socket
import time
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import Any

from wanmon.model.reason import Reason
from wanmon.protocols import icmp_packet, ping_socket
from wanmon.protocols.icmp_errors import Refusal
from wanmon.protocols.icmp_packet import EchoMessage
from wanmon.protocols.ping_socket import Returned

#: The smallest packet that both families can ask with, in bytes of IP.
LEAST_BYTES = 48
DEFAULT_BYTES = 64

# Of <linux/in.h> and <linux/in6.h>; Python does not name them.
_IP_MTU_DISCOVER, _IPV6_MTU_DISCOVER = 10, 23
_IPV6_DONTFRAG = 62
_PMTUDISC_DONT, _PMTUDISC_PROBE = 0, 3

_LARGEST_DATAGRAM = 65_535


@dataclass(frozen=True, slots=True)
class EchoOptions:
    """How echoes leave: `source` empty is the system's choice, `hops` None its usual hop limit."""

    df: bool = False
    dscp: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True)
class EchoAnswer:
    """What came back for one echo request, and after how long.

    `reason` is None for the reply itself. `refusal` is set where the network refused the packet: then `source` is who
    did ("" for this machine) and `mtu` what it told, 0 for nothing. `detail` has the system's own words for `local`.
    """

    rtt_s: float | None = None
    reason: Reason | None = None
    source: str = ""
    refusal: Refusal | None = None
    mtu: int = 0
    detail: str = ""


class EchoProbe:
    """One socket toward one address. Must be made inside a running event loop, and closed: use it with `with`.

    Raises `EchoForbidden` where the system does not allow echo, and OSError where the address or the source is none
    that this machine can use.
    """

    def __init__(self, address: str, options: EchoOptions | None = None) -> None:
        self._address = ip_address(address.partition("%")[0])
        self._version = self._address.version
        self._identifier = secrets.randbits(16)
        self._sequence = secrets.randbits(16)
        self._waiting: dict[int, _Waiting] = {}
        self._own_mtu = 0  # what the own port takes, once it has refused a larger packet
        self._loop = asyncio.get_running_loop()
        self._socket, self._raw = ping_socket.opened(self._version)
        try:
            _set(self._socket, self._version, options or EchoOptions())
            self._socket.connect(ping_socket.place(self._version, address))
            self._loop.add_reader(self._socket, self._read)
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        """Give the socket back; who still waits gets no answer."""
        if self._socket.fileno() != -1:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def __enter__(self) -> "EchoProbe":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def ask(self, timeout_s: float, *, size: int = DEFAULT_BYTES, hops: int | None = None) -> EchoAnswer:
        """Send one echo request of `size` bytes of IP, and wait for what comes back. `hops` is its hop limit."""
        waiting = self._next(size)
        self._waiting[waiting.message.sequence] = waiting
        try:
            refused = self._send(waiting, hops)
            if refused is not None:
                return refused
            await asyncio.wait((waiting.answer,), timeout=timeout_s)
            if not waiting.answer.done():
                self._read()  # it may lie there: we were late ourselves
        finally:
            self._waiting.pop(waiting.message.sequence, None)
        answer = waiting.answer.result() if waiting.answer.done() else EchoAnswer(reason=Reason.TIMEOUT)
        in_time = answer.rtt_s is None or answer.reason or answer.rtt_s <= timeout_s
        return answer if in_time else EchoAnswer(answer.rtt_s, Reason.LATE, answer.source)

    def _next(self, size: int) -> "_Waiting":
        room = size - icmp_packet.IP_HEADER_BYTES[self._version] - icmp_packet.HEADER_BYTES
        self._sequence = (self._sequence + 1) & 0xFFFF
        message = EchoMessage(self._identifier, self._sequence, secrets.token_bytes(max(room, 0)))
        return _Waiting(message, self._loop.create_future())

    def _send(self, waiting: "_Waiting", hops: int | None) -> EchoAnswer | None:
        """What can be said at once because the packet did not leave, or None when it did."""
        self._limit_hops(hops)
        waiting.sent_s = time.monotonic()
        try:
            self._send_bytes(icmp_packet.request(self._version, waiting.message))
        except OSError as error:
            return self._not_sent(error)
        return None

    def _send_bytes(self, data: bytes) -> None:
        self._read_errors()
        try:
            self._socket.send(data)
        except OSError:
            # The kernel tells of an earlier packet's ICMP error by failing the next send: then this one has not left.
            if not self._read_errors():
                raise
            self._socket.send(data)

    def _not_sent(self, error: OSError) -> EchoAnswer:
        if error.errno == errno.EMSGSIZE:
            self._read_errors()
            return EchoAnswer(reason=Reason.TOO_BIG, refusal=Refusal.TOO_BIG, mtu=self._own_mtu)
        return EchoAnswer(reason=Reason.LOCAL, detail=ping_socket.why_not(error))

    def _limit_hops(self, hops: int | None) -> None:
        """Set the hop limit; -1 is the system's own for both families."""
        if self._version == 4:
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, -1 if hops is None else hops)
        else:
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, -1 if hops is None else hops)

    def _read(self) -> None:
        """Take what has come: refusals, and replies."""
        self._read_errors()
        for _ in range(ping_socket.MOST_READ):
            try:
                data, ancillary, _, sender = self._socket.recvmsg(_LARGEST_DATAGRAM, ping_socket.ANCILLARY_ROOM)
            except BlockingIOError:
                return
            except OSError:
                # That of an error that is read from its own queue.
                if not self._read_errors():
                    return
                continue
            self._replied(data, ancillary, sender)

    def _replied(self, data: bytes, ancillary: list[Any], sender: Any) -> None:
        bare = icmp_packet.without_ip_header(data) if self._raw and self._version == 4 else data
        reply = icmp_packet.reply(self._version, bare)
        waiting = self._asked(reply)
        if reply is None or waiting is None or reply.payload != waiting.message.payload:
            return
        source = sender[0].partition("%")[0]
        if ip_address(source) == self._address:
            waiting.settle(EchoAnswer(ping_socket.round_trip_s(waiting.sent_s, ancillary), source=source))

    def _read_errors(self) -> bool:
        """Take what lies in the error queue; whether there was anything."""
        found = False
        for returned in ping_socket.returned(self._socket):
            found = True
            self._refused(returned)
        return found

    def _refused(self, returned: Returned) -> None:
        error, waiting = returned.error, self._asked(icmp_packet.quoted_request(self._version, returned.quoted))
        if error is not None and error.refusal is Refusal.TOO_BIG and not error.offender:
            self._own_mtu = error.mtu  # quotes nothing: whom it is for is told by the send that fails
        elif error is not None and waiting is not None:
            rtt_s = ping_socket.round_trip_s(waiting.sent_s, returned.ancillary)
            waiting.settle(EchoAnswer(rtt_s, error.refusal.reason, error.offender, error.refusal, error.mtu))

    def _asked(self, message: EchoMessage | None) -> "_Waiting | None":
        """Whom a message is for."""
        # Linux rewrites the ICMP identifier on unprivileged sockets and keeps others' replies out: match on sequence.
        if message is None or (self._raw and message.identifier != self._identifier):
            return None
        return self._waiting.get(message.sequence)


@dataclass(slots=True)
class _Waiting:
    """An echo request that is under way."""

    message: EchoMessage
    answer: "asyncio.Future[EchoAnswer]"
    sent_s: float = 0.0

    def settle(self, answer: EchoAnswer) -> None:
        """The first answer counts; a second one is a duplicate."""
        if not self.answer.done():
            self.answer.set_result(answer)


def _set(opened: socket.socket, version: int, options: EchoOptions) -> None:
    discover = _PMTUDISC_PROBE if options.df else _PMTUDISC_DONT
    if version == 4:
        opened.setsockopt(socket.IPPROTO_IP, _IP_MTU_DISCOVER, discover)
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, options.dscp << 2)
    else:
        opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, options.dscp << 2)
        if options.df:
            opened.setsockopt(socket.IPPROTO_IPV6, _IPV6_MTU_DISCOVER, discover)
            opened.setsockopt(socket.IPPROTO_IPV6, _IPV6_DONTFRAG, 1)
    if options.source:
        opened.bind(ping_socket.place(version, options.source))
