"""SNMP and TCP: a raw answer, and the verdict on it."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from tests.poller.scripted import Agent, Agents, credential, router
from wanmon.checks import snmp_system, tcp_connect
from wanmon.checks.result import Target, Tools, Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.snmp.types import Answer, Syntax, VarBind
from wanmon.protocols.tcp import Connection

OK, WARNING, CRITICAL, UNKNOWN = Verdict


def tools(snmp: Any = None) -> Tools:
    return Tools(cast(Any, None), snmp)


@pytest.mark.parametrize(
    ("connection", "verdict", "words"),
    [
        (Connection(0.0123), OK, "A port 22 connected in 12.3 ms"),
        (Connection(1.0), OK, "1000.0 ms"),
        (Connection(1.01), WARNING, "1010.0 ms"),
        (Connection(0.1, Reason.REFUSED, "Connection refused"), CRITICAL, "A port 22: Connection refused"),
        (Connection(3, Reason.TIMEOUT, "no connection within 3 s"), CRITICAL, "no connection within 3 s"),
        (Connection(0, Reason.UNREACHABLE, "No route to host"), CRITICAL, "No route to host"),
        (Connection(0, Reason.PROHIBITED, "Permission denied"), CRITICAL, "Permission denied"),
        (Connection(0, Reason.LOCAL, "Too many open files"), UNKNOWN, "Too many open files"),
    ],
    ids=lambda value: "" if not isinstance(value, Connection) else str(value.reason or value.duration_s),
)
def test_a_connection_is_judged(connection: Connection, verdict: Verdict, words: str):
    result = tcp_connect.judge("A port 22", connection, tcp_connect.Params())

    assert (verdict, connection.reason or (Reason.SLOW if verdict is WARNING else None)) == (
        result.verdict,
        result.reason,
    )
    assert words in result.text


def test_a_target_without_a_port_cannot_be_connected_to():
    result = asyncio.run(tcp_connect.run(Target("A", "127.0.0.1"), tcp_connect.Params(), tools()))

    assert UNKNOWN is result.verdict
    assert "set the port" in result.text


def test_the_port_of_the_parameters_goes_before_that_of_the_target(free_tcp_port: int):
    params = tcp_connect.Params(port=free_tcp_port, timeout_s=1)
    result = asyncio.run(tcp_connect.run(Target("A", "127.0.0.1", 22), params, tools()))

    assert (CRITICAL, Reason.REFUSED) == (result.verdict, result.reason)
    assert f"port {free_tcp_port}" in result.text


def answered(*values: tuple[tuple[int, ...], Any]) -> tuple[VarBind, ...]:
    return tuple(
        VarBind(oid, Syntax.NO_SUCH_INSTANCE if value is None else Syntax.INTEGER, value) for oid, value in values
    )


UPTIME, NAME = snmp_system.SYS_UP_TIME, snmp_system.SYS_NAME


@pytest.mark.parametrize(
    ("answer", "verdict", "reason", "words"),
    [
        (Answer(answered((UPTIME, 9_000_000), (NAME, b"r1"))), OK, None, "r1 answers, up for 1 d 1 h (credential wan)"),
        (Answer(answered((UPTIME, 1_900_000), (NAME, b"r1"))), OK, None, "up for 5 h 16 min (credential wan)"),
        (Answer(answered((UPTIME, 90_000), (NAME, b"r1"))), OK, None, "up for 15 min (credential wan)"),
        (Answer(answered((UPTIME, 5), (NAME, None))), OK, None, "an agent without a name"),
        (Answer(answered((UPTIME, 5), (NAME, b"B\xb0c"))), OK, None, r"B\xb0c"),
        (Answer(answered((UPTIME, None))), CRITICAL, Reason.NO_SUCH, "no_such"),
        (Answer(answered((UPTIME, b"long"))), CRITICAL, Reason.NO_SUCH, "no_such"),
        (Answer((), Reason.TIMEOUT, "no answer in 2 s"), CRITICAL, Reason.TIMEOUT, "no answer in 2 s"),
        (Answer((), Reason.REFUSED, "authorizationError"), CRITICAL, Reason.REFUSED, "authorizationError"),
        (Answer((), Reason.AUTH, "wrong digest"), UNKNOWN, Reason.AUTH, "credential wan: wrong digest"),
        (Answer((), Reason.LOCAL, "no UDP socket"), UNKNOWN, Reason.LOCAL, "no UDP socket"),
        (Answer((), Reason.TIME_WINDOW), UNKNOWN, Reason.TIME_WINDOW, "time_window"),
    ],
    ids=[
        "whole",
        "hours",
        "minutes",
        "no name",
        "not UTF-8",
        "no uptime",
        "nonsense",
        "silent",
        "error",
        "refused",
        "local",
        "time",
    ],
)
def test_the_answer_of_an_agent_is_judged(answer: Answer, verdict: Verdict, reason: Reason | None, words: str):
    """A refused credential says nothing of the line: unknown, not critical."""
    result = snmp_system.judge(answer, "wan", 0.1)

    assert (verdict, reason) == (result.verdict, result.reason)
    assert words in result.text


@pytest.mark.parametrize(
    ("agents", "verdict", "opened"),
    [
        ([router(), router()], OK, ["a"]),
        ([Agent({}, Reason.TIMEOUT), router()], OK, ["a", "b"]),
        ([Agent({}, Reason.AUTH), router()], OK, ["a", "b"]),
        ([Agent({}, Reason.UNREACHABLE), router()], CRITICAL, ["a"]),
        ([Agent({}, Reason.AUTH), Agent({}, Reason.TIMEOUT)], CRITICAL, ["a", "b"]),
    ],
    ids=["first", "after silence", "after a refusal", "not after an error", "none"],
)
def test_the_next_credential_is_tried_after_a_refusal_or_a_silence(
    agents: Sequence[Agent], verdict: Verdict, opened: list[str]
):
    far = Agents({("10.27.0.1", name): agent for name, agent in zip("ab", agents, strict=True)})
    target = Target("A", "10.27.0.1", 161, (credential("a"), credential("b")))
    result = asyncio.run(snmp_system.run(target, snmp_system.Params(), cast(Any, tools(far))))

    assert verdict is result.verdict
    assert opened == [name for _, name in far.opened]


def test_without_a_credential_nobody_is_asked():
    result = asyncio.run(snmp_system.run(Target("A", "10.27.0.1"), snmp_system.Params(), tools()))

    assert (UNKNOWN, Reason.LOCAL) == (result.verdict, result.reason)
