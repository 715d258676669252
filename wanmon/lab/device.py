"""One simulated device: who it is, its ports, and the objects that show both.

Holds the state that faults change; every method takes the instant (milliseconds since 1970). Knows no socket, no
message and no fault by name.
"""

from hashlib import blake2b

from wanmon.errors import WanmonError
from wanmon.lab.faults import FaultKind
from wanmon.lab.interface_mib import IF_NUMBER, port_instances
from wanmon.lab.lldp_mib import neighbour_instances
from wanmon.lab.objects import Fixed, Instance, Moving, ObjectStore
from wanmon.lab.port import OperStatus, SimulatedPort
from wanmon.lab.spec import AgentSpec, PortSpec
from wanmon.protocols.snmp.types import Oid, Syntax

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
HR_SYSTEM_UPTIME: Oid = (1, 3, 6, 1, 2, 1, 25, 1, 1, 0)
LAYERS = 78  # sysServices of a router that also answers for itself: layers 2, 3, 4 and 7

#: The machine is up this long before its agent answers.
AGENT_STARTS_AFTER_MS = 20_000
_DAY_MS = 86_400_000
_TICKS = 2**32


class SimulatedDevice:
    """A device in the state that its faults have brought it to; `store` shows it."""

    cannot: frozenset[FaultKind] = frozenset()

    def __init__(self, spec: AgentSpec, seed: int, at_ms: int) -> None:
        self.spec = spec
        self.booted_at_ms = _last_boot(spec.name, seed, at_ms)
        specs = all_ports(spec)
        self.ports = tuple(
            SimulatedPort(port, number, seed, spec.name, self.booted_at_ms)
            for number, port in enumerate(specs, start=1)
        )
        self._shuffled = False
        self.store = self._show()

    @property
    def port_names(self) -> tuple[str, ...]:
        """The names of all ports, in ifIndex order."""
        return tuple(port.spec.name for port in self.ports)

    def ticks(self, instant_ms: int | None) -> int:
        """What sysUpTime was at an instant, in 1/100 s; 0 for None."""
        if instant_ms is None:
            return 0
        return (instant_ms - self.booted_at_ms) // 10 % _TICKS

    def reboot(self, at_ms: int) -> None:
        """Start the machine anew: sysUpTime, counters and all memory of changes begin at zero."""
        self.booted_at_ms = at_ms
        for port in self.ports:
            port.restart(at_ms)

    def reset_counters(self, at_ms: int) -> None:
        """Set every counter to zero while the agent runs on."""
        for port in self.ports:
            port.reset_counters(at_ms)

    def set_down(self, names: frozenset[str], at_ms: int) -> None:
        """Take the named ports down, and all others up."""
        for port in self.ports:
            port.set_status(OperStatus.DOWN if port.spec.name in names else OperStatus.UP, at_ms)

    def set_shuffled(self, *, shuffled: bool) -> None:
        """Give every port another ifIndex than its own, or its own again."""
        if shuffled != self._shuffled:
            self._shuffled = shuffled
            self.store = self._show()

    def _show(self) -> ObjectStore:
        """The objects of this device with its present ifIndexes."""
        count = len(self.ports)
        instances = [*self._system(), Fixed(IF_NUMBER, Syntax.INTEGER, count)]
        for port in self.ports:
            index = port.number % count + 1 if self._shuffled else port.number
            instances.extend(port_instances(port, index, self.spec.address, self.ticks))
        numbers = {port.spec.name: port.number for port in self.ports}
        instances.extend(neighbour_instances(self.spec.neighbours, numbers, self.spec.description))
        return ObjectStore(instances)

    def _system(self) -> list[Instance]:
        """The system group (SNMPv2-MIB) and hrSystemUptime (HOST-RESOURCES-MIB)."""
        spec = self.spec
        return [
            Fixed((*SYSTEM, 1, 0), Syntax.OCTET_STRING, f"{spec.description} {spec.name}".encode()),
            Fixed((*SYSTEM, 2, 0), Syntax.OBJECT_IDENTIFIER, spec.object_id),
            Moving((*SYSTEM, 3, 0), Syntax.TIMETICKS, self.ticks),
            Fixed((*SYSTEM, 4, 0), Syntax.OCTET_STRING, spec.contact.encode()),
            Fixed((*SYSTEM, 5, 0), Syntax.OCTET_STRING, spec.name.encode()),
            Fixed((*SYSTEM, 6, 0), Syntax.OCTET_STRING, (spec.location or spec.site).encode()),
            Fixed((*SYSTEM, 7, 0), Syntax.INTEGER, LAYERS),
            Moving(HR_SYSTEM_UPTIME, Syntax.TIMETICKS, lambda at_ms: self.ticks(at_ms + AGENT_STARTS_AFTER_MS)),
        ]


def all_ports(spec: AgentSpec) -> tuple[PortSpec, ...]:
    """`lo`, the ports that the inventory names, and as many LAN ports as asked for, under names still free.

    Raises `WanmonError` when two ports have one name.
    """
    names = [port.name for port in spec.ports]
    if len({*names, "lo"}) != len(names) + 1:
        raise WanmonError(f"{spec.name}: two ports of one name (or one named lo): {', '.join(names)}")
    lan = (f"lan{number}" for number in range(1, spec.lan_ports + len(names) + 1))
    free = [name for name in lan if name not in names][: spec.lan_ports]
    loopback = PortSpec("lo", speed_bps=10_000_000, receive_bps=10_000, transmit_bps=10_000)
    return (loopback, *spec.ports, *(PortSpec(name, alias="LAN") for name in free))


def _last_boot(name: str, seed: int, at_ms: int) -> int:
    """When the device last booted, as the calendar has it: a lab that is started again finds it still running."""
    draw = int.from_bytes(blake2b(f"{seed}/{name}/boot".encode(), digest_size=8).digest(), "big")
    every_ms = _DAY_MS * (30 + draw % 170)
    phase_ms = draw // 170 % every_ms
    return (at_ms - phase_ms) // every_ms * every_ms + phase_ms
