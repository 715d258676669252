"""The sites of an inventory as the rules of health see them. Pure."""

from datetime import date

from wanmon.health.circuits import Line
from wanmon.health.topology import Shape
from wanmon.model.carrier import CircuitFields, CircuitRole
from wanmon.model.device import DeviceRole
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteStatus
from wanmon.poller.targets import circuit_lane, targets


def shapes(inventory: Inventory, today: date) -> dict[str, Shape]:
    """Every site that is planned or active, by code."""
    edges: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for name in targets(inventory):
        device = inventory.devices.get(name)
        if device is not None:
            held = edges if device.role is DeviceRole.EDGE else others
            held.setdefault(device.site, []).append(name)
    lines = _lines(inventory, today)
    return {
        code: Shape(
            parents=site.parents,
            edges=tuple(edges.get(code, ())),
            others=tuple(others.get(code, ())),
            lines=tuple(lines.get(code, ())),
            counts=site.status is SiteStatus.ACTIVE,
        )
        for code, site in inventory.sites.items()
        if site.status is not SiteStatus.RETIRED
    }


def is_in_force(circuit: CircuitFields, today: date) -> bool:
    """Whether the contract of a circuit runs today."""
    begun = circuit.starts_on is None or circuit.starts_on <= today
    return begun and (circuit.ends_on is None or circuit.ends_on >= today)


def _lines(inventory: Inventory, today: date) -> dict[str, list[Line]]:
    """The circuits of each site whose contracts run, the primary one first."""
    found: dict[str, list[Line]] = {}
    ordered = sorted(inventory.circuits.values(), key=lambda each: (each.role is not CircuitRole.PRIMARY, each.code))
    for circuit in ordered:
        if is_in_force(circuit, today):
            lane = circuit_lane(circuit.code) if circuit.probe_address else None
            port = (circuit.device, circuit.interface) if circuit.device and circuit.interface else None
            found.setdefault(circuit.site, []).append(Line(circuit.code, lane, port))
    return found
