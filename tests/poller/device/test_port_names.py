"""Which port a misspelt name means, and when nobody can say."""

import pytest

from wanmon.poller.device.port_names import meant
from wanmon.poller.jobs import Port

CISCO = ("GigabitEthernet0/1", "GigabitEthernet0/2", "FastEthernet0/1", "Vlan1")
CASES = {
    "another case": ("gigabitethernet0/2", CISCO, "GigabitEthernet0/2"),
    "a blank": ("GigabitEthernet 0/2", CISCO, "GigabitEthernet0/2"),
    "Cisco's short form": ("Gi0/1", CISCO, "GigabitEthernet0/1"),
    "H3C's short form": ("GE1/0/24", ("GigabitEthernet1/0/24", "GigabitEthernet1/0/2"), "GigabitEthernet1/0/24"),
    "the long form of a short name": ("GigabitEthernet0/1", ("Gi0/1", "Fa0/1"), "Gi0/1"),
    "another number is another port": ("Gi0/3", CISCO, ""),
    "a number alone": ("0/1", CISCO, ""),
    "a slip": ("wam0", ("wan0", "lan1", "lo"), "wan0"),
    "two that are as close": ("wan3", ("wan1", "wan2"), ""),
    "nothing alike": ("Dialer0", ("eth0", "eth1"), ""),
    "empty": ("", CISCO, ""),
}


def ports(*names: str) -> list[Port]:
    return [Port(number, name, "", "", None) for number, name in enumerate(names, 1)]


@pytest.mark.parametrize(("name", "there", "expected"), CASES.values(), ids=CASES.keys())
def test_a_name_is_taken_for_the_port_that_it_can_only_mean(name: str, there: tuple[str, ...], expected: str) -> None:
    assert expected == meant(name, ports(*there))


def test_a_port_is_known_by_its_description_too() -> None:
    described = [Port(1, "ge0", "to the hub", "Gigabit 0", None), Port(2, "ge1", "", "Gigabit 1", None)]

    assert ["ge1", "ge0"] == [meant("gigabit 1", described), meant("To the hub", described)]
