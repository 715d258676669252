"""Probes of life as this process makes them: by echo, by TCP, and by SNMP where neither is to be had."""

import asyncio
import socket
from typing import Any

import pytest

from tests.poller.scripted import Agents, Hands, credential, library, ring, router, target
from wanmon.config.settings import SnmpSettings
from wanmon.model.reason import Reason
from wanmon.poller.execute import LocalExecutor
from wanmon.poller.jobs import Job, LivenessResult, PollResult, Task
from wanmon.protocols.icmp import Echo


class Echoing:
    """An echo client with one answer."""

    def __init__(self, answer: Echo) -> None:
        self.answer = answer

    async def ask(self, address: str) -> Echo:
        return self.answer


def executor(echo: Any = None) -> LocalExecutor:
    keys, _ = ring(Agents({("10.27.0.1", "wan"): router()}), Hands(), credential("wan"))
    return LocalExecutor(keys, library(), echo, SnmpSettings())


def probed(echo: Any = None, **values: Any) -> LivenessResult:
    found: Any = asyncio.run(executor(echo).execute(Job(Task.LIVENESS, target(**values), 4)))
    return found


@pytest.mark.parametrize(
    ("echo", "reason", "rtt_s"),
    [
        (Echo(0.01), None, 0.01),
        (Echo(None, Reason.TIMEOUT), Reason.TIMEOUT, None),
        (Echo(1.2, Reason.LATE), Reason.LATE, None),
        (Echo(None, Reason.LOCAL), Reason.LOCAL, None),
    ],
    ids=["in time", "silence", "late", "not sent"],
)
def test_an_echo_that_is_late_has_no_round_trip(echo: Echo, reason: Reason | None, rtt_s: float | None):
    seen = probed(Echoing(echo))

    assert ("icmp", reason, rtt_s) == (seen.protocol, seen.observation.reason, seen.rtt_s)


def test_a_port_that_refuses_is_a_host_that_lives(free_tcp_port: int):
    seen = probed(address="127.0.0.1", liveness=f"tcp:{free_tcp_port}")

    assert ("tcp", None) == (seen.protocol, seen.observation.reason)


def test_a_port_that_takes_connections_is_a_host_that_lives():
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen = probed(address="127.0.0.1", liveness=f"tcp:{server.getsockname()[1]}")

    assert ("tcp", None) == (seen.protocol, seen.observation.reason)
    assert seen.rtt_s is not None


def test_without_echo_snmp_speaks_for_life():
    seen = probed()

    assert ("snmp", None) == (seen.protocol, seen.observation.reason)


def test_other_profiles_are_taken_up_by_learning_anew():
    made = executor()

    async def before_and_after() -> list[PollResult]:
        results: list[Any] = [await made.execute(Job(Task.FAST, target(), 10)) for _ in range(2)]
        made.use(library(), SnmpSettings())
        results.append(await made.execute(Job(Task.FAST, target(), 10)))
        return results

    assert [None, frozenset(), None] == [result.changed for result in asyncio.run(before_and_after())]


def beside(task: Task, echo: Any = None, **values: Any) -> LivenessResult:
    found: Any = asyncio.run(executor(echo).execute(Job(task, target(**values), 4)))
    return found


def test_whatever_else_may_answer_is_asked_by_snmp():
    assert "snmp" == beside(Task.EVIDENCE, Echoing(Echo(0.01))).protocol


def test_where_snmp_stands_for_the_echo_the_lane_is_asked_by_it():
    made: Any = asyncio.run(executor(Echoing(Echo(0.01))).execute(Job(Task.LIVENESS, target(), 4, by_snmp=True)))

    assert ("snmp", None) == (made.protocol, made.observation.reason)


@pytest.mark.parametrize(
    ("liveness", "protocol"), [("icmp", "icmp"), ("tcp:{port}", "tcp"), ("snmp", "snmp")], ids=["icmp", "tcp", "snmp"]
)
def test_whether_a_filter_is_gone_is_asked_by_the_probe_that_it_kept_away(
    liveness: str, protocol: str, free_tcp_port: int
):
    """An echo would be answered by a host whose port is closed: it would be filtered and unfiltered for ever."""
    values = {"liveness": liveness.format(port=free_tcp_port)}
    address = {"address": "127.0.0.1"} if protocol == "tcp" else {}

    assert protocol == beside(Task.ECHO, Echoing(Echo(0.01)), **values, **address).protocol


def test_whether_its_ssh_takes_a_connection_is_asked_at_its_own_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        seen = beside(Task.KNOCK, address="127.0.0.1", login_port=server.getsockname()[1])

    assert ("tcp", None) == (seen.protocol, seen.observation.reason)


def test_a_port_that_refuses_is_a_router_that_lives(free_tcp_port: int):
    """Many routers let in only whom an access list names, and refuse all others themselves."""
    seen = beside(Task.KNOCK, address="127.0.0.1", login_port=free_tcp_port)

    assert None is seen.observation.reason
