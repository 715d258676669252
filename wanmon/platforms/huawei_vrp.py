"""Huawei VRP 5 and 8: `ping` and `tracert` of the user view.

Command level 0 (visit) is enough. A VPN instance is an option with a dash for IPv4 and a word without one for IPv6.
Source: Huawei S and AR series Command Reference, "Ping and Tracert Commands".
"""

from wanmon.platforms.asking import PingRequest, Request, TraceRequest
from wanmon.platforms.hops import trace_reading_of
from wanmon.platforms.platform import Outcome, PingReading, TraceReading
from wanmon.platforms.reading import COMMON, Phrases, ping_reading_of

NETMIKO = "huawei_vrp"
PROFILES = ("huawei-vrp",)
IS_VERIFIED = False

_PHRASES: Phrases = (
    ("found at '^' position", Outcome.REFUSED),
    ("incomplete command", Outcome.REFUSED),
    ("does not exist", Outcome.REFUSED),
    ("permission", Outcome.REFUSED),
    *COMMON,
    ("error:", Outcome.REFUSED),
)


def ping(request: PingRequest) -> tuple[str, ...]:
    """`ping [ipv6] [[-]vpn-instance V] [-a S] -c N -s BYTES -t MS A`."""
    limits = f"-c {request.count} -s {request.size} -t {request.timeout_s * 1000}"
    return (f"ping {_from_where(request)}{limits} {request.target}",)


def trace(request: TraceRequest) -> tuple[str, ...]:
    """`tracert [ipv6] [[-]vpn-instance V] [-a S] -m HOPS -q N -w MS A`."""
    limits = f"-m {request.max_hops} -q {request.probes} -w {request.timeout_s * 1000}"
    return (f"tracert {_from_where(request)}{limits} {request.target}",)


def read_ping(text: str) -> PingReading:
    """By the statistics below the echoes."""
    return ping_reading_of(text, _PHRASES)


def read_trace(text: str) -> TraceReading:
    """Hop by hop."""
    return trace_reading_of(text, _PHRASES)


def _from_where(request: Request) -> str:
    family, dash = ("ipv6 ", "") if request.is_ipv6 else ("", "-")
    instance = f"{dash}vpn-instance {request.vrf} " if request.vrf else ""
    source = f"-a {request.source} " if request.source else ""
    return family + instance + source
