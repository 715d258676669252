"""Echo messages and ICMP errors as bytes; and a probe on loopback. Real routers are in tests/real/test_paths.py."""

import asyncio
import random
import struct
import time
from pathlib import Path

import pytest

from wanmon.model.reason import Reason
from wanmon.protocols import icmp_errors, icmp_packet
from wanmon.protocols.echo_probe import EchoAnswer, EchoProbe
from wanmon.protocols.icmp import forbidden
from wanmon.protocols.icmp_errors import IcmpError, Refusal
from wanmon.protocols.icmp_packet import EchoMessage

MESSAGE = EchoMessage(0x1234, 0xFFFE, b"odd")


def as_reply(request: bytes) -> bytes:
    bare = b"\0\0\0\0" + request[4:]
    return bare[:2] + icmp_packet.checksum(bare).to_bytes(2, "big") + bare[4:]


def test_a_request_is_known_by_its_reply():
    assert MESSAGE == icmp_packet.reply(4, as_reply(icmp_packet.request(4, MESSAGE)))
    assert MESSAGE == icmp_packet.reply(6, b"\x81" + icmp_packet.request(6, MESSAGE)[1:])
    assert MESSAGE == icmp_packet.quoted_request(4, icmp_packet.request(4, MESSAGE))


def test_a_reply_with_one_wrong_byte_is_none():
    """The kernel gives it to raw sockets all the same."""
    sound = as_reply(icmp_packet.request(4, MESSAGE))
    for at in range(len(sound)):
        assert None is icmp_packet.reply(4, sound[:at] + bytes([sound[at] ^ 0x40]) + sound[at + 1 :])
        assert None is icmp_packet.reply(4, sound[:at])


@pytest.mark.parametrize(
    ("expected", "data"),
    [
        (0xFFFF, b""), (0xFFFF, bytes(9)), (0, b"\xff\xff"), (0, b"\xff\xff\xff\xff"), (0, b"\x12\x34\xed\xcb"),
        (0x220D, bytes.fromhex("0001f203f4f5f6f7")), (0xFEFF, b"\1"),
    ],
    ids=["nothing", "zeros", "ones", "more ones", "words that add up to ones", "RFC 1071 section 3", "half a word"],
)  # fmt: skip
def test_the_checksum_is_that_of_rfc_1071(expected: int, data: bytes):
    assert expected == icmp_packet.checksum(data)


def test_no_bytes_from_outside_raise():
    dice = random.Random(5)
    for _ in range(5000):
        data = dice.randbytes(dice.randrange(80))
        for version in (4, 6):
            icmp_packet.reply(version, data)
            icmp_packet.quoted_request(version, data)
        icmp_packet.without_ip_header(data)
        icmp_errors.read(data)


def extended(origin: int, kind: int, code: int, info: int = 0) -> bytes:
    four, six = struct.pack("@HH4B8x", 2, 0, 10, 0, 0, 1), struct.pack("@HHI16sI", 10, 0, 0, bytes(15) + b"\1", 0)
    ours = four if origin < 3 else six
    return struct.pack("@IBBBBII", 113, origin, kind, code, 0, info, 0) + ours


@pytest.mark.parametrize(
    ("origin", "kind", "code", "info", "expected"),
    [
        (2, 3, 0, 0, IcmpError(Refusal.UNREACHABLE, "10.0.0.1")),
        (2, 3, 1, 7, IcmpError(Refusal.UNREACHABLE, "10.0.0.1")),
        (2, 3, 4, 1400, IcmpError(Refusal.TOO_BIG, "10.0.0.1", 1400)),
        (2, 3, 9, 0, IcmpError(Refusal.PROHIBITED, "10.0.0.1")),
        (2, 3, 10, 0, IcmpError(Refusal.PROHIBITED, "10.0.0.1")),
        (2, 3, 13, 0, IcmpError(Refusal.PROHIBITED, "10.0.0.1")),
        (2, 11, 0, 0, IcmpError(Refusal.EXPIRED, "10.0.0.1")),
        (2, 5, 0, 0, None),
        (3, 1, 0, 0, IcmpError(Refusal.UNREACHABLE, "::1")),
        (3, 1, 1, 0, IcmpError(Refusal.PROHIBITED, "::1")),
        (3, 1, 6, 0, IcmpError(Refusal.PROHIBITED, "::1")),
        (3, 2, 0, 1280, IcmpError(Refusal.TOO_BIG, "::1", 1280)),
        (3, 3, 0, 0, IcmpError(Refusal.EXPIRED, "::1")),
        (3, 130, 0, 0, None),
        (1, 0, 0, 1500, IcmpError(Refusal.TOO_BIG, "", 1500)),
        (1, 0, 0, 0, None),
        (4, 0, 0, 0, None),
    ],
)
def test_an_error_is_told_by_type_and_code(origin: int, kind: int, code: int, info: int, expected: IcmpError | None):
    assert expected == icmp_errors.read(extended(origin, kind, code, info))


@pytest.fixture(autouse=True)
def _allowed(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("real") and (refusal := asyncio.run(forbidden())):
        pytest.skip(str(refusal))


@pytest.mark.real
@pytest.mark.parametrize("address", ["127.0.0.1", "127.27.0.9", "::1"])
def test_the_time_we_are_late_ourselves_is_not_the_networks(address: str):
    """A busy event loop reads a reply 20 ms after the kernel took it in."""

    async def ask() -> list[EchoAnswer]:
        with EchoProbe(address) as probe:
            await probe.ask(1)
            asking = [asyncio.create_task(probe.ask(1)) for _ in range(20)]
            await asyncio.sleep(0)
            time.sleep(0.02)  # the busy loop
            return await asyncio.gather(*asking)

    answers = asyncio.run(ask())

    assert {None} == {answer.reason for answer in answers}
    assert 0.005 > sorted(answer.rtt_s or 1 for answer in answers)[10]


@pytest.mark.real
def test_no_socket_is_left_behind_by_who_gives_up():
    async def many() -> None:
        for _ in range(20):
            asking = asyncio.create_task(one())
            await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    async def one() -> None:
        with EchoProbe("127.0.0.1") as probe:
            await probe.ask(5, hops=None)
            await asyncio.sleep(5)

    before = len(list(Path("/proc/self/fd").iterdir()))
    asyncio.run(many())

    assert before == len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.real
def test_a_duplicate_or_foreign_reply_changes_nothing():
    """Two probes of one address see each other's replies on raw sockets."""

    async def both() -> list[EchoAnswer]:
        with EchoProbe("127.0.0.1") as one, EchoProbe("127.0.0.1") as other:
            return await asyncio.gather(*(probe.ask(1) for probe in (one, other) * 50))

    assert {(None, "127.0.0.1")} == {(answer.reason, answer.source) for answer in asyncio.run(both())}


def test_a_reason_is_told_for_every_refusal():
    assert [Reason.UNREACHABLE, Reason.PROHIBITED, Reason.UNREACHABLE, Reason.TOO_BIG] == [r.reason for r in Refusal]
