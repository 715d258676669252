"""Which check of which site asks whom, from either end."""

from dataclasses import replace
from typing import Any

import pytest

from tests.poller.checking.asked import Scripted
from tests.poller.scripted import province
from wanmon.checks.result import RouterTarget
from wanmon.model.check import Check, CheckFields, Service
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteStatus
from wanmon.poller.checking.questions import ANYWAY, Key, Question, asked_anyway, questions

KINDS = Scripted().kinds("icmp_echo", "snmp_system", "tcp_connect", "ssh_path")
LOGIN = {"ssh": "routers,old", "ssh_port": 2222, "platform": "linux"}
PORTAL = {"code": "dc-portal", "name": "Portal", "site": "DC1", "address": "10.27.0.10", "port": 443}


def inventory(*checks: dict[str, Any], hub: bool = True, **sites: dict[str, Any]) -> Inventory:
    """A hub and S1 with two edge routers, of which the second is logged in to."""
    devices = [{"name": "S1-R1", "site": "S1"}, {"name": "S1-R2", "site": "S1", **LOGIN}]
    devices += [{"name": "S1-U1", "site": "S1", "role": "ups"}]
    devices += [{"name": "DC1-R1", "site": "DC1", "address": "10.27.0.254", **LOGIN}] if hub else []
    made = province(devices, S1={}, **sites)
    rows = [Check.model_validate({"id": n, "code": f"c{n}", "site": "S1", **each}) for n, each in enumerate(checks, 1)]
    services = {"dc-portal": Service.model_validate(PORTAL)}
    return replace(made, checks={row.code: row for row in rows}, services=services)


def asked(*checks: dict[str, Any], of: str = "S1", **values: Any) -> list[Question]:
    return questions(inventory(*checks, **values), KINDS, [of])


def aims(*checks: dict[str, Any], **values: Any) -> list[tuple[str, str, int, str]]:
    return [(q.target.name, q.target.address, q.target.port, q.obstacle) for q in asked(*checks, **values)]


@pytest.mark.parametrize(
    ("kind", "target", "expected"),
    [
        ("icmp_echo", "", [("S1-R1", "10.27.0.1", 0, ""), ("S1-R2", "10.27.0.2", 0, "")]),
        ("snmp_system", "S1-U1", [("S1-U1", "10.27.0.3", 161, "")]),
        ("tcp_connect", "dc-portal", [("dc-portal", "10.27.0.10", 443, "")]),
        ("tcp_connect", "www.bacninh.gov.vn", [("www.bacninh.gov.vn", "www.bacninh.gov.vn", 0, "")]),
        ("ssh_path", "", [("DC1-R1", "10.27.0.254", 0, "")]),
        ("ssh_path", "dc-portal", [("dc-portal", "10.27.0.10", 443, "")]),
        ("ssh_path", "2001:db8::1", [("2001:db8::1", "2001:db8::1", 0, "")]),
        ("ssh_path", "S1-U1", [("S1-U1", "10.27.0.3", 0, "")]),
    ],
)
def test_whom_a_check_asks(kind, target, expected):
    assert expected == aims({"kind": kind, "target": target})


def test_a_check_from_a_site_is_asked_on_the_first_edge_device_that_is_logged_in_to():
    [question] = asked({"kind": "ssh_path"})
    login = RouterTarget("S1", "S1-R2", "10.27.0.2", 2222, "linux", ("routers", "old"))

    assert login == question.target.router
    assert ("site", "S1-R2") == (question.vantage, question.device_name)


def test_a_platform_that_nobody_told_is_empty():
    made = inventory({"kind": "ssh_path"})
    made.devices["S1-R2"].platform = "auto"  # type: ignore[attr-defined]
    router = questions(made, KINDS, ["S1"])[0].target.router

    assert router is not None
    assert "" == router.platform


@pytest.mark.parametrize(
    ("kind", "target", "values", "words"),
    [
        ("ssh_path", "", {"hub": False}, "stands behind no hub with an edge device"),
        ("ssh_path", "www.bacninh.gov.vn", {}, "is no address"),
        ("ssh_path", "", {"of": "DC1"}, "stands behind no hub"),
        ("ssh_path", "10.27.0.1", {"of": "S2", "S2": {}}, "no edge device of site S2 has an SSH credential"),
        ("icmp_echo", "", {"of": "S2", "S2": {}}, "site S2 has no edge device"),
        ("icmp", "", {}, "no kind 'icmp', there are icmp_echo"),
    ],
)
def test_what_cannot_be_asked_says_why(kind, target, values, words):
    """The row of the inventory may come from another version, or its device may have gone."""
    check = {"kind": kind, "target": target, "site": values.get("of", "S1")}
    [question] = asked(check, **values)

    assert words in question.obstacle


def test_checks_of_a_class_are_of_each_of_its_sites_and_none_of_a_retired_one():
    check = {"kind": "tcp_connect", "target": "dc-portal", "site": None, "site_class": "any"}
    made = inventory(check, S2={}, S3={"status": "retired"})
    found = questions(made, KINDS, made.sites)

    assert [Key(code, "c1", "dc-portal") for code in ("DC1", "S1", "S2")] == [question.key for question in found]


def test_parents_in_a_circle_end_the_way_to_the_hub():
    made = inventory({"kind": "ssh_path"})
    made.sites["S1"].parent = "S1"  # type: ignore[misc]

    assert "stands behind no hub" in questions(made, KINDS, ["S1"])[0].obstacle


def test_checks_of_one_device_do_not_meet_and_each_is_as_even_as_before():
    made = inventory({"kind": "icmp_echo"}, {"kind": "snmp_system"})
    rows = {question.check: question.row_id for question in questions(made, KINDS, ["S1"])}

    assert rows["c1"] != rows["c2"]
    assert 256 == len({row ^ 7 for row in range(256)})


def anyway(*checks: dict[str, Any], of: str = "S1", login: bool = True, **edge: Any) -> list[Question]:
    """What is asked of S1 beside these checks; `edge` changes its first edge device."""
    made = inventory(*checks, **({of: {}} if of not in ("S1", "DC1") else {}))
    for field, value in ((LOGIN if login else {}) | edge).items():
        setattr(made.devices["S1-R1"], field, value)
    return asked_anyway(made, KINDS, of, questions(made, KINDS, [of]))


def test_what_a_verdict_needs_is_asked_where_nothing_is_declared():
    """Who asks one question must not be told to declare checks first."""
    found = anyway()

    assert [
        ("(echo)", "icmp_echo", "S1-R1", "10.27.0.1", 0),
        ("(snmp)", "snmp_system", "S1-R1", "10.27.0.1", 161),
        ("(ssh)", "ssh_path", "DC1-R1", "10.27.0.254", 0),
    ] == [(q.check, q.kind, q.target.name, q.target.address, q.target.port) for q in found]
    assert ["", "", ""] == [q.obstacle for q in found]
    assert [("hub", "S1-R1"), ("hub", "S1-R1"), ("site", "S1-R1")] == [(q.vantage, q.device_name) for q in found]
    assert all(q.device is not None for q in found[:2]), "SNMP gets its credentials by this"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"snmp": "none"}, ["(echo)", "(ssh)"]),
        ({"liveness": "snmp"}, ["(snmp)", "(ssh)"]),
        ({"login": False}, ["(echo)", "(snmp)"]),
        ({"platform": "auto"}, ["(echo)", "(snmp)"]),
        ({"of": "DC1"}, ["(echo)", "(snmp)"]),
        ({"of": "S2"}, []),
    ],
    ids=["no credential", "echo tells nothing", "no login", "no platform", "the hub itself", "no device"],
)
def test_what_cannot_be_asked_of_a_device_is_left_out_without_a_word(values, expected):
    """Nobody declared it, so nobody is to be told that it cannot be asked."""
    assert expected == [question.check for question in anyway(**values)]


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ({"kind": "icmp_echo"}, ["(snmp)", "(ssh)"]),
        ({"kind": "icmp_echo", "target": "dc-portal"}, ["(echo)", "(snmp)", "(ssh)"]),
        ({"kind": "snmp_system", "target": "S1-R1"}, ["(echo)", "(ssh)"]),
        ({"kind": "ssh_path", "target": "dc-portal"}, ["(echo)", "(snmp)"]),
        ({"kind": "icmp_echo", "params": '{"cuont": 3}'}, ["(echo)", "(snmp)", "(ssh)"]),
    ],
    ids=["its edges", "another host", "by name", "from its router", "one that cannot be read"],
)
def test_what_a_declared_check_asks_of_the_device_is_not_asked_twice(check, expected):
    assert expected == [question.check for question in anyway(check)]


def test_nothing_is_asked_of_a_site_that_is_retired():
    made = inventory()
    made.sites["S1"].status = SiteStatus.RETIRED  # type: ignore[misc]

    assert [] == asked_anyway(made, KINDS, "S1", [])


def test_no_declared_check_can_be_called_as_one_that_nobody_declared():
    """Else what came of it would be written down under a check that there is not."""
    for code in ANYWAY.values():
        with pytest.raises(ValueError, match="code"):
            CheckFields.model_validate({"code": code, "kind": "icmp_echo", "site": "S1"})
    assert [False] * 3 == [question.is_declared for question in anyway()]
    assert [True] == [question.is_declared for question in asked({"kind": "ssh_path"})]
