"""Where what devices see of each other contradicts the parents, as a table of who sees whom."""

from datetime import timedelta
from typing import Any

import pytest

from wanmon.health.neighbours import Contradiction, Known, Seen, contradictions, is_present
from wanmon.model.change import Action
from wanmon.model.inventory import EMPTY, NOUN, Edit, Inventory, preview
from wanmon.model.neighbour import Neighbour, NeighbourProtocol

SITE = {"unit": "BN", "kind": "party", "site_class": "any", "name": "x", "status": "active"}
#: A hub; two districts behind it; behind the first a commune, and one with a second way by the other.
SITES: dict[str, dict[str, Any]] = {
    "DC1": {"kind": "datacenter"},
    "D1": {"parent": "DC1"},
    "D2": {"parent": "DC1"},
    "C1": {"parent": "D1"},
    "C2": {"parent": "D1", "second_parent": "D2"},
    "OLD": {"parent": "D1", "status": "retired"},
}
WAN = {(f"{site}-R1", port) for site in SITES for port in ("wan0", "wan1")}
NOT_ITS_PARENT = "C1's wan0 sees {0}-R1 of {0}, which is not its parent (D1)".format
UNSEEN = "C1 and its parent D1 do not see each other anywhere"


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    edits = [
        Edit(Action.ADD, NOUN["unit"], "BN", {"code": "BN", "name": "Bắc Ninh", "level": "province"}),
        Edit(Action.ADD, NOUN["class"], "any", {"code": "any", "name": "Any"}),
    ]
    edits += [Edit(Action.ADD, NOUN["site"], code, {"code": code, **SITE, **row}) for code, row in SITES.items()]
    names = [f"{code}-R1" for code in SITES] + ["C1-R2"]
    edits += [
        Edit(Action.ADD, NOUN["device"], name, {"name": name, "site": name[:-3], "address": address, "snmp": "wan"})
        for name, address in zip(names, (f"10.0.0.{number}" for number in range(1, 9)), strict=False)
    ]
    return preview(EMPTY, edits)


def sees(device: str, port: str, other: str) -> Seen:
    return Seen(f"{device}-R1", port, f"{other}-R1" if other else "")


def words(inventory: Inventory, *seen: Seen) -> list[str]:
    return [each.words for each in contradictions(inventory, WAN, seen)]


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        pytest.param([], [], id="nobody sees anybody"),
        pytest.param([], [("C1", "wan0", "")], id="somebody unknown"),
        pytest.param([], [("C1", "wan0", "D1")], id="its parent"),
        pytest.param([], [("C2", "wan0", "D2")], id="its second parent on the first port"),
        pytest.param([], [("D1", "wan0", "C1")], id="its child"),
        pytest.param([], [("C1", "wan0", "C1")], id="itself"),
        pytest.param([], [("C1", "lan1", "D2")], id="another site, on no WAN port"),
        pytest.param([], [("OLD", "wan0", "D2")], id="a retired site"),
        pytest.param([], [("C1", "wan0", "D1"), ("C1", "wan0", "D2")], id="a segment with its parent on it"),
        pytest.param([NOT_ITS_PARENT("D2"), UNSEEN], [("C1", "wan0", "D2")], id="another site instead of its parent"),
        pytest.param([NOT_ITS_PARENT("C2"), UNSEEN], [("C1", "wan0", "C2")], id="a sister"),
        pytest.param([NOT_ITS_PARENT("DC1"), UNSEEN], [("C1", "wan0", "DC1")], id="the parent of its parent"),
        pytest.param([NOT_ITS_PARENT("OLD"), UNSEEN], [("C1", "wan0", "OLD")], id="a site that is retired"),
        pytest.param([NOT_ITS_PARENT("D2")], [("C1", "wan0", "D2"), ("C1", "wan1", "D1")], id="its parent elsewhere"),
        pytest.param([NOT_ITS_PARENT("D2")], [("C1", "wan0", "D2"), ("D1", "lan1", "C1")], id="seen by its parent"),
        pytest.param(
            ["DC1's wan0 sees C1-R1 of C1, which is not directly behind DC1"],
            [("DC1", "wan0", "C1")],
            id="a hub sees a commune",
        ),
        pytest.param(
            [
                "C2's wan1 sees C1-R1 of C1, which is not one of its parents (D1, D2)",
                "C2 and its parent D2 do not see each other anywhere",
            ],
            [("C2", "wan0", "D1"), ("C2", "wan1", "C1")],
            id="one of two parents is missing",
        ),
        pytest.param([], [("C2", "wan0", "D1")], id="one of two parents is silent"),
        pytest.param([], [("GONE", "wan0", "D2"), ("C1", "wan0", "GONE")], id="devices that left the inventory"),
    ],
)
def test_only_a_stranger_in_place_of_a_parent_is_a_contradiction(inventory, expected, seen):
    assert expected == words(inventory, *(sees(*each) for each in seen))


def test_what_is_heard_by_two_protocols_is_one_contradiction(inventory):
    assert [NOT_ITS_PARENT("D2"), UNSEEN] == words(inventory, sees("C1", "wan0", "D2"), sees("C1", "wan0", "D2"))


def test_a_contradiction_tells_on_which_port_it_is(inventory):
    first = contradictions(inventory, WAN, [sees("C1", "wan0", "D2")])[0]

    assert Contradiction("C1", "C1-R1", "wan0", "D2-R1", NOT_ITS_PARENT("D2")) == first


@pytest.mark.parametrize(
    ("expected", "address", "name"),
    [
        ("D1-R1", "10.0.0.2", ""),
        ("D1-R1", "10.0.0.2", "D2-R1"),
        ("D1-R1", "192.168.1.1", "d1-r1"),
        ("D1-R1", "", "D1-R1.bacninh.example"),
        (None, "", "R1"),
        (None, "", ""),
        (None, "192.168.1.1", "switch"),
        (None, "", ".D1-R1"),
    ],
)
def test_a_neighbour_is_known_by_its_address_before_its_name(inventory, expected, address, name):
    assert expected == Known(inventory).device(address, name)


def test_an_address_that_several_devices_have_tells_nobody(inventory):
    """Behind one translated address each has a port of its own."""
    twins = [
        Edit(Action.ADD, NOUN["device"], name, {"name": name, "site": "C1", "address": "10.9.9.9", "snmp": "wan"})
        for name in ("T1", "T2")
    ]
    known = Known(preview(inventory, twins))

    assert (None, "T2") == (known.device("10.9.9.9", "nat"), known.device("10.9.9.9", "t2"))


@pytest.mark.parametrize(
    ("expected", "hours", "slow_interval_s"),
    [(True, 0, 600), (True, 3, 600), (False, 3.1, 600), (True, 5.9, 7200), (False, 6.1, 7200)],
)
def test_a_neighbour_that_three_readings_missed_is_not_there_now(noon, expected, hours, slow_interval_s):
    seen_at = noon - timedelta(hours=hours)
    row = Neighbour(
        device="C1-R1", protocol=NeighbourProtocol.LLDP, interface="wan0", chassis_id="x", port_id="y",
        first_seen_at=seen_at, last_seen_at=seen_at,
    )  # fmt: skip

    assert expected is is_present(row, noon, slow_interval_s)
