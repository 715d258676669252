"""A hostile agent: a mutant of every reply before the reply itself, and forgeries by the thousand.

20,000 mutants; `make fuzz` makes 1,000,000 (WANMON_FUZZ). Each batch is one seed: WANMON_FUZZ_SEED begins elsewhere.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.protocols.snmp.scripted_agent import COMMUNITY, credential
from tests.rigs.memory import MIB, resident_bytes
from tests.rigs.mutants import Mutator
from tests.rigs.mutating_agent import CommunityVoice, Exchange, MutatingAgent
from tests.rigs.reply_judge import Oid, Value, ruled_by_pysnmp, said
from tests.rigs.router_table import ADMIN, ALIAS, DESCR, IF_NUMBER, NAME, OPER, RECEIVED, SYSTEM, UPTIME, router_table
from wanmon.lab.objects import Fixed
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.ber import MalformedMessage
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.message import read_reply, read_varbinds
from wanmon.protocols.snmp.types import Answer, Reading

MUTANTS = int(os.environ.get("WANMON_FUZZ", "20000"))
SEED = int(os.environ.get("WANMON_FUZZ_SEED", "20260302"))
BATCH = 10_000
PORTS = 6
STORE = router_table(PORTS)
ABSENT: Oid = (1, 3, 6, 1, 2, 1, 99, 1, 0)
SINGLES = [*((*SYSTEM, number, 0) for number in (1, 2, 3, 5, 6)), IF_NUMBER, ABSENT]
SINGLES += [(*column, row) for column in (NAME, DESCR, ALIAS, OPER, RECEIVED) for row in range(1, PORTS + 2)]
FAST = [UPTIME, *((*column, row) for column in (OPER, ADMIN, RECEIVED, NAME) for row in range(1, PORTS + 1))]
MOST_RESIDENT_GROWTH = 16 * MIB
MOST_S_A_MUTANT = 0.05


@dataclass
class Watch:
    """What is measured of every mutant by itself, before it is sent."""

    slowest_s: float = 0.0
    slowest: bytes = b""
    looked: int = 0
    by_pysnmp: Counter[tuple[str, str]] = field(default_factory=Counter)

    def look(self, mutant: bytes) -> None:
        """Read it as the poller would, and see how long that takes; one in a hundred is shown to pysnmp too."""
        began_s = time.thread_time()
        with suppress(MalformedMessage):
            read_varbinds(read_reply(mutant))
        spent_s = time.thread_time() - began_s
        if spent_s > self.slowest_s:
            self.slowest_s, self.slowest = spent_s, mutant
        self.looked += 1
        if self.looked % 100 == 0 and len(mutant) < 2_000:
            self._compare(mutant)

    def _compare(self, mutant: bytes) -> None:
        ours, theirs = said(mutant), ruled_by_pysnmp(mutant)
        if ours and ours.version not in (0, 1):
            return
        self.by_pysnmp["sound" if ours else "nonsense", "read" if theirs else "refused"] += 1
        assert None in (ours, theirs) or ours == theirs, f"the judges do not agree on {mutant.hex()}"


@dataclass
class Lane:
    """One session with a hostile agent of its own, and what it does again and again."""

    session: Session
    agent: MutatingAgent
    rng: Random
    do: Callable[["Lane"], Awaitable[None]]
    reading: Reading | None = None

    async def run(self, quota: int) -> None:
        """Ask until the agent has made so many mutants."""
        begun = self.agent.sent
        while self.agent.sent - begun < 2 * quota:
            self.agent.exchanges.clear()
            await self.do(self)

    def expected(self, exchanges: Sequence[Exchange]) -> dict[Oid, Value] | None:
        """What must have been read, by name; None where an error of a mutant's led elsewhere."""
        values: dict[Oid, Value] = {}
        for exchange in exchanges:
            if exchange.verdict is None:
                values.update((oid, self.agent.truth(exchange, oid)) for oid in exchange.asked.oids)
            elif exchange.verdict.status:
                return None
            else:
                values.update(exchange.verdict.binds)
        return values


async def get(lane: Lane) -> None:
    """A GET of some instances."""
    oids = lane.rng.sample(SINGLES, lane.rng.randrange(1, 13))
    answer = await lane.session.get(oids)
    expected = lane.expected(lane.agent.exchanges)
    if expected is not None:
        assert [(oid, expected[oid]) for oid in oids] == _pairs(answer), told(lane)
        assert answer.reason is None, told(lane)
    assert set(oids) >= {varbind.oid for varbind in answer.varbinds}, told(lane)


async def walk(lane: Lane) -> None:
    """A walk of a column, or of the system group."""
    root = lane.rng.choice((SYSTEM, NAME, ALIAS, RECEIVED, ABSENT))
    answer = await lane.session.walk(root)
    oids = [varbind.oid for varbind in answer.varbinds]
    if not any(exchange.verdict for exchange in lane.agent.exchanges):
        exchange = lane.agent.exchanges[0]
        true = [each for each in STORE.instances if each.oid[: len(root)] == root]
        true = [each for each in true if lane.agent.truth(exchange, each.oid) is not None]
        assert [each.oid for each in true] == oids, told(lane)
        fixed = [(each.oid, each.value(0)) for each in true if isinstance(each, Fixed)]
        assert set(fixed) <= set(_pairs(answer)), told(lane)
        assert answer.reason is None, told(lane)
    assert sorted(set(oids)) == oids, told(lane)
    assert all(oid[: len(root)] == root for oid in oids), told(lane)


async def read(lane: Lane) -> None:
    """A prepared reading, its shapes learnt from true replies and attacked in the next round."""
    if lane.reading is None:
        lane.reading = Reading(FAST)
    reading = lane.reading
    readout = await lane.session.read(reading)
    expected = lane.expected(lane.agent.exchanges)
    if expected is None:
        lane.reading = None  # what an error calls missing is not asked again
        return
    # What v1 has once called missing is asked no more.
    assert [expected.get(oid) for oid in FAST] == reading.values, told(lane)
    assert (None, None) == (readout.reason, readout.answered), told(lane)


def _pairs(answer: Answer) -> list[tuple[Oid, Value]]:
    return [(varbind.oid, varbind.value) for varbind in answer.varbinds]


def told(lane: Lane) -> str:
    """What the agent sent, for whoever has to find the fault."""
    return "\n".join(f"{each.kind}: {each.mutant[:600].hex()}" for each in lane.agent.exchanges[-8:])


LANES: Sequence[tuple[str, Callable[[Lane], Awaitable[None]]]] = (
    ("2c", read), ("2c", read), ("2c", read), ("2c", get), ("2c", get), ("2c", walk),
    ("1", read), ("1", get), ("1", walk),
)  # fmt: skip


@contextmanager
def nothing_uncaught() -> Iterator[None]:
    """Whatever reaches the loop's exception handler fails the test."""
    uncaught: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: uncaught.append(context))
    yield
    assert [] == uncaught


def hostile(version: str, seed: int, watch: Watch) -> MutatingAgent:
    """An agent whose mutants are those of a seed."""
    return MutatingAgent(CommunityVoice(STORE, COMMUNITY.encode()), STORE, Mutator(seed), watch.look)


async def batch(engine: SnmpEngine, seed: int, mutants: int, watch: Watch) -> int:
    """So many mutants of one seed, over all lanes; how many datagrams were sent."""
    lanes = []
    for number, (version, do) in enumerate(LANES):
        agent = hostile(version, seed * 100 + number, watch)
        session = engine.session("127.0.0.1", agent.port, credential(version), timeout_s=10, retries=1)
        lanes.append(Lane(session, agent, Random(seed * 100 + number), do))
    try:
        await asyncio.gather(*(lane.run(-(-mutants // len(lanes))) for lane in lanes))
    finally:
        for lane in lanes:
            lane.agent.close()
    return sum(lane.agent.sent for lane in lanes)


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


def test_a_mutant_before_every_reply_hides_none_of_them() -> None:
    """Every datagram is accounted for, every request ends with its true reply, and nothing grows."""

    async def run() -> None:
        engine, watch, sent, before = SnmpEngine(), Watch(), 0, 0
        with nothing_uncaught():
            for number in range(max(1, MUTANTS // BATCH)):
                sent += await batch(engine, SEED + number, min(BATCH, MUTANTS), watch)
                before = before or resident_bytes()
                grown = (resident_bytes() - before) / MIB
                # For whoever runs it by hand.
                print(f"seed {SEED + number}: {sent} sent, {engine.counters}, {grown:.1f} MiB more")  # noqa: T201
            await settled(engine, sent)
        counters = engine.counters
        print(f"slowest {watch.slowest_s * 1000:.1f} ms; our judge and pysnmp: {dict(watch.by_pysnmp)}")  # noqa: T201

        assert sent == came_in(engine)
        assert (counters.requests, 0, 0) == (counters.replies, counters.retries, counters.timeouts)
        assert sent == 2 * counters.requests
        assert resident_bytes() - before < MOST_RESIDENT_GROWTH
        assert watch.slowest_s < MOST_S_A_MUTANT, watch.slowest[:600].hex()
        assert watch.by_pysnmp["sound", "read"] > watch.looked / 1_000
        assert 0 == engine.pending
        await engine.close()

    asyncio.run(run())


def test_a_request_that_only_mutants_answer_ends_at_its_deadline() -> None:
    """With the reason that they were, or with what a mutant said that nobody could tell from the truth."""
    deadline_s, together, rounds = 0.06, 100, 10

    async def one(agent: MutatingAgent, session: Session, ended: Counter[object]) -> None:
        began_s = time.monotonic()
        answer = await session.get([(*NAME, 1)], began_s + deadline_s)
        ended[answer.reason] += 1
        assert time.monotonic() - began_s < deadline_s + 1

    async def run() -> None:
        engine, ended = SnmpEngine(), Counter[object]()
        agent = hostile("2c", SEED, Watch())
        agent.tells_the_truth = False
        session = engine.session("127.0.0.1", agent.port, credential(), timeout_s=0.02, retries=1)
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
