"""`status`: worst first, how fresh, and one site on one screen."""

import io
import json
import os
import re
import socket
from datetime import timedelta

import pytest
from rich.console import Console

from tests.cli.conftest import StoppedClock
from wanmon.cli import watch
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.model.life import CircuitState, DeviceState, SiteState, Transition
from wanmon.model.state import State
from wanmon.store import leases, life, outages


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
    assert re.search("^duration +2 h$", ended.out, re.MULTILINE)
    for words in (
        "UBND huyện Yên Phong",
        "huyện Yên Phong, tỉnh Bắc Ninh",
        "2026-03-02 17:00:00",
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


def test_a_storm_reads_as_one_line_under_the_site_that_caused_it(wanmon, storm):
    lines = wanmon("status").out.splitlines()

    assert "2 down, 14 unreachable, 1 degraded, 161 up (serve is running)" == lines[0]
    assert ["site", "name", "state", "since", "reason", "root cause", "maintenance", "parent"] == re.split(
        "  +", lines[1]
    )
    assert ["BN-0002", "UBND huyện Yên Phong", "down"] == re.split("  +", lines[2])[:3]
    assert ["14 sites", "cut off by UBND huyện Yên Phong", "unreachable", "2026-03-02 18:18:00", "BN-0002"] == re.split(
        "  +", lines[3]
    )
    assert ["BN-0160", "Văn phòng Tỉnh ủy", "down"] == re.split("  +", lines[4])[:3]
    assert "yes" in lines[4].split()


def test_each_site_of_a_storm_is_listed_when_asked(wanmon, storm):
    lines = [line.split()[0] for line in wanmon("status", "--down").out.splitlines()[2:]]

    assert ["BN-0002", "BN-0019", "BN-0020"] == lines[:3]
    assert (16, "BN-0160") == (len(lines), lines[-1])


def test_programs_get_each_site_with_its_root_outage_and_ticket(wanmon, storm):
    wanmon("outage", "ack", "2", "--ticket", "VNPT-4711", "--author", "lan")
    told = json.loads(wanmon("status", "-o", "json").out)
    sites = {site["site"]: site for site in told["sites"]}

    assert [{"site": "BN-0002", "name": "UBND huyện Yên Phong", "state": "down", "cut_off_count": 14}] == told[
        "root_causes"
    ]
    assert (["BN-0002"], 3, None) == tuple(sites["BN-0019"][key] for key in ("root_cause", "outage", "cause"))
    assert (2, "VNPT-4711", "lan") == tuple(sites["BN-0002"][key] for key in ("outage", "ticket", "acknowledged_by"))
    assert (True, False) == tuple(sites[code]["is_in_maintenance"] for code in ("BN-0160", "BN-0001"))
    assert 178 == len(sites) == len(wanmon("status", "-o", "csv").out.splitlines()) - 1


def test_a_ticket_stands_in_the_table_where_there_is_one(wanmon, storm):
    wanmon("outage", "ack", "2", "--ticket", "VNPT-4711", "--author", "lan")
    lines = wanmon("status").out.splitlines()

    assert re.split("  +", lines[1])[-3:] == ["ticket", "acknowledged by", "parent"]
    assert lines[2].split()[-3:] == ["VNPT-4711", "lan", "BN-DC1"]


def test_a_site_that_is_cut_off_names_the_root_and_sends_there(wanmon, storm):
    told = json.loads(wanmon("status", "BN-0019", "-o", "json").out)

    assert [{"site": "BN-0002", "name": "UBND huyện Yên Phong", "state": "down"}] == told["root_causes"]
    assert "look at BN-0002 UBND huyện Yên Phong first" == told["next_step"]
    assert (3, None, "cut off above") == tuple(told["outage"][key] for key in ("id", "cause", "cause_text"))


def test_a_site_that_is_down_tells_its_outage_ticket_and_whom_to_call(wanmon, storm):
    wanmon("outage", "ack", "2", "--ticket", "VNPT-4711", "--author", "lan")
    ended = wanmon("status", "BN-0002")

    assert 1 == ended.status
    for words in (
        "outage id               2",
        "outage cause text       not known before it ends",
        "outage ticket           VNPT-4711",
        "outage acknowledged by  lan",
        "then call VNPT Bắc Ninh, 0000 000 001, about circuit VNPT-BN-0002-1",
        "last change command     init --example bac-ninh",
        "1 of 88 down, 14 cut off",
    ):
        assert words in ended.out


def test_a_site_that_is_up_tells_its_last_outage(wanmon, storm):
    told = json.loads(wanmon("status", "BN-0150", "-o", "json").out)

    assert (None, 1, "carrier_path", 3600) == (
        told["outage"],
        *(told["last_outage"][key] for key in ("id", "cause", "duration_s")),
    )
    assert "" == told["next_step"]
    assert "last outage cause text  beyond the hand-off: the carrier's" in wanmon("status", "BN-0150").out


def test_a_site_in_maintenance_tells_until_when(wanmon, storm):
    told = json.loads(wanmon("status", "BN-0160", "-o", "json").out)

    assert [("site", "BN-0160", "2026-03-02T20:00:00+07:00", "new fibre", "lan")] == [
        tuple(window[key] for key in ("scope", "target", "ends_at", "reason", "author"))
        for window in told["maintenance"]
    ]
    assert "wait: maintenance window 1 holds until 2026-03-02 20:00 (new fibre)" == told["next_step"]


def test_the_last_change_of_a_site_is_that_of_any_row_of_it(wanmon, storm):
    wanmon("site", "set", "BN-0002", "--street", "Phố Chờ", "--author", "lan")
    wanmon("circuit", "set", "VNPT-BN-0002-1", "--contract", "12/2026", "--author", "minh", "--reason", "renewed")
    wanmon("site", "set", "BN-0003", "--street", "Phố Mới", "--author", "hoa")
    change = json.loads(wanmon("status", "BN-0002", "-o", "json").out)["last_change"]

    assert ("minh", "circuit set VNPT-BN-0002-1", "renewed") == (change["author"], change["command"], change["reason"])


def test_circuits_tell_their_own_state_and_outage(wanmon, storm, noon):
    circuit = "VIETTEL-BN-0170-1"
    fell = Transition(site="BN-0170", circuit=circuit, old=State.UP, new=State.DOWN, at=noon, decided_at=noon)
    with storm.write() as session:
        session.add(CircuitState(circuit=circuit, state=State.DOWN, since=noon))
        session.add(fell)
        session.flush()
        outages.process(session, noon)
    (told,) = json.loads(wanmon("status", "BN-0170", "-o", "json").out)["circuits"]

    assert ("down", "2026-03-02T19:00:00+07:00", 18) == (told["state"], told["since"], told["outage"])
    assert json.loads(wanmon("outage", "show", "18", "-o", "json").out)["next_step"].startswith(
        "check cable, converter"
    )


def test_the_only_circuit_of_a_site_is_as_its_site_is(wanmon, three_down):
    (only,) = json.loads(wanmon("status", "BN-0019", "-o", "json").out)["circuits"]
    told = json.loads(wanmon("status", "BN-0002", "-o", "json").out)["circuits"]

    assert "unreachable" == only["state"]
    assert [None, None] == [each["state"] for each in told]


def test_a_site_that_lost_one_of_two_circuits_calls_about_that_one(wanmon, storm, noon):
    with storm.write() as session:
        session.add(CircuitState(circuit="VIETTEL-BN-0001-2", state=State.DOWN, since=noon))
        session.merge(SiteState(site="BN-0001", state=State.DEGRADED, since=noon, reason="redundancy_lost"))
    told = json.loads(wanmon("status", "BN-0001", "-o", "json").out)

    assert (
        "the site works on what is left: call Viettel Bắc Ninh, 0000 000 002, about circuit VIETTEL-BN-0001-2"
        == (told["next_step"])
    )


def test_a_look_at_what_would_be_cut_off_changes_nothing_and_ends_with_0(wanmon, storm):
    ended = wanmon("status", "--cut", "yen phong")
    told = json.loads(wanmon("status", "--cut", "BN-DC1", "-o", "json").out)

    assert (0, "14 sites would be cut off if BN-0002 UBND huyện Yên Phong fell") == (
        ended.status,
        ended.out.splitlines()[0],
    )
    assert 16 == len(ended.out.splitlines())
    assert ("BN-DC1", 177, 177) == (told["cut"], told["cut_off_count"], len(told["sites"]))


def test_a_second_parent_keeps_a_site_from_being_cut_off(wanmon, storm):
    wanmon("site", "set", "BN-0019", "--second-parent", "BN-0003")
    told = json.loads(wanmon("status", "--cut", "BN-0002", "-o", "json").out)

    assert 13 == told["cut_off_count"]
    assert "BN-0019" not in {site["site"] for site in told["sites"]}


def test_nobody_is_cut_off_behind_a_leaf(wanmon, storm):
    assert ["0 sites would be cut off if BN-0019 UBND thị trấn Chờ fell"] == wanmon(
        "status", "--cut", "BN-0019"
    ).out.splitlines()


@pytest.mark.parametrize("args", [("BN-0001",), ("--down",), ("--unit", "258")], ids=" ".join)
def test_what_if_is_asked_alone(wanmon, province, args):
    ended = wanmon("status", *args, "--cut", "BN-0002")

    assert (2, ["wanmon: --cut stands alone: leave out SITE, --down and --unit"]) == (ended.status, ended.errors)


def test_watch_shows_the_newest_outages_under_the_sites(storm, noon, province):
    screen = Console(file=io.StringIO(), width=200)
    screen.print(watch._drawn(Surroundings(clock=StoppedClock(noon)), None, 20, down=True))
    lines = screen.file.getvalue().splitlines()

    assert lines[0].startswith("2 down, 14 unreachable")
    assert ["BN-0002", "14", "BN-0160", ""] == [line.split(" ")[0] for line in lines[2:6]]
    assert "newest outages" == lines[6].strip()
    assert ["17", "2", "1"] == [line.split()[0] for line in lines[8:]]


def test_where_nothing_is_lost_that_is_said(wanmon, three_down):
    ended = wanmon("status", "--down", "--unit", "256")

    assert "no site is down or unreachable" in ended.errors
