"""Echo to ourselves, where the system allows it, and what is said where it does not."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from wanmon.model.reason import Reason
from wanmon.protocols.icmp import Echo, EchoClient, EchoForbidden, forbidden

Answer = TypeVar("Answer")


class Wire:
    """Stands where the library stands; an answer is a round trip, silence, or an error."""

    def __init__(self, *answers: float | Exception | None) -> None:
        self.answers = list(answers)
        self.asked_at_s: list[float] = []

    async def ping(self, address: str) -> float | None:
        self.asked_at_s.append(time.monotonic())
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer


def asked(wire: Any, count: int = 1, **how: float) -> list[Echo]:
    async def ask() -> list[Echo]:
        client = EchoClient(**how)
        client._ping = wire
        return await asyncio.gather(*(client.ask("127.0.0.1") for _ in range(count)))

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (0.0123, Echo(0.0123)),
        (1.0, Echo(1.0)),
        (1.2, Echo(1.2, Reason.LATE)),
        (None, Echo(None, Reason.TIMEOUT)),
        (OSError(101, "Network is unreachable"), Echo(None, Reason.LOCAL)),
        (ValueError("no address"), Echo(None, Reason.LOCAL)),
    ],
    ids=["in time", "just in time", "late", "silence", "no route", "no address"],
)
def test_an_echo_is_its_round_trip_or_the_reason_why_there_is_none(answer: float | Exception | None, expected: Echo):
    assert [expected] == asked(Wire(answer), timeout_s=1.0)


def test_a_system_that_forbids_it_says_what_is_missing():
    with pytest.raises(EchoForbidden, match=r"CAP_NET_RAW.*ping_group_range"):
        asked(Wire(PermissionError(1, "Operation not permitted")))


def test_echoes_leave_one_after_another():
    """A burst would queue in this process and inflate the round trips."""
    wire = Wire(*[0.001] * 11)
    asked(wire, 11, per_second=200)
    gaps_s = [after - before for before, after in zip(wire.asked_at_s, wire.asked_at_s[1:], strict=False)]

    assert 0.045 <= wire.asked_at_s[-1] - wire.asked_at_s[0]
    assert 0.0045 <= sum(gaps_s) / len(gaps_s)


def test_who_gives_up_waiting_harms_nobody_else():
    """The library resolves its futures itself: one that was cancelled would take others down with it."""
    ended = []

    class Lasting:
        async def ping(self, address: str) -> float:
            await asyncio.sleep(0.01)
            ended.append(address)
            return 0.01

    async def cancelled() -> None:
        client = EchoClient()
        client._ping = Lasting()
        waiting = asyncio.create_task(client.ask("127.0.0.1"))
        await asyncio.sleep(0.001)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.sleep(0.03)

    asyncio.run(cancelled())

    assert ["127.0.0.1"] == ended


def test_silence_lasts_as_long_as_the_timeout_says_and_no_longer():
    """The library itself looks for timeouts only now and then: seven misses would take ten seconds and not seven."""

    class Silent:
        async def ping(self, address: str) -> None:
            await asyncio.sleep(0.2)
            raise OSError("looked at too late")

    async def timed() -> tuple[Echo, float]:
        client = EchoClient(timeout_s=0.05)
        client._ping = Silent()
        began_s = time.monotonic()
        echo = await client.ask("127.0.0.1")
        took_s = time.monotonic() - began_s
        await asyncio.sleep(0.2)
        return echo, took_s

    echo, took_s = asyncio.run(timed())

    assert Echo(None, Reason.TIMEOUT) == echo
    assert 0.05 <= took_s < 0.15


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
def test_we_answer_ourselves():
    (echo,) = allowed(_ask("127.0.0.1"))

    assert None is echo.reason
    assert echo.rtt_s is not None
    assert 0 < echo.rtt_s < 1


@pytest.mark.real
def test_a_whole_province_is_asked_over_one_socket():
    echoes = allowed(_ask(*(f"127.27.1.{number}" for number in range(1, 178))))

    assert {None} == {echo.reason for echo in echoes}
