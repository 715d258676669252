"""From the site: its own router pings the hub, and where that fails traces the path."""

from dataclasses import replace
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from wanmon.checks import routers
from wanmon.checks.registry import Vantage
from wanmon.checks.result import CheckParams, Result, RouterSession, RouterTarget, Target, Tools, loss, rtt, unable
from wanmon.checks.thresholds import in_order
from wanmon.errors import NotFound, UsageError
from wanmon.health.paths import in_words
from wanmon.model.finding import Verdict
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.platforms import registry
from wanmon.platforms.asking import PingRequest, Request, TraceRequest
from wanmon.platforms.platform import Outcome, PingReading, Platform, TraceReading
from wanmon.protocols.resolving import resolve
from wanmon.protocols.ssh.fault import STEPS, HostKeyChanged, SshFault

VANTAGE: Vantage = "site"
#: What it can give as a reason.
REASONS = (
    *STEPS, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.REFUSED, Reason.LOSS, Reason.SLOW, Reason.LOCAL,
)  # fmt: skip

#: The device's own management address as the source of what it sends.
MANAGEMENT = "management"
RESOLVE_WITHIN_S = 5.0
#: An address for documents (RFC 5737), to try parameters on before there is a target.
_ANYBODY = "192.0.2.1"
_UNTRACED = TraceReading(Outcome.LOSS)
#: What the network says of the way, and what the router says of itself.
_OF_THE_WAY = {Outcome.UNREACHABLE: Reason.UNREACHABLE, Outcome.PROHIBITED: Reason.PROHIBITED}
_OF_THE_ROUTER = {
    Outcome.UNKNOWN_HOST: (Reason.OUTPUT, "it took the address for a name"),
    Outcome.RATE_LIMITED: (Reason.REFUSED, "it sends no more echoes just now"),
    Outcome.REFUSED: (Reason.REFUSED, "it does not take the command"),
    Outcome.UNREADABLE: (Reason.OUTPUT, "what it wrote cannot be read"),
}


class Params(CheckParams):
    """What the router is asked: `source` is empty for its own choice, `management`, or one of its addresses.

    `trace` follows a ping that failed (`auto`), each (`always`) or none (`never`). `within_s` is for all together.
    """

    count: int = Field(default=5, ge=1, le=100)
    size: int = Field(default=56, ge=36, le=8000)
    timeout_s: int = Field(default=2, ge=1, le=10)
    vrf: str = ""
    source: str = ""
    loss_warning_ratio: float = Field(default=0.05, ge=0, le=1)
    loss_critical_ratio: float = Field(default=0.2, ge=0, le=1)
    rtt_warning_s: float = Field(default=0.15, gt=0, le=10)
    rtt_critical_s: float = Field(default=1.0, gt=0, le=10)
    trace: Literal["auto", "always", "never"] = "auto"
    max_hops: int = Field(default=15, ge=1, le=30)
    hop_timeout_s: int = Field(default=1, ge=1, le=5)
    within_s: float = Field(default=60.0, ge=5, le=300)

    @field_validator("vrf")
    @classmethod
    def _is_a_vrf(cls, vrf: str) -> str:
        _tried(target=_ANYBODY, vrf=vrf)
        return vrf

    @field_validator("source")
    @classmethod
    def _is_a_source(cls, source: str) -> str:
        if source and source != MANAGEMENT:
            _tried(target=source)
        return source

    @model_validator(mode="after")
    def _warning_comes_first(self) -> "Params":
        in_order(self.loss_warning_ratio, self.loss_critical_ratio)
        in_order(self.rtt_warning_s, self.rtt_critical_s)
        return self


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Log in to the site's router and let it ask; one login, whatever comes."""
    router = target.router
    if router is None or tools.routers is None:
        return unable(Reason.LOCAL, f"{target.name} cannot be asked for from a site: no router to log in to is known")
    if not router.platform:
        told = f"nobody knows how the command line of {router.device} speaks"
        return unable(Reason.LOCAL, f"{told}: `wanmon device set {router.device} --platform P`")
    try:
        platform = registry.platform(router.platform)
        ping, trace = requests(await _address(target.address), router, params)
        # Made before anybody logs in: what the platform cannot do must not cost a login.
        platform.ping(ping)
        platform.trace(trace)
    except NotFound as error:
        return unable(Reason.LOCAL, f"{router.device}: {error}; see `wanmon device set {router.device} --platform`")
    except UsageError as error:
        return unable(Reason.LOCAL, f"{router.device}: {error}")
    try:
        async with tools.routers.session(router, params.within_s) as session:
            reading = await routers.ping(session, platform, ping)
            traced = await _traced(session, platform, trace, reading, params)
    except SshFault as fault:
        return not_asked(router, fault)
    reading = told_by_trace(reading, traced)
    details = _details(platform, ping, reading, "" if traced.hops else traced.detail)
    return judge(_who(router, target, ping), reading, traced.hops, params, details)


def requests(address: str, router: RouterTarget, params: Params) -> tuple[PingRequest, TraceRequest]:
    """What the router is to be asked. Raises `UsageError`."""
    source = router.address if params.source == MANAGEMENT else params.source
    ping = PingRequest(address, source, params.vrf, params.count, params.size, params.timeout_s)
    return ping, TraceRequest(address, source, params.vrf, params.max_hops, timeout_s=params.hop_timeout_s)


def not_asked(router: RouterTarget, fault: SshFault) -> Result:
    """The result where the router could not be asked: an alarm where somebody else may be answering for it. Pure."""
    if isinstance(fault, HostKeyChanged):
        told = f"{router.device} shows another host key: {fault.detail}; was it replaced? `wanmon device trust`"
        return Result(Verdict.CRITICAL, told, fault.reason)
    return unable(fault.reason, f"{router.device} could not be asked: {fault}")


def told_by_trace(reading: PingReading, traced: TraceReading) -> PingReading:
    """What ping and trace say of the way: iputils from a given source keeps silent of a route that is missing.

    "Host unreachable" where not even the first hop answers is the router's own word: its neighbour does not answer ARP
    or ND. That is a silent line, and no missing route.
    """
    if _is_own_word(reading) and not any(hop.address and hop.reason is None for hop in traced.hops):
        return replace(reading, outcome=Outcome.LOSS)
    if reading.received or traced.hops or traced.outcome not in _OF_THE_WAY:
        return reading
    return replace(reading, outcome=traced.outcome, detail=traced.detail)


def judge(
    who: str, reading: PingReading, hops: tuple[Hop, ...], params: Params, details: dict[str, Any] | None = None
) -> Result:
    """The verdict on what the router said; `who` asked whom. Pure."""
    path = f"; path: {in_words(hops)}" if hops else ""
    more: dict[str, Any] = {"hops": hops, "details": details or {}}
    if reading.outcome in _OF_THE_ROUTER:
        ours, words = _OF_THE_ROUTER[reading.outcome]
        return Result(Verdict.UNKNOWN, f"{who}: {words}{_quoted(reading)}{path}", ours, **more)
    if reading.outcome in _OF_THE_WAY and not reading.received:
        told = _OF_THE_WAY[reading.outcome]
        return Result(Verdict.CRITICAL, f"{who}: {told}{_quoted(reading)}{path}", told, **more)
    lost = 1 - reading.received / reading.sent if reading.sent else 1.0
    measures = [loss(lost, params.loss_warning_ratio, params.loss_critical_ratio)]
    words = f"{who}: {reading.received} of {reading.sent} echoes"
    if reading.rtt_s is not None:
        measures.append(rtt(reading.rtt_s, params.rtt_warning_s, params.rtt_critical_s))
        words += f", {reading.rtt_s * 1000:.1f} ms"
    verdict, reason = _judged(lost, reading.rtt_s or 0.0, params)
    return Result(verdict, words + path, reason, measures=tuple(measures), **more)


def _is_own_word(reading: PingReading) -> bool:
    """Whether a host, and not a network, is said to be unreachable (RFC 792: code 1)."""
    return reading.outcome is Outcome.UNREACHABLE and "host unreachable" in reading.detail.lower()


def _judged(lost: float, mean_s: float, params: Params) -> tuple[Verdict, Reason | None]:
    """The first threshold that is passed, the critical ones first; nothing back at all passes every one."""
    for verdict, most_lost, most_s in (
        (Verdict.CRITICAL, params.loss_critical_ratio, params.rtt_critical_s),
        (Verdict.WARNING, params.loss_warning_ratio, params.rtt_warning_s),
    ):
        if lost > most_lost or lost >= 1:
            return verdict, Reason.LOSS
        if mean_s > most_s:
            return verdict, Reason.SLOW
    return Verdict.OK, None


async def _traced(
    session: RouterSession, platform: Platform, request: TraceRequest, reading: PingReading, params: Params
) -> TraceReading:
    """The path, where it is wanted: without it the ping still says what it says."""
    if reading.outcome in _OF_THE_ROUTER or params.trace == "never" or (params.trace == "auto" and reading.received):
        return _UNTRACED
    try:
        return await routers.trace(session, platform, request)
    except SshFault as fault:
        return replace(_UNTRACED, detail=str(fault))


async def _address(target: str) -> str:
    """The address of a target, which a router is never left to look up. Raises `UsageError`."""
    found = await resolve(target, RESOLVE_WITHIN_S)
    if not found.address:
        raise UsageError(f"target {target!r:.80}: no address was found for that name: {found.detail}")
    return found.address


def _who(router: RouterTarget, target: Target, request: Request) -> str:
    far = request.target if target.name in (request.target, "") else f"{target.name} {request.target}"
    return f"{router.device} → {far}"


def _quoted(reading: PingReading) -> str:
    return f" ({reading.detail})" if reading.detail else ""


def _details(platform: Platform, ping: PingRequest, reading: PingReading, untraced: str) -> dict[str, Any]:
    details: dict[str, Any] = {
        "platform": platform.name,
        "is_verified": platform.is_verified,
        "source": ping.source,
        "vrf": ping.vrf,
        "said": reading.detail,
        "sent": reading.sent,
        "not_traced": untraced,
    }
    if not platform.is_verified:
        details["note"] = f"the reader of {platform.name} was never tried on a real device"
    return details


def _tried(**values: str) -> None:
    """Refuse what no request takes, in its words."""
    try:
        Request(**values)
    except UsageError as error:
        raise ValueError(str(error).partition(": ")[2]) from None
