"""Why did it go down? The table of causes: the first row that holds decides, and its readings are kept. Pure.

Whether an instant lies inside an outage is judged in favour of "inside" by what is not known of its edges and of the
instant itself. Instants are epoch seconds (see `witness`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from wanmon.health.witness import BOOTING_S, Outage, PortStory, Readings, Start, Witness, port_story, start_between
from wanmon.model.cause import Cause

#: A machine that boots so shortly before the end of an outage has ended it by booting.
BOOT_ENDS_IT_S = 600.0
#: Sites that fell so close together may have fallen together.
TOGETHER_S = 60.0


@dataclass(frozen=True, slots=True)
class Interval:
    """A half-open stretch of time; `to_s` may be infinite. `name` is what it is known by."""

    from_s: float
    to_s: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one outage that has closed.

    `before` and `after` are the last readings before it and the first after it. `faults` are the stretches in which we
    were away or at fault ourselves, `windows` the maintenance that covers what fell. `roots` name the sites that cut an
    unreachable one off. `tells_change` says that an ifLastChange of 0 means "unchanged since the agent started" (RFC
    2863): the profile says so, or the device has shown another value.
    """

    outage: Outage
    before: Witness = field(default_factory=Witness)
    after: Witness = field(default_factory=Witness)
    faults: tuple[Interval, ...] = ()
    windows: tuple[Interval, ...] = ()
    is_unreachable: bool = False
    roots: tuple[str, ...] = ()
    tells_change: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause, the row of the table that held, and the readings that made it hold."""

    cause: Cause
    row: int
    readings: Readings


def judge(evidence: Evidence) -> Finding:
    """The cause of an outage."""
    for row, (cause, fired) in _TABLE.items():
        readings = fired(evidence)
        if readings is not None:
            return Finding(cause, row, readings)
    return Finding(Cause.UNKNOWN, 8, {})


def silent_reboot(before: Witness, after: Witness, windows: Iterable[Interval] = ()) -> Finding | None:
    """The finding on two polls in a row with no outage between; None where the machine did not start anew.

    The restart lies somewhere between the two: that is its uncertainty. Inside a window it was planned.
    """
    start = start_between(before, after)
    if start is None or not start.is_machine or start.polled_s is None or start.at_s < start.polled_s:
        return None
    readings = start.readings | {"last_poll_s": start.polled_s}
    for window in windows:
        if window.from_s <= start.at_s < window.to_s:
            return Finding(Cause.PLANNED, 2, readings | {"window": window.name})
    return Finding(Cause.SILENT_REBOOT, 7, readings)


def _ours(evidence: Evidence) -> Readings | None:
    outage = evidence.outage
    for fault in evidence.faults:
        if fault.from_s <= outage.began_s and fault.to_s > outage.earliest_s:
            return {"fault": fault.name, "fault_from_s": fault.from_s, "fault_to_s": fault.to_s}
    return None


def _planned(evidence: Evidence) -> Readings | None:
    outage = evidence.outage
    for window in evidence.windows:
        if window.from_s <= outage.began_s and outage.ended_s - outage.ended_uncertain_s <= window.to_s:
            return {"window": window.name, "window_from_s": window.from_s, "window_to_s": window.to_s}
    return None


def _upstream(evidence: Evidence) -> Readings | None:
    return {"roots": ",".join(evidence.roots)} if evidence.is_unreachable else None


def _power(evidence: Evidence) -> Readings | None:
    start, outage = start_between(evidence.before, evidence.after), evidence.outage
    if start is None or not start.is_machine or not start.is_inside(outage):
        return None
    # A boot in the middle is the staff trying to help: it neither began the outage nor ended it.
    return start.readings if _has_ended(start, outage) or _has_begun(start, outage) else None


def _has_ended(boot: Start, outage: Outage) -> bool:
    return boot.at_s + boot.uncertain_s >= outage.ended_s - BOOT_ENDS_IT_S


def _has_begun(boot: Start, outage: Outage) -> bool:
    return boot.at_s - boot.uncertain_s <= outage.began_s + BOOTING_S


def _handoff(evidence: Evidence) -> Readings | None:
    return _if_told(evidence, PortStory.DROPPED)


def _carrier(evidence: Evidence) -> Readings | None:
    return _if_told(evidence, PortStory.STAYED)


def _if_told(evidence: Evidence, wanted: PortStory) -> Readings | None:
    story, readings = port_story(evidence.outage, evidence.before, evidence.after, tells_change=evidence.tells_change)
    return readings if story is wanted else None


_TABLE: dict[int, tuple[Cause, Callable[[Evidence], Readings | None]]] = {
    1: (Cause.MONITOR, _ours),
    2: (Cause.PLANNED, _planned),
    3: (Cause.UPSTREAM, _upstream),
    4: (Cause.POWER_OR_REBOOT, _power),
    5: (Cause.HANDOFF, _handoff),
    6: (Cause.CARRIER_PATH, _carrier),
}


class Tie(NamedTuple):
    """What a site has in common with others: ("carrier", "VNPT"), ("parent", "BN-001"), ("unit", ...)."""

    kind: str
    code: str


class Fall(NamedTuple):
    """That a site fell, and when."""

    site: str
    began_s: float


class Shared(NamedTuple):
    """How many of the sites so tied fell together, the one in question among them: "3 of 14 on this carrier"."""

    tie: Tie
    fell: int
    of: int


def siblings(
    fallen: Fall, falls: Iterable[Fall], ties: Mapping[str, Collection[Tie]], window_s: float = TOGETHER_S
) -> tuple[Shared, ...]:
    """For each tie of the fallen site, how many of those that share it fell within `window_s` of it.

    `ties` holds those of every active site.
    """
    together = {fall.site for fall in falls if abs(fall.began_s - fallen.began_s) <= window_s} | {fallen.site}
    counts = []
    for tie in sorted(ties.get(fallen.site, ())):
        members = {site for site, its in ties.items() if tie in its}
        counts.append(Shared(tie, len(members & together), len(members)))
    return tuple(counts)
