"""`site neighbours`: who is connected to whom, which device that is, and where it contradicts the parents."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from wanmon.model.neighbour import Neighbour, NeighbourProtocol
from wanmon.store import life, neighbours
from wanmon.store.database import Database

HOUR = timedelta(hours=1)
CONTRADICTS = "BN-0101's wan0 sees BN-0009-R1 of BN-0009, which is not its parent (BN-0006)"
HOSTILE = "\x1b]0;owned\x07\u202egnp"

Hear = Callable[..., None]


@pytest.fixture
def hear(database: Database, noon: datetime) -> Hear:
    """Store that a device sees somebody on a port of its, as of noon or another time."""

    def store(device: str, interface: str, name: str = "", at: datetime = noon, **values: object) -> None:
        given = {"protocol": NeighbourProtocol.LLDP, "chassis_id": f"chassis of {name}", "port_id": "lan1"}
        row = {"device": device, "interface": interface, "system_name": name, "first_seen_at": at, "last_seen_at": at}
        with database.write() as session:
            neighbours.keep(session, device, [Neighbour.model_validate({**given, **row, **values})], at)

    return store


def records(ended) -> list[dict]:
    return json.loads(ended.out)


def test_a_table_tells_who_is_there_and_what_it_contradicts(wanmon, hear):
    hear("BN-0101-R1", "wan0", "bn-0009-r1.bacninh.example", address="192.168.9.1")
    hear("BN-0101-R1", "lan1", "switch", chassis_id="00:11:22:33:44:55")
    ended = wanmon("site", "neighbours", "bn-0101")
    header, *lines = ended.out.splitlines()

    assert 0 == ended.status
    assert header.split() == [
        "device", "interface", "neighbour", "neighbour", "port", "address", "protocol", "neighbour", "device", "last",
        "seen", "at", "contradicts",
    ]  # fmt: skip
    assert ["BN-0101-R1", "lan1", "switch", "lan1", "lldp"] == lines[0].split()[:5]
    assert lines[1].endswith(f"{CONTRADICTS}; BN-0101 and its parent BN-0006 do not see each other anywhere")
    assert ["1 WAN port contradicts the parents of the inventory"] == ended.errors


def test_a_neighbour_that_is_the_parent_contradicts_nothing(wanmon, hear):
    hear("BN-0101-R1", "wan0", "whoever", address="10.27.6.1")
    ended = wanmon("site", "neighbours", "BN-0101", "-o", "json")
    (record,) = records(ended)

    assert ("BN-0006", "BN-0006-R1", "", True) == (
        record["neighbour_site"], record["neighbour_device"], record["contradicts"], record["is_present"]
    )  # fmt: skip
    assert ["nothing that is seen contradicts the parents of the inventory"] == ended.errors


def test_all_sites_are_judged_and_one_is_shown_alone(wanmon, hear):
    for device in ("BN-0101-R1", "BN-0102-R1"):
        hear(device, "wan0", "BN-0009-R1")
    every = wanmon("site", "neighbours", "--all", "-o", "json")

    assert ["BN-0101", "BN-0102"] == [record["site"] for record in records(every)]
    assert ["2 WAN ports contradict the parents of the inventory"] == every.errors
    assert ["BN-0102"] == [record["site"] for record in records(wanmon("site", "neighbours", "BN-0102", "-o", "json"))]


def test_a_parent_that_sees_its_child_is_not_missing(wanmon, hear):
    hear("BN-0101-R1", "wan0", "BN-0009-R1")
    hear("BN-0006-R1", "lan1", "BN-0101-R1")
    (record,) = records(wanmon("site", "neighbours", "BN-0101", "-o", "json"))

    assert CONTRADICTS == record["contradicts"]


def test_what_was_seen_long_ago_is_shown_and_not_judged(wanmon, hear, noon, database):
    """A wire that was put right this morning needs no technician in the afternoon."""
    hear("BN-0101-R1", "wan0", "BN-0009-R1", at=noon - 4 * HOUR)
    with database.write() as session:
        life.beat(session, noon)
    (record,) = records(wanmon("site", "neighbours", "BN-0101", "-o", "json"))

    assert ("", False, (noon - 4 * HOUR)) == (
        record["contradicts"], record["is_present"], datetime.fromisoformat(record["last_seen_at"])
    )  # fmt: skip


def test_what_was_seen_last_before_the_poller_stopped_is_judged_as_of_then(wanmon, hear, noon, database):
    hear("BN-0101-R1", "wan0", "BN-0009-R1", at=noon - 48 * HOUR)
    with database.write() as session:
        life.beat(session, noon - 47 * HOUR)
    (record,) = records(wanmon("site", "neighbours", "BN-0101", "-o", "json"))

    assert record["contradicts"].startswith(CONTRADICTS)


def test_a_contract_that_has_ended_binds_no_port(wanmon, hear, province):
    assert 0 == wanmon("circuit", "set", "VIETTEL-BN-0101-1", "--ends-on", "2026-02-01").status
    hear("BN-0101-R1", "wan0", "BN-0009-R1")
    (record,) = records(wanmon("site", "neighbours", "BN-0101", "-o", "json"))

    assert "" == record["contradicts"]


def test_csv_has_the_same_columns_and_no_formula(wanmon, hear):
    hear("BN-0101-R1", "wan0", "=HYPERLINK(1)")
    (record,) = csv.DictReader(io.StringIO(wanmon("site", "neighbours", "BN-0101", "-o", "csv").out))

    assert ("'=HYPERLINK(1)", "true", "chassis of =HYPERLINK(1)") == (
        record["neighbour"], record["is_present"], record["chassis_id"]
    )  # fmt: skip


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_a_neighbour_cannot_write_to_a_terminal(wanmon, hear, output):
    """Whatever the reader let through: rows may be older than it."""
    hear("BN-0101-R1", "wan0", HOSTILE, port_id=HOSTILE, chassis_id=HOSTILE, address=HOSTILE)
    ended = wanmon("site", "neighbours", "--all", "-o", output)

    assert not [character for character in ended.out + ended.err if character in HOSTILE[:1] + "\x07\u202e"]


def test_before_anything_was_told_a_person_hears_when_it_will_be(wanmon, province):
    ended = wanmon("site", "neighbours", "BN-0101")

    assert (0, "") == (ended.status, ended.out)
    assert "once an hour" in ended.err


@pytest.mark.parametrize("args", [(), ("BN-0101", "--all")], ids=["neither", "both"])
def test_one_says_whose_neighbours(wanmon, province, args):
    ended = wanmon("site", "neighbours", *args)

    assert (2, True) == (ended.status, "a site, or --all" in ended.err)


def test_the_inventory_is_never_changed_by_it(wanmon, hear, untouched):
    hear("BN-0101-R1", "wan0", "BN-0009-R1")
    wanmon("site", "neighbours", "--all")

    assert untouched()
