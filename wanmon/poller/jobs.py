"""What is to be done, and what came of it: plain values on both sides of the `Executor`.

The local executor asks from this process; others may answer from a simulation or from another machine. Nothing below
knows which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from wanmon.health.observation import Observation
from wanmon.model.reason import Reason
from wanmon.poller.targets import DeviceTarget


class Task(StrEnum):
    """The three questions to a device: is it there, how are its ports, and what is it."""

    LIVENESS = "liveness"
    FAST = "fast"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Job:
    """One question to one device, to be answered within `deadline_s` seconds."""

    task: Task
    target: DeviceTarget
    deadline_s: float


@dataclass(frozen=True, slots=True)
class LivenessResult:
    """One probe of life, by `protocol` (icmp, snmp or tcp), and the credentials refused at it."""

    protocol: str
    observation: Observation
    rtt_s: float | None = None
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a device as SNMP shows it. `name` is unique within the device."""

    if_index: int
    name: str
    alias: str
    description: str
    speed_bps: int | None


@dataclass(frozen=True, slots=True)
class DeviceIdentity:
    """What a device says it is; empty where it does not say."""

    vendor: str = ""
    model: str = ""
    os_version: str = ""
    serial: str = ""
    system_name: str = ""
    description: str = ""


class Column(NamedTuple):
    """One thing read of the ports: `values[i]` belongs to `ports[rows[i]]`.

    A value is a number, None where the agent gave none this time, or, from an agent that lies, anything else.
    """

    rows: Sequence[int]
    values: Sequence[object]


@dataclass(frozen=True, slots=True)
class PollResult:
    """What one SNMP poll brought; with a `reason`, as much as came before it failed.

    `ports` and `identity` are those known now; `changed` names the columns whose values differ from the poll before
    (None = the ports themselves changed, so everything does).
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
    uptime_ticks: int | None = None
    restarted: bool = False


Outcome = LivenessResult | PollResult


class Executor(Protocol):
    """Whoever can do jobs. A silent router is an outcome; an exception is our own mistake."""

    async def execute(self, job: Job) -> Outcome:
        """Do the job."""
        ...
