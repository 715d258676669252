"""What a device says of its own past: did it start anew, and when did its WAN port change? Pure.

Instants are epoch seconds on one clock that does not step: within one run of the poller its monotonic clock, anchored
once; across runs the wall clock. All ticks are hundredths of a second. A reading of 0 tells nothing of an uptime.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TypeVar

from wanmon.health.uptime import ALLOWED_SHARE, WRAP, deviation_s, restarted

#: A machine is silent before its uptime begins to count, and its ports come up so long after that.
BOOTING_S = 120.0
#: net-snmp dates a change of a port when its table is next read: a change so soon after an outage belongs to it.
NOTICED_S = 30.0

Readings = dict[str, float | int | str]


@dataclass(frozen=True, slots=True)
class Uptime:
    """One reading of sysUpTime, hrSystemUptime or a vendor's own."""

    ticks: int
    received_s: float

    @property
    def began_s(self) -> float:
        """When it began to count, if it has not wrapped since."""
        return self.received_s - self.ticks / 100


@dataclass(frozen=True, slots=True)
class PortReading:
    """ifLastChange of the WAN port with the sysUpTime of the same PDU."""

    last_change_ticks: int
    uptime_ticks: int
    received_s: float

    @property
    def age_s(self) -> float:
        """How long before the reading the port changed, if less than 497 days."""
        return ((self.uptime_ticks - self.last_change_ticks) % WRAP) / 100


Dated = TypeVar("Dated", Uptime, PortReading)


def moved(reading: Dated, seconds: float) -> Dated:
    """A reading on a clock that was set forward since."""
    return replace(reading, received_s=reading.received_s + seconds)


@dataclass(frozen=True, slots=True)
class Witness:
    """What a device said of itself in one poll, or in the latest polls that had each of these.

    `machine` is hrSystemUptime or a vendor's like of it, `agent` sysUpTime, `engine_boots` snmpEngineBoots (RFC 3414).
    """

    machine: Uptime | None = None
    agent: Uptime | None = None
    engine_boots: int | None = None
    port: PortReading | None = None

    def moved(self, seconds: float) -> "Witness":
        """The same on a clock that was set forward since."""
        return replace(
            self,
            machine=self.machine and moved(self.machine, seconds),
            agent=self.agent and moved(self.agent, seconds),
            port=self.port and moved(self.port, seconds),
        )


@dataclass(frozen=True, slots=True)
class Outage:
    """From the first miss to the first reply.

    `began_uncertain_s` is the time since the last reply before it, `ended_uncertain_s` that since the last miss in it.
    """

    began_s: float
    ended_s: float
    began_uncertain_s: float = 0.0
    ended_uncertain_s: float = 0.0

    @property
    def earliest_s(self) -> float:
        """The earliest instant that can belong to it."""
        return self.began_s - self.began_uncertain_s


@dataclass(frozen=True, slots=True)
class Start:
    """Something began anew at `at_s`: the machine, or only its agent. `polled_s` is the reading before it, if any."""

    at_s: float
    uncertain_s: float
    is_machine: bool
    polled_s: float | None
    readings: Readings

    def is_inside(self, outage: Outage) -> bool:
        """Whether it may lie within the outage."""
        return outage.earliest_s <= self.at_s + self.uncertain_s and not self.is_after(outage)

    def is_after(self, outage: Outage) -> bool:
        """Whether it surely came after the outage."""
        return self.at_s - self.uncertain_s > outage.ended_s


def start_between(before: Witness, after: Witness) -> Start | None:
    """What started anew between two readings; None where nothing did, or where nobody can tell.

    The uptime of the machine decides, where there is one: an agent may be restarted alone.
    """
    of_machine = _is_anew(before.machine, after.machine)
    if of_machine:
        return _start("machine", before.machine, after.machine, before, after, is_machine=True)
    if _has_engine_rebooted(before, after) or _is_anew(before.agent, after.agent):
        return _start("agent", before.agent, after.agent, before, after, is_machine=of_machine is None)
    return None


def _is_anew(before: Uptime | None, after: Uptime | None) -> bool | None:
    if before is None or after is None or not before.ticks or not after.ticks:
        return None
    return restarted(before.ticks, after.ticks, after.received_s - before.received_s)


def _has_engine_rebooted(before: Witness, after: Witness) -> bool:
    # Only a rise proves something: agents that cannot store the number begin with the same one again.
    known = before.engine_boots is not None and after.engine_boots is not None
    return known and (after.engine_boots or 0) > (before.engine_boots or 0)


def _start(
    source: str, old: Uptime | None, new: Uptime | None, before: Witness, after: Witness, *, is_machine: bool
) -> Start | None:
    if new is None or not new.ticks:
        return None
    readings: Readings = {"source": source, "boot_s": new.began_s, "uptime_after_ticks": new.ticks}
    if old is not None:
        readings["uptime_before_ticks"] = old.ticks
        readings["deviation_s"] = deviation_s(old.ticks, new.ticks, new.received_s - old.received_s)
    if before.engine_boots is not None and after.engine_boots is not None:
        readings |= {"engine_boots_before": before.engine_boots, "engine_boots_after": after.engine_boots}
    polled_s = None if old is None else old.received_s
    return Start(new.began_s, ALLOWED_SHARE * new.ticks / 100, is_machine, polled_s, readings)


class PortStory(Enum):
    """What the WAN port tells of an outage."""

    DROPPED = auto()  # it changed of itself while the outage lasted
    STAYED = auto()  # it did not, or it came up with the machine and stayed up while the outage went on
    SILENT = auto()  # nothing that decides


def port_story(outage: Outage, before: Witness, after: Witness, *, tells_change: bool) -> tuple[PortStory, Readings]:
    """What the WAN port tells, and the readings that say so.

    `tells_change` says that an ifLastChange of 0 means "unchanged since the agent started" (RFC 2863).
    """
    port, start = after.port, start_between(before, after)
    if port is None or not port.uptime_ticks or (start is not None and start.is_after(outage)):
        return PortStory.SILENT, {}
    if start is None and not _is_agent_old(outage, before, after, port):
        return PortStory.SILENT, {}
    inside = start if start is not None and start.is_inside(outage) else None
    readings: Readings = {"if_last_change_ticks": port.last_change_ticks, "uptime_ticks": port.uptime_ticks}
    if inside is not None:
        readings["boot_s" if inside.is_machine else "agent_start_s"] = inside.at_s
    if port.last_change_ticks == 0:
        is_told = tells_change or (before.port is not None and before.port.last_change_ticks != 0)
        return (_never_changed(outage, inside) if is_told else PortStory.SILENT), readings
    readings["last_change_s"] = port.received_s - port.age_s
    if start is None and before.port is not None and before.port.last_change_ticks == port.last_change_ticks:
        return PortStory.STAYED, readings  # the very change of before, whatever a wrap has done to its date
    return _changed(outage, port, inside), readings


def _is_agent_old(outage: Outage, before: Witness, after: Witness, port: PortReading) -> bool:
    """Whether the agent surely counted on through the outage, though no restart was found."""
    if _is_anew(before.agent, after.agent) is False:
        return True
    return port.received_s - port.uptime_ticks / 100 < outage.earliest_s


def _never_changed(outage: Outage, inside: Start | None) -> PortStory:
    """The port has been up since the agent began to count, and before that nobody knows."""
    if inside is None or inside.is_machine:
        return PortStory.STAYED
    # It was up from the agent's start on, and for so long still nothing came through.
    return PortStory.STAYED if inside.at_s + BOOTING_S <= outage.ended_s else PortStory.SILENT


def _changed(outage: Outage, port: PortReading, inside: Start | None) -> PortStory:
    at_s, uncertain_s = port.received_s - port.age_s, ALLOWED_SHARE * port.age_s
    if inside is not None and inside.is_machine and at_s <= inside.at_s + BOOTING_S:
        return PortStory.STAYED
    if at_s + uncertain_s < outage.earliest_s:
        return PortStory.STAYED
    # A change after the outage has overwritten whatever was there before.
    return PortStory.DROPPED if at_s - uncertain_s <= outage.ended_s + NOTICED_S else PortStory.SILENT
