"""Agents that loop, lie, lose and dawdle: each poll ends by its deadline, with the best that could be had and why.

Time is a tenth of the field's: what is 2 s there is 0.2 s here.
"""

import asyncio
import json
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.poller.scripted import Hands, library, target
from tests.rigs.lying_agents import COMMUNITY, NAMES, PORTS, SCALE
from tests.rigs.memory import MIB, begin_peak, peak_bytes, resident_bytes
from tests.rigs.router_table import OPER, router_table
from wanmon.config.secrets import Secrets, SnmpCredential
from wanmon.config.settings import SnmpSettings
from wanmon.lab.objects import ObjectStore
from wanmon.lab.responder import Responder
from wanmon.metrics.ports import PortLines
from wanmon.model.reason import Reason
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.device.layout import MAX_PORTS
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.jobs import Job, PollResult, Task
from wanmon.poller.keys import KeyRing
from wanmon.protocols.snmp import pace
from wanmon.protocols.snmp.engine import SnmpEngine

SETTINGS = SnmpSettings(timeout_s=0.2, retries=2)
DEADLINE_S = 2.4
#: How late a poll may end on a busy machine.
SLACK_S = 1.0
MOST_MEMORY = 64 * MIB
ROLES = (
    "admin_status", "oper_status", "last_change", "receive_bytes", "transmit_bytes", "receive_packets",
    "transmit_packets", "receive_errors", "transmit_errors", "receive_discards", "transmit_discards",
)  # fmt: skip
ALL = range(1, PORTS + 1)
THIRTY = range(1, 31)


@dataclass(frozen=True)
class Case:
    """What must come of polling an agent.

    `ports` are the ifIndexes that come back, `lacks` the (role, ifIndex) without a value. The first polls, `learns` of
    them, may bring less while manners are learnt. `like` names an honest agent: four times its requests are allowed,
    and more where an agent bears only a share of a usual reply, `room`.
    """

    agent: str
    reasons: Collection[Reason | None] = (None,)
    ports: Collection[int] = ALL
    lacks: Collection[tuple[str, int]] = ()
    deadline_s: float = DEADLINE_S
    learns: int = 0
    like: str = ""
    room: float = 1.0


CASES = (
    Case("honest", like="honest"),
    Case("same OID again", {Reason.PARTIAL}, ports=range(1, 4)),
    Case("cycle of three OIDs", {Reason.PARTIAL}, ports=range(1, 6)),
    Case("empty answers", {Reason.MISMATCHED}, ports=()),
    Case("empty walks", {Reason.PARTIAL}, ports=()),
    Case("endless table", {Reason.PARTIAL}, ports=range(1, MAX_PORTS + 1), deadline_s=24),
    Case("ten seconds a PDU", {Reason.TIMEOUT, Reason.LATE, Reason.DEADLINE}, ports=()),
    Case("300 ms a value", ports=range(1, 5), learns=3),
    Case("tooBig above 5 values", like="honest", room=5 / 45),
    Case("tooBig above 1 value"),
    Case("drops above 1,400 bytes", ports=THIRTY, like="honest with 30 ports", learns=1),
    Case("drops above 484 bytes", ports=THIRTY, like="honest with 30 ports", room=484 / 1400, learns=2),
    Case("GETBULK unanswered", learns=1),
    Case("GETBULK refused"),
    Case("GETBULK answered empty"),
    Case("GETBULK as GETNEXT"),
    Case("GETBULK beyond what was asked", ports=THIRTY),
    Case("columns missing in GETBULK", like="honest"),
    Case("uptime backwards"),
    Case("10,000 interfaces", {Reason.PARTIAL}, ports=range(1, MAX_PORTS + 1), deadline_s=24),
    Case("names in every encoding", ports=range(1, len(NAMES) + 1)),
    Case("holes in tables", lacks={("oper_status", 4), ("receive_errors", 4)}, like="honest"),
    Case("replies from another address", {Reason.MISMATCHED}, ports=()),
    Case("wrong types", lacks={("last_change", 3)}, like="honest"),
    Case("gluttonous names", {Reason.PARTIAL, Reason.DEADLINE, Reason.LATE, Reason.TIMEOUT}, ports=()),
)


@pytest.fixture(autouse=True)
def a_tenth_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds of learnt timeouts are scaled as everything is; the lower one less, since our own turns are not."""
    monkeypatch.setattr(pace, "SHORTEST_S", 2 * pace.SHORTEST_S * SCALE)
    monkeypatch.setattr(pace, "LONGEST_S", pace.LONGEST_S * SCALE)


@pytest.fixture(scope="module")
def agents() -> Iterator[Mapping[str, int]]:
    """The port of every lying agent, by its name."""
    with served() as ports:
        yield ports


@contextmanager
def served(*names: str) -> Iterator[Mapping[str, int]]:
    """The ports of some agents, while they answer; of all where none is named."""
    command = [sys.executable, "-m", "tests.rigs.lying_agents", *names]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()


class Polled:
    """One agent polled by the executor of this process, with an engine of its own."""

    def __init__(self, port: int, settings: SnmpSettings = SETTINGS, version: str = "2c") -> None:
        self.engine = SnmpEngine()
        secret = SnmpCredential.model_validate(
            {"name": "wan", "version": version, "community": COMMUNITY.decode(), "networks": ["127.0.0.0/8"]}
        )
        keys = KeyRing(settings, Secrets(snmp={"wan": secret}), self.engine, CredentialBreaker(Hands()))
        self._executor = LocalExecutor(keys, library(), None, settings)
        self._port = port

    async def poll(self, deadline_s: float, task: Task = Task.FAST, *, port: int = 0) -> PollResult:
        """One poll, of the agent at another port where one is given; it must end by its deadline."""
        began_s = time.monotonic()
        at = port or self._port
        result = await self._executor.execute(
            Job(task, target(f"BN-{at:05}-R1", at, address="127.0.0.1", port=at), deadline_s)
        )
        assert isinstance(result, PollResult)
        assert time.monotonic() - began_s < deadline_s + SLACK_S
        return result

    @property
    def sent(self) -> int:
        """How many request packets have left."""
        return self.engine.counters.requests + self.engine.counters.retries


def polled(
    port: int, deadline_s: float, times: int, settings: SnmpSettings = SETTINGS
) -> tuple[list[PollResult], list[int]]:
    """So many polls one after another, and how many packets had been sent after each."""

    async def run() -> tuple[list[PollResult], list[int]]:
        far, results, sent = Polled(port, settings), [], []
        for _ in range(times):
            results.append(await far.poll(deadline_s))
            sent.append(far.sent)
        assert 0 == far.engine.pending
        await far.engine.close()
        return results, sent

    return asyncio.run(run())


def holes(result: PollResult) -> set[tuple[str, int]]:
    """The (role, ifIndex) of which no number came."""
    there = {
        (role, result.ports[row].if_index)
        for role, column in result.columns.items()
        for row, value in zip(column.rows, column.values, strict=True)
        if isinstance(value, int)
    }
    return {(role, port.if_index) for role in ROLES for port in result.ports} - there


def is_scraped(result: PollResult) -> bool:
    """Whether what came of it can be read by Prometheus, whatever the agent said."""
    lines = PortLines("BN-0001", "BN-0001-R1", result.ports)
    rendered = b"".join([*lines.described().values(), *lines.render(result.columns, None, 1.7e9).values()])
    families = text_string_to_metric_families(rendered.decode())
    samples = [(sample.name, tuple(sample.labels.items())) for family in families for sample in family.samples]
    return len(samples) == len(set(samples)) and len(samples) >= len(result.ports)


@pytest.mark.parametrize("case", CASES, ids=[case.agent for case in CASES])
def test_a_lying_agent_is_read_as_far_as_it_lets_itself_be(case: Case, agents: Mapping[str, int]) -> None:
    before = resident_bytes()
    begin_peak()
    results, sent = polled(agents[case.agent], case.deadline_s, case.learns + 2)
    grown = peak_bytes() - before

    first, *later = results[case.learns :]
    assert first.reason in case.reasons, first.detail
    # What was learnt only in part is asked for by name next time, and that much comes.
    assert {result.reason for result in later} <= {*case.reasons, *({None} if Reason.PARTIAL in case.reasons else ())}
    for result in (first, *later):
        assert result.reason is None or result.detail
        assert list(case.ports) == [port.if_index for port in result.ports]
        assert set(case.lacks) == holes(result)
        assert len(result.ports) == len({port.name for port in result.ports})
        assert is_scraped(result)
    assert grown <= MOST_MEMORY
    if case.like:
        _, best = polled(agents[case.like], case.deadline_s, 1)
        assert sent[case.learns] <= 4 * best[0] / case.room


def test_replies_from_another_address_are_taken_where_the_settings_allow_it(agents: Mapping[str, int]) -> None:
    settings = SETTINGS.model_copy(update={"other_sources": (ip_network("127.0.0.0/30"),)})
    results, _ = polled(agents["replies from another address"], DEADLINE_S, 1, settings)

    assert (None, list(ALL)) == (results[0].reason, [port.if_index for port in results[0].ports])


def test_no_name_shows_what_could_steer_a_terminal_or_a_page(agents: Mapping[str, int]) -> None:
    results, _ = polled(agents["names in every encoding"], DEADLINE_S, 1)
    names = [port.name for port in results[0].ports]

    assert not [name for name in names if any(ord(letter) < 32 or ord(letter) == 127 for letter in name)]
    assert not [name for name in names if not name.strip()]
    assert max(map(len, names)) <= 300


@contextmanager
def few_files(most: int) -> Iterator[None]:
    """This process may have so many files open, and no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_one_agent_that_takes_ten_seconds_delays_none_of_the_176_others_nor_do_256_files() -> None:
    """All are polled at once, learnt and then read: the others have ended while the slow one is still waited for."""

    async def run(ports: Mapping[str, int]) -> None:
        far = Polled(0, SETTINGS.model_copy(update={"timeout_s": 5.0}))
        slow, *others = ports.values()
        for _ in range(2):
            dawdling = asyncio.create_task(far.poll(24, port=slow))
            results = await asyncio.gather(*(far.poll(24, port=port) for port in others))

            assert {(None, PORTS): 176} == Counter((result.reason, len(result.ports)) for result in results)
            assert not dawdling.done()
            dawdling.cancel()
            await asyncio.gather(dawdling, return_exceptions=True)
        assert 0 == far.engine.pending
        await far.engine.close()

    with served("ten seconds a PDU", "176 x honest") as ports, few_files(256):
        asyncio.run(run(ports))


class Honest(asyncio.DatagramProtocol):
    """An honest agent in this process, whose objects a test changes."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self._responder = Responder([COMMUNITY])
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        reply = self._responder.answer(data, self.store, time.time_ns() // 1_000_000)
        if reply is not None:
            self._transport.sendto(reply, addr)

    @property
    def port(self) -> int:
        return int(self._transport.get_extra_info("sockname")[1])


@pytest.mark.parametrize("version", ["1", "2c"])
def test_what_an_agent_lacked_for_a_while_is_asked_for_again_with_the_slow_group(version: str) -> None:
    """A module that was pulled and put back lost its ports' values for ever: in v1 what is missing is asked no more."""
    whole, lacking = router_table(PORTS), router_table(PORTS, lacks=[(*OPER, 3)])

    async def run() -> None:
        agent = Honest(whole)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: agent, ("127.0.0.1", 0))
        far = Polled(agent.port, version=version)
        seen = []
        for store, task in ((whole, Task.FAST), (lacking, Task.FAST), (whole, Task.SLOW), (whole, Task.FAST)):
            agent.store = store
            seen.append(holes(await far.poll(DEADLINE_S, task)))
        transport.close()
        await far.engine.close()

        assert [set(), {("oper_status", 3)}, set()] == [*seen[:2], seen[3]]

    asyncio.run(run())
