"""Which way packets are lost: what the router counted, beside what was sent and answered."""

import asyncio
from typing import Any, cast

import pytest

from tests.poller.scripted import Agent, Agents, credential
from wanmon.checks import loss_direction
from wanmon.checks.loss_direction import Count, Params, arrivals
from wanmon.checks.result import Target, Tools
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.icmp import Echo

IN_ECHOS = loss_direction.OBJECTS[4][1]


@pytest.mark.parametrize(
    ("count", "verdict", "there", "back"),
    [
        (Count(50, 50, 50), Verdict.OK, 0, 0),
        (Count(50, 49, 48), Verdict.OK, 0.02, 1 / 49),
        (Count(50, 35, 35), Verdict.CRITICAL, 0.3, 0),
        (Count(50, 50, 35), Verdict.CRITICAL, 0, 0.3),
        (Count(50, 45, 41), Verdict.WARNING, 0.1, 4 / 45),
        (Count(50, 50, 0), Verdict.CRITICAL, 0, 1),
        (Count(50, 0, 0), Verdict.CRITICAL, 1, 0),
    ],
    ids=["clean", "a little", "there", "back", "both", "all back", "all there"],
)
def test_the_worse_direction_decides(count: Count, verdict: Verdict, there: float, back: float):
    result = loss_direction.judge(count, Params())

    assert verdict is result.verdict
    assert pytest.approx((there, back)) == (result.measured("lost_there"), result.measured("lost_back"))
    assert (Reason.LOSS if verdict is not Verdict.OK else None) is result.reason


@pytest.mark.parametrize(
    ("readings", "answered", "arrived"),
    [
        ([1000, 1000, 1050], 50, 50),
        ([1000, 1006, 1063], 50, 50),  # somebody else sends one a second, seven in all
        ([1000, 1006, 1043], 30, 30),
        ([2**32 - 1, 2**32 - 1, 48], 40, 49),  # a Counter32 that wraps between the readings
        ([1000, 1000, 1020], 30, 30),  # what was answered has arrived, whatever an agent says
        ([1000, 1000, 9999], 50, 50),  # and no more than was sent
    ],
    ids=["quiet", "others send too", "both", "wrapped", "too few told", "too many told"],
)
def test_what_others_send_is_not_counted_as_ours(readings: list[int], answered: int, arrived: float):
    assert arrived == arrivals(readings, 6, 1, 50, answered).arrived


class Lossy:
    """Answers the first so many echoes, and tells the agent of all that it let arrive."""

    def __init__(self, agent: Agent, arrives: int, answers: int) -> None:
        self.agent, self.arrives, self.answers = agent, arrives, answers
        self.asked = 0

    async def ask(self, address: str) -> Echo:
        self.asked += 1
        if self.asked <= self.arrives:
            self.agent.table[IN_ECHOS] = cast(int, self.agent.table[IN_ECHOS]) + 1
        return Echo(0.001) if self.asked <= self.answers else Echo(None, Reason.TIMEOUT)


@pytest.mark.parametrize(
    ("arrives", "answers", "words"),
    [(20, 10, "0% lost on the way there, 50% on the way back"), (10, 10, "50% lost on the way there, 0% on the way")],
    ids=["back", "there"],
)
def test_the_direction_is_told_in_words(arrives: int, answers: int, words: str):
    agent = Agent({IN_ECHOS: 77})
    tools = Tools(cast(Any, Lossy(agent, arrives, answers)), cast(Any, Agents({("10.27.0.1", "a"): agent})))
    target = Target("A", "10.27.0.1", 161, (credential("a"),))
    result = asyncio.run(loss_direction.run(target, Params(count=20, interval_s=0.01, settle_s=0), tools))

    assert Verdict.CRITICAL is result.verdict
    assert words in result.text


@pytest.mark.parametrize(
    ("agent", "verdict", "reason"),
    [
        (Agent({}, Reason.TIMEOUT), Verdict.CRITICAL, Reason.TIMEOUT),
        (Agent({}, Reason.AUTH), Verdict.UNKNOWN, Reason.AUTH),
        (Agent({}), Verdict.UNKNOWN, Reason.NO_SUCH),
    ],
    ids=["silent", "refused", "does not count"],
)
def test_a_count_that_cannot_be_read_sends_no_echo(agent: Agent, verdict: Verdict, reason: Reason):
    far = Lossy(agent, 0, 0)
    tools = Tools(cast(Any, far), cast(Any, Agents({("10.27.0.1", "a"): agent})))
    target = Target("A", "10.27.0.1", 161, (credential("a"),))
    result = asyncio.run(loss_direction.run(target, Params(settle_s=0), tools))

    assert (verdict, reason, 0) == (result.verdict, result.reason, far.asked)


def test_without_a_credential_nothing_is_asked():
    result = asyncio.run(loss_direction.run(Target("A", "10.27.0.1"), Params(), cast(Any, None)))

    assert (Verdict.UNKNOWN, Reason.LOCAL) == (result.verdict, result.reason)
