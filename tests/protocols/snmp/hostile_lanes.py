"""Sessions with a mutating agent each: what they ask again and again, and what must come of it."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from tests.protocols.snmp.scripted_agent import COMMUNITY, credential
from tests.protocols.snmp.secured_agent import usm
from tests.rigs.mutants import Mutator
from tests.rigs.mutating_agent import CommunityVoice, Exchange, MutatingAgent, Voice
from tests.rigs.reply_judge import Oid, Value, ruled_by_pysnmp, said
from tests.rigs.router_table import ADMIN, ALIAS, DESCR, IF_NUMBER, NAME, OPER, RECEIVED, SYSTEM, UPTIME, router_table
from tests.rigs.secured_mutants import secured_giant, secured_kinds
from tests.rigs.secured_voice import SecuredVoice
from wanmon.config.secrets import SnmpCredential
from wanmon.lab.objects import Fixed
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.ber import MalformedMessage
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.manners import Manners
from wanmon.protocols.snmp.message import read_reply, read_varbinds
from wanmon.protocols.snmp.message_v3 import is_secured, read_secured
from wanmon.protocols.snmp.pace import FixedPace
from wanmon.protocols.snmp.types import Answer, Reading

PORTS = 6
STORE = router_table(PORTS)
ABSENT: Oid = (1, 3, 6, 1, 2, 1, 99, 1, 0)
SINGLES = [*((*SYSTEM, number, 0) for number in (1, 2, 3, 5, 6)), IF_NUMBER, ABSENT]
SINGLES += [(*column, row) for column in (NAME, DESCR, ALIAS, OPER, RECEIVED) for row in range(1, PORTS + 2)]
FAST = [UPTIME, *((*column, row) for column in (OPER, ADMIN, RECEIVED, NAME) for row in range(1, PORTS + 1))]
PATIENCE_S = 4.0


@dataclass
class Watch:
    """What is measured of every mutant by itself, before it is sent."""

    slowest_s: float = 0.0
    slowest: bytes = b""
    looked: int = 0
    by_pysnmp: Counter[tuple[str, str]] = field(default_factory=Counter)

    def look(self, mutant: bytes) -> None:
        """Read it as the poller would, and see how long that takes; one in a hundred is shown to pysnmp too."""
        spent_s = self._read(mutant)
        if spent_s > self.slowest_s:
            # Whoever else has this machine for a moment is charged to nobody: the best of a few.
            spent_s = min(spent_s, *(self._read(mutant) for _ in range(5)))
        if spent_s > self.slowest_s:
            self.slowest_s, self.slowest = spent_s, mutant
        self.looked += 1
        if self.looked % 100 == 0 and len(mutant) < 2_000:
            self._compare(mutant)

    def _read(self, mutant: bytes) -> float:
        began_s = time.thread_time()
        with suppress(MalformedMessage):
            if is_secured(mutant):
                read_secured(mutant)
            else:
                read_varbinds(read_reply(mutant))
        return time.thread_time() - began_s

    def _compare(self, mutant: bytes) -> None:
        ours, theirs = said(mutant), ruled_by_pysnmp(mutant)
        if ours and ours.version not in (0, 1):
            return
        self.by_pysnmp["sound" if ours else "nonsense", "read" if theirs else "refused"] += 1
        assert None in (ours, theirs) or ours == theirs, f"the judges do not agree on {mutant.hex()}"


@dataclass
class Lane:
    """One session with a hostile agent of its own, and what it does again and again.

    `told_apart` counts the doings of which everything could be said, `done` all.
    """

    session: Session
    agent: MutatingAgent
    rng: Random
    do: Callable[["Lane"], Awaitable[None]]
    reading: Reading | None = None
    done: int = 0
    told_apart: int = 0

    async def run(self, quota: int) -> None:
        """Ask until the agent has made so many mutants."""
        begun = self.agent.sent
        while self.agent.sent - begun < 2 * quota:
            self.agent.exchanges.clear()
            await self.do(self)
            self.done += 1

    def expected(self) -> dict[Oid, Value] | None:
        """What must have been read, by name; None where what nobody can tell from an agent's error led elsewhere."""
        values: dict[Oid, Value] = {}
        for exchange in self.agent.exchanges:
            if exchange.verdict is None:
                values.update((oid, self.agent.truth(exchange, oid)) for oid in exchange.asked.oids)
            elif exchange.verdict.status:
                return None
            else:
                values.update(exchange.verdict.binds)
        self.told_apart += 1
        return values

    @property
    def is_misled(self) -> bool:
        """Whether any mutant had to be taken."""
        return any(exchange.verdict for exchange in self.agent.exchanges)

    def told(self) -> str:
        """What the agent sent, for whoever has to find the fault."""
        shown: Sequence[Exchange] = self.agent.exchanges[-8:]
        return "\n".join(f"{each.kind}: {each.mutant[:600].hex()}" for each in shown)


async def get(lane: Lane) -> None:
    """A GET of some instances."""
    oids = lane.rng.sample(SINGLES, lane.rng.randrange(1, 13))
    answer = await lane.session.get(oids)
    expected = lane.expected()
    if expected is not None:
        assert [(oid, expected[oid]) for oid in oids] == _pairs(answer), lane.told()
        assert answer.reason is None, lane.told()
    assert set(oids) >= {varbind.oid for varbind in answer.varbinds}, lane.told()


async def walk(lane: Lane) -> None:
    """A walk of a column, or of the system group."""
    root = lane.rng.choice((SYSTEM, NAME, ALIAS, RECEIVED, ABSENT))
    answer = await lane.session.walk(root)
    oids = [varbind.oid for varbind in answer.varbinds]
    if not lane.is_misled:
        lane.told_apart += 1
        exchange = lane.agent.exchanges[-1]
        true = [each for each in STORE.instances if each.oid[: len(root)] == root]
        true = [each for each in true if lane.agent.truth(exchange, each.oid) is not None]
        assert [each.oid for each in true] == oids, lane.told()
        fixed = [(each.oid, each.value(0)) for each in true if isinstance(each, Fixed)]
        assert set(fixed) <= set(_pairs(answer)), lane.told()
        assert answer.reason is None, lane.told()
    assert sorted(set(oids)) == oids, lane.told()
    assert all(oid[: len(root)] == root for oid in oids), lane.told()


async def read(lane: Lane) -> None:
    """A prepared reading, its shapes learnt from true replies and attacked in the next round."""
    if lane.reading is None:
        lane.reading = Reading(FAST)
    reading = lane.reading
    readout = await lane.session.read(reading)
    expected = lane.expected()
    if expected is None:
        lane.reading = None  # what an error calls missing is not asked again
        return
    # What v1 has once called missing is asked no more.
    assert [expected.get(oid) for oid in FAST] == reading.values, lane.told()
    assert (None, None) == (readout.reason, readout.answered), lane.told()


def _pairs(answer: Answer) -> list[tuple[Oid, Value]]:
    return [(varbind.oid, varbind.value) for varbind in answer.varbinds]


@dataclass(frozen=True)
class Kind:
    """Whom a lane asks as, what it does, and how large replies may be."""

    secret: SnmpCredential
    do: Callable[[Lane], Awaitable[None]]
    most_bytes: int = 1400


V1, V2C, V3, V3_LONG, V3_OPEN, V3_DES = (
    credential("1"), credential("2c"), usm(), usm("SHA-256", "AES-256"), usm("SHA-512", None), usm("MD5", "DES"),
)  # fmt: skip
COMMUNITY_LANES = (
    Kind(V2C, read), Kind(V2C, read, 500), Kind(V2C, read, 250), Kind(V2C, get), Kind(V2C, get, 200), Kind(V2C, walk),
    Kind(V1, read), Kind(V1, get), Kind(V1, walk),
)  # fmt: skip
SECURED_LANES = (
    Kind(V3, read), Kind(V3, read, 500), Kind(V3, get), Kind(V3, walk), Kind(V3_LONG, get), Kind(V3_OPEN, get),
    Kind(V3_OPEN, read), Kind(V3_DES, get),
)  # fmt: skip


def hostile(secret: SnmpCredential, seed: int, watch: Watch) -> MutatingAgent:
    """An agent that knows a credential, and whose mutants are those of a seed."""
    if secret.version != "3":
        return MutatingAgent(CommunityVoice(STORE, COMMUNITY.encode()), STORE, Mutator(seed), watch.look)
    voice: Voice = SecuredVoice(STORE, secret)
    return MutatingAgent(voice, STORE, Mutator(seed, secured_kinds(), secured_giant), watch.look)


def _lane(engine: SnmpEngine, kind: Kind, seed: int, watch: Watch) -> Lane:
    agent = hostile(kind.secret, seed, watch)
    manners = Manners(kind.most_bytes, PATIENCE_S)
    # On a busy machine a reply may come later than is learnt here, and must not be asked for twice.
    manners.pace = FixedPace(PATIENCE_S)  # type: ignore[assignment]
    session = engine.session("127.0.0.1", agent.port, kind.secret, retries=1, manners=manners)
    return Lane(session, agent, Random(seed), kind.do)


async def batch(engine: SnmpEngine, kinds: Sequence[Kind], seed: int, mutants: int, watch: Watch) -> Counter[str]:
    """So many mutants of one seed, over all lanes; how many datagrams were `sent`, and how the doings were judged."""
    lanes = [_lane(engine, kind, seed * 100 + number, watch) for number, kind in enumerate(kinds)]
    try:
        await asyncio.gather(*(lane.run(-(-mutants // len(lanes))) for lane in lanes))
    finally:
        for lane in lanes:
            lane.agent.close()
    counted: Counter[str] = Counter()
    for lane in lanes:
        counted.update(sent=lane.agent.sent, done=lane.done, told_apart=lane.told_apart)
    return counted
