"""What simulated devices tell of their neighbours: the parents that the inventory gives them."""

import asyncio
from pathlib import Path

import pytest

from tests.poller.scripted import Agent
from wanmon.exchange import folder, plan
from wanmon.health.neighbours import Known, Seen, contradictions
from wanmon.lab.device import SimulatedDevice
from wanmon.lab.province import played, specs
from wanmon.lab.spec import AgentSpec, NeighbourSpec, PortSpec
from wanmon.model.inventory import EMPTY, Inventory
from wanmon.poller.device.neighbours import read_neighbours
from wanmon.poller.jobs import Port, Sighting

FOLDER = Path(__file__).parents[2] / "inventory" / "bac-ninh"


@pytest.fixture(scope="module")
def province() -> Inventory:
    return plan.make(EMPTY, folder.read(str(FOLDER))).after


def told(device: SimulatedDevice, at_ms: int) -> tuple[Sighting, ...]:
    """What our reader makes of the objects of a device."""
    agent = Agent({each.oid: each.value(at_ms) for each in device.store.instances})
    ports = [Port(port.number, port.spec.name, "", "", None) for port in device.ports]
    return asyncio.run(read_neighbours(agent, ports, 1e9)) or ()


def test_a_neighbour_is_told_with_its_name_address_and_port(utc):
    start = utc(2026, 3, 2, 3, 0)
    hub = NeighbourSpec("wan0", "BN-DC1-R1", "127.27.0.1", "lan2")
    device = SimulatedDevice(
        AgentSpec("BN-0001-R1", "127.27.1.1", 1161, "BN-0001", ports=(PortSpec("wan0"),), neighbours=(hub,)), 7, start
    )
    (heard,) = told(device, start)

    assert ("wan0", "BN-DC1-R1", "lan2", "127.27.0.1", "02:7f:1b:00:01:00") == (
        heard.interface, heard.system_name, heard.port_id, heard.address, heard.chassis_id
    )  # fmt: skip

    device.set_shuffled(shuffled=True)

    assert (heard,) == told(device, start)


def test_in_the_example_province_every_wan_port_sees_its_parent_and_nothing_contradicts(province, utc):
    inventory = played(province, "lab", ("127.0.0.1", 1))
    known, start, seen = Known(inventory), utc(2026, 3, 2, 3, 0), []
    for spec in specs(province):
        for each in told(SimulatedDevice(spec, 7, start), start):
            seen.append(Seen(spec.name, each.interface, known.device(each.address, each.system_name) or ""))
    wan = {(circuit.device or "", circuit.interface) for circuit in inventory.circuits.values()}

    assert wan == {(device, interface) for device, interface, _ in seen}
    for device, _, other in seen:
        assert inventory.devices[other].site in inventory.sites[inventory.devices[device].site].parents
    assert [] == contradictions(inventory, wan, seen)


def test_a_wan_port_costs_a_dozen_objects(province, utc):
    """178 devices are made before the demo answers."""
    spec = next(each for each in specs(province) if each.neighbours)
    start = utc(2026, 3, 2, 3, 0)
    alone = AgentSpec(spec.name, spec.address, spec.port, spec.site, ports=spec.ports)
    more = len(SimulatedDevice(spec, 7, start).store.instances) - len(SimulatedDevice(alone, 7, start).store.instances)

    assert 12 * len(spec.neighbours) == more
