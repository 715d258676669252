"""A simulated day, every turn of it asked, and the same day by the shortcut: nothing may tell them apart.

With WANMON_SIMULATE (`make simulate-whole`) it is the shipped bad day of the whole province.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from tests.lab.scenes import AGENCY, BOTH, COMMUNE, EXAMPLE, FARM, HUB, NORTH, SOUTH, few, run, script
from wanmon.health.intervals import Span
from wanmon.lab import script as scripts
from wanmon.lab.outcome import gaps, history, span_of
from wanmon.lab.run import Played
from wanmon.lab.verdict import figures_of
from wanmon.lab.watch import Watch
from wanmon.model.life import CircuitState, DeviceState, DeviceWitness, Heartbeat, SiteState, Transition
from wanmon.model.outage import Outage
from wanmon.model.state import State
from wanmon.poller.seconds import SiteSeconds
from wanmon.store import life

TABLES = (Transition, Outage, SiteState, DeviceState, CircuitState, DeviceWitness, Heartbeat)
SCRAPES_S = 15.0

DAY = script(
    {"at": "01:00", "for": "2h", "fault": "cut", "site": NORTH},
    {"at": "02:00", "fault": "reboot", "site": NORTH},
    {"at": "04:00", "for": "1h", "fault": "power_cut", "site": SOUTH},
    {"at": "06:00", "for": "20m", "fault": "port_pull", "site": BOTH},
    {"at": "07:00", "for": "20m", "fault": "loss", "site": SOUTH, "ratio": 0.4},
    {"at": "08:00", "for": "20m", "fault": "unplug_monitor"},
    {"at": "09:00", "for": "10m", "fault": "stop_poller"},
    {"at": "10:00", "fault": "reboot", "site": FARM},
    {"at": "10:30", "fault": "clock_step", "seconds": 3600},
    {"at": "11:30", "fault": "clock_step", "seconds": -3600},
    {"at": "13:00", "fault": "agent_restart", "site": FARM},
    {"at": "14:00", "fault": "uptime_wrap", "site": COMMUNE},
    {"at": "15:00", "for": "10m", "fault": "flap", "site": COMMUNE},
    {"at": "16:00", "for": "1h", "fault": "filter_echo", "site": AGENCY},
    {"at": "17:30", "for": "1h", "fault": "agent_down", "site": SOUTH},
    {"at": "19:00", "for": "1h", "fault": "port_pull", "site": SOUTH, "port": "wan1"},
    {"at": "20:30", "for": "30m", "fault": "brown_out", "site": COMMUNE},
    {"at": "21:30", "for": "30m", "fault": "cut_below", "site": HUB},
    {"at": "22:30", "for": "20m", "fault": "slow", "site": FARM},
    {"at": "23:55", "for": "1h", "fault": "cut", "site": AGENCY},
    days=1,
)

IS_WHOLE = bool(os.environ.get("WANMON_SIMULATE"))
INVENTORY = EXAMPLE if IS_WHOLE else few()
SCRIPT = scripts.read(scripts.find("bad-day"), EXAMPLE) if IS_WHOLE else DAY


@dataclass
class Day:
    """The day as it was played: what it has left, the last poller, and the counters at every scrape."""

    played: Played
    watch: Watch
    scrapes: list[tuple[int, Mapping[str, SiteSeconds]]]


def day(folder: Path, *, is_short: bool) -> Day:
    scrapes: list[tuple[int, Mapping[str, SiteSeconds]]] = []
    watches: dict[int, Watch] = {}

    def ticked(watch: Watch) -> None:
        watches.setdefault(id(watch), watch)
        if watch.clock.now_s % SCRAPES_S == watch.begun_s % SCRAPES_S:
            scrapes.append((len(watches), watch.pipeline.board.seconds))

    played = run(folder, SCRIPT, INVENTORY, is_short=is_short).play(ticked)
    print(f"{played.steps / played.wall_s:.0f} state steps per second, {played.wall_s:.0f} s")  # noqa: T201
    return Day(played, list(watches.values())[-1], scrapes)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Day:
    return day(tmp_path_factory.mktemp("whole"), is_short=False)


@pytest.fixture(scope="module")
def short(tmp_path_factory) -> Day:
    return day(tmp_path_factory.mktemp("short"), is_short=True)


def rows(of: Day, table: Any) -> list[dict[str, Any]]:
    """The rows of a table in the order of their keys."""
    with of.played.database.read() as session:
        return [row.model_dump() for row in session.exec(select(table).order_by(*table.__table__.primary_key))]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_the_shortcut_leaves_the_same_rows(whole, short, table):
    assert rows(whole, table) == rows(short, table)


def test_the_shortcut_leaves_every_lane_site_and_turn_as_they_were(whole, short):
    left = [
        (
            one.watch.pipeline.sites.province.lives,
            one.watch.pipeline.sites.province.states,
            one.watch.pipeline.board.seconds,
            {name: track.snmp.silent_polls for name, track in one.watch.pipeline.tracks.items()},
            [one.watch.agenda.since_poll(name) for name in one.watch.pipeline.tracks],
            one.watch.agenda.next_s(),
        )
        for one in (whole, short)
    ]

    assert left[0] == left[1]


def test_the_shortcut_is_one(whole, short):
    assert whole.played.steps > 10 * short.played.steps


def test_at_every_scrape_the_seconds_are_the_sum_of_the_states_and_none_has_fallen(whole):
    """A counter that falls is a restart to Prometheus, and a rate of everything that it ever counted."""
    before: dict[tuple[int, str], SiteSeconds] = {}
    for life_number, board in whole.scrapes:
        for site, counted in board.items():
            last = before.get((life_number, site), SiteSeconds())

            assert sum(counted.by_state) == counted.monitored
            assert all(now >= then for now, then in zip(counted.by_state, last.by_state, strict=True))
            before[life_number, site] = counted
    assert len(whole.scrapes) > 5_000


def test_the_availability_of_every_site_is_what_its_transitions_say_second_by_second(whole):
    span = span_of(whole.played)
    with whole.played.database.read() as session:
        reported = {site: figures_of(history(session, site), span) for site in INVENTORY.sites}
        absences = gaps(life.heartbeats(session, SCRIPT.start))
    rows_of = rows(whole, Transition)
    for site, figures in reported.items():
        seconds = _painted([row for row in rows_of if (row["site"], row["circuit"]) == (site, None)], absences, span)
        up, lost = (sum(seconds.count(n) for n in numbers) for numbers in ((1, 2), (3, 4)))

        assert up / (up + lost) == figures.site
        assert 1 - seconds.count(0) / len(seconds) == figures.coverage


def _painted(transitions: list[dict[str, Any]], absences: list[Any], span: Span) -> bytearray:
    """The state of each second as a number: painted over from each transition on, then the gaps."""
    order, seconds = list(State), bytearray(span.end_s - span.start_s)
    for row in sorted(transitions, key=lambda row: row["id"]):
        at = int(row["at"].timestamp()) - span.start_s
        seconds[at:] = bytes([order.index(row["new"])]) * (len(seconds) - at)
    for ended, began in absences:
        from_s, to_s = (int(at.timestamp()) - span.start_s for at in (ended, began))
        seconds[from_s:to_s] = bytes(max(0, min(to_s, len(seconds)) - from_s))
    return seconds
