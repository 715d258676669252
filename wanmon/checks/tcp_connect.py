"""TCP: whether a port takes a connection, and how soon."""

from pydantic import Field, model_validator

from wanmon.checks.place import address_of
from wanmon.checks.result import CheckParams, Lack, Result, Target, Tools, rtt, unable
from wanmon.checks.thresholds import in_order, passed
from wanmon.checks.wording import milliseconds
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.tcp import Connection, connect

#: What it can give as a reason.
REASONS = (Reason.TIMEOUT, Reason.REFUSED, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.SLOW, Reason.LOCAL)


class Params(CheckParams):
    """How long to wait, and from when on it is slow; `port` overrides the target's own."""

    port: int | None = Field(default=None, ge=1, le=65535)
    timeout_s: float = Field(default=3.0, gt=0, le=60)
    duration_warning_s: float = Field(default=1.0, gt=0, le=60)
    duration_critical_s: float | None = Field(default=None, gt=0, le=60)

    @model_validator(mode="after")
    def _warning_comes_first(self) -> "Params":
        in_order(self.duration_warning_s, self.duration_critical_s)
        return self

    def lacks(self, *, has_port: bool) -> Lack | None:
        """A port: only a service brings one along."""
        if self.port or has_port:
            return None
        return Lack("target", 'has no port to ask: name a service, or add one to params, like {"port": 443}')


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Connect once and judge it."""
    port = params.port or target.port
    if not port:
        return unable(Reason.LOCAL, f"{target.name} has no TCP port: name a service as target, or set the port")
    address = await address_of(target, params.timeout_s)
    if isinstance(address, Result):
        return address
    return judge(f"{target.address} port {port}", await connect(address, port, params.timeout_s), params)


def judge(place: str, connection: Connection, params: Params) -> Result:
    """The verdict on one attempt to connect. Pure."""
    took_s = connection.duration_s
    if connection.reason is Reason.LOCAL:
        return unable(Reason.LOCAL, f"{place}: {connection.detail}")
    if connection.reason:
        return Result(Verdict.CRITICAL, f"{place}: {connection.detail}", connection.reason, took_s)
    words = f"{place} connected in {milliseconds(took_s)}"
    measures = (rtt(took_s, params.duration_warning_s, params.duration_critical_s),)
    verdict = passed(took_s, params.duration_warning_s, params.duration_critical_s)
    return Result(verdict, words, None if verdict is Verdict.OK else Reason.SLOW, took_s, measures)
