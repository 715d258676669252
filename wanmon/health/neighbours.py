"""Where what devices see of each other contradicts the parents of the inventory. Pure; it changes nothing.

A port of the provider's equipment, or a neighbour that says nothing, is no contradiction: most WAN ports see none of
ours. Only a neighbour that is known to stand elsewhere is one, and only where no parent is seen on the same port: on a
segment that several sites share, all of them see each other.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from wanmon.model.inventory import Inventory
from wanmon.model.neighbour import Neighbour
from wanmon.model.site import SiteStatus

#: How often neighbours are read at least, unless the slow group itself is read more seldom.
READ_EVERY_S = 3600
#: A neighbour that was missed in so many readings is not there now.
READINGS = 3

WanPort = tuple[str, str]


class Seen(NamedTuple):
    """A device that sees another of the inventory on one of its ports."""

    device: str
    interface: str
    other: str


class Contradiction(NamedTuple):
    """What is wrong with the parents of `site`, as `device` sees `other` on its WAN port `interface`."""

    site: str
    device: str
    interface: str
    other: str
    words: str


def is_present(row: Neighbour, as_of: datetime, slow_interval_s: float) -> bool:
    """Whether a neighbour is there, by what was read until `as_of`."""
    return as_of - row.last_seen_at <= timedelta(seconds=READINGS * max(READ_EVERY_S, slow_interval_s))


class Known:
    """The devices of an inventory, by what their neighbours may call them."""

    def __init__(self, inventory: Inventory) -> None:
        self._by_address = _unique((device.address, name) for name, device in inventory.devices.items())
        self._by_name = _unique((name.casefold(), name) for name in inventory.devices)

    def device(self, address: str, system_name: str) -> str | None:
        """The device with that management address; failing that, of that name, with or without a domain."""
        name = system_name.casefold()
        return (
            self._by_address.get(address)
            or self._by_name.get(name)
            or self._by_name.get(name.partition(".")[0])
            or None
        )


def contradictions(
    inventory: Inventory, wan_ports: Collection[WanPort], sightings: Iterable[Seen]
) -> list[Contradiction]:
    """Every WAN port that sees another site than a parent, and every parent that is nowhere seen instead.

    `wan_ports` are the ports (device, interface) that circuits end on.
    """
    seen = [each for each in sightings if each.device in inventory.devices and each.other in inventory.devices]
    together: set[frozenset[str]] = set()
    on_port: dict[WanPort, set[str]] = {}
    for each in seen:
        site, other = _sites(inventory, each)
        together.add(frozenset((site, other)))
        on_port.setdefault((each.device, each.interface), set()).add(other)
    found: list[Contradiction] = []
    for each in seen:
        port = each.device, each.interface
        if port in wan_ports and _is_stranger(inventory, each, on_port[port]):
            found += _words(inventory, each, together)
    return list(dict.fromkeys(found))


def _sites(inventory: Inventory, each: Seen) -> tuple[str, str]:
    return inventory.devices[each.device].site, inventory.devices[each.other].site


def _is_stranger(inventory: Inventory, each: Seen, on_port: Collection[str]) -> bool:
    """Whether the other stands neither at a parent, a child nor the same site, and no parent is on that port."""
    code, other = _sites(inventory, each)
    site = inventory.sites[code]
    if site.status is SiteStatus.RETIRED or other in (code, *site.parents):
        return False
    return code not in inventory.sites[other].parents and not any(parent in on_port for parent in site.parents)


def _words(inventory: Inventory, each: Seen, together: Collection[frozenset[str]]) -> Iterator[Contradiction]:
    """That a stranger is seen, and which parents neither see the site nor are seen by it."""
    site, other = _sites(inventory, each)
    parents = inventory.sites[site].parents
    if not parents:
        which = f"which is not directly behind {site}"
    elif len(parents) == 1:
        which = f"which is not its parent ({parents[0]})"
    else:
        which = f"which is not one of its parents ({', '.join(parents)})"
    yield Contradiction(site, *each, f"{site}'s {each.interface} sees {each.other} of {other}, {which}")
    for parent in parents:
        if frozenset((site, parent)) not in together:
            yield Contradiction(site, *each, f"{site} and its parent {parent} do not see each other anywhere")


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The name that a key stands for, where it stands for one alone."""
    found: dict[str, str] = {}
    for key, name in pairs:
        found[key] = "" if key in found else name
    return found
