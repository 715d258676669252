"""What is called down, cut off, degraded, and why: real agents, real echo, lines that are really cut.

The tests share one ground and one `serve`, and run in the order in which they stand. `make ground-soak`
(WANMON_SOAK=1) is the acceptance: quiet for three minutes before each of five rounds of cuts, a loss for half an hour,
a poller that is away for ten minutes.
"""

import os
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# ruff: noqa: T201 - how long it took is what the long run is for
import pytest

from tests.rigs.ground import DISTRICTS, HUB, PARENTS, SITES, Ground
from tests.rigs.ground_deployment import make_ground_province, serve_in
from tests.rigs.province import Province
from tests.rigs.serving import Running, wait_until

pytestmark = [pytest.mark.real, pytest.mark.long]

IS_SOAK = bool(os.environ.get("WANMON_SOAK"))
#: A line is known to be clean after three minutes; the short run has less patience, and the rule is more careful then.
QUIET_S = 190 if IS_SOAK else 115
ROUNDS = 5 if IS_SOAK else 1
MOST_S, MEDIAN_S = (14.0, 10.5) if IS_SOAK else (17.0, 14.0)
LOSSY_S = 1800 if IS_SOAK else 0
#: In a short time less loss may pass unseen by chance.
LOST_PERCENT = 30 if IS_SOAK else 45
AWAY_S = 600 if IS_SOAK else 45
COMMUNES = tuple(site for site in SITES if PARENTS[site] in DISTRICTS)
CUT, ALSO_CUT, PULLED, FILTERED, LOSSY, NO_AGENT = COMMUNES
STATES = {0: "unknown", 1: "up", 2: "degraded", 3: "down", 4: "unreachable"}
PASSES = "the line is open again"


@dataclass
class Watched:
    """The ground, its deployment, and the `serve` that watches it."""

    ground: Ground
    province: Province
    served: Running
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def states(self) -> dict[str, str]:
        """The state of every site now."""
        found = self.served.scrape().of("wanmon_site_state")
        return {labels.split('"')[1]: STATES[int(value)] for labels, value in found.items()}

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database has."""
        with closing(sqlite3.connect(f"file:{self.province.database}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def openings(self, since: datetime) -> list[str]:
        """The sites whose own outage was decided since: what people are told of."""
        return [
            site
            for site, previous in self.rows(
                "SELECT site, previous FROM outage WHERE state = 'down' AND circuit IS NULL AND decided_at >= ?"
                " AND (ended_at IS NULL OR began_at < ended_at) ORDER BY id",
                text(since),
            )
            if previous is None
        ]

    def causes(self, since: datetime) -> dict[str, str | None]:
        """The cause of each site's outage that began since."""
        return dict(
            self.rows("SELECT site, cause FROM outage WHERE circuit IS NULL AND began_at >= ? ORDER BY id", text(since))
        )

    def decided_after_s(self, site: str, cut_at: datetime) -> float:
        """How long after the cut a site was called down."""
        query = (
            "SELECT decided_at FROM transition WHERE site = ? AND new = 'down' AND circuit IS NULL AND decided_at >= ?"
        )
        (decided,) = self.rows(f"{query} ORDER BY id LIMIT 1", site, text(cut_at))[0]
        return (datetime.fromisoformat(decided).replace(tzinfo=UTC) - cut_at).total_seconds()

    def are(self, state: str, *sites: str) -> bool:
        """Whether all of these sites are in a state."""
        states = self.states()
        return all(states[site] == state for site in sites)


def text(at: datetime) -> str:
    """An instant as SQLite has it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")


@pytest.fixture(scope="module")
def watched(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    province = make_ground_province(tmp_path_factory.mktemp("truth"))
    with serve_in(ground, province) as served:
        here = Watched(ground, province, served)
        wait_until(served.is_ready, 40, "the first round")
        wait_until(lambda: here.are("up", *SITES), 20, "every site is up")
        yield here
        here.served.end()


def test_the_quiet_before(watched: Watched):
    """From the start on one line loses packets, one site answers no echo, one has no agent: none of them is down."""
    watched.ground.drop(LOSSY, LOST_PERCENT)
    watched.ground.filter_echo(FILTERED)
    watched.ground.stop_agent(NO_AGENT)
    time.sleep(QUIET_S)
    # Of a line that is hardly known it takes 24 echoes without an answer.
    wait_until(lambda: 1 == filtered(watched) and watched.are("up", FILTERED), 60, "its echo is called filtered")

    assert [] == watched.openings(watched.began_at)
    assert "degraded" == watched.states()[NO_AGENT]
    assert [("agent_only",)] == watched.rows("SELECT reason FROM site_state WHERE site = ?", NO_AGENT)


def test_a_line_that_is_cut_is_called_down_in_about_ten_seconds_and_one_that_loses_packets_is_not(watched: Watched):
    dice, took_s = random.Random(7), []
    for number in range(ROUNDS):
        if number:
            time.sleep(QUIET_S)
        took_s += cut_and_mend(watched, dice)

    print(f"\ndown after {sorted(round(each, 1) for each in took_s)} s, median {statistics.median(took_s):.1f} s")
    assert max(took_s) <= MOST_S
    assert statistics.median(took_s) <= MEDIAN_S
    assert LOSSY not in watched.openings(watched.began_at)


def cut_and_mend(watched: Watched, dice: random.Random) -> list[float]:
    """Cut lines at any moment of their interval, wait until all is told, and mend them."""
    cut_at: dict[str, datetime] = {}
    for site in (CUT, ALSO_CUT, PULLED, NO_AGENT, FILTERED):
        time.sleep(dice.random() * 1.2)
        cut_at[site] = datetime.now(UTC)
        if site == PULLED:
            watched.ground.pull(site)
        else:
            watched.ground.cut(site)
    wait_until(lambda: watched.are("down", *cut_at), 60, "all are down")
    time.sleep(5)
    for site in cut_at:
        watched.ground.mend(site)
    wait_until(lambda: watched.are("up", CUT, ALSO_CUT, PULLED, FILTERED), 30, PASSES)
    first = min(cut_at.values())
    wait_until(lambda: {CUT, ALSO_CUT, PULLED} <= {s for s, c in watched.causes(first).items() if c}, 40, "causes")
    causes = watched.causes(first)

    assert ("carrier_path", "carrier_path", "handoff") == (causes[CUT], causes[ALSO_CUT], causes[PULLED])
    return [watched.decided_after_s(site, cut_at[site]) for site in (CUT, ALSO_CUT, PULLED, NO_AGENT)]


def test_half_an_hour_of_loss_degrades_a_site_and_no_more(watched: Watched):
    lost_for_s = (datetime.now(UTC) - watched.began_at).total_seconds()
    time.sleep(max(0.0, LOSSY_S - lost_for_s))
    states = {new for (new,) in watched.rows("SELECT new FROM transition WHERE site = ? AND circuit IS NULL", LOSSY)}
    losses = watched.ground.losses(LOSSY)
    watched.ground.undrop(LOSSY)

    assert {"up", "degraded"} == states
    assert losses.echoes_dropped > 5


def test_an_agent_that_was_started_anew_is_no_reboot(watched: Watched):
    began = datetime.now(UTC)
    watched.ground.unfilter(FILTERED)
    watched.ground.start_agent(NO_AGENT)
    wait_until(lambda: watched.are("up", NO_AGENT), 90, "the agent is polled")

    assert {} == watched.causes(began)
    assert [] == watched.rows("SELECT site FROM outage WHERE cause IN ('power_or_reboot', 'silent_reboot')")
    wait_until(lambda: 0 == filtered(watched), 90, "echo judges again")


def filtered(watched: Watched) -> float:
    return watched.served.scrape().value("wanmon_device_icmp_filtered", f'site="{FILTERED}",device="{FILTERED}-R1"')


def test_a_district_that_is_cut_is_one_opening_and_its_communes_are_unreachable(watched: Watched):
    district = DISTRICTS[0]
    below = [site for site in COMMUNES if PARENTS[site] == district]
    wait_until(lambda: watched.are("up", district, *below), 90, "all is well before")
    began = datetime.now(UTC)
    watched.ground.cut(district)
    wait_until(lambda: watched.are("unreachable", *below), 40, "its communes are unreachable")
    roots = watched.served.scrape().of("wanmon_site_root_cause_info")

    wait_until(lambda: [district] == watched.openings(began), 20, "its outage is stored")

    assert "down" == watched.states()[district]
    assert {f'site="{site}",root_cause_site="{district}"' for site in below} == set(roots)

    time.sleep(10)
    watched.ground.mend(district)
    wait_until(lambda: watched.are("up", district, *below), 20, PASSES)
    time.sleep(15)

    assert [district] == watched.openings(began)
    assert {"upstream"} == {watched.causes(began)[site] for site in below}


def test_our_own_line_cut_is_isolation_and_costs_nobody_a_second(watched: Watched):
    began = datetime.now(UTC)
    before = watched.served.scrape()
    watched.ground.cut(HUB)
    wait_until(lambda: watched.are("unknown", *SITES), 60, "nothing is known of anybody")

    assert 1 == watched.served.scrape().value("wanmon_isolated")

    time.sleep(10)
    watched.ground.mend(HUB)
    wait_until(lambda: watched.are("up", *SITES), 40, PASSES)
    after = watched.served.scrape()

    assert [] == watched.openings(began)
    assert 0 == after.value("wanmon_isolated")
    for name in ("wanmon_site_down_seconds_total", "wanmon_site_unreachable_seconds_total"):
        assert before.of(name) == after.of(name)


def test_a_poller_that_was_away_calls_nothing_down_and_forgets_nothing(watched: Watched):
    """One site is down when the poller is killed, and stays so; nothing opens because of the gap."""
    watched.ground.cut(CUT)
    wait_until(lambda: watched.are("down", CUT), 60, "one is down")
    # Shown at once, and stored a moment later.
    held = "SELECT state, since FROM site_state WHERE site = ?"
    wait_until(lambda: "down" == watched.rows(held, CUT)[0][0], 20, "it is stored")
    since = watched.rows("SELECT since FROM site_state WHERE site = ?", CUT)
    killed = datetime.now(UTC)
    watched.served.process.kill()
    watched.served.process.wait()
    time.sleep(AWAY_S)
    watched.served = serve_in(watched.ground, watched.province)
    wait_until(watched.served.is_ready, 40, "the first round")

    assert "down" == watched.states()[CUT]
    time.sleep(30)
    assert since == watched.rows("SELECT since FROM site_state WHERE site = ?", CUT)
    assert [] == watched.openings(killed)
    assert [] == watched.rows("SELECT site FROM transition WHERE decided_at >= ?", text(killed))

    watched.ground.mend(CUT)
    wait_until(lambda: watched.are("up", *SITES), 30, PASSES)
    (gap,) = watched.rows("SELECT count(*) FROM heartbeat")
    assert (2,) == gap


def test_all_is_stored_when_it_ends(watched: Watched):
    assert 0 == watched.served.end()
    assert "Traceback" not in watched.served.said
    assert Path(watched.province.database).exists()
    assert [] == watched.rows("SELECT id FROM outage WHERE cause IS NULL AND ended_at IS NOT NULL AND circuit IS NULL")
