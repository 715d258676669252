"""Echo: how many of a few echo requests come back, and how soon."""

import asyncio

from pydantic import Field, model_validator

from wanmon.checks.result import CheckParams, Result, Target, Tools, Verdict, unable
from wanmon.model.reason import Reason
from wanmon.protocols.icmp import Echo, EchoForbidden


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
    loss = 1 - len(rtts) / len(echoes)
    mean_s = sum(rtts) / len(rtts) if rtts else None
    words = f"{len(rtts)} of {len(echoes)} echoes answered" + (f", {mean_s * 1000:.1f} ms" if mean_s else "")
    reason = None if rtts else next(echo.reason for echo in echoes)
    return Result(_verdict(loss, mean_s, params), words, reason, rtt_s=mean_s, loss_ratio=loss)


def _verdict(loss: float, mean_s: float | None, params: Params) -> Verdict:
    if mean_s is None or loss > params.loss_critical_ratio or mean_s > params.rtt_critical_s:
        return Verdict.CRITICAL
    if loss > params.loss_warning_ratio or mean_s > params.rtt_warning_s:
        return Verdict.WARNING
    return Verdict.OK
