"""Machines that start anew, told by agents that say so on the wire: with an outage, and without one.

One small province of simulated routers, watched by a real `serve`; what it found is read from its database.
"""

import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest

from tests.rigs.province import Province, device_of, make_province
from tests.rigs.serving import wait_until

pytestmark = pytest.mark.real

SITES = 6
POWER_CUT, CUT, UNMISSED, STEADY = "T-0001", "T-0002", "T-0003", "T-0004"
#: A line that answered so long is known well enough: nine misses call it down.
QUIET_S = 30
#: The machines of the lab have been up for 20 s when their agents answer.
BOOTS_WITHIN_S = 22
STATE = "wanmon_site_state"
DOWN = 3


def outages(province: Province) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{province.database}?mode=ro", uri=True)) as database:
        query = "SELECT site, cause, row, began_at = ended_at FROM outage ORDER BY site, id"
        return database.execute(query).fetchall()


def test_a_restart_is_told_from_a_cut_and_found_even_when_nobody_missed_the_machine(tmp_path, free_tcp_port):
    province = make_province(tmp_path, SITES, liveness_interval_s=1)
    dark = {device_of(site): "silent" for site in (POWER_CUT, CUT)}
    with province.agents(), province.serve(free_tcp_port) as served:

        def state_of(site: str) -> float:
            return served.scrape().value(STATE, f'site="{site}"')

        wait_until(lambda: served.is_ready() and served.scrape().of(STATE), 30, "the first round")
        wait_until(lambda: {1.0} == set(served.scrape().of(STATE).values()), 20, "all are up")
        time.sleep(QUIET_S)
        province.set_faults(dark)
        wait_until(lambda: DOWN == state_of(POWER_CUT) == state_of(CUT), 30, "two are down")
        time.sleep(BOOTS_WITHIN_S)
        province.set_faults({device_of(POWER_CUT): "rebooted", device_of(UNMISSED): "rebooted"})
        wait_until(lambda: {1.0} == set(served.scrape().of(STATE).values()), 40, "all are up again")
        wait_until(lambda: 3 == len([row for row in outages(province) if row[1]]), 30, "three causes")
        found = outages(province)
        counted = served.scrape().of("wanmon_site_outages_total")

        # The lab's routers tell the date of no change of a port that has never changed.
        assert [(POWER_CUT, "power_or_reboot", 4, 0), (UNMISSED, "silent_reboot", 7, 1)] == [
            row for row in found if row[0] != CUT
        ]
        assert [(CUT, "unknown", 8, 0)] == [row for row in found if row[0] == CUT]
        assert {1} == {
            counted[f'site="{site}",cause="{cause}"']
            for site, cause in ((POWER_CUT, "power_or_reboot"), (UNMISSED, "silent_reboot"), (CUT, "unknown"))
        }
        assert 0 == served.scrape().value("wanmon_site_down_seconds_total", f'site="{UNMISSED}"')
