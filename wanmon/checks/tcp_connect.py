"""TCP: whether a port takes a connection, and how soon."""

from pydantic import Field

from wanmon.checks.result import CheckParams, Result, Target, Tools, rtt, unable
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.tcp import Connection, connect

#: What it can give as a reason.
REASONS = (Reason.TIMEOUT, Reason.REFUSED, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.SLOW, Reason.LOCAL)


class Params(CheckParams):
    """How long to wait; `port` overrides the target's own."""

    port: int | None = Field(default=None, ge=1, le=65535)
    timeout_s: float = Field(default=3.0, gt=0, le=60)
    duration_warning_s: float = Field(default=1.0, gt=0, le=60)


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Connect once and judge it."""
    port = params.port or target.port
    if not port:
        return unable(Reason.LOCAL, f"{target.name} has no TCP port: name a service as target, or set the port")
    return judge(f"{target.address} port {port}", await connect(target.address, port, params.timeout_s), params)


def judge(place: str, connection: Connection, params: Params) -> Result:
    """The verdict on one attempt to connect. Pure."""
    took_s = connection.duration_s
    if connection.reason is Reason.LOCAL:
        return unable(Reason.LOCAL, f"{place}: {connection.detail}")
    if connection.reason:
        return Result(Verdict.CRITICAL, f"{place}: {connection.detail}", connection.reason, took_s)
    words = f"{place} connected in {took_s * 1000:.1f} ms"
    measures = (rtt(took_s, params.duration_warning_s),)
    if took_s > params.duration_warning_s:
        return Result(Verdict.WARNING, words, Reason.SLOW, took_s, measures)
    return Result(Verdict.OK, words, duration_s=took_s, measures=measures)
