"""Which port is proposed as the one to the carrier: what was measured first, then what people wrote, then habits."""

import pytest

from wanmon.poller.device.wan_port import Proposal, propose
from wanmon.poller.jobs import Port

ETHERNET, LOOPBACK, PPP, VLAN, BRIDGE = 6, 24, 23, 135, 209
PATTERNS = ("^wan", "^ether1$")


def ports(*given: tuple[str, str, int]) -> list[Port]:
    """Ports from (name, alias, ifType), on ifIndex 1, 2, ..."""
    return [Port(index, name, alias, "", None, kind) for index, (name, alias, kind) in enumerate(given, 1)]


def proposed(given: list[Port], up: set[str], route: int | None = None) -> Proposal | None:
    return propose(given, {row: port.name in up for row, port in enumerate(given)}, route, PATTERNS)


LAN = ("ether2", "", ETHERNET)
TWO = [("eth0", "", ETHERNET), ("eth1", "", ETHERNET)]


@pytest.mark.parametrize(
    ("expected", "given", "up", "route"),
    [
        ("ether2", [("wan1", "VNPT", ETHERNET), LAN], {"wan1", "ether2"}, 2),
        ("ether2", [("ether1", "LAN", ETHERNET), ("ether2", "VNPT 200M", ETHERNET)], {"ether1", "ether2"}, None),
        ("ether2", [("ether1", "", ETHERNET), ("ether2", "Kênh thuê riêng", ETHERNET)], {"ether1", "ether2"}, None),
        ("wan2", [("wan1", "", ETHERNET), ("wan2", "", ETHERNET), LAN], {"wan2", "ether2"}, None),
        ("wan1", [("ether1", "", ETHERNET), ("wan1", "", ETHERNET)], {"wan1", "ether1"}, None),
        ("ether1", [("ether1", "", ETHERNET), LAN], {"ether1", "ether2"}, None),
        ("ppp0", [("eth0", "", ETHERNET), ("ppp0", "", PPP)], {"eth0", "ppp0"}, None),
        ("eth0", [("eth0", "", ETHERNET), ("eth1", "", ETHERNET), ("lo", "", LOOPBACK)], {"eth0", "lo"}, None),
        ("wan1", [("wan1", "", ETHERNET), LAN], set(), None),
        (None, TWO, {"eth0", "eth1"}, None),
        (None, [("eth0", "", ETHERNET)], set(), None),
        (None, [("wan0", "VNPT", BRIDGE), ("wan.7", "", VLAN), *TWO], {"wan0", "wan.7", "eth0", "eth1"}, None),
        (None, [("eth0", "swanky cmcx", ETHERNET), LAN], {"eth0", "ether2"}, None),
        ("ether1", [("ether1", "", ETHERNET), LAN], {"ether1", "ether2"}, 99),
        (None, [], set(), 1),
    ],
    ids=["default route", "carrier in the alias", "in Vietnamese", "down is not proposed", "first pattern", "pattern",
         "dialled", "the only one", "none is up", "two and nothing to tell them", "one that is down",
         "nothing is plugged in there", "not within a word", "a route to nowhere", "no ports"],
)  # fmt: skip
def test_the_port_that_most_speaks_for_is_proposed(
    expected: str | None, given: list[tuple[str, str, int]], up: set[str], route: int | None
):
    found = proposed(ports(*given), up, route)

    assert expected == (found.interface if found else None)


@pytest.mark.parametrize(
    ("expected", "given", "route"),
    [
        ("the default route leads through it", ("eth0", "", ETHERNET), 1),
        ("its alias says 'uplink'", ("eth0", "uplink to hub", ETHERNET), None),
        ("devices of this kind call it so", ("wan0", "", ETHERNET), None),
        ("it is a dialled line", ("ppp0", "", PPP), None),
        ("no other port is up", ("eth0", "", ETHERNET), None),
    ],
)
def test_a_proposal_says_why(expected: str, given: tuple[str, str, int], route: int | None):
    found = proposed(ports(given), {given[0]}, route)

    assert Proposal(given[0], expected) == found
