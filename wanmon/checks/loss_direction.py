"""Which way packets are lost: how many echoes the router itself counted, beside those sent and those answered.

A lossy round trip does not tell its direction. The router does: it counts the echo requests that reach it. Others send
it echoes, too; what they send is measured beforehand, and agents that keep their counters for some seconds are waited
for.
"""

import asyncio
from dataclasses import dataclass

from pydantic import Field, model_validator

from wanmon.checks.result import CheckParams, Measure, Result, Target, Tools, loss, unable
from wanmon.model.finding import Verdict
from wanmon.model.reason import NO_OBSERVATION, OF_CHECKS, Reason
from wanmon.protocols.icmp import EchoForbidden
from wanmon.protocols.snmp.asking import Session

#: icmpMsgStatsInPkts of echo requests (RFC 4293: icmpMsgStatsIPVersion.icmpMsgStatsType), and the older icmpInEchos.
_BY_TYPE = (1, 3, 6, 1, 2, 1, 5, 30, 1, 3)
OBJECTS = {4: ((*_BY_TYPE, 1, 8), (1, 3, 6, 1, 2, 1, 5, 8, 0)), 6: ((*_BY_TYPE, 2, 128),)}

_WRAP = 2**32

#: What it can give as a reason.
REASONS = (*(reason for reason in Reason if reason not in OF_CHECKS and reason is not Reason.ISOLATED), Reason.LOSS)


class Params(CheckParams):
    """How many echoes, how far apart, how long agents keep counters (net-snmp: 5 s), and the loss that matters."""

    count: int = Field(default=50, ge=20, le=500)
    interval_s: float = Field(default=0.02, ge=0.01, le=1)
    settle_s: float = Field(default=6.0, ge=0, le=60)
    timeout_s: float = Field(default=2.0, gt=0, le=30)
    loss_warning_ratio: float = Field(default=0.05, ge=0, le=1)
    loss_critical_ratio: float = Field(default=0.2, ge=0, le=1)

    @model_validator(mode="after")
    def _warning_comes_first(self) -> "Params":
        if self.loss_warning_ratio > self.loss_critical_ratio:
            raise ValueError("a warning threshold lies above its critical one")
        return self


@dataclass(frozen=True, slots=True)
class Count:
    """What was sent, what the router counted of it, and what was answered."""

    sent: int
    arrived: float
    answered: int

    @property
    def lost_there(self) -> float:
        """The share of the requests that never reached the router."""
        return min(1.0, max(0.0, 1 - self.arrived / self.sent))

    @property
    def lost_back(self) -> float:
        """The share of the replies that never reached us."""
        return min(1.0, max(0.0, 1 - self.answered / self.arrived)) if self.arrived > 0 else 0.0


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Read the counter, wait, read it, send the echoes, wait, and read it again."""
    if not target.credentials:
        return unable(Reason.LOCAL, f"{target.name} has no SNMP credential that is in secrets.toml")
    session = tools.snmp.session(
        target.address, target.port, target.credentials[0], timeout_s=params.timeout_s, retries=2
    )
    readings: list[int] = []
    answered = 0
    for turn in range(3):
        if turn == 2:
            try:
                answered = await _answered(target.address, params, tools)
            except EchoForbidden as refusal:
                return unable(Reason.LOCAL, str(refusal))
        if turn:
            await asyncio.sleep(params.settle_s)
        counted = await _counted(session, 6 if ":" in target.address else 4)
        if isinstance(counted, Result):
            return counted
        readings.append(counted)
    sent_s = params.count * params.interval_s
    return judge(arrivals(readings, params.settle_s, sent_s, params.count, answered), params)


async def _answered(address: str, params: Params, tools: Tools) -> int:
    async def one(number: int) -> bool:
        await asyncio.sleep(number * params.interval_s)
        return (await tools.echo.ask(address)).reason is None

    return sum(await asyncio.gather(*map(one, range(params.count))))


async def _counted(session: Session, version: int) -> int | Result:
    """How many echo requests the router has counted, or why that cannot be told."""
    answer = await session.get(OBJECTS[version])
    for varbind in answer.varbinds:
        if isinstance(varbind.value, int):
            return varbind.value
    reason = answer.reason or Reason.NO_SUCH
    words = answer.detail or "the router does not count echo requests"
    verdict = Verdict.UNKNOWN if reason in NO_OBSERVATION or reason is Reason.NO_SUCH else Verdict.CRITICAL
    return Result(verdict, f"the count of echoes cannot be read: {words}", reason)


def arrivals(readings: list[int], idle_s: float, sent_s: float, sent: int, answered: int) -> Count:
    """What reached the router of `sent` echoes: the growth of its Counter32 less what others send it meanwhile.

    Three readings: `idle_s` passed between the first two; between the last two the echoes were sent within `sent_s`,
    and `idle_s` more. What was answered has arrived. Pure.
    """
    first, second, third = readings
    others = (second - first) % _WRAP / idle_s if idle_s else 0.0
    arrived = (third - second) % _WRAP - others * (idle_s + sent_s)
    return Count(sent, min(float(sent), max(float(answered), arrived)), answered)


def judge(count: Count, params: Params) -> Result:
    """The verdict on what was counted: of the two directions the worse one decides. Pure."""
    there, back = count.lost_there, count.lost_back
    worst = max(there, back)
    measures = (
        loss(1 - count.answered / count.sent, params.loss_warning_ratio, params.loss_critical_ratio),
        Measure("lost_there", there, "ratio", minimum=0, maximum=1),
        Measure("lost_back", back, "ratio", minimum=0, maximum=1),
    )
    words = (
        f"{count.sent} echoes sent, the router counted {count.arrived:.0f}, {count.answered} were answered: "
        f"{there:.0%} lost on the way there, {back:.0%} on the way back"
    )
    verdict, reason = Verdict.OK, None
    if worst > params.loss_warning_ratio:
        verdict, reason = Verdict.WARNING, Reason.LOSS
    if worst > params.loss_critical_ratio:
        verdict = Verdict.CRITICAL
    return Result(verdict, words, reason, measures=measures, details={"sent": count.sent})
