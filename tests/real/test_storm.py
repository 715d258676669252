"""Half of the province silent at once: the other half notices nothing, and people are told of the roots alone.

One demo of the full province. `make ground-soak` (WANMON_SOAK=1) watches ten rounds, every other run two.
"""

import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rigs.serving import Running, Scraped, start, wait_until

pytestmark = [pytest.mark.real, pytest.mark.long]

SITES, SILENT = 178, 89
ROUNDS = 10 if os.environ.get("WANMON_SOAK") else 2
ROUND_S = 30
#: So long a line must have answered until seven to nine misses call it down.
QUIET_S = 105
LAG = "wanmon_poll_schedule_lag_seconds"
FAILURES = "wanmon_device_poll_failures_total"


@dataclass
class Storm:
    """A demo, its folder, and who is to fall silent: some districts and everything behind them."""

    demo: Running
    home: Path
    roots: tuple[str, ...]
    silent: tuple[str, ...]

    def break_(self, sites: tuple[str, ...]) -> None:
        """Silence these sites and no others."""
        beside = self.home / "faults.new"
        beside.write_text(json.dumps({f"{site}-R1": "silent" for site in sites}), encoding="utf-8")
        beside.replace(self.home / "faults.yaml")

    def opened(self) -> list[str]:
        """The sites of which people were told: each with an outage of its own."""
        with closing(sqlite3.connect(f"file:{self.home}/var/wanmon.db?mode=ro", uri=True)) as database:
            query = "SELECT site FROM outage WHERE state = 'down' AND circuit IS NULL ORDER BY site"
            return [row[0] for row in database.execute(query)]

    def states(self) -> dict[str, int]:
        """How many sites are in each state, by its number."""
        values = list(self.demo.scrape().of("wanmon_site_state").values())
        return {str(int(value)): values.count(value) for value in set(values)}


@pytest.fixture(scope="module")
def storm(lone_lab: None, web_port: int) -> Iterator[Storm]:
    with tempfile.TemporaryDirectory(prefix="wanmon-storm-") as name:
        folder = Path(name)
        with start(
            folder, "demo", "--listen", f"127.0.0.1:{web_port}", port=web_port, environment={"TMPDIR": name}
        ) as demo:
            wait_until(lambda: demo.is_ready() and SITES == sum(demo.scrape().of("wanmon_site_up").values()), 60, "up")
            (home,) = folder.glob("wanmon-demo-*")
            yield Storm(demo, home, *fallen(home))


def fallen(home: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Districts, and so many sites in all: the last district's communes fall in part."""
    with closing(sqlite3.connect(f"file:{home}/var/wanmon.db?mode=ro", uri=True)) as database:
        districts = [row[0] for row in database.execute("SELECT code FROM site WHERE site_class = 'district'")]
        behind = {
            district: [row[0] for row in database.execute("SELECT code FROM site WHERE parent = ?", (district,))]
            for district in districts
        }
    roots: list[str] = []
    silent: list[str] = []
    for district in districts:
        if len(silent) + len(behind[district]) + 1 <= SILENT:
            roots.append(district)
            silent += [district, *behind[district]]
    assert len(silent) > SILENT - 20
    return tuple(roots), tuple(silent)


def test_half_of_the_province_falls_silent_and_the_other_half_misses_nothing(storm: Storm):
    time.sleep(QUIET_S)
    before = storm.demo.scrape()
    storm.break_(storm.silent)
    lost = len(storm.silent)
    wanted = {"1": SITES - lost, "3": len(storm.roots), "4": lost - len(storm.roots)}
    fell_s = wait_until(lambda: wanted == storm.states(), 40, "the districts are down, the others cut off")
    time.sleep(max(0.0, ROUNDS * ROUND_S - fell_s))
    after = storm.demo.scrape()

    assert set(storm.roots) == set(storm.opened())
    assert len(storm.roots) == len(storm.opened())
    assert set() == failing(after, before) - {f"{site}-R1" for site in storm.silent}
    assert before.value("wanmon_poll_skipped_ticks_total") == after.value("wanmon_poll_skipped_ticks_total")
    assert before.of("wanmon_poll_overruns_total") == after.of("wanmon_poll_overruns_total")
    assert 0.99 <= share_within_a_second(after, before)


def test_all_are_back_within_a_quarter_of_a_minute_and_nothing_opens_on_the_way_up(storm: Storm):
    storm.break_(())

    wait_until(lambda: {"1": SITES} == storm.states(), 15 + 1, "all are up: the faults are looked at once a second")
    time.sleep(10)
    assert len(storm.roots) == len(storm.opened())


def failing(after: Scraped, before: Scraped) -> set[str]:
    """The devices whose failures have grown."""
    old = before.of(FAILURES)
    grown = (labels for labels, count in after.of(FAILURES).items() if count > old[labels])
    return {labels.split('device="')[1].split('"')[0] for labels in grown}


def share_within_a_second(after: Scraped, before: Scraped) -> float:
    """The share of the probes and polls between two scrapes that began within a second of their time."""

    def grown(name: str, wanted: str) -> float:
        old = before.of(name)
        return sum(value - old[labels] for labels, value in after.of(name).items() if wanted in labels)

    return grown(f"{LAG}_bucket", 'le="1.0"') / grown(f"{LAG}_count", "")
