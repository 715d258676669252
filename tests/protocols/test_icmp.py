"""Echo to many hosts: over a socket that is played, and to ourselves where the system allows it."""

import asyncio
import errno
import os
import random
import socket
import struct
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from wanmon.model.reason import Reason
from wanmon.protocols import icmp_packet, ping_socket
from wanmon.protocols.icmp import Echo, EchoClient, EchoForbidden, forbidden

Answer = TypeVar("Answer")
HOST, OTHER = "10.27.0.1", "10.27.0.2"
SHORT_S = 0.03


class Kernel:
    """Stands where the socket stands; `network` is told what leaves, and may raise."""

    def __init__(self, network: Callable[["Kernel", bytes, str], None]) -> None:
        self.network = network
        self.sent: list[tuple[bytes, str]] = []
        self.came: deque[tuple[bytes, str]] = deque()
        self.errors: deque[tuple[int, bytes, bytes, str]] = deque()
        self.own, self.far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.own.setblocking(False)

    def reply(self, data: bytes, sender: str) -> None:
        self.came.append((data, sender))
        self._wake()

    def refuse(self, kind: int, code: int, data: bytes, sent_to: str) -> None:
        told = struct.pack("@IBBBBII", 113, 2, kind, code, 0, 0, 0) + struct.pack("@HH4B8x", 2, 0, 10, 0, 0, 1)
        self.errors.append((errno.EHOSTUNREACH, data, told, sent_to))
        self._wake()

    def _wake(self) -> None:
        if len(self.came) + len(self.errors) == 1:
            self.far.send(b"!")

    def _calm(self) -> None:
        if not self.came and not self.errors:
            self.own.recv(8)

    def sendto(self, data: bytes, place: tuple[str, int]) -> int:
        if self.errors and self.errors[0][0]:
            raise self._told()
        self.sent.append((data, place[0]))
        self.network(self, data, place[0])
        return len(data)

    def _told(self) -> OSError:
        """An error fails one call; it still lies in its queue."""
        number, *rest = self.errors.popleft()
        self.errors.appendleft((0, *rest))  # type: ignore[arg-type]
        return OSError(number, os.strerror(number))

    def recvmsg(self, room: int, ancillary_room: int, flags: int = 0) -> tuple[bytes, list[Any], int, Any]:
        if flags & socket.MSG_ERRQUEUE:
            if not self.errors:
                raise BlockingIOError
            _, data, told, sent_to = self.errors.popleft()
            self._calm()
            return data[:room], [(socket.IPPROTO_IP, 11, told)], 0, (sent_to, 0)
        if self.errors and self.errors[0][0]:
            raise self._told()
        if not self.came:
            raise BlockingIOError
        data, sender = self.came.popleft()
        self._calm()
        return data[:room], [], 0, (sender, 0)

    def setsockopt(self, level: int, name: int, value: int) -> None:
        pass

    def fileno(self) -> int:
        return self.own.fileno()

    def close(self) -> None:
        self.own.close()
        self.far.close()


def answer(request: bytes) -> bytes:
    """What a host makes of a request, as a raw socket gives it."""
    bare = b"\0\0\0\0" + request[4:]
    return b"\x45" + bytes(19) + bare[:2] + icmp_packet.checksum(bare).to_bytes(2, "big") + bare[4:]


def alive(kernel: Kernel, request: bytes, host: str) -> None:
    kernel.reply(answer(request), host)


def silent(kernel: Kernel, request: bytes, host: str) -> None:
    pass


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Kernel]:
    """Put a kernel under the clients that are made from now on."""

    def put(network: Callable[[Kernel, bytes, str], None] = silent) -> Kernel:
        kernel = Kernel(network)
        monkeypatch.setattr(ping_socket, "opened", lambda version: (kernel, True))
        return kernel

    return put


def run(work: Callable[[EchoClient], Awaitable[Answer]], **how: float) -> Answer:
    async def inside() -> Answer:
        client = EchoClient(**how)
        try:
            return await work(client)
        finally:
            client.close()

    return asyncio.run(inside())


def asked(*hosts: str, **how: float) -> list[Echo]:
    return run(lambda client: asyncio.gather(*map(client.ask, hosts)), **{"timeout_s": SHORT_S, **how})


def test_a_reply_is_the_round_trip(play: Any):
    play(alive)
    (echo,) = asked(HOST)

    assert None is echo.reason
    assert echo.rtt_s is not None
    assert 0 < echo.rtt_s < SHORT_S


def test_a_reply_after_the_timeout_is_late(play: Any):
    """We were away ourselves while it came; it is loss all the same, and its round trip is told."""

    def slow(kernel: Kernel, request: bytes, host: str) -> None:
        time.sleep(SHORT_S * 1.1)  # the busy loop
        alive(kernel, request, host)

    play(slow)
    (echo,) = asked(HOST)

    assert Reason.LATE is echo.reason
    assert (echo.rtt_s or 0) > SHORT_S


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENETUNREACH, Reason.UNREACHABLE),
        (errno.EHOSTUNREACH, Reason.UNREACHABLE),
        (errno.ENETDOWN, Reason.UNREACHABLE),
        (errno.ENOBUFS, Reason.LOCAL),
        (errno.EAGAIN, Reason.LOCAL),
        (errno.EPERM, Reason.LOCAL),
        (errno.EACCES, Reason.LOCAL),
    ],
    ids=errno.errorcode.get,
)
def test_what_cannot_leave_is_told_at_once_and_the_next_one_leaves(play: Any, number: int, expected: Reason):
    def network(kernel: Kernel, request: bytes, host: str) -> None:
        if host == OTHER:
            raise OSError(number, os.strerror(number))
        alive(kernel, request, host)

    play(network)

    assert [expected, None] == [echo.reason for echo in asked(OTHER, HOST, timeout_s=5)]


def test_what_is_no_address_is_our_own_fault(play: Any):
    play(alive)

    assert [Echo(None, Reason.LOCAL)] * 3 == asked("no address", "", "10.27.0.256")


def test_a_system_that_forbids_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    def refused(*how: int) -> socket.socket:
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        loop = asyncio.new_event_loop()
        patch.setattr(ping_socket.socket, "socket", refused)
        with pytest.raises(EchoForbidden, match=r"CAP_NET_RAW.*ping_group_range"):
            loop.run_until_complete(EchoClient().ask(HOST))
    loop.close()


def test_silence_lasts_as_long_as_the_timeout_says_and_no_longer(play: Any):
    """Hosts that were asked later, and those that answer, do not put off the end of one that is silent."""
    play(lambda kernel, request, host: alive(kernel, request, host) if host == OTHER else None)

    async def timed(client: EchoClient) -> list[tuple[Reason | None, float]]:
        async def one(host: str, after_s: float) -> tuple[Reason | None, float]:
            await asyncio.sleep(after_s)
            began_s = time.monotonic()
            return (await client.ask(host)).reason, time.monotonic() - began_s

        return await asyncio.gather(*(one(HOST, at / 100) for at in range(4)), *(one(OTHER, 0.01) for _ in range(3)))

    ended = run(timed, timeout_s=0.05)

    assert [Reason.TIMEOUT] * 4 + [None] * 3 == [reason for reason, _ in ended]
    assert all(0.05 <= took_s < 0.075 for _, took_s in ended[:4])


def test_echoes_that_had_to_wait_leave_as_slowly_as_is_allowed(play: Any):
    play(alive)
    began_s = time.monotonic()
    echoes = asked(*[HOST] * 40, per_second=500)

    assert {None} == {echo.reason for echo in echoes}
    assert 0.04 <= time.monotonic() - began_s


def broken(at: int) -> Callable[[bytes], bytes]:
    """A sound answer but for one byte of it, with a checksum that fits."""

    def forge(request: bytes) -> bytes:
        return answer(request[:at] + bytes([request[at] ^ 1]) + request[at + 1 :])

    return forge


@pytest.mark.parametrize(
    ("forge", "sender"),
    [
        (broken(4), HOST), (broken(6), HOST), (broken(7), HOST), (broken(8), HOST), (broken(23), HOST),
        (answer, OTHER), (lambda request: answer(request[:-1]), HOST), (lambda request: answer(request + b"x"), HOST),
        (lambda request: answer(request)[:20] + request, HOST), (lambda request: answer(request)[:24], HOST),
        (lambda request: request, HOST), (lambda request: b"", HOST),
    ],
    ids=["identifier", "sequence", "next sequence", "token", "end of the token", "another host", "too short",
         "too long", "a request", "a piece", "no IP header", "nothing"],
)  # fmt: skip
def test_a_forged_reply_is_dropped(play: Any, forge: Callable[[bytes], bytes], sender: str):
    """Who has not seen the request cannot make a host live that is dead."""

    def network(kernel: Kernel, request: bytes, host: str) -> None:
        kernel.reply(forge(request), sender)

    play(network)

    assert [Echo(None, Reason.TIMEOUT)] == asked(HOST)


def test_a_reply_behind_a_hundred_forged_ones_is_found(play: Any):
    def network(kernel: Kernel, request: bytes, host: str) -> None:
        for at in range(100):
            kernel.reply(broken(8 + at % 16)(request), host)
        alive(kernel, request, host)

    play(network)

    assert [None] == [echo.reason for echo in asked(HOST)]


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [(3, 1, Reason.UNREACHABLE), (3, 13, Reason.PROHIBITED), (11, 0, Reason.UNREACHABLE)],
    ids=["unreachable", "prohibited", "going in circles"],
)
@pytest.mark.parametrize("quoted", [8, 20, 44, 128], ids=["header", "some", "all", "padded"])
def test_what_the_network_says_of_it_ends_an_echo_at_once(
    play: Any, kind: int, code: int, expected: Reason, quoted: int
):
    play(lambda kernel, request, host: kernel.refuse(kind, code, request.ljust(quoted, b"\0")[:quoted], host))

    assert [Echo(None, expected)] == asked(HOST, timeout_s=5)


@pytest.mark.parametrize(
    ("forge", "sent_to"),
    [
        (lambda request: request[:4] + bytes([request[4] ^ 1]) + request[5:8], HOST),
        (lambda request: request[:7] + bytes([request[7] ^ 1]), HOST),
        (lambda request: request[:8] + bytes([request[8] ^ 1]), HOST),
        (lambda request: request[:7], HOST),
        (lambda request: b"\0" + request[1:8], HOST),
        (lambda request: request[:8], OTHER),
    ],
    ids=["identifier", "sequence", "token", "too little", "a reply", "another host"],
)
def test_an_error_that_quotes_another_packet_ends_nothing(play: Any, forge: Callable[[bytes], bytes], sent_to: str):
    play(lambda kernel, request, host: kernel.refuse(3, 1, forge(request), sent_to))

    assert [Echo(None, Reason.TIMEOUT)] == asked(HOST)


def test_that_an_echo_is_too_big_ends_nothing(play: Any):
    """No line refuses 64 bytes: whoever says so tells nothing of the host."""
    play(lambda kernel, request, host: kernel.refuse(3, 4, request, host))

    assert [Echo(None, Reason.TIMEOUT)] == asked(HOST)


def test_an_error_that_fails_the_sending_of_another_is_not_the_others(play: Any):
    """Linux tells of one packet's ICMP error by failing the next send; that one has to leave all the same."""

    def network(kernel: Kernel, request: bytes, host: str) -> None:
        if host == OTHER:
            kernel.refuse(3, 13, request, host)
        else:
            alive(kernel, request, host)

    kernel = play(network)

    assert [Reason.PROHIBITED, None, Reason.PROHIBITED, None] == [
        echo.reason for echo in asked(OTHER, HOST, OTHER, HOST, timeout_s=5, per_second=10_000)
    ]
    assert [OTHER, HOST, OTHER, HOST] == [host for _, host in kernel.sent]


def test_five_thousand_at_once_are_told_apart(play: Any):
    """Answered in any order, each from its own host, with a sequence of its own."""
    kernel, hosts = play(silent), [f"10.{at >> 16}.{at >> 8 & 255}.{at & 255}" for at in range(5000)]

    async def all_of_them(client: EchoClient) -> tuple[list[Echo], int]:
        asking = [asyncio.create_task(client.ask(host)) for host in hosts]
        while len(kernel.sent) < len(hosts):
            await asyncio.sleep(0.001)
        for request, host in random.Random(7).sample(kernel.sent, len(hosts)):
            if int(host.rpartition(".")[2]) % 2:
                alive(kernel, request, host)
            else:
                kernel.refuse(3, 13, request, host)
        return await asyncio.gather(*asking), client.under_way

    echoes, left = run(all_of_them, timeout_s=20, per_second=1e6)

    assert [(None, Reason.PROHIBITED)[at % 2 == 0] for at in range(5000)] == [echo.reason for echo in echoes]
    assert 5000 == len({request[6:8] for request, _ in kernel.sent})
    assert 0 == left


def test_who_gives_up_leaves_nothing_and_harms_nobody_else(play: Any):
    """At any moment: in the queue, under way, with the reply there already."""
    dice, cancelled = random.Random(11), set(random.Random(12).sample(range(600), 300))
    play(lambda kernel, request, host: alive(kernel, request, host) if dice.random() < 0.8 else None)

    async def some_give_up(client: EchoClient) -> tuple[list[Any], int, int]:
        asking = [asyncio.create_task(client.ask(f"10.27.{at >> 8}.{at & 255}")) for at in range(600)]
        for at in dice.sample(sorted(cancelled), len(cancelled)):
            asking[at].cancel()
            if dice.random() < 0.2:
                await asyncio.sleep(0)
        ended = await asyncio.gather(*asking, return_exceptions=True)
        return ended, client.under_way, len(client._queue)

    ended, under_way, queued = run(some_give_up, timeout_s=0.05, per_second=5000)

    assert {None, Reason.TIMEOUT} == {end.reason for at, end in enumerate(ended) if at not in cancelled}
    assert 0 < sum(isinstance(end, asyncio.CancelledError) for end in ended) <= len(cancelled)
    assert (0, 0) == (under_way, queued)


def allowed(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run it, or skip out loud where the system forbids echo."""
    refusal = asyncio.run(forbidden())
    if refusal is not None:
        work.close()
        pytest.skip(str(refusal))
    return asyncio.run(work)


async def _ask(*addresses: str) -> list[Echo]:
    client = EchoClient(timeout_s=1.0)
    return await asyncio.gather(*map(client.ask, addresses))


@pytest.mark.real
@pytest.mark.parametrize("address", ["127.0.0.1", "127.27.3.4", "::1"])
def test_we_answer_ourselves(address: str):
    (echo,) = allowed(_ask(address))

    assert None is echo.reason
    assert echo.rtt_s is not None
    assert 0 < echo.rtt_s < 1


@pytest.mark.real
def test_a_whole_province_is_asked_over_one_socket():
    echoes = allowed(_ask(*(f"127.27.1.{number}" for number in range(1, 178))))

    assert {None} == {echo.reason for echo in echoes}


@pytest.mark.real
def test_the_time_we_are_late_ourselves_is_not_the_networks():
    async def ask() -> list[Echo]:
        client = EchoClient()
        await client.ask("127.0.0.1")
        asking = [asyncio.create_task(client.ask(f"127.27.2.{at + 1}")) for at in range(20)]
        await asyncio.sleep(0)
        time.sleep(0.02)  # the busy loop
        return await asyncio.gather(*asking)

    echoes = allowed(ask())

    assert {None} == {echo.reason for echo in echoes}
    assert 0.005 > sorted(echo.rtt_s or 1 for echo in echoes)[10]


@pytest.mark.real
def test_a_client_that_is_dropped_takes_its_sockets_along():
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        allowed(_ask("127.0.0.1", "::1"))

    assert before == len(list(Path("/proc/self/fd").iterdir()))
