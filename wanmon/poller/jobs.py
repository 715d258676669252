"""What is to be done, and what came of it: plain values on both sides of the `Executor`.

The local executor asks from this process; others may answer from a simulation or from another machine. Nothing below
knows which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from wanmon.health.life import Kind
from wanmon.health.observation import Observation
from wanmon.model.neighbour import NeighbourProtocol
from wanmon.model.reason import Reason
from wanmon.poller.device.sensors import UNREAD, Health
from wanmon.poller.targets import DeviceTarget
from wanmon.protocols.snmp.manners import Learnt


class Task(StrEnum):
    """The questions to a device: is it there, how are its ports, and what is it.

    Whether it is there is asked in its lane (`LANE`), by the probe that judges it, and beside it.
    """

    LIVENESS = "liveness"  # on schedule
    RETRY = "retry"  # a second after a miss
    FRESH = "fresh"  # at once, because somebody behind it fell silent
    EVIDENCE = "evidence"  # beside the lane, at the first miss: does it answer SNMP?
    KNOCK = "knock"  # likewise: does its SSH port take a connection?
    ECHO = "echo"  # beside the lane, of a device whose echo is filtered: is it still?
    FAST = "fast"
    SLOW = "slow"


LANE = frozenset({Task.LIVENESS, Task.RETRY, Task.FRESH})
POLLS = frozenset({Task.FAST, Task.SLOW})
#: What an answer to a task says of the life of a device.
KINDS = {
    Task.LIVENESS: Kind.SLOT, Task.RETRY: Kind.RETRY, Task.FRESH: Kind.FRESH, Task.EVIDENCE: Kind.OTHER,
    Task.KNOCK: Kind.MANAGEMENT, Task.ECHO: Kind.OTHER, Task.FAST: Kind.OTHER, Task.SLOW: Kind.OTHER,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Job:
    """One question to one device, to be answered within `deadline_s` seconds.

    `by_snmp` says that SNMP stands for the echo in the lane.
    """

    task: Task
    target: DeviceTarget
    deadline_s: float
    by_snmp: bool = False


@dataclass(frozen=True, slots=True)
class LivenessResult:
    """One probe of life, by `protocol` (icmp, snmp or tcp), and the credentials refused at it."""

    protocol: str
    observation: Observation
    rtt_s: float | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a device as SNMP shows it. `name` is unique within the device; `if_type` is an IANAifType."""

    if_index: int
    name: str
    alias: str
    description: str
    speed_bps: int | None
    if_type: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """What a device says it is; empty where it does not say."""

    vendor: str = ""
    model: str = ""
    os_version: str = ""
    serial: str = ""
    system_name: str = ""
    description: str = ""

    def is_another_than(self, other: "DeviceIdentity") -> bool:
        """Whether these are two machines: both tell their serial number, and these differ."""
        return bool(self.serial and other.serial) and self.serial != other.serial


class Ticks(NamedTuple):
    """An uptime in 1/100 s, and when it was received (monotonic)."""

    ticks: int
    received_s: float

    @classmethod
    def of(cls, value: object, received_s: float) -> "Ticks | None":
        """What a device said, if it can be an uptime (RFC 2578 section 7.1.8); 0 tells nothing."""
        return cls(value, received_s) if isinstance(value, int) and 0 < value < 2**32 else None


class Column(NamedTuple):
    """One thing read of the ports: `values[i]` belongs to `ports[rows[i]]`.

    A value is a number, None where the agent gave none this time, or, from an agent that lies, anything else.
    """

    rows: Sequence[int]
    values: Sequence[object]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A neighbour on one of our ports, as a device tells it; empty where it does not say."""

    protocol: NeighbourProtocol
    interface: str
    chassis_id: str
    port_id: str
    port_description: str = ""
    system_name: str = ""
    system_description: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class PollResult:
    """What one SNMP poll brought; with a `reason`, as much as came before it failed.

    `ports` and `identity` are those known now; `changed` names the columns whose values differ from the poll before
    (None = the ports themselves changed, so everything does). `host_uptime` is that of the machine, where it was read
    this time. `tells_change`: an ifLastChange of 0 says "unchanged since the agent started". `narrow` are the (role,
    row) of 32-bit counters. `health` is what its sensors read last, `default_route` the ifIndex that it leads through.
    `manners` is what is known by now of how to speak to the agent. `neighbours` is None where they were not asked for
    this time, or not told whole.
    """

    task: Task
    duration_s: float
    reason: Reason | None = None
    detail: str = ""
    credential: str = ""
    refused: tuple[str, ...] = ()
    profile: str = ""
    identity: DeviceIdentity = DeviceIdentity()
    ports: Sequence[Port] = ()
    columns: Mapping[str, Column] = field(default_factory=dict)
    changed: frozenset[str] | None = None
    uptime: Ticks | None = None
    host_uptime: Ticks | None = None
    tells_change: bool = False
    narrow: frozenset[tuple[str, int]] = frozenset()
    restarted: bool = False
    manners: Learnt | None = None
    neighbours: tuple[Sighting, ...] | None = None
    health: Health = UNREAD
    default_route: int | None = None


Outcome = LivenessResult | PollResult


class Executor(Protocol):
    """Whoever can do jobs. A silent router is an outcome; an exception is our own mistake."""

    async def execute(self, job: Job) -> Outcome:
        """Do the job."""
        ...


def first_round(target: DeviceTarget) -> tuple[Task, ...]:
    """What must have been asked of a target before the board is complete."""
    return (Task.LIVENESS, Task.FAST) if target.credentials else (Task.LIVENESS,)
