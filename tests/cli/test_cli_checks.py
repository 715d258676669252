"""`check run` without agents: what is not declared, and what is declared wrongly."""

import json
import sqlite3
from contextlib import closing

import pytest

from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit
from wanmon.model.path import Hop
from wanmon.store import inventory as store
from wanmon.store import paths
from wanmon.store.database import Database

DECLARE = "declare some in checks.csv (see wanmon check kinds), then wanmon inventory apply checks.csv"


@pytest.fixture
def edited(province, noon):
    """Change the checks of the inventory past the planning of files, as an older version may have done."""

    def edit(*edits: Edit) -> None:
        database = Database.open("sqlite:///var/wanmon.db")
        with database.write() as session:
            store.apply(session, edits, author="Nam", origin="", command="test", reason="", at=noon)
        database.close()

    return edit


def removed(codes):
    return [Edit(Action.REMOVE, NOUN["check"], code, {}) for code in codes]


def test_sites_without_checks_are_told_how_to_get_some(wanmon, edited, stored):
    edited(*removed(code for code, check in stored().checks.items() if check.site_class == "commune"))

    one = wanmon("check", "run", "BN-0009", "--kind", "snmp_system")
    two = wanmon("check", "run", "BN-0009", "BN-0010", "--kind", "icmp_echo")

    assert (1, [f"wanmon: site BN-0009 has no checks of kind snmp_system: {DECLARE}"]) == (one.status, one.errors)
    assert [f"wanmon: sites BN-0009, BN-0010 have no checks of kind icmp_echo: {DECLARE}"] == two.errors


def test_a_monitoring_system_is_told_nothing_but_what_is_declared(wanmon, edited, stored):
    edited(*removed(stored().checks))
    ended = wanmon("check", "run", "BN-0009", "--plugin")

    assert 3 == ended.status
    assert f"site BN-0009 has no checks: {DECLARE}" in ended.out + ended.err


def test_a_site_with_neither_check_nor_device_cannot_be_asked(wanmon, edited, stored):
    gone = (("circuit", "VNPT-BN-0009-1"), ("device", "BN-0009-R1"))
    edited(*removed(stored().checks), *(Edit(Action.REMOVE, NOUN[noun], key, {}) for noun, key in gone))
    assert "BN-0009-R1" not in stored().devices, "else its address, which is none of ours, would be asked"
    ended = wanmon("check", "run", "BN-0009")

    assert 1 == ended.status
    assert [
        "wanmon: BN-0009: neither a check nor an edge device to ask, or retired: see wanmon device add --help"
    ] == ended.errors


def on_loopback(device="BN-0001-R1", **values):
    """A device at 127.0.0.1, where its port is closed: echo answers, its agent does not."""
    return Edit(Action.SET, NOUN["device"], device, {"address": "127.0.0.1", **values})


def test_one_question_about_a_site_is_answered_though_nothing_is_declared(wanmon, edited, stored, free_udp_port):
    """Its agent is dead: the verdict stands below the table, and nothing of it is written down."""
    edited(*removed(stored().checks), on_loopback(port=free_udp_port))
    assert "127.0.0.1" == stored().devices["BN-0001-R1"].address
    told, as_json = wanmon("check", "run", "BN-0001"), wanmon("check", "run", "BN-0001", "-o", "json")
    rows = json.loads(as_json.out)

    assert (3, 3) == (told.status, as_json.status)
    assert told.out.splitlines()[-1].startswith(
        f"BN-0001 {stored().sites['BN-0001'].name}: agent only: BN-0001-R1 answers the hub's echoes, and its SNMP agent"
    )
    assert [("(echo)", "ok", "agent_only"), ("(snmp)", "critical", "agent_only")] == [
        (row["check"], row["verdict"], row["site_verdict"]) for row in rows
    ]
    assert "" == wanmon("check", "history", "BN-0001").out
    assert 1 == len(told.errors), "the sum alone: that nothing could be written down would be a second line"


def test_checks_of_one_kind_csv_and_a_monitoring_system_get_no_verdict(wanmon, edited, stored):
    edited(on_loopback(snmp="none"), Edit(Action.SET, NOUN["check"], "echo-districts", {"params": '{"count": 1}'}))
    assert "127.0.0.1" == stored().devices["BN-0001-R1"].address
    by_kind = wanmon("check", "run", "BN-0001", "--kind", "icmp_echo", "-o", "json")
    table, csv, plugin = (
        wanmon("check", "run", "BN-0001", *words) for words in (("--kind", "icmp_echo"), ("-o", "csv"), ("--plugin",))
    )

    assert [None] == [row["site_verdict"] for row in json.loads(by_kind.out)]
    assert "answers the hub's echoes" in wanmon("check", "run", "BN-0001").out, "which has one"
    assert "answers the hub's echoes" not in table.out + csv.out + plugin.out
    assert 3 == len(csv.out.splitlines()), "a header and two rows"
    assert 1 == len(plugin.out.splitlines())


def test_an_inventory_without_checks_says_so(wanmon, edited, stored):
    edited(*removed(stored().checks))
    ended = wanmon("check", "run", "--all")

    assert (1, [f"wanmon: there are no checks yet: {DECLARE}"]) == (ended.status, ended.errors)


def test_a_check_that_cannot_be_read_is_one_row_and_the_others_are_run(wanmon, edited):
    add = {"site": "BN-0001", "site_class": None, "target": "127.0.0.1", "interval_s": 60}
    rows = [
        {**add, "code": "a-kind", "kind": "icmp", "params": "{}"},
        {**add, "code": "a-param", "kind": "tcp_connect", "params": '{"prot": 1}'},
        {**add, "code": "a-port", "kind": "tcp_connect", "params": "{}"},
    ]
    names = [f"{kind}-districts" for kind in ("echo", "snmp")]
    of_edge = on_loopback(snmp="none", liveness="snmp")  # nothing is asked of it beside these
    edited(*removed(names), of_edge, *(Edit(Action.ADD, NOUN["check"], str(row["code"]), row) for row in rows))

    ended = wanmon("check", "run", "BN-0001", "-o", "json")
    records = json.loads(ended.out)

    assert 1 == ended.status
    assert [("a-kind", "unknown"), ("a-param", "unknown"), ("a-port", "unknown")] == [
        (record["check"], record["verdict"]) for record in records
    ]
    assert records[0]["text"].startswith("check a-kind: no kind 'icmp', there are dns_lookup, ")
    assert records[1]["text"].startswith("check a-param: tcp_connect: prot = 1: ")
    assert "has no TCP port" in records[2]["text"]


def of_site(*rows: tuple[str, str, str]) -> list[Edit]:
    """Checks of BN-0001 beside those of its class: code, kind, target."""
    return [
        Edit(Action.ADD, NOUN["check"], code, {"code": code, "kind": kind, "site": "BN-0001", "target": target})
        for code, kind, target in rows
    ]


def test_what_a_run_found_is_kept_as_one_stretch_however_often_it_runs(wanmon, edited, free_tcp_port):
    """A port that refuses is critical, each time anew: two runs, one row."""
    check = {"code": "port", "kind": "tcp_connect", "site": "BN-0001", "target": "127.0.0.1"}
    edited(Edit(Action.ADD, NOUN["check"], "port", {**check, "params": f'{{"port": {free_tcp_port}}}'}))
    runs = [wanmon("check", "run", "BN-0001", "--kind", "tcp_connect") for _ in range(2)]
    [told] = json.loads(wanmon("check", "history", "BN-0001", "--kind", "tcp_connect", "-o", "json").out)

    assert [1, 1] == [ended.status for ended in runs]
    assert ("port", "tcp_connect", "critical", "refused", 2) == tuple(
        told[key] for key in ("check", "kind", "verdict", "reason", "runs")
    )
    assert wanmon("check", "history", "BN-0001", "-o", "csv").out.startswith("check,kind,target,verdict,reason,")


def test_a_run_that_cannot_be_written_down_is_told_all_the_same(wanmon, edited):
    """The answer is what counts: a full disk must not take it away."""
    edited(*of_site(("port", "tcp_connect", "127.0.0.1")))
    with closing(sqlite3.connect("var/wanmon.db")) as connection:
        full = "SELECT RAISE(ABORT, 'disk full')"
        connection.execute(f"CREATE TRIGGER full BEFORE INSERT ON check_stretch BEGIN {full}; END")
        connection.commit()
    ended = wanmon("check", "run", "BN-0001", "--kind", "tcp_connect", "-o", "json")

    assert ["port"] == [row["check"] for row in json.loads(ended.out)]
    assert "what the checks found was not written down: " in ended.err
    assert 2 == len(ended.errors)


def test_a_history_of_nothing_says_how_to_get_one(wanmon, province):
    ended = wanmon("check", "history", "BN-0001")

    assert (0, "", ["no check of BN-0001 was run yet: `wanmon check run BN-0001`"]) == (
        ended.status, ended.out, ended.errors,
    )  # fmt: skip


def test_the_present_path_is_accepted_by_forgetting_the_one_before(wanmon, edited, database, noon):
    edited(*of_site(("path", "tcp_connect", "10.27.1.1")))
    with database.write() as session:
        paths.keep(session, "path", "BN-0001", "10.27.1.1", [Hop(1, "10.27.1.1")], noon)
    accept = ["check", "accept", "BN-0001", "--kind", "tcp_connect"]
    would, did, again = wanmon(*accept, "--dry-run"), wanmon(*accept), wanmon(*accept)

    assert ["the path of BN-0001 to 10.27.1.1 would be forgotten"] == would.errors
    assert (0, ["the path of BN-0001 to 10.27.1.1 is forgotten: the next run takes the present one"]) == (
        did.status, did.errors,
    )  # fmt: skip
    assert (1, 1) == (again.status, len(again.errors))


@pytest.mark.parametrize(
    "words",
    [
        ("run", "BN-9999"), ("run",), ("run", "BN-0001", "--all"), ("run", "BN-0001", "--kind", "icmp"),
        ("run", "BN-0001", "--every", "5"), ("history", "BN-9999"), ("history", "BN-0001", "--kind", "icmp"),
        ("accept", "BN-0001", "--kind", "icmp"), ("run", "--watch"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_not_there_is_one_line_and_nothing_is_run(wanmon, province, words):
    ended = wanmon("check", *words)

    assert ("", 1) == (ended.out, len(ended.errors))
    assert ended.status in (1, 2)


def test_the_platforms_are_listed_with_what_they_are_told(wanmon):
    """Whoever grants a login its rights reads here which commands it has to be allowed."""
    told = {record["platform"]: record for record in json.loads(wanmon("check", "platforms", "-o", "json").out)}

    assert "huawei_vrp" == told["huawei_vrp"]["netmiko"]
    assert ["huawei-vrp"] == told["huawei_vrp"]["profiles"]
    assert "ping -a 198.51.100.1 -c 5 -s 56 -t 2000 192.0.2.1" == told["huawei_vrp"]["ping"]
    assert "tracert -a 198.51.100.1 -m 15 -q 2 -w 2000 192.0.2.1" == told["huawei_vrp"]["traceroute"]
    assert (True, False) == (told["linux"]["is_verified"], told["cisco_ios"]["is_verified"])
