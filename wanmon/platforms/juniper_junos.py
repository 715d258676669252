"""Juniper Junos: `ping` and `traceroute` of operational mode.

A login class with the permission `network` is enough (the class `operator` has it). Junos sends three probes to each
hop whatever is asked for. Source: Junos CLI Reference, `ping` and `traceroute`.
"""

from wanmon.platforms.asking import PingRequest, Request, TraceRequest
from wanmon.platforms.hops import trace_reading_of
from wanmon.platforms.platform import Outcome, PingReading, TraceReading
from wanmon.platforms.reading import COMMON, Phrases, ping_reading_of

NETMIKO = "juniper_junos"
PROFILES = ("juniper-junos",)
IS_VERIFIED = False

_PHRASES: Phrases = (
    ("syntax error", Outcome.REFUSED),
    ("unknown command", Outcome.REFUSED),
    ("permission denied", Outcome.REFUSED),
    ("can't assign requested address", Outcome.REFUSED),
    ("routing instance", Outcome.REFUSED),
    ("routing-instance", Outcome.REFUSED),
    ("does not exist", Outcome.REFUSED),
    ("not found", Outcome.REFUSED),
    *COMMON,
    ("error:", Outcome.REFUSED),
)


def ping(request: PingRequest) -> tuple[str, ...]:
    """`ping A {inet|inet6} no-resolve [routing-instance V] [source S] count N size BYTES wait S`."""
    return (f"ping {_whom(request)} count {request.count} size {request.size} wait {request.timeout_s}",)


def trace(request: TraceRequest) -> tuple[str, ...]:
    """`traceroute A {inet|inet6} no-resolve [routing-instance V] [source S] ttl HOPS wait S`."""
    return (f"traceroute {_whom(request)} ttl {request.max_hops} wait {request.timeout_s}",)


def read_ping(text: str) -> PingReading:
    """By the statistics below the echoes."""
    return ping_reading_of(text, _PHRASES)


def read_trace(text: str) -> TraceReading:
    """Hop by hop; labels stand on lines of their own."""
    return trace_reading_of(text, _PHRASES)


def _whom(request: Request) -> str:
    instance = f" routing-instance {request.vrf}" if request.vrf else ""
    source = f" source {request.source}" if request.source else ""
    return f"{request.target} {'inet6' if request.is_ipv6 else 'inet'} no-resolve{instance}{source}"
