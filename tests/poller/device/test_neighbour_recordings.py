"""Neighbours of real agents: what was recorded of them, read by eye, and what is told of it.

The recordings stay where they are; without them the tests skip.
"""

import asyncio
import bz2
import os
from pathlib import Path

import pytest

from tests.poller.scripted import Agent
from wanmon.model.neighbour import NeighbourProtocol
from wanmon.poller.device.neighbours import read_neighbours
from wanmon.poller.jobs import Port, Sighting
from wanmon.protocols.snmp.types import Value

ROOT = Path(__file__).resolve().parents[3]
WALKS = Path(os.environ.get("WANMON_WALKS") or ROOT.parent / "shared" / "walks")
IF_NAME = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1)
#: LLDP-MIB, CISCO-CDP-MIB and ifName.
TOLD = (b"1.0.8802.1.1.2.", b"1.3.6.1.4.1.9.9.23.", b"1.3.6.1.2.1.31.1.1.1.1.")


def recorded(name: str) -> Agent:
    """What was recorded of neighbours and of the names of ports, as an agent."""
    path = WALKS / f"{name}.snmprec.bz2"
    if not path.exists():
        pytest.skip(f"{path.name} is not there: set WANMON_WALKS to the folder of recordings")
    lines = [line.split(b"|", 2) for line in bz2.decompress(path.read_bytes()).splitlines() if line.startswith(TOLD)]
    return Agent({tuple(map(int, oid.split(b"."))): _value(tag, value) for oid, tag, value in lines})


def _value(tag: bytes, value: bytes) -> Value:
    if tag == b"4x":
        return bytes.fromhex(value.decode())
    if tag == b"4":
        return value
    return tuple(map(int, value.split(b"."))) if tag == b"6" else int(value)


def read(agent: Agent) -> tuple[Sighting, ...] | None:
    names = {oid[-1]: value for oid, value in agent.table.items() if oid[:-1] == IF_NAME}
    ports = [Port(index, name.decode(), "", "", None) for index, name in names.items() if isinstance(name, bytes)]
    return asyncio.run(read_neighbours(agent, ports, 1e9))


def test_the_neighbour_of_an_h3c_is_on_the_port_of_that_ifindex():
    """It has no table of its own ports."""
    (told,) = read(recorded("h3c-e528-2")) or ()

    assert (NeighbourProtocol.LLDP, "GigabitEthernet1/0/24", "38:91:d5:fb:74:2c", "GigabitEthernet1/0/33") == (
        told.protocol, told.interface, told.chassis_id, told.port_id
    )  # fmt: skip
    assert ("GigabitEthernet1/0/33 Interface", "WRD-Huiju-2", "10.1.123.2") == (
        told.port_description, told.system_name, told.address
    )  # fmt: skip
    assert told.system_description.startswith("H3C Comware Platform Software, Software Version 7.1.045")


def test_a_cisco_hears_six_others_on_one_port_by_cdp():
    told = read(recorded("cisco-c3560")) or ()

    assert {NeighbourProtocol.CDP} == {each.protocol for each in told}
    assert [
        ("Gi0/49", "OLD-ShiTang-WIRELESS", "GigabitEthernet0/2", "10.1.100.181"),
        ("Gi0/50", "kexuehuitang", "GigabitEthernet0/1", "10.1.100.141"),
        ("Gi0/50", "Blade-wireless", "GigabitEthernet0/1", "10.1.100.135"),
        ("Gi0/50", "zonghefuwulou-xiaochan", "GigabitEthernet0/1", "10.1.100.144"),
        ("Gi0/50", "xingzhenglou-1", "GigabitEthernet0/1", "10.1.100.110"),
        ("Gi0/50", "zichanchu", "GigabitEthernet0/1", "10.1.100.140"),
        ("Gi0/50", "RanQiLou", "GigabitEthernet0/25", "10.1.100.146"),
        ("Gi0/51", "NEW-ShiTang-WIRELESS", "GigabitEthernet0/25", "10.1.100.182"),
        ("Gi0/52", "ShiTang02", "GigabitEthernet0/52", "10.1.100.149"),
    ] == [(each.interface, each.system_name, each.port_id, each.address) for each in told]
    assert "cisco WS-C3560-24PS" == told[0].system_description


def test_an_old_cisco_hears_its_hub_by_cdp():
    (told,) = read(recorded("cisco-unmarked-0")) or ()

    assert ("Gi0/1", "gongjiaolou-C3550", "GigabitEthernet0/8", "192.168.31.31", "cisco WS-C3508G-XL") == (
        told.interface, told.system_name, told.port_id, told.address, told.system_description
    )  # fmt: skip


@pytest.mark.parametrize("name", ["dlink-des3038", "eaton-93e-80", "ubiquiti-m5", "vyatta-unknown"])
def test_whoever_hears_nobody_costs_one_request(name):
    """The D-Link has LLDP's settings and nothing else of it."""
    agent = recorded(name)

    assert () == read(agent)
    assert 1 == len(agent.asked)
