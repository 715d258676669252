"""`status`: worst first, how fresh, and one site on one screen."""

import json
import os
import socket
from datetime import timedelta

import pytest

from wanmon.model.life import DeviceState, SiteState
from wanmon.model.state import State
from wanmon.store import leases, life
from wanmon.store.database import Database


@pytest.fixture
def database(province):
    opened = Database.open(f"sqlite:///{province}/var/wanmon.db")
    yield opened
    opened.close()


@pytest.fixture
def three_down(database, noon):
    """One district down for two hours with two communes behind it; the other sites up; serve alive."""
    since = noon - timedelta(hours=2)
    with database.write() as session:
        sites = {f"BN-{number:04}": State.UP for number in range(1, 178)} | {"BN-DC1": State.UP}
        sites |= {"BN-0002": State.DOWN, "BN-0019": State.UNREACHABLE, "BN-0020": State.UNREACHABLE}
        session.add_all(SiteState(site=code, state=state, since=since) for code, state in sites.items())
        life.set_device_states(
            session, [DeviceState(device="BN-0002-R1", state=State.DOWN, since=since, reason="timeout")]
        )
        life.beat(session, noon)
        leases.acquire(session, "serve", token="t", pid=os.getpid(), host=socket.gethostname(), now=noon)


def test_the_province_is_counted_and_listed_worst_first(wanmon, three_down):
    ended = wanmon("status", "-o", "json")
    told = json.loads(ended.out)

    assert 0 == ended.status
    assert {"down": 1, "unreachable": 2, "degraded": 0, "unknown": 0, "up": 175} == told["counts"]
    assert ["BN-0002", "BN-0019", "BN-0020", "BN-0001"] == [site["site"] for site in told["sites"][:4]]
    assert (True, "2026-03-02T19:00:00+07:00") == (told["is_serving"], told["as_of"])
    assert ("2026-03-02T17:00:00+07:00", 7200) == (told["sites"][0]["since"], told["sites"][0]["duration_s"])


def test_only_what_is_lost_is_listed_when_asked(wanmon, three_down):
    ended = wanmon("status", "--down")

    assert "1 down, 2 unreachable, 175 up (serve is running)" == ended.out.splitlines()[0]
    assert 3 == len(ended.out.splitlines()[2:])


def test_a_unit_narrows_the_counts_too(wanmon, three_down):
    told = json.loads(wanmon("status", "--unit", "258", "-o", "json").out)

    assert 15 == sum(told["counts"].values()) == len(told["sites"])


def test_without_serve_the_states_say_how_old_they_are(wanmon, database, three_down, noon):
    with database.write() as session:
        leases.release(session, "serve", "t")
    told = wanmon("status").out.splitlines()[0]

    assert told.endswith("(states as of 2026-03-02T19:00:00+07:00: serve is not running)")


def test_a_site_is_one_screen_with_whom_to_call(wanmon, three_down):
    ended = wanmon("status", "yen phong")

    assert 1 == ended.status
    for words in (
        "UBND huyện Yên Phong",
        "huyện Yên Phong, tỉnh Bắc Ninh",
        "2026-03-02 17:00:00",
        "duration        2 h",
        "500 Mbit/s",
        "BN-0002-R1",
        "timeout",
        "VNPT-BN-0002-1",
        "VNPT Bắc Ninh",
        "0000 000 001",
        "BN-DC1",
    ):
        assert words in ended.out


def test_a_site_tells_how_many_others_on_its_carrier_are_lost(wanmon, three_down, database):
    site = json.loads(wanmon("status", "BN-0002", "-o", "json").out)
    vnpt = next(circuit for circuit in site["circuits"] if circuit["carrier"] == "VNPT")

    assert ("down", 1) == (site["state"], len(site["parents"]))
    assert vnpt["sibling_count"] > vnpt["siblings_down"] >= 0


def test_a_site_that_is_up_ends_with_0(wanmon, three_down):
    assert 0 == wanmon("status", "BN-0001").status


def test_retired_sites_are_not_in_the_province(wanmon, three_down):
    wanmon("site", "retire", "BN-0177")
    told = json.loads(wanmon("status", "-o", "json").out)

    assert 177 == len(told["sites"]) == sum(told["counts"].values())


def test_planned_sites_are_listed_and_not_counted(wanmon, three_down):
    wanmon("site", "set", "BN-0177", "--status", "planned")
    told = json.loads(wanmon("status", "-o", "json").out)

    assert (178, 177, 1) == (len(told["sites"]), sum(told["counts"].values()), told["planned_count"])


def test_planned_sites_are_last_marked_and_counted_apart(wanmon, three_down):
    """A site that is not there yet is no trouble of today."""
    wanmon("site", "set", "BN-0002", "--status", "planned")
    lines = wanmon("status").out.splitlines()

    assert "2 unreachable, 175 up, 1 planned (serve is running)" == lines[0]
    assert ["BN-0002", "down", "planned"] == [
        word for word in lines[-1].split() if word in ("BN-0002", "down", "planned")
    ]
    assert "active" in lines[2]


def test_without_planned_sites_there_is_no_column_for_them(wanmon, three_down):
    assert ["site", "name", "state", "since", "reason", "parent"] == wanmon("status").out.splitlines()[1].split()


def test_where_nothing_is_lost_that_is_said(wanmon, three_down):
    ended = wanmon("status", "--down", "--unit", "256")

    assert "no site is down or unreachable" in ended.errors
