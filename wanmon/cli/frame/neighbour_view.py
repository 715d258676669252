"""Who is connected to whom, as records: what devices told, which device of the inventory it is, what it contradicts.

Pure.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wanmon.clock import LOCAL
from wanmon.health.neighbours import Contradiction, Known, Seen, contradictions, is_present
from wanmon.model.inventory import Inventory
from wanmon.model.neighbour import Neighbour
from wanmon.poller.shapes import is_in_force

COLUMNS = (
    "site", "device", "interface", "neighbour", "neighbour_port", "address", "protocol", "neighbour_site",
    "neighbour_device", "last_seen_at", "contradicts", "is_present", "first_seen_at", "chassis_id",
    "port_description", "system_description",
)  # fmt: skip
TABLE = frozenset(COLUMNS[1:11]) - {"neighbour_site"}


def neighbour_records(
    inventory: Inventory, rows: Sequence[Neighbour], as_of: datetime, sites: Collection[str] | None
) -> list[dict[str, Any]]:
    """What the devices of `sites` (None = all) see, with what it contradicts. Judged is what was there at `as_of`."""
    rows = [row for row in rows if row.device in inventory.devices]
    known = Known(inventory)
    devices = {id(row): known.device(row.address, row.system_name) for row in rows}
    present = {id(row) for row in rows if is_present(row, as_of, _slow_interval_s(inventory, row.device))}
    seen = [Seen(row.device, row.interface, devices[id(row)] or "") for row in rows if id(row) in present]
    wrong = _by_sighting(contradictions(inventory, _wan_ports(inventory, as_of), seen))
    return [
        _record(inventory, row, devices[id(row)], wrong if id(row) in present else {}, is_present=id(row) in present)
        for row in rows
        if sites is None or inventory.devices[row.device].site in sites
    ]


def counted(records: Iterable[Mapping[str, Any]]) -> str:
    """How many WAN ports contradict the parents, in words."""
    ports = {(record["device"], record["interface"]) for record in records if record["contradicts"]}
    if not ports:
        return "nothing that is seen contradicts the parents of the inventory"
    return (
        f"{len(ports)} WAN {'port contradicts' if len(ports) == 1 else 'ports contradict'} the parents of the inventory"
    )


def _record(
    inventory: Inventory,
    row: Neighbour,
    other: str | None,
    wrong: Mapping[Seen, Sequence[str]],
    *,
    is_present: bool,
) -> dict[str, Any]:
    words = wrong.get(Seen(row.device, row.interface, other or ""), ())
    return {
        "site": inventory.devices[row.device].site,
        "device": row.device,
        "interface": row.interface,
        "neighbour": row.system_name or row.chassis_id,
        "neighbour_port": row.port_id,
        "address": row.address,
        "protocol": row.protocol.value,
        "neighbour_site": inventory.devices[other].site if other else "",
        "neighbour_device": other or "",
        "last_seen_at": row.last_seen_at,
        "contradicts": "; ".join(words),
        "is_present": is_present,
        "first_seen_at": row.first_seen_at,
        "chassis_id": row.chassis_id,
        "port_description": row.port_description,
        "system_description": row.system_description,
    }


def _by_sighting(found: Iterable[Contradiction]) -> dict[Seen, list[str]]:
    words: dict[Seen, list[str]] = {}
    for each in found:
        words.setdefault(Seen(each.device, each.interface, each.other), []).append(each.words)
    return words


def _wan_ports(inventory: Inventory, as_of: datetime) -> set[tuple[str, str]]:
    """The ports that circuits end on whose contracts run."""
    today = as_of.astimezone(LOCAL).date()
    return {
        (circuit.device, circuit.interface)
        for circuit in inventory.circuits.values()
        if circuit.device and circuit.interface and is_in_force(circuit, today)
    }


def _slow_interval_s(inventory: Inventory, device: str) -> float:
    return inventory.classes[inventory.sites[inventory.devices[device].site].site_class].slow_interval_s
