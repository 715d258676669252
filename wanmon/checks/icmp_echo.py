"""Echo: how many of a few echo requests come back, and how soon."""

import asyncio

from pydantic import Field, model_validator

from wanmon.checks.result import CheckParams, Result, Target, Tools, loss, rtt, unable
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.icmp import Echo, EchoForbidden

#: What it can give as a reason.
REASONS = (Reason.TIMEOUT, Reason.LATE, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.LOSS, Reason.SLOW, Reason.LOCAL)


class Params(CheckParams):
    """How many echoes, how far apart, and from which loss or round trip on it is a warning or critical."""

    count: int = Field(default=5, ge=1, le=100)
    interval_s: float = Field(default=0.2, ge=0.01, le=10)
    loss_warning_ratio: float = Field(default=0.05, ge=0, le=1)
    loss_critical_ratio: float = Field(default=0.2, ge=0, le=1)
    rtt_warning_s: float = Field(default=0.15, gt=0, le=10)
    rtt_critical_s: float = Field(default=1.0, gt=0, le=10)

    @model_validator(mode="after")
    def _warning_comes_first(self) -> "Params":
        if self.loss_warning_ratio > self.loss_critical_ratio or self.rtt_warning_s > self.rtt_critical_s:
            raise ValueError("a warning threshold lies above its critical one")
        return self


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Send the echoes one after another and judge them together."""
    asking = (_one(tools, target.address, number * params.interval_s) for number in range(params.count))
    try:
        return judge(await asyncio.gather(*asking), params)
    except EchoForbidden as refusal:
        return unable(Reason.LOCAL, str(refusal))


async def _one(tools: Tools, address: str, delay_s: float) -> Echo:
    await asyncio.sleep(delay_s)
    return await tools.echo.ask(address)


def judge(echoes: list[Echo], params: Params) -> Result:
    """The verdict on some echoes. Pure."""
    if any(echo.reason is Reason.LOCAL for echo in echoes):
        return unable(Reason.LOCAL, "the system did not send the echo: no route or a bad address")
    rtts = [echo.rtt_s for echo in echoes if echo.rtt_s is not None and echo.reason is None]
    lost = 1 - len(rtts) / len(echoes)
    measures = [loss(lost, params.loss_warning_ratio, params.loss_critical_ratio)]
    words = f"{len(rtts)} of {len(echoes)} echoes answered"
    if not rtts:
        return Result(Verdict.CRITICAL, words, next(echo.reason for echo in echoes), measures=tuple(measures))
    mean_s = sum(rtts) / len(rtts)
    measures.append(rtt(mean_s, params.rtt_warning_s, params.rtt_critical_s))
    verdict, reason = _judged(lost, mean_s, params)
    return Result(verdict, f"{words}, {mean_s * 1000:.1f} ms", reason, measures=tuple(measures))


def _judged(lost: float, mean_s: float, params: Params) -> tuple[Verdict, Reason | None]:
    """The first threshold that is passed, the critical ones first."""
    for verdict, most_lost, most_s in (
        (Verdict.CRITICAL, params.loss_critical_ratio, params.rtt_critical_s),
        (Verdict.WARNING, params.loss_warning_ratio, params.rtt_warning_s),
    ):
        if lost > most_lost:
            return verdict, Reason.LOSS
        if mean_s > most_s:
            return verdict, Reason.SLOW
    return Verdict.OK, None
