"""Linux and VyOS: `ping` of iputils and `traceroute`, by a shell.

No right beyond a login is needed, but `ip vrf exec` needs root. `env` puts the messages into English, and finds the
programs themselves where the shell has commands of its own by their names (the operational mode of VyOS has).
Source: ping(8), traceroute(8), ip-vrf(8). Verified with iputils 20221126, traceroute 2.1.2 and iproute2 6.1.
"""

from wanmon.platforms.asking import PingRequest, Request, TraceRequest
from wanmon.platforms.hops import trace_reading_of
from wanmon.platforms.platform import Outcome, PingReading, TraceReading
from wanmon.platforms.reading import COMMON, Phrases, ping_reading_of

NETMIKO = "linux"
PROFILES = ("net-snmp", "vyatta-vyos")
IS_VERIFIED = True

_PHRASES: Phrases = (
    ("sendmsg: operation not permitted", Outcome.PROHIBITED),  # by a firewall of its own
    ("operation not permitted", Outcome.REFUSED),
    ("permission denied", Outcome.REFUSED),
    ("cannot assign requested address", Outcome.REFUSED),
    ("invalid vrf", Outcome.REFUSED),
    ("not found", Outcome.REFUSED),
    ("no such file", Outcome.REFUSED),
    ("invalid option", Outcome.REFUSED),
    ("unrecognized option", Outcome.REFUSED),
    ("invalid argument", Outcome.REFUSED),
    ("unknown iface", Outcome.REFUSED),
    ("usage:", Outcome.REFUSED),
    *COMMON,
)


def ping(request: PingRequest) -> tuple[str, ...]:
    """`env LC_ALL=C [ip vrf exec V] ping -n -c N -W S -s BYTES [-I S] A`."""
    source = f" -I {request.source}" if request.source else ""
    limits = f"-c {request.count} -W {request.timeout_s} -s {request.size}"
    return (f"{_before(request)}ping -n {limits}{source} {request.target}",)


def trace(request: TraceRequest) -> tuple[str, ...]:
    """`env LC_ALL=C [ip vrf exec V] traceroute -n -q N -w S -m HOPS [-s S] A`."""
    source = f" -s {request.source}" if request.source else ""
    limits = f"-q {request.probes} -w {request.timeout_s} -m {request.max_hops}"
    return (f"{_before(request)}traceroute -n {limits}{source} {request.target}",)


def read_ping(text: str) -> PingReading:
    """By the statistics below the echoes."""
    return ping_reading_of(text, _PHRASES)


def read_trace(text: str) -> TraceReading:
    """Hop by hop."""
    return trace_reading_of(text, _PHRASES)


def _before(request: Request) -> str:
    return "env LC_ALL=C " + (f"ip vrf exec {request.vrf} " if request.vrf else "")
