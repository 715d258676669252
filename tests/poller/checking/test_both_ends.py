"""Results of checks as the rule of both ends takes them: what was not asked is not known."""

from dataclasses import asdict
from typing import Any

import pytest

from wanmon.checks.result import Result, loss
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.poller.checking.both_ends import seen

OK, WARNING, CRITICAL, UNKNOWN = Verdict


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

    told = {name: value for name, value in known.items() if name not in ("router", "address", "target")}

    assert expected == {name: value for name, value in told.items() if value not in (None, "")}
