"""What a platform is: its commands, and how its answers are read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from wanmon.model.path import Hop
from wanmon.platforms.asking import PingRequest, TraceRequest


class Outcome(StrEnum):
    """How a ping from a router went, as the router tells it."""

    ANSWERED = "answered"  # every echo
    LOSS = "loss"  # some of them, or none, and nothing said why
    UNREACHABLE = "unreachable"  # the router or one on the way has no route
    PROHIBITED = "prohibited"  # one on the way says that it is not allowed
    UNKNOWN_HOST = "unknown_host"  # the router took the address for a name, and does not know it
    RATE_LIMITED = "rate_limited"  # the router itself would not send so many
    REFUSED = "refused"  # the router does not take the command: its syntax, its rights, its VRF
    UNREADABLE = "unreadable"  # nothing of what it wrote is known


@dataclass(frozen=True, slots=True)
class PingReading:
    """What a router said of a ping; `rtt_s` is the mean. `detail` is its own line where something is amiss."""

    outcome: Outcome
    sent: int = 0
    received: int = 0
    rtt_s: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TraceReading:
    """What a router said of a path; without hops, `outcome` and `detail` tell why."""

    outcome: Outcome
    hops: tuple[Hop, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform by its name; `netmiko` is the device type there, `profiles` are those of devices that speak so.

    `is_verified` says that its readers were tried on what a real device wrote, not on the vendor's documents alone.

    `ping` and `trace` make commands that are given one after another at one prompt. The last one asks; those before it
    set options of the session. A reader takes what the last one wrote, or what all of them wrote, one below the other:
    only so does it see that an option was refused. Readers never raise and take a time in proportion to the text, of
    which they look at a bounded part. `ping` and `trace` raise `UsageError` for what the platform cannot do.
    """

    name: str
    summary: str
    netmiko: str
    profiles: tuple[str, ...]
    is_verified: bool
    ping: Callable[[PingRequest], tuple[str, ...]]
    trace: Callable[[TraceRequest], tuple[str, ...]]
    read_ping: Callable[[str], PingReading]
    read_trace: Callable[[str], TraceReading]
