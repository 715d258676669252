"""The echoes of all hosts of one address family, over one socket.

Every loop turn costs more than a packet does: no tasks, one timer for all that wait, and whatever has come is read in
one go. Round trips end when the kernel takes a reply in, so it does them no harm to lie there until we come.
"""

import asyncio
import secrets
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wanmon.model.reason import Reason
from wanmon.protocols import icmp_packet, ping_socket
from wanmon.protocols.icmp_errors import Refusal
from wanmon.protocols.icmp_packet import EchoMessage
from wanmon.protocols.ping_socket import Returned

#: Of a request, in bytes of IP. Its payload begins with a token: who has not seen it cannot answer.
_REQUEST_BYTES = 64
#: A reply of ours with every IP option there is; a longer one is cut, and then is none.
_REPLY_ROOM = 128
#: What the kernel may keep for us while we are busy; it grants what its `net.core.rmem_max` allows.
_KEPT_BYTES = 1 << 20
#: As many messages as that can hold, of the smallest: those have come in time, however late we are.
_MOST_KEPT = 4096
_SEQUENCES = 1 << 16
_MOST_UNDER_WAY = _SEQUENCES // 2
_TRIES = 8
#: Random bytes of a payload, and how many payloads of them are drawn at once: a system call costs as much as the rest.
_TOKEN_BYTES = 16
_DRAWN = 256


@dataclass(frozen=True, slots=True)
class Echo:
    """The answer to one echo request: its round trip, or why there is none."""

    rtt_s: float | None
    reason: Reason | None = None


@dataclass(slots=True, eq=False)
class Asked:
    """An echo request to a place, in the socket's words, and the answer that somebody waits for."""

    place: Any
    sequence: int
    request: bytes
    answer: "asyncio.Future[Echo]"
    #: By the monotonic clock; None until it leaves.
    sent_s: float | None = None

    def settle(self, echo: Echo) -> None:
        """The first that is known counts, and nothing where nobody waits any more."""
        if not self.answer.done():
            self.answer.set_result(echo)


class EchoWire:
    """Sends requests and settles each by its reply, by what the network says of it, or by silence.

    Must be made inside a running event loop, and closed. Raises `EchoForbidden` where the system does not allow it,
    and OSError where it knows no such family.
    """

    def __init__(self, version: int, timeout_s: float) -> None:
        self._version = version
        self._timeout_s = timeout_s
        room = _REQUEST_BYTES - icmp_packet.IP_HEADER_BYTES[version] - icmp_packet.HEADER_BYTES
        self._payloads = _payloads(room)
        self._identifier = secrets.randbits(16)
        self._sequence = secrets.randbits(16)
        # In the order in which they leave, so the first is the next whose time is over.
        self._asked: dict[int, Asked] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._socket, self._is_raw = ping_socket.opened(version)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KEPT_BYTES)
        self._is_listening = False
        self.listen()

    def close(self) -> None:
        """Give the socket back; who still waits gets no answer."""
        if self._socket.fileno() == -1:
            return
        if not self._loop.is_closed():
            self.rest()
        if self._timer is not None:
            self._timer.cancel()
        self._socket.close()

    def listen(self) -> None:
        """Be woken by what comes, as from the start."""
        if not self._is_listening:
            self._loop.add_reader(self._socket, self.read)
            self._is_listening = True

    def rest(self) -> None:
        """Let what comes lie until it is read: for who comes by soon, and often."""
        if self._is_listening:
            self._loop.remove_reader(self._socket)
            self._is_listening = False

    @property
    def under_way(self) -> int:
        """How many requests are to leave, or wait for what comes back."""
        return len(self._asked)

    def prepare(self, place: Any) -> Asked:
        """A request that is to leave; those that are prepared first leave first."""
        # Made here and not when it leaves, for then we are only just woken: code that lies in no cache is slow.
        sequence, answer = self._free(), self._loop.create_future()
        message = EchoMessage(self._identifier, sequence, next(self._payloads))
        asked = Asked(place, sequence, icmp_packet.request(self._version, message), answer)
        if len(self._asked) < _MOST_UNDER_WAY:
            self._asked[sequence] = asked
        else:
            asked.settle(Echo(None, Reason.LOCAL))
        return asked

    def send(self, asked: Asked) -> None:
        """Let it leave now, unless it is settled; it is settled at once where it cannot leave."""
        if asked.answer.done():
            return
        reason = self._not_sent(asked)
        if reason is not None:
            self._settle(asked, Echo(None, reason))
        elif self._timer is None and asked.sent_s is not None:
            self._timer = self._loop.call_at(asked.sent_s + self._timeout_s, self._expire)

    def forget(self, asked: Asked) -> None:
        """Nobody waits for it any more."""
        if self._asked.get(asked.sequence) is asked:
            del self._asked[asked.sequence]

    def _free(self) -> int:
        """The next sequence that nobody waits for."""
        self._sequence = (self._sequence + 1) % _SEQUENCES
        while self._sequence in self._asked:
            self._sequence = (self._sequence + 1) % _SEQUENCES
        return self._sequence

    def _not_sent(self, asked: Asked) -> Reason | None:
        """Send; why that cannot be, or None."""
        for _ in range(_TRIES):
            asked.sent_s = time.monotonic()
            try:
                self._socket.sendto(asked.request, asked.place)
            except OSError as error:
                asked.sent_s = None
                # The kernel tells of an earlier packet's ICMP error by failing the next send: then this one stayed.
                if not self._read_errors():
                    return Reason.UNREACHABLE if ping_socket.has_no_way(error) else Reason.LOCAL
            else:
                return None
        return Reason.LOCAL

    def read(self, most: int = ping_socket.MOST_READ) -> None:
        """Take what has come; with nobody waiting, what is left may lie until the next turn."""
        for at in range(most):
            try:
                data, ancillary, _, sender = self._socket.recvmsg(_REPLY_ROOM, ping_socket.ANCILLARY_ROOM)
            except BlockingIOError:
                if at == 0:
                    self._read_errors()  # no reply woke us
                return
            except OSError:
                # That of an error that is read from its own queue.
                if not self._read_errors():
                    return
                continue
            self._replied(data, ancillary, sender)
            if not self._asked:
                return

    def _replied(self, data: bytes, ancillary: list[Any], sender: Any) -> None:
        bare = icmp_packet.without_ip_header(data) if self._is_raw and self._version == 4 else data
        asked = self._left(icmp_packet.replied(self._version, bare))
        if asked is None or asked.sent_s is None or sender != asked.place:
            return
        if icmp_packet.is_reply(bare, asked.request, is_identifier_known=self._is_raw):
            rtt_s = ping_socket.round_trip_s(asked.sent_s, ancillary)
            self._settle(asked, Echo(rtt_s, Reason.LATE if rtt_s > self._timeout_s else None))

    def _read_errors(self) -> bool:
        """Take what lies in the error queue; whether there was anything."""
        found = False
        for returned in ping_socket.returned(self._socket):
            found = True
            self._refused(returned)
        return found

    def _refused(self, returned: Returned) -> None:
        quoted, error = icmp_packet.quoted_request(self._version, returned.quoted), returned.error
        if quoted is None or error is None or (self._is_raw and quoted.identifier != self._identifier):
            return
        asked = self._left(quoted.sequence)
        if asked is None or returned.sent_to[0] != asked.place[0]:
            return
        # Routers quote at least eight bytes (RFC 792), which is our header, and some pad what they quote (RFC 4884); of
        # the payload, what is there must be ours.
        payload = asked.request[icmp_packet.HEADER_BYTES :]
        # That 64 bytes are too big says nothing of a host.
        if payload.startswith(quoted.payload[: len(payload)]) and error.refusal is not Refusal.TOO_BIG:
            self._settle(asked, Echo(None, error.refusal.reason))

    def _left(self, sequence: int | None) -> Asked | None:
        """The request with a sequence, if it has left."""
        asked = None if sequence is None else self._asked.get(sequence)
        return None if asked is None or asked.sent_s is None else asked

    def _settle(self, asked: Asked, echo: Echo) -> None:
        self.forget(asked)
        asked.settle(echo)

    def _expire(self) -> None:
        """End those whose time is over, and come again for the next."""
        self._timer = None
        self.read(_MOST_KEPT)  # it may lie there: we were late ourselves
        now_s = self._loop.time()
        for asked in list(self._asked.values()):
            if asked.sent_s is None:
                return  # the one that leaves next sees to the timer
            if asked.sent_s + self._timeout_s > now_s:
                self._timer = self._loop.call_at(asked.sent_s + self._timeout_s, self._expire)
                return
            self._settle(asked, Echo(None, Reason.TIMEOUT))


def _payloads(size: int) -> Iterator[bytes]:
    """A token each, and what is missing to the size."""
    padding = bytes(size - _TOKEN_BYTES)
    while True:
        drawn = secrets.token_bytes(_TOKEN_BYTES * _DRAWN)
        for at in range(0, len(drawn), _TOKEN_BYTES):
            yield drawn[at : at + _TOKEN_BYTES] + padding
