"""What a simulated device can tell of its own past: its uptimes, the changes of its ports, its octets. Pure.

Instants are those of `course`; all ticks are hundredths of a second and wrap at 2^32, as TimeTicks do.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from wanmon.health.uptime import WRAP
from wanmon.lab.course import START_S, Broken, Course
from wanmon.lab.traffic import Flow, flow, octets
from wanmon.model.carrier import CircuitFields

#: A machine is up so long before its agent is.
AGENT_AFTER_MACHINE_S = 20.0
_DAY_S = 86_400.0
_WRAPPED_S = WRAP / 100
_NARROW, _WIDE = 1 << 32, 1 << 64


@dataclass(frozen=True, slots=True)
class PortPast:
    """One port: when it went down or came up (the newest last), and what runs through it.

    `changes_s` are instants, `are_up` what it was from each of them on.
    """

    name: str
    changes_s: tuple[float, ...]
    are_up: tuple[bool, ...]
    receive: Flow
    transmit: Flow

    def is_up(self, at_s: float) -> bool:
        """Whether it is up at an instant."""
        at = bisect_right(self.changes_s, at_s) - 1
        return at < 0 or self.are_up[at]

    def changed_s(self, at_s: float) -> float | None:
        """When it changed last."""
        at = bisect_right(self.changes_s, at_s) - 1
        return None if at < 0 else self.changes_s[at]


@dataclass(frozen=True, slots=True)
class Past:
    """One device. `epoch_ms` is when the monotonic clock of the simulation stood at zero."""

    machine_s: tuple[float, ...]
    agent_s: tuple[float, ...]
    ports: tuple[PortPast, ...]
    is_narrow: bool
    epoch_ms: int

    def uptime(self, at_s: float) -> int:
        """What sysUpTime shows."""
        return _ticks(at_s - _latest(self.agent_s, at_s))

    def machine_uptime(self, at_s: float) -> int:
        """What hrSystemUptime shows."""
        return _ticks(at_s - _latest(self.machine_s, at_s))

    def last_change(self, port: PortPast, at_s: float) -> int:
        """What ifLastChange shows: 0 for a port that has not changed since the agent began to count (RFC 2863)."""
        changed_s, agent_s = port.changed_s(at_s), _latest(self.agent_s, at_s)
        return 0 if changed_s is None or changed_s <= agent_s else _ticks(changed_s - agent_s)

    def octets(self, flow: Flow, at_s: float) -> int:
        """What an octet counter shows. It runs on while a line is cut, when nobody can see it."""
        since_ms, at_ms = (self._ms(each) for each in (_latest(self.machine_s, at_s), at_s))
        return (octets(flow, at_ms) - octets(flow, since_ms)) % (_NARROW if self.is_narrow else _WIDE)

    def _ms(self, at_s: float) -> int:
        return self.epoch_ms + int(at_s * 100) * 10


def past_of(
    device: str, site: str, circuits: Iterable[CircuitFields], course: Course, seed: int, epoch_ms: int
) -> Past:
    """The past of a device on which some circuits end."""
    machine_s, agent_s = _first_start(device, course.wraps.get(site), seed)
    starts = [each for each in course.beginnings if each.site == site]
    agents_s = (agent_s, *(each.at_s for each in starts if not each.is_machine))
    ports = tuple(_port(device, circuit, course, seed, agent_s, site) for circuit in circuits)
    machines_s = (machine_s, *(each.at_s for each in starts if each.is_machine))
    return Past(machines_s, agents_s, ports, _draw(seed, device, "narrow") % 4 == 0, epoch_ms)


def _first_start(device: str, wraps_s: float | None, seed: int) -> tuple[float, float]:
    """When a machine and its agent started that were up when the script began."""
    if wraps_s is not None:
        agent_s = wraps_s - _WRAPPED_S
        return agent_s - AGENT_AFTER_MACHINE_S, agent_s
    machine_s = START_S - _DAY_S * (10 + _draw(seed, device, "up") % 190)
    return machine_s, machine_s + AGENT_AFTER_MACHINE_S


def _port(device: str, circuit: CircuitFields, course: Course, seed: int, agent_s: float, site: str) -> PortPast:
    changes: list[tuple[float, bool]] = []
    if _draw(seed, f"{device}/{circuit.interface}", "changed") % 2:
        changes.append((agent_s + (START_S - agent_s) / 2, True))  # long ago, like many ports in the field
    for spell in course.of(Broken.PORT, Broken.ROUTER):
        # A port comes up with its machine, just when that is heard of again.
        if spell.whom == (circuit.code if spell.broken is Broken.PORT else site):
            changes += [(spell.from_s, False), (spell.to_s, True)]
    changes.sort()
    rates = (("receive", circuit.receive_bps), ("transmit", circuit.transmit_bps))
    flows = (flow(seed, device, circuit.interface, direction, rate) for direction, rate in rates)
    return PortPast(circuit.interface, tuple(at for at, _ in changes), tuple(up for _, up in changes), *flows)


def _latest(starts_s: Sequence[float], at_s: float) -> float:
    return starts_s[max(0, bisect_right(starts_s, at_s) - 1)]


def _ticks(seconds: float) -> int:
    return int(seconds * 100) % WRAP


def _draw(seed: int, whom: str, what: str) -> int:
    return int.from_bytes(blake2b(f"{seed}/{whom}/{what}".encode(), digest_size=4).digest(), "big")
