"""H3C and HP Comware 5 and 7: `ping` and `tracert` of the user view.

User role `network-operator` (Comware 7) or level 0 (Comware 5) is enough. Comware 5 has no source for `tracert ipv6`
and then refuses it. Source: H3C Network Management and Monitoring Command Reference.
"""

from wanmon.platforms.asking import PingRequest, Request, TraceRequest
from wanmon.platforms.hops import trace_reading_of
from wanmon.platforms.platform import Outcome, PingReading, TraceReading
from wanmon.platforms.reading import COMMON, Phrases, ping_reading_of

NETMIKO = "hp_comware"
PROFILES = ("h3c-comware",)
IS_VERIFIED = False

_PHRASES: Phrases = (
    ("found at '^' position", Outcome.REFUSED),
    ("incomplete command", Outcome.REFUSED),
    ("does not exist", Outcome.REFUSED),
    ("permission denied", Outcome.REFUSED),
    ("invalid source", Outcome.REFUSED),
    *COMMON,
    ("\n% ", Outcome.REFUSED),
    ("error:", Outcome.REFUSED),
)


def ping(request: PingRequest) -> tuple[str, ...]:
    """`ping [ipv6] [-vpn-instance V] [-a S] -c N -s BYTES -t MS A`."""
    limits = f"-c {request.count} -s {request.size} -t {request.timeout_s * 1000}"
    return (f"ping {_from_where(request)}{limits} {request.target}",)


def trace(request: TraceRequest) -> tuple[str, ...]:
    """`tracert [ipv6] [-vpn-instance V] [-a S] -m HOPS -q N -w MS A`."""
    limits = f"-m {request.max_hops} -q {request.probes} -w {request.timeout_s * 1000}"
    return (f"tracert {_from_where(request)}{limits} {request.target}",)


def read_ping(text: str) -> PingReading:
    """By the statistics below the echoes."""
    return ping_reading_of(text, _PHRASES)


def read_trace(text: str) -> TraceReading:
    """Hop by hop; labels stand on lines of their own."""
    return trace_reading_of(text, _PHRASES)


def _from_where(request: Request) -> str:
    instance = f"-vpn-instance {request.vrf} " if request.vrf else ""
    source = f"-a {request.source} " if request.source else ""
    return ("ipv6 " if request.is_ipv6 else "") + instance + source
