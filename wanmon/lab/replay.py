"""A device played from a recorded walk: as it was recorded, with what moves moving on.

sysUpTime and hrSystemUptime run on, and so do the counters of IF-MIB, by a traffic that the seed and the speed of the
port decide; a port that was recorded down stands still. All else stands as recorded. Every method takes the instant
(milliseconds since 1970); the first is the one at which the recording begins to be played.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wanmon.lab.device import AGENT_STARTS_AFTER_MS, HR_SYSTEM_UPTIME, SYSTEM
from wanmon.lab.faults import FaultKind
from wanmon.lab.interface_mib import COUNTERS_32, COUNTERS_64, IF_ENTRY, IF_X_ENTRY
from wanmon.lab.objects import Fixed, Instance, Moving, ObjectStore, Read
from wanmon.lab.port import OperStatus, SimulatedPort
from wanmon.lab.snmprec import Recorded
from wanmon.lab.spec import PortSpec
from wanmon.protocols.snmp.types import Oid, Syntax, Value

SYS_UP_TIME: Oid = (*SYSTEM, 3, 0)
#: Of a port that does not tell its own.
USUAL_SPEED_BPS = 10_000_000
#: What a recording cannot do: its tables know nothing of one another, so rows cannot change places.
NOT_OF_RECORDINGS = frozenset({FaultKind.IFINDEX_SHUFFLED})
#: What a device does not do while it stands still.
NOT_OF_STILLS = NOT_OF_RECORDINGS | {FaultKind.REBOOTED, FaultKind.COUNTERS_RESET, FaultKind.PORT_DOWN}

_TICKS = 2**32
_IF_DESCR, _IF_SPEED, _OPER_STATUS, _LAST_CHANGE = ((*IF_ENTRY, column) for column in (2, 5, 8, 9))
_IF_NAME, _HIGH_SPEED, _DISCONTINUITY = ((*IF_X_ENTRY, column) for column in (1, 15, 19))
_PLACES = dict((*COUNTERS_32, *COUNTERS_64))
_MASKS = {Syntax.COUNTER32: 2**32 - 1, Syntax.COUNTER64: 2**64 - 1}


@dataclass(frozen=True, slots=True)
class Recording:
    """What is played, and the loopback address where it answers; with `moving` false nothing of it changes."""

    name: str
    address: str
    port: int
    values: Recorded
    moving: bool = True


class ReplayedDevice:
    """A recording in the state that time and its faults have brought it to; `store` shows it."""

    def __init__(self, recording: Recording, seed: int, at_ms: int) -> None:
        self._values = recording.values
        self._uptime = _number(self._values, SYS_UP_TIME) or 0
        self._lead = (_number(self._values, HR_SYSTEM_UPTIME) or 0) - self._uptime
        self._is_anew = False
        self._counts_anew = False
        self.booted_at_ms = at_ms - 10 * self._uptime
        self.ports = ports_of(self._values, recording.name, seed, at_ms)
        self.cannot = NOT_OF_RECORDINGS if recording.moving else NOT_OF_STILLS
        self.store = ObjectStore(self._moving() if recording.moving else self._still())

    @property
    def port_names(self) -> tuple[str, ...]:
        """The names of all ports, in ifIndex order."""
        return tuple(port.spec.name for port in self.ports.values())

    def ticks(self, instant_ms: int | None) -> int:
        """What sysUpTime was at an instant, in 1/100 s; 0 for None."""
        return 0 if instant_ms is None else (instant_ms - self.booted_at_ms) // 10 % _TICKS

    def reboot(self, at_ms: int) -> None:
        """Start the machine anew: uptimes, IF-MIB's counters and its memory of changes begin at zero."""
        self.booted_at_ms = at_ms
        self._lead = AGENT_STARTS_AFTER_MS // 10
        self._is_anew = self._counts_anew = True
        for port in self.ports.values():
            port.restart(at_ms)

    def reset_counters(self, at_ms: int) -> None:
        """Set every counter of IF-MIB to zero while the agent runs on."""
        self._counts_anew = True
        for port in self.ports.values():
            port.reset_counters(at_ms)

    def set_down(self, names: frozenset[str], at_ms: int) -> None:
        """Take the named ports down, and all others as they were recorded."""
        for index, port in self.ports.items():
            if _is_up(self._values, index):
                port.set_status(OperStatus.DOWN if port.spec.name in names else OperStatus.UP, at_ms)

    def set_shuffled(self, *, shuffled: bool) -> None:
        """Nothing: see `NOT_OF_RECORDINGS`."""

    def _still(self) -> Iterator[Instance]:
        for oid, (syntax, value) in self._values.items():
            yield Fixed(oid, syntax, value)

    def _moving(self) -> Iterator[Instance]:
        for oid, (syntax, value) in self._values.items():
            read = self._read_of(oid, syntax, value) if isinstance(value, int) else None
            yield Fixed(oid, syntax, value) if read is None else Moving(oid, syntax, read)

    def _read_of(self, oid: Oid, syntax: Syntax, value: int) -> Read | None:
        """How a number that changes is told for an instant."""
        if syntax is Syntax.TIMETICKS and oid == SYS_UP_TIME:
            return self.ticks
        if syntax is Syntax.TIMETICKS and oid == HR_SYSTEM_UPTIME:
            return lambda at_ms: (self.ticks(at_ms) + self._lead) % _TICKS
        port = self.ports.get(oid[-1])
        if port is None:
            return None
        column = oid[:-1]
        if column in _PLACES and syntax in _MASKS:
            return self._counter(port, _PLACES[column], value, _MASKS[syntax])
        if column == _OPER_STATUS and value == OperStatus.UP:
            return lambda at_ms: port.status
        if column == _LAST_CHANGE:
            return self._changed(value, lambda: port.last_change_ms)
        return self._changed(value, lambda: port.discontinuity_ms) if column == _DISCONTINUITY else None

    def _counter(self, port: SimulatedPort, places: tuple[int, ...], recorded: int, mask: int) -> Read:
        def read(at_ms: int) -> int:
            counted = port.counters(at_ms)
            return (sum(counted[place] for place in places) + (0 if self._counts_anew else recorded)) & mask

        return read

    def _changed(self, recorded: int, changed_ms: Callable[[], int | None]) -> Read:
        """When something changed last, in ticks: as recorded, until it changes again or the machine starts anew."""

        def read(at_ms: int) -> int:
            instant_ms = changed_ms()
            return recorded if instant_ms is None and not self._is_anew else self.ticks(instant_ms)

        return read


def ports_of(values: Recorded, device: str, seed: int, at_ms: int) -> dict[int, SimulatedPort]:
    """The ports of a recorded ifTable by ifIndex, named by ifName, else ifDescr, else `if<ifIndex>`; none twice."""
    ports: dict[int, SimulatedPort] = {}
    taken: set[str] = set()
    for index in sorted({oid[-1] for oid in values if oid[:-1] in (_OPER_STATUS, _IF_DESCR, _IF_NAME)}):
        name = _text(values, (*_IF_NAME, index)) or _text(values, (*_IF_DESCR, index)) or f"if{index}"
        while name in taken:
            name = f"{name}@{index}"
        taken.add(name)
        ports[index] = _port(name, index, values, (device, seed, at_ms))
    return ports


def _port(name: str, index: int, values: Recorded, played: tuple[str, int, int]) -> SimulatedPort:
    """A port whose meters stand at zero: what they count is added to what was recorded."""
    device, seed, at_ms = played
    speed_bps = _speed_bps(values, index)
    spec = PortSpec(name, speed_bps=speed_bps, receive_bps=speed_bps, transmit_bps=speed_bps)
    port = SimulatedPort(spec, index, seed, device, at_ms)
    if not _is_up(values, index):
        port.set_status(OperStatus.DOWN, at_ms)
        port.last_change_ms = None
    return port


def _speed_bps(values: Recorded, index: int) -> int:
    fast = (_number(values, (*_HIGH_SPEED, index)) or 0) * 1_000_000
    return fast or _number(values, (*_IF_SPEED, index)) or USUAL_SPEED_BPS


def _is_up(values: Recorded, index: int) -> bool:
    return _number(values, (*_OPER_STATUS, index)) == OperStatus.UP


def _number(values: Mapping[Oid, tuple[Syntax, Value]], oid: Oid) -> int | None:
    value = values.get(oid, (None, None))[1]
    return value if isinstance(value, int) else None


def _text(values: Mapping[Oid, tuple[Syntax, Value]], oid: Oid) -> str:
    value = values.get(oid, (None, None))[1]
    return value.decode("utf-8", "backslashreplace").strip("\0 ") if isinstance(value, bytes) else ""
