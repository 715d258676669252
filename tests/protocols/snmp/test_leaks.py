"""Sockets and memory leak on the ways out that nobody tries: silence, cancelling, and both at once.

1,000 rounds; `make leaks` makes 10,000 (WANMON_LEAKS). A round asks each of eight agents once.
"""

import asyncio
import gc
import os
from collections import Counter
from collections.abc import Sequence
from random import Random
from statistics import linear_regression
from typing import Any

import pytest

from tests.protocols.snmp.hostile_lanes import FAST, STORE, V1, V2C, V3
from tests.protocols.snmp.scripted_agent import COMMUNITY
from tests.rigs.memory import MIB, open_files, resident_bytes
from tests.rigs.mutating_agent import CommunityVoice, Voice
from tests.rigs.router_table import NAME, SYSTEM
from tests.rigs.secured_voice import SecuredVoice
from wanmon.config.secrets import SnmpCredential
from wanmon.protocols.snmp import transport
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.types import Reading

ROUNDS = int(os.environ.get("WANMON_LEAKS", "1000"))
AGENTS = 8
TIMEOUT_S, TICK_S = 0.004, 0.002
UNANSWERED, CANCELLED = 0.5, 0.1
#: A poll every half minute makes 1,440 rounds in twelve hours.
SPAN, MOST_GROWTH = 1_440, 1 * MIB


class Forgetful(asyncio.DatagramProtocol):
    """An agent that answers only so often."""

    def __init__(self, voice: Voice, rng: Random) -> None:
        self._voice, self._rng = voice, rng
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if self._rng.random() >= UNANSWERED:
            self._transport.sendto(self._voice.answer(data, 0)[1], addr)


class Device:
    """A session, and what a round does with it."""

    def __init__(self, session: Session, rng: Random, ended: Counter[str]) -> None:
        self._session, self._rng, self._ended = session, rng, ended
        self._reading = Reading(FAST)

    async def round(self) -> None:
        """Ask once, in one of three ways; one in ten is cancelled, at once or in the middle."""
        ask = self._rng.choice((self._get, self._walk, self._read))
        task = asyncio.ensure_future(ask())
        if self._rng.random() < CANCELLED:
            asyncio.get_running_loop().call_later(self._rng.choice((0, 0.001, 0.02)), task.cancel)
        await asyncio.gather(task, return_exceptions=True)
        failed = task.cancelled() or task.exception() is not None
        self._ended["cancelled" if task.cancelled() else "raised" if failed else str(task.result())] += 1

    async def _get(self) -> object:
        return (await self._session.get([(*SYSTEM, 5, 0), (*NAME, 1)])).reason

    async def _walk(self) -> object:
        return (await self._session.walk(NAME)).reason

    async def _read(self) -> object:
        return (await self._session.read(self._reading)).reason


async def device(engine: SnmpEngine, secret: SnmpCredential, seed: int, ended: Counter[str]) -> tuple[Device, Any]:
    voice: Voice = SecuredVoice(STORE, secret) if secret.version == "3" else CommunityVoice(STORE, COMMUNITY.encode())
    loop = asyncio.get_running_loop()
    agent = Forgetful(voice, Random(seed))
    endpoint, _ = await loop.create_datagram_endpoint(lambda: agent, ("127.0.0.1", 0))
    port = endpoint.get_extra_info("sockname")[1]
    session = engine.session("127.0.0.1", port, secret, timeout_s=TIMEOUT_S, retries=1)
    return Device(session, Random(seed), ended), endpoint


def slope(samples: Sequence[tuple[int, int]]) -> float:
    """Bytes a round, by least squares."""
    return linear_regression([done for done, _ in samples], [size for _, size in samples]).slope


@pytest.mark.parametrize("secrets", [(V2C, V2C, V1), (V3,)], ids=["v1 and v2c", "v3"])
def test_rounds_that_are_half_silent_and_now_and_then_cancelled_leave_nothing(
    secrets: Sequence[SnmpCredential], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_TICK_S", TICK_S)

    async def run() -> None:
        engine, ended, samples = SnmpEngine(), Counter[str](), []
        made = [await device(engine, secrets[number % len(secrets)], number, ended) for number in range(AGENTS)]
        await asyncio.gather(*(each.round() for each, _ in made))
        files = open_files()

        async def rounds(one: Device) -> None:
            for number in range(ROUNDS):
                await one.round()
                if one is made[0][0] and number % (ROUNDS // 50) == 0 and number >= ROUNDS // 5:
                    gc.collect()
                    samples.append((number, resident_bytes()))

        await asyncio.gather(*(rounds(each) for each, _ in made))
        grown = slope(samples) * SPAN
        print(f"{dict(ended)}: {grown / MIB:.2f} MiB in {SPAN} rounds, {open_files() - files} files")  # noqa: T201

        assert 0 == engine.pending
        assert abs(open_files() - files) <= 2
        assert grown <= MOST_GROWTH
        assert 0 == ended["raised"]
        assert 0.05 < ended["cancelled"] / ended.total() < 0.15
        assert 0.3 < sum(ended[reason] for reason in ("timeout", "partial", "late")) / ended.total()
        for _, endpoint in made:
            endpoint.close()
        await engine.close()

    asyncio.run(run())
