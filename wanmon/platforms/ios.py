"""What Cisco's IOS and IOS XE have in common: the commands of EXEC mode, and the marks of their answers.

`size` is that of the whole datagram there, so the headers of IP and ICMP are added.
"""

import re
from collections.abc import Iterable, Sequence

from wanmon.platforms.asking import PingRequest, Request, TraceRequest
from wanmon.platforms.hops import trace_reading
from wanmon.platforms.platform import Outcome, PingReading, TraceReading
from wanmon.platforms.reading import COMMON, Phrases, Said, Tally, mean_s, ping_reading, said, tidy

#: ICMP (RFC 792, RFC 4443) behind IPv4 without options, or behind IPv6.
_HEADERS_IPV4, _HEADERS_IPV6 = 28, 48

_SUCCESS = re.compile(r"success rate is [0-9]{1,3} percent \(([0-9]{1,6})/([0-9]{1,6})\)", re.IGNORECASE | re.ASCII)
#: One mark for each echo: ! is an answer and . is none.
_MARKS = re.compile(r"[!.?&@A-Z]{1,512}", re.ASCII)
_MEANINGS = (
    ("A", Outcome.PROHIBITED),
    *((mark, Outcome.UNREACHABLE) for mark in "UHNP@&"),  # & is a lifetime exceeded: the way leads in a circle
    ("Q", Outcome.RATE_LIMITED),
)

_PHRASES: Phrases = (
    ("does not exist", Outcome.REFUSED),
    ("\n% invalid", Outcome.REFUSED),
    ("\n% incomplete", Outcome.REFUSED),
    ("\n% ambiguous", Outcome.REFUSED),
    ("authorization failed", Outcome.REFUSED),
    ("unknown command or computer name", Outcome.REFUSED),
    ("unrecognized host", Outcome.UNKNOWN_HOST),
    ("bad ip address or host name", Outcome.UNKNOWN_HOST),
    *COMMON,
    ("\n% ", Outcome.REFUSED),
)


def ping(request: PingRequest) -> tuple[str, ...]:
    """`ping [vrf V] {ip|ipv6} A [source S] repeat N size BYTES timeout S`."""
    size = request.size + (_HEADERS_IPV6 if request.is_ipv6 else _HEADERS_IPV4)
    return (f"ping {_whom(request)} repeat {request.count} size {size} timeout {request.timeout_s}",)


def trace(request: TraceRequest) -> tuple[str, ...]:
    """`traceroute [vrf V] {ip|ipv6} A [source S] probe N timeout S ttl 1 HOPS numeric`."""
    limits = f"probe {request.probes} timeout {request.timeout_s} ttl 1 {request.max_hops}"
    return (f"traceroute {_whom(request)} {limits} numeric",)


def read_ping(text: str) -> PingReading:
    """By the success rate; the marks tell why where nothing came."""
    lines = tidy(text)
    return ping_reading(lines, _tallied(lines), said(lines, _PHRASES) or _marked(lines))


def read_trace(text: str) -> TraceReading:
    """Hop by hop."""
    lines = tidy(text)
    return trace_reading(lines, said(lines, _PHRASES))


def _whom(request: Request) -> str:
    vrf = f"vrf {request.vrf} " if request.vrf else ""
    source = f" source {request.source}" if request.source else ""
    return f"{vrf}{'ipv6' if request.is_ipv6 else 'ip'} {request.target}{source}"


def _tallied(lines: Iterable[str]) -> Tally | None:
    for line in lines:
        if found := _SUCCESS.search(line):
            return Tally(int(found[2]), int(found[1]), mean_s(line))
    return None


def _marked(lines: Sequence[str]) -> Said | None:
    """The first line of marks that has one which tells something."""
    for line in filter(_MARKS.fullmatch, lines):
        for mark, outcome in _MEANINGS:
            if mark in line:
                return Said(outcome, line[:100])
        if "M" in line:
            return Said(Outcome.LOSS, line[:100])  # could not be fragmented
    return None
