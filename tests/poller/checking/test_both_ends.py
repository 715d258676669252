"""Results of checks as the rule of both ends takes them: what was not asked is not known."""

from dataclasses import asdict
from typing import Any

import pytest

from tests.poller.scripted import target
from wanmon.checks.result import Measure, Result, RouterTarget, Target, loss
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.poller.checking.both_ends import heard, seen
from wanmon.poller.checking.questions import Question

OK, WARNING, CRITICAL, UNKNOWN = Verdict
NAMES = {"router", "address", "target"}
COUNTS = {"echo_sent", "back_sent"}


def result(verdict: Verdict, reason: Reason | None = None, lost: float | None = None) -> Result:
    return Result(verdict, "words", reason, measures=() if lost is None else (loss(lost),))


@pytest.mark.parametrize(
    ("expected", "results"),
    [
        ({}, {}),
        ({"echo_loss": 0.0}, {"echo": result(OK, lost=0)}),
        ({"echo_loss": 0.4}, {"echo": result(CRITICAL, Reason.LOSS, 0.4)}),
        ({"echo_loss": 1.0}, {"echo": result(CRITICAL, Reason.UNREACHABLE)}),
        ({}, {"echo": result(UNKNOWN, Reason.LOCAL)}),
        ({"snmp_answers": True}, {"snmp": result(OK)}),
        ({"snmp_answers": True}, {"snmp": result(UNKNOWN, Reason.AUTH)}),
        ({"snmp_answers": False}, {"snmp": result(CRITICAL, Reason.TIMEOUT)}),
        ({"snmp_answers": False}, {"snmp": result(CRITICAL, Reason.REFUSED)}),
        ({}, {"snmp": result(UNKNOWN, Reason.LOCAL)}),
        ({"ssh_answers": True, "back_loss": 0.0}, {"from_site": result(OK, lost=0)}),
        ({"ssh_answers": True, "back_loss": 1.0}, {"from_site": result(CRITICAL, Reason.LOSS, 1)}),
        (
            {"ssh_answers": True, "back_loss": 1.0, "back_reason": Reason.UNREACHABLE},
            {"from_site": result(CRITICAL, Reason.UNREACHABLE)},
        ),
        ({"ssh_answers": True, "untried": "words"}, {"from_site": result(UNKNOWN, Reason.AUTH)}),
        ({"ssh_answers": True, "untried": "words"}, {"from_site": result(CRITICAL, Reason.HOST_KEY)}),
        ({"ssh_answers": False, "untried": "words"}, {"from_site": result(UNKNOWN, Reason.TCP)}),
        ({"untried": "words"}, {"from_site": result(UNKNOWN, Reason.HOST_KEY)}),
        ({"untried": "words"}, {"from_site": result(UNKNOWN, Reason.LOCAL)}),
    ],
)
def test_each_result_says_what_it_knows(expected: dict[str, Any], results: dict[str, Result]):
    """A port that is closed has no agent behind it; a router without a trusted key was not even connected to."""
    known = asdict(seen("R1", "10.27.9.1", "dc", **results))

    told = {name: value for name, value in known.items() if name not in NAMES | COUNTS}

    assert expected == {name: value for name, value in told.items() if value not in (None, "")}


def test_the_counts_behind_the_shares_are_told_and_the_direction_of_a_loss():
    """Without them nobody could say whether two ends differ beyond chance."""
    echo = Result(OK, "", measures=(loss(0.0),), details={"sent": 5})
    back = Result(CRITICAL, "", Reason.LOSS, measures=(loss(0.5),), details={"sent": 20})
    direction = Result(
        CRITICAL, "", Reason.LOSS, measures=(Measure("lost_there", 0.3, "ratio"), Measure("lost_back", 0.0, "ratio"))
    )

    known = seen("R1", "10.27.9.1", "dc", echo=echo, from_site=back, direction=direction)

    assert (5, 20, 0.3, 0.0) == (known.echo_sent, known.back_sent, known.lost_there, known.lost_back)


def test_a_router_that_could_not_be_asked_has_sent_nothing():
    refused = Result(UNKNOWN, "", Reason.AUTH, details={"sent": 5})

    assert 0 == seen("R1", "10.27.9.1", "dc", from_site=refused).back_sent


def question(kind: str) -> Question:
    device = target(name="BN-0001-R1")
    login = RouterTarget("BN-0001", "BN-0001-R1", "10.27.1.1", 22, "linux", ("routers",))
    if kind == "ssh_path":
        return Question("BN-0001", "c", kind, Target("dc", "10.27.0.10", router=login))
    return Question("BN-0001", "c", kind, Target("BN-0001-R1", "10.27.1.1"), device=device)


@pytest.mark.parametrize(
    ("expected", "kind", "of"),
    [
        ("BN-0001-R1", "tcp_connect", result(OK)),
        ("BN-0001-R1", "tcp_connect", result(CRITICAL, Reason.REFUSED)),
        ("", "tcp_connect", result(CRITICAL, Reason.TIMEOUT)),
        ("", "tcp_connect", result(UNKNOWN, Reason.LOCAL)),
        ("BN-0001-R1", "ssh_path", result(CRITICAL, Reason.UNREACHABLE)),
        ("BN-0001-R1", "ssh_path", result(UNKNOWN, Reason.AUTH)),
        ("", "ssh_path", result(UNKNOWN, Reason.TCP)),
        ("", "ssh_path", result(CRITICAL, Reason.HOST_KEY)),
        ("", "icmp_echo", result(OK)),
    ],
)
def test_whoever_answers_tcp_or_ssh_lives(expected: str, kind: str, of: Result):
    """But where another host key is shown nobody knows who answers."""
    assert expected == heard(question(kind), of)
