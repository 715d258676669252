"""`kill -9` of `serve` at any instant, half of the times inside a write: what must be there afterwards.

Half of the sites have two circuits, one of which falls and comes back all the time, so that there is always something
to write; the other half is well throughout, and none of it may ever be called down. `WANMON_KILLS=50` is the acceptance
run.
"""

import os
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest

from tests.rigs.province import Province, device_of, make_province
from tests.rigs.serving import Running, wait_until
from tests.rigs.write_lock import catch_writing

pytestmark = pytest.mark.real

KILLS = int(os.environ.get("WANMON_KILLS", "8"))
SITES = 40
#: Ports are asked twice in a turn: in every one that a process lives to see, twenty circuits and their sites change.
LIVENESS_INTERVAL_S, FAST_INTERVAL_S, TURN_S = 1, 2, 5
#: From the start of a process to its first answer and beyond.
LONGEST_LIFE_S = 8.0
WRITES_WITHIN_S = 10.0
INVENTORY_TABLES = ("unit", "site_class", "site", "device", "circuit", "carrier", "service", "check_definition")


@pytest.fixture
def province(tmp_path) -> Iterator[Province]:
    """Forty sites with routers; a circuit of each in one half flaps for as long as the test runs."""
    made = make_province(tmp_path, SITES, LIVENESS_INTERVAL_S, FAST_INTERVAL_S)
    circuits = [
        f"{site}/{port},{site},VNPT,{10**7},{10**7},{device_of(site)},wan{port}"
        for site in flapping_sites(made)
        for port in (0, 1)
    ]
    columns = "code,site,carrier,receive_bps,transmit_bps,device,interface"
    made.apply({"carriers": ["code,name", "VNPT,VNPT"], "circuits": [columns, *circuits]})
    over = Event()
    flapping = Thread(target=flap, args=(made, over))
    with made.agents():
        flapping.start()
        yield made
        over.set()
        flapping.join()


def flap(province: Province, over: Event) -> None:
    """Let a port of one half of the flapping sites fall, then of the other, until it is over."""
    devices = [device_of(code) for code in flapping_sites(province)]
    for turn in count():
        province.set_faults(dict.fromkeys(devices[turn % 2 :: 2], "port_down wan0"))
        if over.wait(TURN_S):
            return


def flapping_sites(province: Province) -> tuple[str, ...]:
    return province.sites[-SITES // 2 :]


def test_whenever_it_is_killed_the_database_is_whole_and_no_site_is_called_down_for_it(province, web_port):
    random, caught = Random(7), 0
    steady = set(province.sites) - set(flapping_sites(province))
    inventory = rows(province.database, INVENTORY_TABLES)
    for number in range(KILLS):
        served = province.serve(web_port)
        time.sleep(random.uniform(0, LONGEST_LIFE_S))
        caught += number % 2 and is_caught_writing(province, served)
        kill(served)

        assert ["ok"] == integrity(province.database), f"after kill {number + 1}"
        assert inventory == rows(province.database, INVENTORY_TABLES), f"after kill {number + 1}"
        assert set() == steady & called_down(province.database), f"after kill {number + 1}"

    written = len(rows(province.database, ("transition",))["transition"])
    down = called_down(province.database)
    sys.stdout.write(f"{KILLS} kills, {caught} of them inside a write, {written} transitions, nothing lost\n")
    assert KILLS // 2 == caught
    assert len(province.sites) + KILLS * SITES // 8 <= written
    assert set(flapping_sites(province)) == down


def test_after_a_kill_the_states_are_shown_again_before_the_first_round(province, web_port):
    """Nothing resolves and fires again because of a restart."""
    steady = set(province.sites) - set(flapping_sites(province))
    with province.serve(web_port) as first:
        wait_until(lambda: answers(first) and steady <= up(first), 30, "the steady sites are up")
        wait_until(lambda: steady <= stored_up(province.database), 10, "that is written")
        kill(first)
    with province.serve(web_port) as second:
        wait_until(lambda: answers(second), 10, "it answers again", every_s=0.02)

        assert steady <= up(second)


def is_caught_writing(province: Province, served: Running) -> bool:
    """Wait until it is inside a write, from the time at which it serves on."""
    wait_until(lambda: answers(served), 20, "it serves")
    return catch_writing(province.database, served.process.pid, WRITES_WITHIN_S)


def kill(served: Running) -> None:
    served.process.send_signal(signal.SIGKILL)
    served.process.wait()
    assert "Traceback" not in served.said
    assert "wanmon:" not in served.said, served.said


def answers(served: Running) -> bool:
    try:
        return served.get("/-/healthy")[0] == 200
    except OSError:
        assert served.process.poll() is None, served.said
        return False


def up(served: Running) -> set[str]:
    return {labels.split('"')[1] for labels, value in served.scrape().of("wanmon_site_up").items() if value == 1}


def integrity(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("PRAGMA integrity_check")]


def rows(database: Path, tables: tuple[str, ...]) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(database)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in tables}


def called_down(database: Path) -> set[str]:
    """The sites that were called down, or a circuit of which was."""
    with closing(sqlite3.connect(database)) as connection:
        return {row[0] for row in connection.execute("SELECT site FROM transition WHERE new = 'down'")}


def stored_up(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        return {row[0] for row in connection.execute("SELECT site FROM site_state WHERE state = 'up'")}
