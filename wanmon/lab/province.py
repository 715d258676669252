"""The agents that play an inventory, and the inventory that finds them: where 10.27.x.y becomes 127.27.x.y.

Pure.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from wanmon.lab.addresses import lab_address
from wanmon.lab.spec import AgentSpec, NeighbourSpec, PortSpec
from wanmon.model.carrier import CircuitFields, CircuitRole
from wanmon.model.device import DeviceFields, DeviceRole
from wanmon.model.fields import Fields
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteStatus

#: What a port of the lab can do, whatever is contracted.
PORT_SPEED_BPS = 1_000_000_000


def place(device: DeviceFields) -> tuple[str, int]:
    """Where the lab plays a device: where it is, if that is loopback already, else the address that stands for it."""
    if ip_address(device.address).is_loopback:
        return device.address, device.port
    return lab_address(device.address)


def specs(inventory: Inventory) -> list[AgentSpec]:
    """An agent for every device that is polled over SNMP."""
    devices = {name: device for name, device in inventory.devices.items() if _is_played(inventory, device)}
    wan, neighbours = _wan_ports(inventory), _neighbours(inventory, devices.values())
    found = []
    for name, device in devices.items():
        address, port = place(device)
        found.append(
            AgentSpec(
                name,
                address,
                port,
                device.site,
                device.role.value,
                ports=tuple(wan.get(name, ())),
                location=inventory.sites[device.site].name,
                neighbours=tuple(neighbours.get(name, ())),
            )
        )
    return found


def _is_played(inventory: Inventory, device: DeviceFields) -> bool:
    return inventory.sites[device.site].status is not SiteStatus.RETIRED and device.snmp != "none"


def _neighbours(inventory: Inventory, devices: Iterable[DeviceFields]) -> dict[str, list[NeighbourSpec]]:
    """What each device hears on its WAN ports: the edge of the parent, on a backup circuit that of the second one."""
    edges: dict[str, DeviceFields] = {}
    for device in devices:
        if device.role is DeviceRole.EDGE:
            edges.setdefault(device.site, device)
    found: dict[str, list[NeighbourSpec]] = {}
    for circuit in inventory.circuits.values():
        parents = inventory.sites[circuit.site].parents
        edge = edges.get(parents[0 if circuit.role is CircuitRole.PRIMARY else -1]) if parents else None
        if edge and circuit.device and circuit.interface:
            heard = NeighbourSpec(circuit.interface, edge.name, place(edge)[0])
            found.setdefault(circuit.device, []).append(heard)
    return found


def _wan_ports(inventory: Inventory) -> dict[str, list[PortSpec]]:
    """The ports that circuits are bound to, by device, in the order of their names."""
    ports: dict[str, list[PortSpec]] = {}
    for circuit in sorted(inventory.circuits.values(), key=lambda circuit: circuit.interface):
        if circuit.device and circuit.interface:
            ports.setdefault(circuit.device, []).append(_wan_port(circuit))
    return ports


def _wan_port(circuit: CircuitFields) -> PortSpec:
    return PortSpec(
        circuit.interface,
        alias=f"{circuit.carrier} {circuit.code}",
        speed_bps=PORT_SPEED_BPS,
        receive_bps=circuit.receive_bps,
        transmit_bps=circuit.transmit_bps,
    )


def played(inventory: Inventory, credential: str, service: tuple[str, int], sites: int | None = None) -> Inventory:
    """The inventory as it is polled in the lab: every device on loopback, judged by SNMP, under one credential.

    Services are all found at `service`, so that nothing is ever sent to the addresses of the province. With `sites`
    only the first so many sites are kept, hubs first.
    """
    inventory = inventory if sites is None else first_sites(inventory, sites)
    return replace(
        inventory,
        devices={
            name: _changed(device, address=place(device)[0], port=place(device)[1], liveness="snmp", snmp=credential)
            for name, device in inventory.devices.items()
        },
        services={
            code: _changed(each, address=service[0], port=service[1]) for code, each in inventory.services.items()
        },
    )


def first_sites(inventory: Inventory, number: int) -> Inventory:
    """The inventory of the first so many sites, such that each stands behind its parents: hubs, by depth, by code."""

    def depth(code: str) -> int:
        parents = inventory.sites[code].parents
        return 1 + max(map(depth, parents)) if parents else 0

    ordered = sorted(inventory.sites, key=lambda code: (depth(code), code))
    return only_sites(inventory, ordered[:number])


def only_sites(inventory: Inventory, codes: Collection[str]) -> Inventory:
    """The inventory of some sites."""
    kept = set(codes)
    return replace(
        inventory,
        sites={code: site for code, site in inventory.sites.items() if code in kept},
        devices=dict(_of_sites(inventory.devices, kept)),
        circuits=dict(_of_sites(inventory.circuits, kept)),
        services=dict(_of_sites(inventory.services, kept)),
        checks={code: check for code, check in inventory.checks.items() if check.site is None or check.site in kept},
    )


def _of_sites(rows: Mapping[str, Any], kept: Collection[str]) -> Iterator[tuple[str, Any]]:
    return ((key, row) for key, row in rows.items() if row.site in kept)


def _changed(row: Fields, **values: object) -> Any:
    return type(row).model_validate({**row.model_dump(), **values})
