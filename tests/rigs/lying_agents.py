"""Agents that loop, lie, lose and dawdle, each at a port of its own of 127.0.0.1, in a process of their own.

`python -m tests.rigs.lying_agents` serves them all (or those named, `176 x honest` being so many of one kind) until
standard input closes, after a line of JSON that names their ports. A lie is one function over what the truthful
responder of the lab says; the encoding is the lab's too.
"""

import asyncio
import json
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple, cast
from unicodedata import normalize

from tests.rigs.mutants import children, element
from tests.rigs.router_table import ALIAS, DESCR, IF, IFX, NAME, RECEIVED, TRANSMITTED, UPTIME, router_table
from wanmon.lab.agent_wire import ErrorStatus, Malformed, Pdu, Request, read_names, read_request, response
from wanmon.lab.encoding import oid_content, tlv, varbind
from wanmon.lab.objects import ObjectStore
from wanmon.lab.responder import Responder
from wanmon.protocols.snmp.types import Oid, Syntax

COMMUNITY = b"lying"
#: The scale of time: what takes ten seconds in the field takes a second here.
SCALE = 0.1
PORTS = 8
_GEN_ERR = 5
_SEED = 4


class Reply(NamedTuple):
    """A datagram, after how many seconds it leaves, and whether it leaves from another address."""

    datagram: bytes
    delay_s: float = 0.0
    from_elsewhere: bool = False


class Bind(NamedTuple):
    """A var-bind of a reply: its name, and all of it as bytes."""

    oid: Oid
    whole: bytes


@dataclass
class Teller:
    """What a lie is told with: the truth, and what was told before."""

    store: ObjectStore
    responder: Responder = field(default_factory=lambda: Responder([COMMUNITY]))
    rng: Random = field(default_factory=lambda: Random(_SEED))
    heard: int = 0

    @property
    def at_ms(self) -> int:
        """Its clock: that of the system, or each poll would meet a device that has restarted."""
        return time.time_ns() // 1_000_000

    def truth(self, datagram: bytes) -> bytes:
        """What an honest agent answers."""
        reply = self.responder.answer(datagram, self.store, self.at_ms)
        assert reply is not None
        return reply


Lie = Callable[[Teller, bytes, Request], Sequence[Reply]]


def binds_of(reply: bytes) -> list[Bind]:
    """The var-binds of a true reply."""
    pdu = children(reply, element(reply, 0))[2]
    found = []
    for bind in children(reply, children(reply, pdu)[3]):
        name = children(reply, bind)[0]
        found.append(Bind(read_names(reply[bind.at : bind.stop])[0], reply[bind.at : bind.stop]))
        assert name.at < bind.stop
    return found


def renamed(bind: Bind, oid: Oid) -> Bind:
    """The same value under another name."""
    inside = element(bind.whole, 0)
    value = bind.whole[element(bind.whole, inside.start).stop :]
    return Bind(oid, tlv(0x30, tlv(0x06, oid_content(oid)) + value))


def answered(request: Request, binds: Sequence[Bind]) -> bytes:
    """A response with these var-binds."""
    return response(request, b"".join(bind.whole for bind in binds))


def is_row(oid: Oid) -> bool:
    """Whether it is a cell of ifTable or ifXTable."""
    return oid[: len(IF)] == IF or oid[: len(IFX)] == IFX


def is_walk(request: Request) -> bool:
    """Whether what comes next was asked."""
    return request.pdu in (Pdu.GET_NEXT, Pdu.GET_BULK)


def refused(request: Request, status: int, position: int = 0) -> list[Reply]:
    """An error-status, with the var-binds of the request."""
    return [Reply(response(request, request.varbinds, cast(ErrorStatus, status), position))]


# -- the lies


def honest(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """The best case, which the others are measured against."""
    return [Reply(teller.truth(datagram))]


def loops_after(rows: int, length_of_loop: int) -> Lie:
    """A table whose rows come again: the last of them, or the last few in turn."""

    def lie(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
        if not is_walk(request):
            return honest(teller, datagram, request)
        names = read_names(request.varbinds)
        repetitions = max(1, request.third) if request.pdu is Pdu.GET_BULK else 1
        told: list[Bind] = []
        for _ in range(min(repetitions, 50)):
            names = [_next_in_loop(teller, oid, rows, length_of_loop) for oid in names]
            told += [_cell(teller, oid) for oid in names]
        return [Reply(answered(request, told))]

    return lie


def _next_in_loop(teller: Teller, oid: Oid, rows: int, length_of_loop: int) -> Oid:
    if is_row(oid) and len(oid) > len(IF) + 1 and oid[-1] >= rows:
        return (*oid[:-1], rows - length_of_loop + 1)
    at = teller.store.position_after(oid)
    return teller.store.instances[at].oid if at < len(teller.store.instances) else oid


def _cell(teller: Teller, oid: Oid) -> Bind:
    found = teller.store.get(oid)
    return Bind(oid, found.varbind(teller.at_ms) if found else varbind(oid, Syntax.END_OF_MIB_VIEW, b""))


def empty(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """No var-binds, whatever was asked."""
    return [Reply(answered(request, ()))]


def empty_walks(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """No var-binds where what comes next was asked."""
    return empty(teller, datagram, request) if is_walk(request) else honest(teller, datagram, request)


def endless(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """Tables that never end: every row has a next one, up to 2^32."""
    if not is_walk(request):
        return [Reply(answered(request, [_endless_cell(teller, oid) for oid in read_names(request.varbinds)]))]
    names = read_names(request.varbinds)
    repetitions = min(max(1, request.third), 60) if request.pdu is Pdu.GET_BULK else 1
    told: list[Bind] = []
    for _ in range(repetitions):
        names = [_next_without_end(teller, oid) for oid in names]
        told += [_endless_cell(teller, oid) for oid in names]
    return [Reply(answered(request, told))]


def _next_without_end(teller: Teller, oid: Oid) -> Oid:
    if is_row(oid) and len(oid) == len(_first_cell(oid)):
        return (*oid[:-1], oid[-1] + 1)
    at = teller.store.position_after(oid)
    return teller.store.instances[at].oid if at < len(teller.store.instances) else oid


def _endless_cell(teller: Teller, oid: Oid) -> Bind:
    found = teller.store.get(oid)
    if found is None and is_row(oid) and teller.store.get(_first_cell(oid)):
        return renamed(_cell(teller, _first_cell(oid)), oid)
    return _cell(teller, oid)


def _first_cell(oid: Oid) -> Oid:
    table = IF if oid[: len(IF)] == IF else IFX
    return (*oid[: len(table) + 1], 1)


def slow(delay_s: float) -> Lie:
    """Every reply comes so much later."""

    def lie(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
        return [Reply(teller.truth(datagram), delay_s * SCALE)]

    return lie


def slow_values(delay_s: float) -> Lie:
    """Every value in a reply takes so long."""

    def lie(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
        reply = teller.truth(datagram)
        return [Reply(reply, delay_s * SCALE * len(binds_of(reply)))]

    return lie


def too_big_above(values: int) -> Lie:
    """Says tooBig to whatever would take more than so many values."""

    def lie(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
        many = len(read_names(request.varbinds)) * (max(1, request.third) if request.pdu is Pdu.GET_BULK else 1)
        return refused(request, ErrorStatus.TOO_BIG) if many > values else honest(teller, datagram, request)

    return lie


def drops_above(size: int) -> Lie:
    """Replies of more bytes get lost on the way."""

    def lie(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
        reply = teller.truth(datagram)
        return [Reply(reply)] if len(reply) <= size else []

    return lie


def bulk_silent(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """GETBULK is never answered."""
    return [] if request.pdu is Pdu.GET_BULK else honest(teller, datagram, request)


def bulk_refused(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """GETBULK is answered with genErr."""
    return refused(request, _GEN_ERR) if request.pdu is Pdu.GET_BULK else honest(teller, datagram, request)


def bulk_empty(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """GETBULK is answered without var-binds."""
    return empty(teller, datagram, request) if request.pdu is Pdu.GET_BULK else honest(teller, datagram, request)


def bulk_as_next(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """GETBULK is answered as if it were GETNEXT: one row."""
    binds = binds_of(teller.truth(datagram))
    if request.pdu is Pdu.GET_BULK:
        binds = binds[: len(read_names(request.varbinds))]
    return [Reply(answered(request, binds))]


def bulk_without_end(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """GETBULK is answered with 200 rows, whatever was asked."""
    if request.pdu is not Pdu.GET_BULK:
        return honest(teller, datagram, request)
    repetitions = tlv(0x02, b"\x00\xc8")
    binds = tlv(0x30, request.varbinds)
    pdu = tlv(0xA5, request.request_id + tlv(0x02, b"\x00") + repetitions + binds)
    return [Reply(teller.truth(tlv(0x30, request.head + pdu)))]


def bulk_loses_columns(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """Of every row of a GETBULK of several columns one is missing; of one column, a row in the middle."""
    binds = binds_of(teller.truth(datagram))
    if request.pdu is not Pdu.GET_BULK:
        return [Reply(answered(request, binds))]
    width = len(read_names(request.varbinds))
    if width == 1:
        lost = {teller.rng.randrange(len(binds) - 1)} if len(binds) > 1 else set()
    else:
        lost = {row + teller.rng.randrange(width) for row in range(0, len(binds), width)}
    return [Reply(answered(request, [bind for place, bind in enumerate(binds) if place not in lost]))]


def uptime_backwards(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """sysUpTime is a minute less every time."""
    ticks = 10**9 - 6_000 * teller.heard
    binds = binds_of(teller.truth(datagram))
    lie = Bind(UPTIME, varbind(UPTIME, Syntax.TIMETICKS, ticks.to_bytes(5, "big")))
    return [Reply(answered(request, [lie if bind.oid == UPTIME else bind for bind in binds]))]


def from_elsewhere(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """Answers from another of its addresses."""
    return [Reply(teller.truth(datagram), from_elsewhere=True)]


def wrong_types(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """Counters that are negative, texts that are numbers, numbers that are texts."""
    lies = {
        (*RECEIVED, 1): (Syntax.INTEGER, b"\xff"),
        (*RECEIVED, 2): (Syntax.OCTET_STRING, b"12"),
        (*TRANSMITTED, 1): (Syntax.IP_ADDRESS, b"\x01\x02\x03\x04"),
        (*TRANSMITTED, 2): (Syntax.COUNTER64, b"\x00" + b"\xff" * 8),
        (*NAME, 3): (Syntax.INTEGER, b"\x07"),
        (*ALIAS, 1): (Syntax.NULL, b""),
        (*DESCR, 4): (Syntax.OBJECT_IDENTIFIER, b"\x2b\x06"),
        (*IF, 8, 1): (Syntax.COUNTER64, b"\x00" + b"\xff" * 8),
        (*IF, 8, 2): (Syntax.INTEGER, b"\x80\x00\x00\x00"),
        (*IF, 9, 3): (Syntax.OCTET_STRING, b""),
        UPTIME: (Syntax.INTEGER, b"\x80"),
    }
    binds = binds_of(teller.truth(datagram))
    told = [Bind(bind.oid, varbind(bind.oid, *lies[bind.oid])) if bind.oid in lies else bind for bind in binds]
    return [Reply(answered(request, told))]


def gluttonous(teller: Teller, datagram: bytes, request: Request) -> Sequence[Reply]:
    """Walks bring names as long as they may be, thousands of them: each takes twenty times its bytes in memory."""
    if not is_walk(request):
        return honest(teller, datagram, request)
    names = read_names(request.varbinds)
    told = []
    for row in range(180):
        for oid in names:
            root = oid[: len(_first_cell(oid)) - 1] if is_row(oid) else oid
            serial = (oid[len(root)] if len(oid) > len(root) else 0) + row + 1
            told.append(_long_bind((*root, serial)))
    return [Reply(answered(request, told[: 60_000 // len(told[0].whole)]))]


def _long_bind(oid: Oid) -> Bind:
    name = (*oid, *[300] * (128 - len(oid)))
    return Bind(name, varbind(name, Syntax.INTEGER, b"\x01"))


# -- names


def in_every_encoding(index: int) -> bytes:
    """The name of a port as some agent somewhere writes it."""
    return NAMES[(index - 1) % len(NAMES)]


NAMES: tuple[bytes, ...] = (
    normalize("NFC", "Cổng Bắc Ninh").encode(),
    normalize("NFD", "Cổng Bắc Ninh").encode(),
    "Cổng Bắc Ninh".encode("utf-16-le"),
    "Cổng Bắc Ninh".encode("utf-16"),
    "Cổng Bắc".encode("cp1258", "replace"),
    b"C\xe6ng B\xbec Ninh",  # TCVN3
    b"Co\xe5ng Ba\xe9c Ninh",  # VNI
    "Порт".encode("koi8-r"),
    "端口一".encode("gb18030"),
    b"\xed\xa0\x80\xed\xb0\x80",  # surrogates
    b"\xc0\xaf\xe0\x80\xaf",  # overlong
    b"\xff\xfe\xfd",
    b"\xf4\x90\x80\x80",  # above U+10FFFF
    b"a\x00b",
    b"line\nbreak\r\ttab",
    b'quote " and \\ backslash \\n',
    b"{le=\"1\"} 5\n# HELP",
    b"<script>alert(1)</script>",
    b"=cmd|' /C calc'!A0",
    b"\x1b[31mred\x07",
    "\u202egnp.exe\u2066\u200b".encode(),
    b"",
    b" ",
    b"same",
    b"same",
    b"same@25",
    b"x" * 255,
    b"y" * 2_000,
    b"\\x41",
    b"A",
)  # fmt: skip


@dataclass(frozen=True)
class Character:
    """One lying agent: what it really holds, and how it tells it."""

    lie: Lie
    store: Callable[[], ObjectStore] = lambda: router_table(PORTS)


#: What ports 2 to 4 lack: an alias, the 64-bit counters, the status.
HOLES = ((*ALIAS, 2), *((*IFX, number, 3) for number in range(6, 14)), (*IF, 8, 4), (*IF, 14, 4), (*NAME, 5))

CHARACTERS: Mapping[str, Character] = {
    "honest": Character(honest),
    "honest with 30 ports": Character(honest, lambda: router_table(30)),
    "same OID again": Character(loops_after(3, 1)),
    "cycle of three OIDs": Character(loops_after(5, 3)),
    "empty answers": Character(empty),
    "empty walks": Character(empty_walks),
    "endless table": Character(endless),
    "ten seconds a PDU": Character(slow(10)),
    "300 ms a value": Character(slow_values(0.3), lambda: router_table(4)),
    "tooBig above 5 values": Character(too_big_above(5)),
    "tooBig above 1 value": Character(too_big_above(1)),
    "drops above 1,400 bytes": Character(drops_above(1_400), lambda: router_table(30)),
    "drops above 484 bytes": Character(drops_above(484), lambda: router_table(30)),
    "GETBULK unanswered": Character(bulk_silent),
    "GETBULK refused": Character(bulk_refused),
    "GETBULK answered empty": Character(bulk_empty),
    "GETBULK as GETNEXT": Character(bulk_as_next),
    "GETBULK beyond what was asked": Character(bulk_without_end, lambda: router_table(30)),
    "columns missing in GETBULK": Character(bulk_loses_columns),
    "uptime backwards": Character(uptime_backwards),
    "10,000 interfaces": Character(honest, lambda: router_table(10_000)),
    "names in every encoding": Character(honest, lambda: router_table(len(NAMES), naming=in_every_encoding)),
    "holes in tables": Character(honest, lambda: router_table(PORTS, lacks=HOLES)),
    "replies from another address": Character(from_elsewhere),
    "wrong types": Character(wrong_types),
    "gluttonous names": Character(gluttonous),
}


class _Door(asyncio.DatagramProtocol):
    """The socket of one agent, and another that its strange replies leave from."""

    def __init__(self, lie: Lie, store: ObjectStore, elsewhere: asyncio.DatagramTransport) -> None:
        self._lie = lie
        self._teller = Teller(store)
        self._elsewhere = elsewhere
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        try:
            request = read_request(data)
        except Malformed:
            return
        if request.community != COMMUNITY:
            return
        self._teller.heard += 1
        for reply in self._lie(self._teller, data, request):
            if reply.delay_s:
                asyncio.get_running_loop().call_later(reply.delay_s, self._send, reply, addr)
            else:
                self._send(reply, addr)

    def _send(self, reply: Reply, addr: tuple[Any, ...]) -> None:
        transport = self._elsewhere if reply.from_elsewhere else self._transport
        assert transport is not None
        transport.sendto(reply.datagram, addr)


async def serve(names: Sequence[str]) -> None:
    """Answer until standard input closes."""
    loop = asyncio.get_running_loop()
    ports = {}
    for name, kind in _cast(names):
        character = CHARACTERS[kind]
        here, there = _pair()
        elsewhere, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, sock=there)
        door = _Door(character.lie, character.store(), elsewhere)
        await loop.create_datagram_endpoint(lambda door=door: door, sock=here)  # type: ignore[misc]
        ports[name] = here.getsockname()[1]
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


def _pair() -> tuple[socket.socket, socket.socket]:
    """Sockets of one port at two addresses: a router that answers from another of its own keeps the port."""
    while True:
        here, there = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        here.bind(("127.0.0.1", 0))
        try:
            there.bind(("127.0.0.2", here.getsockname()[1]))
        except OSError:  # taken by somebody else
            here.close()
            there.close()
        else:
            return here, there


def _cast(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The name of each agent, and of its character."""
    for name in names:
        count, times, kind = name.rpartition(" x ")
        if times:
            yield from ((f"{kind} {number}", kind) for number in range(1, int(count.split()[0]) + 1))
        else:
            yield name, kind


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1:] or list(CHARACTERS)))
