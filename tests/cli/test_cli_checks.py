"""`check run` without agents: what is not declared, and what is declared wrongly."""

import json

import pytest

from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit
from wanmon.store import inventory as store
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

    one = wanmon("check", "run", "BN-0009")
    two = wanmon("check", "run", "BN-0009", "BN-0010", "--kind", "icmp_echo")

    assert (1, [f"wanmon: site BN-0009 has no checks: {DECLARE}"]) == (one.status, one.errors)
    assert [f"wanmon: sites BN-0009, BN-0010 have no checks of kind icmp_echo: {DECLARE}"] == two.errors


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
    edited(*removed(names), *(Edit(Action.ADD, NOUN["check"], str(row["code"]), row) for row in rows))

    ended = wanmon("check", "run", "BN-0001", "-o", "json")
    records = json.loads(ended.out)

    assert 1 == ended.status
    assert [("a-kind", "unknown"), ("a-param", "unknown"), ("a-port", "unknown")] == [
        (record["check"], record["verdict"]) for record in records
    ]
    assert records[0]["text"].startswith("check a-kind: no kind 'icmp', there are dns_lookup, ")
    assert records[1]["text"].startswith("check a-param: tcp_connect: prot = 1: ")
    assert "has no TCP port" in records[2]["text"]


def test_the_platforms_are_listed_with_what_they_are_told(wanmon):
    """Whoever grants a login its rights reads here which commands it has to be allowed."""
    told = {record["platform"]: record for record in json.loads(wanmon("check", "platforms", "-o", "json").out)}

    assert "huawei_vrp" == told["huawei_vrp"]["netmiko"]
    assert ["huawei-vrp"] == told["huawei_vrp"]["profiles"]
    assert "ping -a 198.51.100.1 -c 5 -s 56 -t 2000 192.0.2.1" == told["huawei_vrp"]["ping"]
    assert "tracert -a 198.51.100.1 -m 15 -q 2 -w 2000 192.0.2.1" == told["huawei_vrp"]["traceroute"]
    assert (True, False) == (told["linux"]["is_verified"], told["cisco_ios"]["is_verified"])
