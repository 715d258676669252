"""An agent on loopback that answers every request twice: with a mutant of its reply, then with the reply.

What it has sent is kept as `Exchange`s, each with the judge's verdict on the mutant, so that a test can say what must
have come of it. How a request is understood, answered and judged is its `Voice`'s; `CommunityVoice` speaks v1 and v2c.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import NamedTuple, Protocol

from tests.rigs.mutants import Mutator
from tests.rigs.reply_judge import Oid, Said, Value, said
from wanmon.lab.agent_wire import Pdu, read_names, read_request
from wanmon.lab.objects import ObjectStore
from wanmon.lab.responder import Responder
from wanmon.protocols.snmp.types import Syntax

_LARGEST_DATAGRAM = 65_535
_PER_TURN = 64
#: Datagrams of this size and above fill a socket's buffer soon: one a turn.
_LARGE_BYTES = 8_192
_STEP_MS = 1_000


class Asked(NamedTuple):
    """A request: who asked how, and for which instances; `oids` is empty where what comes next was asked."""

    version: int
    community: bytes
    request_id: int
    oids: tuple[Oid, ...]


class Exchange(NamedTuple):
    """A request, when it was answered (the agent's clock, ms), the mutant, and what it says if it must be taken."""

    asked: Asked
    at_ms: int
    kind: str
    mutant: bytes
    verdict: Said | None


class Voice(Protocol):
    """Understands requests, answers them, and judges what else might pass for the answer."""

    def answer(self, datagram: bytes, at_ms: int) -> tuple[Asked, bytes]:
        """A request understood, and its true reply."""
        ...

    def judged(self, asked: Asked, kind: str, mutant: bytes) -> Said | None:
        """What a mutant of the latest reply says, if nobody could tell it from a reply to what was asked."""
        ...


class CommunityVoice:
    """Speaks SNMPv1 and v2c with the lab's responder."""

    def __init__(self, store: ObjectStore, community: bytes) -> None:
        self._store = store
        self._responder = Responder([community])

    def answer(self, datagram: bytes, at_ms: int) -> tuple[Asked, bytes]:
        """A request understood, and its true reply."""
        request = read_request(datagram)
        oids = tuple(read_names(request.varbinds)) if request.pdu is Pdu.GET else ()
        asked = Asked(request.version, request.community, int.from_bytes(request.request_id[2:], "big"), oids)
        reply = self._responder.answer(datagram, self._store, at_ms)
        assert reply is not None
        return asked, reply

    def judged(self, asked: Asked, kind: str, mutant: bytes) -> Said | None:
        """What a mutant says, if its frame is that of the reply, and it names what was asked."""
        told = said(mutant)
        if told is None or asked[:3] != told[:3]:
            return None
        if asked.oids and not told.status and asked.oids != tuple(oid for oid, _ in told.binds):
            return None
        return told


class MutatingAgent:
    """The agent's socket at a free port of 127.0.0.1, inside the running loop.

    With `tells_the_truth` false the mutant is all that comes. `look` sees every mutant before it is sent.
    """

    def __init__(self, voice: Voice, store: ObjectStore, mutator: Mutator, look: Callable[[bytes], None]) -> None:
        self.exchanges: list[Exchange] = []
        self.sent = 0
        self.at_ms = 1_700_000_000_000
        self.tells_the_truth = True
        self._voice, self._store, self._mutator, self._look = voice, store, mutator, look
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(("127.0.0.1", 0))
        asyncio.get_running_loop().add_reader(self._socket, self._drain)

    @property
    def port(self) -> int:
        """Where it answers."""
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Give the socket back."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def truth(self, exchange: Exchange, oid: Oid) -> Value:
        """What the agent held at `oid` in an exchange; None for nothing, and for what v1 cannot say (RFC 3584)."""
        instance = self._store.get(oid)
        if instance is None or (exchange.asked.version == 0 and instance.syntax is Syntax.COUNTER64):
            return None
        return instance.value(exchange.at_ms)

    def _drain(self) -> None:
        for _ in range(_PER_TURN):
            try:
                datagram, peer = self._socket.recvfrom(_LARGEST_DATAGRAM)
            except BlockingIOError:
                return
            if self._answer(datagram, peer) >= _LARGE_BYTES:
                return

    def _answer(self, datagram: bytes, peer: tuple[str, int]) -> int:
        self.at_ms += _STEP_MS
        asked, reply = self._voice.answer(datagram, self.at_ms)
        kind, mutant = self._mutator.mutant(reply)
        self._look(mutant)
        self.exchanges.append(Exchange(asked, self.at_ms, kind, mutant, self._voice.judged(asked, kind, mutant)))
        for each in (mutant, reply)[: 1 + self.tells_the_truth]:
            self._socket.sendto(each, peer)
            self.sent += 1
        return len(mutant)
