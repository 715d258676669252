"""What an earlier run left in the database, and how a province goes on from it: nothing resolves, nothing fires."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from wanmon.health.cause import Interval
from wanmon.health.circuits import NOTHING_KNOWN, Claim, Evidence
from wanmon.health.findings import Findings
from wanmon.health.life import Life
from wanmon.health.province import Left, Province, restored
from wanmon.model.life import CircuitState, DeviceState, DeviceWitness, SiteState
from wanmon.model.outage import Outage
from wanmon.model.state import State
from wanmon.poller.instant import Instant
from wanmon.poller.outages import Running, Subject
from wanmon.poller.targets import circuit_lane

#: The reason of a device that is up and answers SNMP, but no echo.
FILTERED = "icmp_filtered"
_IS_UP = {State.UP: True, State.DOWN: False, State.UNREACHABLE: False}


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an earlier run left in the database. It was there until `seen_at`; in `absences` nobody was.

    `outages` go on, by site and circuit; `unexplained` are those that have ended, and whose cause was still awaited.
    """

    sites: Mapping[str, SiteState] = field(default_factory=dict)
    devices: Mapping[str, DeviceState] = field(default_factory=dict)
    witnesses: Mapping[str, DeviceWitness] = field(default_factory=dict)
    outages: Mapping[Subject, Outage] = field(default_factory=dict)
    circuits: Mapping[str, CircuitState] = field(default_factory=dict)
    seen_at: datetime | None = None
    absences: tuple[Interval, ...] = ()
    unexplained: tuple[Outage, ...] = ()


def resume(province: Province, remembered: Remembered, instant: Instant) -> Findings:
    """Let a province go on from what was left of its sites, lanes and circuits."""
    sites = {
        code: Left(row.state, _past_s(instant, row.since), codes(row.roots)) for code, row in remembered.sites.items()
    }
    lanes = dict(_lives(province, remembered, instant))
    claimed = {code: _claim(row) for code, row in remembered.circuits.items()}
    return province.restore(sites, lanes, claimed, _suspended(remembered), instant.now_s)


def running(outage: Outage) -> Running:
    """An outage as its row has it."""
    return Running(outage.state, outage.began_at, outage.began_uncertain_s, codes(outage.roots))


def codes(text: str) -> tuple[str, ...]:
    """The codes of sites as a row has them, separated by commas."""
    return tuple(code for code in text.split(",") if code)


def _lives(province: Province, remembered: Remembered, instant: Instant) -> Iterator[tuple[str, Life]]:
    """The lives of the lanes as an earlier run left them; those of a site that is unknown begin anew."""
    rows: dict[str, DeviceState | CircuitState] = {
        circuit_lane(code): row for code, row in remembered.circuits.items() if row.evidence == Evidence.PROBE
    }
    rows |= remembered.devices
    seen_s = _past_s(instant, remembered.seen_at) if remembered.seen_at else None
    for lane, row in rows.items():
        site = remembered.sites.get(province.topology.site_of.get(lane) or "")
        if lane in province.lives and (site is None or site.state is not State.UNKNOWN):
            is_up, since_s = _IS_UP.get(row.state), _past_s(instant, row.since)
            left = restored(province.lives[lane], is_up=is_up, since_s=since_s, seen_s=seen_s)
            yield lane, replace(left, is_filtered=isinstance(row, DeviceState) and row.reason == FILTERED)


def _past_s(instant: Instant, at: datetime) -> float:
    """When that was on the monotonic clock.

    What seems to be still to come was written before the wall clock was set back: it has been, whenever that was.
    """
    return min(instant.now_s, instant.monotonic_s(at))


def _suspended(remembered: Remembered) -> dict[str, State]:
    """The lost state of each site that is unknown now while its outage goes on."""
    unknown = {code for code, row in remembered.sites.items() if row.state is State.UNKNOWN}
    return {
        site: outage.state
        for (site, circuit), outage in remembered.outages.items()
        if circuit is None and site in unknown
    }


def _claim(row: CircuitState) -> Claim:
    evidence = Evidence(row.evidence)
    return NOTHING_KNOWN if evidence is Evidence.NONE else Claim(row.state, evidence)
