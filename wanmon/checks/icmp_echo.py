"""Echo: how many of a few echo requests come back, and how soon."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from pydantic import Field, model_validator

from wanmon.checks.place import address_of
from wanmon.checks.result import CheckParams, Result, Target, Tools, loss, rtt, unable
from wanmon.checks.thresholds import in_order
from wanmon.checks.wording import milliseconds
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.echo_probe import DEFAULT_BYTES, LEAST_BYTES, EchoAnswer, EchoOptions, EchoProbe
from wanmon.protocols.icmp import EchoForbidden

#: What it can give as a reason.
REASONS = (
    Reason.TIMEOUT, Reason.LATE, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.TOO_BIG, Reason.LOSS, Reason.SLOW,
    Reason.LOCAL,
)  # fmt: skip


class Params(CheckParams):
    """How many echoes, how far apart, and from which loss or round trip on it is a warning or critical.

    `size` is that of the IP packet in bytes; with `df` nobody may fragment it. `dscp` marks it, `source` is the address
    of ours that it leaves from.
    """

    count: int = Field(default=5, ge=1, le=100)
    interval_s: float = Field(default=0.2, ge=0.01, le=10)
    timeout_s: float = Field(default=1.0, gt=0, le=10)
    size: int = Field(default=DEFAULT_BYTES, ge=LEAST_BYTES, le=65_535)
    df: bool = False
    dscp: int = Field(default=0, ge=0, le=63)
    source: str = Field(default="", max_length=64)
    loss_warning_ratio: float = Field(default=0.05, ge=0, le=1)
    loss_critical_ratio: float = Field(default=0.2, ge=0, le=1)
    rtt_warning_s: float = Field(default=0.15, gt=0, le=10)
    rtt_critical_s: float = Field(default=1.0, gt=0, le=10)

    @model_validator(mode="after")
    def _warning_comes_first(self) -> "Params":
        in_order(self.loss_warning_ratio, self.loss_critical_ratio)
        in_order(self.rtt_warning_s, self.rtt_critical_s)
        return self


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Send the echoes one after another and judge them together."""
    address = await address_of(target, params.timeout_s)
    if isinstance(address, Result):
        return address
    try:
        probe = EchoProbe(address, EchoOptions(params.df, params.dscp, params.source))
    except EchoForbidden as refusal:
        return unable(Reason.LOCAL, str(refusal))
    except OSError as error:
        origin = f" from {params.source}" if params.source else ""
        return unable(Reason.LOCAL, f"no echo to {address}{origin}: {error.strerror or error}")
    with probe:
        asking = (_one(probe, params, number * params.interval_s) for number in range(params.count))
        return judge(await asyncio.gather(*asking), params)


async def _one(probe: EchoProbe, params: Params, delay_s: float) -> EchoAnswer:
    await asyncio.sleep(delay_s)
    return await probe.ask(params.timeout_s, size=params.size)


def judge(echoes: Sequence[EchoAnswer], params: Params) -> Result:
    """The verdict on some echoes. Pure."""
    unsent = next((echo for echo in echoes if echo.reason is Reason.LOCAL), None)
    if unsent:
        return unable(Reason.LOCAL, f"the system did not send the echo: {unsent.detail}")
    rtts = [echo.rtt_s for echo in echoes if echo.rtt_s is not None and echo.reason is None]
    lost = 1 - len(rtts) / len(echoes)
    sent = {"sent": len(echoes)}
    measures = [loss(lost, params.loss_warning_ratio, params.loss_critical_ratio)]
    words = f"{len(rtts)} of {len(echoes)} echoes answered"
    missed = [echo for echo in echoes if echo.reason is not None]
    if not rtts:
        reason = max(missed, key=lambda echo: echo.refusal is not None).reason
        return Result(
            Verdict.CRITICAL, words + _refusals(missed, params), reason, measures=tuple(measures), details=sent
        )
    mean_s = sum(rtts) / len(rtts)
    measures.append(rtt(mean_s, params.rtt_warning_s, params.rtt_critical_s))
    verdict, reason = _judged(lost, mean_s, params)
    text = f"{words}, {milliseconds(mean_s)}{_refusals(missed, params)}"
    return Result(verdict, text, reason, measures=tuple(measures), details=sent)


def _refusals(missed: Sequence[EchoAnswer], params: Params) -> str:
    """What the network said of those that it did not deliver, what it said most often."""
    said = Counter(_refusal(echo, params) for echo in missed if echo.refusal is not None)
    return f": {said.most_common(1)[0][0]}" if said else ""


def _refusal(echo: EchoAnswer, params: Params) -> str:
    mtu = f" ({params.size} bytes, MTU {echo.mtu})" if echo.mtu else ""
    return f"{echo.refusal} at {echo.source or 'this machine'}{mtu}"


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
