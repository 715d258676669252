"""A hostile agent sends a mutant of every reply before the reply itself: it gains nothing, and costs little.

20,000 mutants of v1 and v2c, a fifth as many of v3; `make fuzz` makes 1,000,000 (WANMON_FUZZ). Each batch is one seed:
WANMON_FUZZ_SEED begins elsewhere.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from tests.protocols.snmp.hostile_lanes import COMMUNITY_LANES, SECURED_LANES, V2C, Kind, Watch, batch, hostile
from tests.rigs.memory import MIB, resident_bytes
from tests.rigs.mutating_agent import MutatingAgent
from tests.rigs.router_table import NAME
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.engine import SnmpEngine

MUTANTS = int(os.environ.get("WANMON_FUZZ", "20000"))
SEED = int(os.environ.get("WANMON_FUZZ_SEED", "20260302"))
BATCHES = (2, 100)
MOST_RESIDENT_GROWTH = 16 * MIB
MOST_S_A_MUTANT = 0.05


@contextmanager
def nothing_uncaught() -> Iterator[None]:
    """Whatever reaches the loop's exception handler fails the test."""
    uncaught: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: uncaught.append(context))
    yield
    assert [] == uncaught, uncaught[0]


def came_in(engine: SnmpEngine) -> int:
    """Every datagram that has come in, by what became of it."""
    counters = engine.counters
    return counters.replies + counters.malformed + counters.mismatched + counters.late


async def settled(engine: SnmpEngine, sent: int) -> None:
    """What is still in the socket's buffer is taken out."""
    for _ in range(100):
        if came_in(engine) == sent:
            return
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("lanes", "mutants"), [(COMMUNITY_LANES, MUTANTS), (SECURED_LANES, MUTANTS // 5)], ids=["v1 and v2c", "v3"]
)
def test_a_mutant_before_every_reply_hides_none_of_them(lanes: Sequence[Kind], mutants: int) -> None:
    """Every datagram is accounted for, every request ends with its true reply, and nothing grows."""

    async def run() -> None:
        engine, watch, counted, before = SnmpEngine(), Watch(), Counter[str](), 0
        batches = min(max(BATCHES[0], mutants // 10_000), BATCHES[1])
        with nothing_uncaught():
            for number in range(batches):
                counted += await batch(engine, lanes, SEED + number, mutants // batches, watch)
                before = before or resident_bytes()
                grown = (resident_bytes() - before) / MIB
                # For whoever runs it by hand.
                print(f"seed {SEED + number}: {dict(counted)}, {engine.counters}, {grown:.1f} MiB more")  # noqa: T201
            await settled(engine, counted["sent"])
        print(f"slowest {watch.slowest_s * 1000:.1f} ms; our judge and pysnmp: {dict(watch.by_pysnmp)}")  # noqa: T201

        counters = engine.counters
        assert counted["sent"] == came_in(engine)
        assert (counters.requests, 0, 0) == (counters.replies, counters.retries, counters.timeouts)
        assert counted["sent"] == 2 * counters.requests
        assert resident_bytes() - before < MOST_RESIDENT_GROWTH
        assert watch.slowest_s < MOST_S_A_MUTANT, watch.slowest[:600].hex()
        assert counted["told_apart"] > 0.5 * counted["done"]
        assert lanes is SECURED_LANES or watch.by_pysnmp["sound", "read"] > watch.looked / 1_000
        assert 0 == engine.pending
        await engine.close()

    asyncio.run(run())


def test_a_request_that_only_mutants_answer_ends_at_its_deadline() -> None:
    """With the reason that they were, or with what a mutant said that nobody could tell from the truth."""
    deadline_s, together, rounds = 0.4, 100, 10

    async def one(agent: MutatingAgent, session: Session, ended: Counter[object]) -> None:
        began_s = time.monotonic()
        answer = await session.get([(*NAME, 1)], began_s + deadline_s)
        ended[answer.reason] += 1
        assert time.monotonic() - began_s < deadline_s + 1

    async def run() -> None:
        engine, ended = SnmpEngine(), Counter[object]()
        agent = hostile(V2C, SEED, Watch())
        agent.tells_the_truth = False
        session = engine.session("127.0.0.1", agent.port, V2C, timeout_s=0.15, retries=1)
        with nothing_uncaught():
            for _ in range(rounds):
                await asyncio.gather(*(one(agent, session, ended) for _ in range(together)))
            await settled(engine, agent.sent)
        agent.close()

        assert together * rounds == ended.total()
        assert ended.keys() <= {None, Reason.MALFORMED, Reason.MISMATCHED, Reason.LATE, Reason.REFUSED, Reason.TOO_BIG}
        assert 0.5 * together * rounds < ended[Reason.MALFORMED] + ended[Reason.MISMATCHED]
        assert (agent.sent, 0) == (came_in(engine), engine.pending)
        await engine.close()

    asyncio.run(run())
