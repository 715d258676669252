"""Replies from people who are not the agent: none is taken, whatever it costs them, and they cost us little.

20,000 of each flood; `make fuzz` sends 1,000,000 (WANMON_FUZZ).
"""

import asyncio
import os
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle, islice

import pytest
from pysnmp.proto import rfc1902

from tests.conftest import lack
from tests.protocols.snmp.scripted_agent import COMMUNITY, Question, Scene, converse, credential, reply
from tests.rigs.memory import MIB, resident_bytes
from wanmon.lab.agent_wire import Request, read_request, response
from wanmon.lab.encoding import tlv, varbind
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.types import Answer, Oid, Syntax

FORGED = int(os.environ.get("WANMON_FUZZ", "20000"))
DEVICES = 177
NAME: Oid = (1, 3, 6, 1, 2, 1, 1, 5, 0)
TRUE = rfc1902.OctetString("true")
Sent = tuple[socket.socket, bytes]


def said(request: Request, value: bytes, oid: Oid = NAME) -> bytes:
    return response(request, varbind(oid, Syntax.OCTET_STRING, value))


def forgeries(request: Request, true: socket.socket, strangers: Sequence[socket.socket]) -> Iterator[Sent]:
    """What is wrong in exactly one thing, in this order: address, port, request id, version, community, OID."""
    right = said(request, b"false")
    number = int.from_bytes(request.request_id[2:], "big")
    for stranger in strangers:
        yield stranger, right
    for bit in (0, 7, 30):
        other_id = tlv(0x02, (number ^ 1 << bit).to_bytes(4, "big"))
        yield true, said(request._replace(request_id=other_id), b"false")
    yield true, said(request._replace(head=b"\x02\x01\x00" + request.head[3:]), b"false")
    yield true, said(request._replace(head=b"\x02\x01\x02" + request.head[3:]), b"false")
    for community in (b"", b"public", COMMUNITY.encode()[:-1], COMMUNITY.upper().encode()):
        yield true, said(request._replace(head=request.head[:3] + tlv(0x04, community)), b"false")
    yield true, said(request, b"false", (*NAME[:-1], 1))


class Province:
    """So many sessions that all wait for one agent, whose requests and socket the test holds in its hands."""

    def __init__(self, engine: SnmpEngine, stack: ExitStack) -> None:
        self.engine = engine
        self.true, *self.strangers = (stack.enter_context(_bound(host)) for host in ("127.0.0.1", "127.0.0.1"))
        port = self.true.getsockname()[1]
        self.strangers.append(stack.enter_context(_bound("127.0.0.2", port)))
        self.port = port
        self.requests: list[Request] = []
        self.asker: tuple[str, int] = ("", 0)

    async def ask(self, count: int) -> "list[asyncio.Task[Answer]]":
        """Ask, and wait until every request has come."""
        session = self.engine.session("127.0.0.1", self.port, credential(), timeout_s=100, retries=0)
        waiting: list[asyncio.Task[Answer]] = []
        while len(waiting) < count:
            waiting += [asyncio.create_task(session.get([NAME])) for _ in range(min(100, count - len(waiting)))]
            while len(self.requests) < len(waiting):
                await asyncio.sleep(0)
                self._take()
        return waiting

    def _take(self) -> None:
        while True:
            try:
                datagram, self.asker = self.true.recvfrom(2_000)
            except BlockingIOError:
                return
            self.requests.append(read_request(datagram))

    def came_in(self) -> int:
        counters = self.engine.counters
        return counters.replies + counters.malformed + counters.mismatched + counters.late

    async def flood(self, datagrams: Iterator[Sent], count: int) -> float:
        """Send so many to whoever asked, never more at once than a socket's buffer holds; the CPU that they cost."""
        taken, spent_s = self.came_in(), 0.0
        while chunk := list(islice(datagrams, min(100, count))):
            for sender, datagram in chunk:
                sender.sendto(datagram, self.asker)
            taken, count = taken + len(chunk), count - len(chunk)
            began_s = time.thread_time()
            while self.came_in() < taken:
                await asyncio.sleep(0)
            spent_s += time.thread_time() - began_s
        return spent_s


def _bound(host: str, port: int = 0) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    opened.bind((host, port))
    return opened


def in_province(story: Callable[[Province], Awaitable[None]]) -> None:
    async def run() -> None:
        engine = SnmpEngine()
        with ExitStack() as stack:
            await story(Province(engine, stack))
            assert 0 == engine.pending
        await engine.close()

    asyncio.run(asyncio.wait_for(run(), 600))


def test_no_forgery_is_taken_however_many_come() -> None:
    async def story(province: Province) -> None:
        waiting = await province.ask(DEVICES)
        pool = [each for request in province.requests for each in forgeries(request, province.true, province.strangers)]
        before = resident_bytes()
        await province.flood(cycle(pool), FORGED)
        counters = province.engine.counters

        assert (0, FORGED) == (counters.replies, province.came_in())
        assert not any(task.done() for task in waiting)
        assert resident_bytes() - before < 16 * MIB

        for request in province.requests:
            province.true.sendto(said(request, b"true"), province.asker)
        answers = await asyncio.gather(*waiting)

        assert [[b"true"]] * DEVICES == [[varbind.value for varbind in answer.varbinds] for answer in answers]
        assert (DEVICES, 0, 0) == (counters.replies, counters.retries, counters.timeouts)

    in_province(story)


def test_garbage_costs_no_more_when_many_requests_are_under_way() -> None:
    """Whoever sends garbage must not make us look through the whole province for each datagram."""
    spent_s = {}

    async def story(province: Province) -> None:
        for count in (1, 20 * DEVICES):
            province.requests.clear()
            waiting = await province.ask(count)
            spent_s[count] = min(
                [await province.flood(cycle([(province.true, b"\x30\x82garbage")]), 2_000) for _ in "abc"]
            )
            await province.flood(((province.true, said(each, b"true")) for each in province.requests), count)
            await asyncio.gather(*waiting)

    in_province(story)

    few, many = spent_s.values()
    assert many < 3 * few


def test_a_request_that_only_garbage_met_says_so_after_a_flood_from_everywhere() -> None:
    async def story(scene: Scene) -> None:
        answer = await scene.session.get([NAME])

        assert Reason.MALFORMED == answer.reason

    converse(lambda _question: [b"\x30\x82garbage"] * 50, story, timeout_s=0.05, retries=0)


def test_garbage_of_an_hour_ago_is_not_the_reason_of_todays_silence() -> None:
    heard: list[Question] = []

    def script(question: Question) -> list[bytes]:
        heard.append(question)
        return [b"\x30\x82garbage"] if len(heard) == 1 else []

    async def story(scene: Scene) -> None:
        first, second = await scene.session.get([NAME]), await scene.session.get([NAME])

        assert (Reason.MALFORMED, Reason.TIMEOUT) == (first.reason, second.reason)

    converse(script, story, timeout_s=0.05, retries=0)


def test_what_was_answered_is_not_held_until_it_would_have_timed_out() -> None:
    """An agent that fills every datagram would else make us hold as many as it can send in a time-out."""
    text = rfc1902.OctetString("x" * 60_000)

    async def story(scene: Scene) -> None:
        await scene.session.get([NAME])
        before = resident_bytes()
        for _ in range(300):
            answer = await scene.session.get([NAME])

            assert 60_000 == len(answer.varbinds[0].value or b"")  # type: ignore[arg-type]
        assert resident_bytes() - before < 4 * MIB

    converse(lambda question: [reply(question, [(NAME, text)])], story, timeout_s=60)


# -- ICMP


@pytest.fixture
def icmp() -> Iterator[socket.socket]:
    """A socket that sends ICMP as anybody with a machine of his own can."""
    try:
        opened = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    except PermissionError:
        lack("a raw socket needs CAP_NET_RAW: run the tests as root")
    with opened:
        yield opened


def port_unreachable(source: tuple[str, int], target: tuple[str, int], payload: bytes) -> bytes:
    """ICMP type 3 code 3 about a datagram from `source` to `target` (RFC 792)."""
    udp = struct.pack("!HHHH", source[1], target[1], 8 + len(payload), 0) + payload
    addresses = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, socket.IPPROTO_UDP, 0) + addresses
    body = struct.pack("!BBHI", 3, 3, 0, 0) + ip + udp
    total = sum(struct.unpack(f"!{len(body) // 2}H", body[: len(body) // 2 * 2])) + (body[-1] << 8) * (len(body) % 2)
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~(total + (total >> 16)) & 0xFFFF
    return b"".join((body[:2], checksum.to_bytes(2, "big"), body[4:]))


QUOTES: dict[str, Callable[[Question], bytes]] = {
    "nothing of the request": lambda _question: b"",
    "a request with another id": lambda question: reply(question, [(NAME, TRUE)], request_id=question.request_id ^ 1),
    "zeros": lambda _question: bytes(500),
}


@pytest.mark.parametrize("quoted", QUOTES.values(), ids=QUOTES.keys())
def test_a_forged_icmp_error_ends_no_request(quoted: Callable[[Question], bytes], icmp: socket.socket) -> None:
    """Whoever guesses our port could else blind us to any device, at one packet a poll."""
    ports: list[int] = []

    def script(question: Question) -> list[bytes]:
        source = ("127.0.0.1", question.sender[1])
        icmp.sendto(port_unreachable(source, ("127.0.0.1", ports[0]), quoted(question)), ("127.0.0.1", 0))
        return [reply(question, [(NAME, TRUE)])]

    async def story(scene: Scene) -> None:
        ports.append(scene.agent.port)
        for _ in range(5):
            answer = await scene.session.get([NAME])

            assert ([b"true"], None) == ([varbind.value for varbind in answer.varbinds], answer.reason)

    converse(script, story)


def test_an_icmp_error_that_quotes_little_is_told_when_the_time_is_up(icmp: socket.socket) -> None:
    """Old routers quote eight bytes of what they could not deliver: perhaps true, perhaps forged."""
    ports: list[int] = []

    def script(question: Question) -> list[bytes]:
        source = ("127.0.0.1", question.sender[1])
        icmp.sendto(port_unreachable(source, ("127.0.0.1", ports[0]), b""), ("127.0.0.1", 0))
        return []

    async def story(scene: Scene) -> None:
        ports.append(scene.agent.port)
        began_s = scene.now_s()
        answer = await scene.session.get([NAME])

        assert Reason.REFUSED == answer.reason
        assert scene.now_s() - began_s >= 0.1

    converse(script, story, timeout_s=0.05, retries=1)
