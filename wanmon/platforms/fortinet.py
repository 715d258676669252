"""Fortinet FortiOS 6 and 7: `execute ping` with options of the session, and `execute traceroute`.

An access profile that may read `sysgrp` is enough; where VDOMs are on, the login must be of one VDOM. Options last as
long as the session and are no configuration; they are reset first. A VRF cannot be chosen: FortiOS takes that of the
interface with the source address. A trace over IPv4 can be given neither hops nor times to wait.
Source: FortiOS CLI Reference, `execute ping-options`, `execute traceroute-options`, `execute tracert6`.
"""

from wanmon.errors import UsageError
from wanmon.platforms.asking import PingRequest, Request, TraceRequest
from wanmon.platforms.hops import trace_reading
from wanmon.platforms.platform import Outcome, PingReading, TraceReading
from wanmon.platforms.reading import COMMON, Phrases, Said, ping_reading, said, tallied, tidy

NETMIKO = "fortinet"
PROFILES = ("fortinet-fortios",)
IS_VERIFIED = False

#: These may come from the options before the command itself, whose answer then is one to another question.
_REFUSALS: Phrases = (
    ("command fail", Outcome.REFUSED),
    ("parse error", Outcome.REFUSED),
    ("unknown action", Outcome.REFUSED),
    ("permission denied", Outcome.REFUSED),
    ("value parse error", Outcome.REFUSED),
    ("invalid ip", Outcome.REFUSED),
)


def ping(request: PingRequest) -> tuple[str, ...]:
    """`execute ping[6]-options` for each option, then `execute ping[6] A`."""
    _refuse_vrf(request)
    command = "execute ping6" if request.is_ipv6 else "execute ping"
    return (
        f"{command}-options reset",
        f"{command}-options repeat-count {request.count}",
        f"{command}-options data-size {request.size}",
        f"{command}-options timeout {request.timeout_s}",
        *((f"{command}-options source {request.source}",) if request.source else ()),
        f"{command} {request.target}",
    )


def trace(request: TraceRequest) -> tuple[str, ...]:
    """`execute traceroute-options` and `execute traceroute A`, or `execute tracert6` with all on one line."""
    _refuse_vrf(request)
    if request.is_ipv6:
        source = f" -s {request.source}" if request.source else ""
        limits = f"-m {request.max_hops} -q {request.probes} -w {request.timeout_s}"
        return (f"execute tracert6 -n {limits}{source} {request.target}",)
    return (
        f"execute traceroute-options queries {request.probes}",
        f"execute traceroute-options source {request.source or 'auto'}",
        f"execute traceroute {request.target}",
    )


def read_ping(text: str) -> PingReading:
    """By the statistics below the echoes, unless an option was refused."""
    lines = tidy(text)
    if refusal := said(lines, _REFUSALS):
        return PingReading(refusal.outcome, detail=refusal.line)
    return ping_reading(lines, tallied(lines), said(lines, COMMON))


def read_trace(text: str) -> TraceReading:
    """Hop by hop, unless an option was refused; names stand in angle brackets behind addresses."""
    lines = tidy(text)
    refusal: Said | None = said(lines, _REFUSALS)
    return TraceReading(refusal.outcome, (), refusal.line) if refusal else trace_reading(lines, said(lines, COMMON))


def _refuse_vrf(request: Request) -> None:
    if request.vrf:
        raise UsageError(f"vrf {request.vrf}: cannot be chosen on FortiOS; give a source address in it instead")
