"""A site as people ask about it: its state, devices, circuits and parents, whom to call, who else is down. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from wanmon.cli.frame.causes import split_roots
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteFields, SiteStatus
from wanmon.model.state import State
from wanmon.store.life import States


def site_record(inventory: Inventory, states: States, code: str, now: datetime) -> dict[str, Any]:
    """Everything about one site, in the order of its screen."""
    site = inventory.sites[code]
    return {
        "site": code,
        "name": site.name,
        **state_of(states, code, now),
        "status": site.status,
        "site_class": site.site_class,
        "kind": site.kind,
        "unit": site.unit,
        "unit_path": unit_path(inventory, site.unit),
        "street": site.street,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "activated_on": site.activated_on,
        "retired_on": site.retired_on,
        "parents": [
            {"site": parent, "name": inventory.sites[parent].name, "state": state_of(states, parent, now)["state"]}
            for parent in (site.parent, site.second_parent)
            if parent
        ],
        "devices": _devices(inventory, states, code, now),
        "circuits": circuit_records(inventory, states, code),
        "children_count": sum(code in (each.parent, each.second_parent) for each in inventory.sites.values()),
    }


def state_of(states: States, code: str, now: datetime) -> dict[str, Any]:
    """The present state of a site, since when, for how long, and why."""
    return _state(states.sites.get(code), now)


def roots_of(states: States, code: str) -> list[str]:
    """The sites that cut an unreachable one off, the first to fall first."""
    held = states.sites.get(code)
    return split_roots(held.roots) if held and held.state is State.UNREACHABLE else []


def unit_path(inventory: Inventory, code: str) -> list[str]:
    """The names of a unit and of those that it lies in, the province last."""
    path: list[str] = []
    seen: set[str] = set()
    while code in inventory.units and code not in seen:
        seen.add(code)
        unit = inventory.units[code]
        path.append(f"{unit.kind} {unit.name}".strip())
        code = unit.parent or ""
    return path


def _state(held: Any, now: datetime) -> dict[str, Any]:
    if held is None:
        return {"state": State.UNKNOWN, "since": None, "duration_s": None, "reason": ""}
    duration_s = max(0, round((now - held.since).total_seconds()))
    return {"state": held.state, "since": held.since, "duration_s": duration_s, "reason": held.reason}


def _devices(inventory: Inventory, states: States, code: str, now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "device": device.name,
            "role": device.role,
            "address": device.address,
            "port": device.port,
            **_state(states.devices.get(device.name), now),
        }
        for device in inventory.devices.values()
        if device.site == code
    ]


def circuit_records(inventory: Inventory, states: States, code: str) -> list[dict[str, Any]]:
    """The circuits of a site: whom to call about them, and how many others on their carrier are down or cut off."""
    records = []
    for circuit in inventory.circuits.values():
        if circuit.site != code:
            continue
        carrier = inventory.carriers[circuit.carrier]
        siblings = _others_on(inventory, circuit.carrier, code)
        records.append(
            {
                "circuit": circuit.code,
                "carrier": carrier.code,
                "carrier_name": carrier.name,
                "hotline": carrier.hotline,
                "role": circuit.role,
                "receive_bps": circuit.receive_bps,
                "transmit_bps": circuit.transmit_bps,
                "device": circuit.device,
                "interface": circuit.interface,
                "sibling_count": len(siblings),
                "siblings_down": _count(states, siblings, State.DOWN),
                "siblings_unreachable": _count(states, siblings, State.UNREACHABLE),
            }
        )
    return records


def _others_on(inventory: Inventory, carrier: str, code: str) -> list[SiteFields]:
    """The other active sites with a circuit of that carrier."""
    codes = {circuit.site for circuit in inventory.circuits.values() if circuit.carrier == carrier} - {code}
    return [inventory.sites[each] for each in codes if inventory.sites[each].status is SiteStatus.ACTIVE]


def _count(states: States, sites: Iterable[SiteFields], state: State) -> int:
    held = (states.sites.get(site.code) for site in sites)
    return sum(each is not None and each.state is state for each in held)
