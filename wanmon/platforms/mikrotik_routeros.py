"""MikroTik RouterOS 7, and 6 without VRF: `/ping` and `/tool traceroute`.

A group with the policies `ssh`, `read` and `test` is enough. `size` is that of the whole packet, so headers are added.
An echo is waited for until the next one is sent, five seconds at most, so the timeout is given as interval. A VRF is
`vrf=` since 7.1; RouterOS 6 calls it `routing-table=`, and refuses this. Of each hop it tells the latest round trip
alone. Source: RouterOS manual, "Ping" and "Traceroute".
"""

import re
from collections.abc import Iterable

from wanmon.platforms.asking import PingRequest, Request, TraceRequest
from wanmon.platforms.hops import trace_reading
from wanmon.platforms.platform import Outcome, PingReading, TraceReading
from wanmon.platforms.reading import COMMON, Phrases, Tally, ping_reading, said, tidy

NETMIKO = "mikrotik_routeros"
PROFILES = ("mikrotik-routeros",)
IS_VERIFIED = False

#: ICMP behind IPv4 without options, or behind IPv6.
_HEADERS_IPV4, _HEADERS_IPV6 = 28, 48
_LONGEST_INTERVAL_S = 5

_COUNTS = re.compile(r"sent=([0-9]{1,6}) received=([0-9]{1,6}) ", re.ASCII)
_MEAN = re.compile(r"avg-rtt=(?:([0-9]{1,3})s)?(?:([0-9]{1,6})ms)?(?:([0-9]{1,6})us)?(?![0-9])", re.ASCII)
_REFUSED = (
    "bad command name", "expected end of command", "syntax error", "invalid value", "does not match any value",
    "no such item", "not enough permissions", "ambiguous value", "missing value", "failure:",
)  # fmt: skip
_PHRASES: Phrases = (
    ("while resolving", Outcome.UNKNOWN_HOST),
    ("dns server", Outcome.UNKNOWN_HOST),
    ("dns name", Outcome.UNKNOWN_HOST),
    *((phrase, Outcome.REFUSED) for phrase in _REFUSED),
    *COMMON,
)


def ping(request: PingRequest) -> tuple[str, ...]:
    """`/ping address=A [src-address=S] [vrf=V] count=N size=BYTES interval=Ss`."""
    size = request.size + (_HEADERS_IPV6 if request.is_ipv6 else _HEADERS_IPV4)
    interval_s = min(request.timeout_s, _LONGEST_INTERVAL_S)
    return (f"/ping {_whom(request)} count={request.count} size={size} interval={interval_s}s",)


def trace(request: TraceRequest) -> tuple[str, ...]:
    """`/tool traceroute address=A [src-address=S] [vrf=V] count=N timeout=Ss max-hops=HOPS use-dns=no`."""
    limits = f"count={request.probes} timeout={request.timeout_s}s max-hops={request.max_hops}"
    return (f"/tool traceroute {_whom(request)} {limits} use-dns=no",)


def read_ping(text: str) -> PingReading:
    """By the last of the sums, which stand below every twenty echoes."""
    lines = tidy(text)
    return ping_reading(lines, _tallied(lines), said(lines, _PHRASES))


def read_trace(text: str) -> TraceReading:
    """By the last drawing of the table; what goes no further says so in words."""
    lines = tidy(text)
    return trace_reading(lines, said(lines, _PHRASES), statuses=COMMON)


def _whom(request: Request) -> str:
    source = f" src-address={request.source}" if request.source else ""
    vrf = f" vrf={request.vrf}" if request.vrf else ""
    return f"address={request.target}{source}{vrf}"


def _tallied(lines: Iterable[str]) -> Tally | None:
    tally = None
    for line in lines:
        if found := _COUNTS.search(f"{line} "):
            tally = Tally(int(found[1]), int(found[2]), _mean_s(line))
    return tally


def _mean_s(line: str) -> float | None:
    """`avg-rtt=1ms234us` in seconds; RouterOS 6 tells whole milliseconds."""
    found = _MEAN.search(line)
    if found is None or not any(found.groups()):
        return None
    seconds, milliseconds, microseconds = (int(part or 0) for part in found.groups())
    return seconds + milliseconds / 1e3 + microseconds / 1e6
