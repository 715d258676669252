"""What is counted and held of one device while it is asked. Plain objects: `metrics` reads them."""

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from wanmon.health.rates import DropReason
from wanmon.health.uptime import steady
from wanmon.model.reason import Reason
from wanmon.model.state import State
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import DeviceIdentity, PollResult
from wanmon.poller.targets import DeviceTarget

#: Round trips in seconds: a metropolitan fibre answers within 5 ms, a satellite or a jammed line within 1 s.
RTT_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.5, 1.0)
#: Loss is told over so long.
LOSS_WINDOW_S = 300


class Histogram:
    """Observations counted by bucket, as Prometheus has them; the last bucket is +Inf. Counts are not cumulative."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one observation."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass(slots=True)
class EchoTrack:
    """The echoes of one device: `slots` holds the answered and missed ones of the last five minutes."""

    slots: deque[bool]
    requests: int = 0
    replies: int = 0
    up: bool | None = None
    rtt: Histogram = field(default_factory=lambda: Histogram(RTT_BUCKETS_S))
    last_rtt_s: float | None = None
    jitter_s: float = 0.0
    answered_at_s: float | None = None

    def count(self, rtt_s: float | None, now_s: float, *, is_slot: bool) -> None:
        """One echo: its round trip, or None for a miss. The jitter is that of RFC 3550 section 6.4.1.

        Loss is told by those on schedule alone: after each miss there are more of the others.
        """
        self.requests += 1
        if is_slot:
            self.slots.append(rtt_s is not None)
        self.up = rtt_s is not None
        if rtt_s is None:
            return
        self.replies += 1
        self.rtt.observe(rtt_s)
        if self.last_rtt_s is not None:
            self.jitter_s += (abs(rtt_s - self.last_rtt_s) - self.jitter_s) / 16
        self.last_rtt_s, self.answered_at_s = rtt_s, now_s

    @property
    def loss_ratio(self) -> float:
        """The share of the slots in the window that were missed."""
        return 1 - sum(self.slots) / len(self.slots) if self.slots else 0.0


@dataclass(slots=True)
class SnmpTrack:
    """The SNMP polls of one device. Instants in `_at_s` are wall time; `answered_s` is monotonic."""

    up: bool | None = None
    last_poll_at_s: float | None = None
    last_success_at_s: float | None = None
    answered_s: float | None = None
    duration_s: float | None = None
    credential: str = ""
    identity: DeviceIdentity = field(default_factory=DeviceIdentity)
    boot_time_s: float | None = None
    reboots: int = 0
    silent_polls: int = 0

    def take_uptime(self, result: PollResult, instant: Instant) -> None:
        """Take in what a poll says of the last restart; also of one that failed later on: a restart is seen once only.

        Another machine that answers in the place of this one has not restarted.
        """
        if result.uptime is None:
            return
        booted_at_s = instant.epoch_s(result.uptime.received_s) - result.uptime.ticks / 100
        self.boot_time_s = steady(None if result.restarted else self.boot_time_s, booted_at_s)
        self.reboots += result.restarted and not self.identity.is_another_than(result.identity)


@dataclass(slots=True)
class DeviceTrack:
    """All that is counted and shown of one device; whether it lives is judged by `health`, and noted here."""

    target: DeviceTarget
    echo: EchoTrack
    snmp: SnmpTrack
    failures: Counter[tuple[str, Reason]]
    state: State = State.UNKNOWN
    reason: Reason | None = None
    is_filtered: bool = False

    @classmethod
    def begin(cls, target: DeviceTarget) -> "DeviceTrack":
        """A device not asked yet."""
        window = max(1, round(LOSS_WINDOW_S / target.liveness_interval_s))
        return cls(target, EchoTrack(deque(maxlen=window)), SnmpTrack(), Counter())


@dataclass(slots=True)
class PollerTrack:
    """What the poller counts of itself, by protocol."""

    polls: Counter[str] = field(default_factory=Counter)
    failures: Counter[tuple[str, Reason]] = field(default_factory=Counter)
    overruns: Counter[str] = field(default_factory=Counter)
    durations: dict[str, Histogram] = field(default_factory=dict)
    lags: dict[str, Histogram] = field(default_factory=dict)
    in_flight: int = 0
    task_restarts: int = 0
    dropped_samples: Counter[DropReason] = field(default_factory=Counter)
    last_reload_ok: bool = True
    last_reload_at_s: float = 0.0
