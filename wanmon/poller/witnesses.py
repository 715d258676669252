"""What the devices said last of their own past: the readings by which the cause of an outage is found.

Kept in memory poll by poll, and as rows often enough that a restart of ours loses nothing that matters.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from wanmon.health.witness import PortReading, Uptime, Witness, moved
from wanmon.model.life import DeviceWitness
from wanmon.poller.instant import Instant
from wanmon.poller.jobs import PollResult


@dataclass(slots=True)
class Testimony:
    """The latest readings of one device; instants are epoch seconds. `ports` are those that circuits end on."""

    agent: Uptime | None = None
    machine: Uptime | None = None
    ports: dict[str, PortReading] = field(default_factory=dict)
    tells_change: bool = False

    def about(self, port: str, *, since_s: float = -math.inf) -> Witness:
        """As the rules of causes take it; what was read before `since_s` is left out."""
        machine, agent, reading = self.machine, self.agent, self.ports.get(port)
        return Witness(
            machine if machine and machine.received_s >= since_s else None,
            agent if agent and agent.received_s >= since_s else None,
            None,
            reading if reading and reading.received_s >= since_s else None,
        )


class Witnesses:
    """The testimonies of all devices, by name."""

    def __init__(self) -> None:
        self._held: dict[str, Testimony] = {}

    def restore(self, rows: Mapping[str, DeviceWitness]) -> None:
        """Go on from what an earlier run kept."""
        self._held.update({name: _testimony(row) for name, row in rows.items()})

    def forget(self, device: str) -> None:
        """A device that is no longer asked."""
        self._held.pop(device, None)

    def clock_moved(self, seconds: float) -> None:
        """Our clock was set forward: whatever was read lies as long ago as before."""
        for held in self._held.values():
            held.agent = held.agent and moved(held.agent, seconds)
            held.machine = held.machine and moved(held.machine, seconds)
            held.ports = {name: moved(reading, seconds) for name, reading in held.ports.items()}

    def of(self, device: str) -> Testimony:
        """The testimony of a device; an empty one where it never said anything."""
        return self._held.setdefault(device, Testimony())

    def take(self, device: str, result: PollResult, changes: Mapping[str, int], instant: Instant) -> None:
        """Take in a poll; `changes` are ifLastChange of the ports that circuits end on, by name."""
        held = self.of(device)
        if result.host_uptime is not None:
            held.machine = Uptime(result.host_uptime.ticks, instant.epoch_s(result.host_uptime.received_s))
        if result.uptime is None:
            return
        ticks, received_s = result.uptime.ticks, instant.epoch_s(result.uptime.received_s)
        held.agent = Uptime(ticks, received_s)
        for port, last_change in changes.items():
            held.ports[port] = PortReading(last_change, ticks, received_s)
        held.tells_change = held.tells_change or result.tells_change or any(changes.values())

    def row(self, device: str) -> DeviceWitness:
        """A testimony as it is stored."""
        held = self.of(device)
        ports = {
            name: [reading.last_change_ticks, reading.uptime_ticks, reading.received_s]
            for name, reading in held.ports.items()
        }
        return DeviceWitness(
            device=device,
            agent_ticks=held.agent.ticks if held.agent else None,
            agent_at=_at(held.agent),
            machine_ticks=held.machine.ticks if held.machine else None,
            machine_at=_at(held.machine),
            ports=json.dumps(ports),
            tells_change=held.tells_change,
        )


def _at(uptime: Uptime | None) -> datetime | None:
    return datetime.fromtimestamp(uptime.received_s, UTC) if uptime else None


def _testimony(row: DeviceWitness) -> Testimony:
    return Testimony(
        agent=_uptime(row.agent_ticks, row.agent_at),
        machine=_uptime(row.machine_ticks, row.machine_at),
        ports={name: PortReading(*values) for name, values in json.loads(row.ports).items()},
        tells_change=row.tells_change,
    )


def _uptime(ticks: int | None, at: datetime | None) -> Uptime | None:
    return None if ticks is None or at is None else Uptime(ticks, at.timestamp())
