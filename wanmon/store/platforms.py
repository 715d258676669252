"""Whether the platforms that devices are given are among those at hand. Pure."""

from collections.abc import Iterator, Mapping

from wanmon.model.inventory import Inventory
from wanmon.model.rules import Problem
from wanmon.platforms import registry

#: Leaves it to the profile of the device.
AUTO = "auto"


def problems(inventory: Inventory) -> Iterator[Problem]:
    """Devices whose command line nobody here speaks."""
    yield from unknown({name: device.platform for name, device in inventory.devices.items()})


def unknown(platforms: Mapping[str, str]) -> Iterator[Problem]:
    """The same of platforms by the names of their devices."""
    if set(platforms.values()) <= {AUTO}:
        return
    known = (AUTO, *registry.names())
    for device, platform in platforms.items():
        if platform not in known:
            yield Problem("device", device, "platform", platform, f"is none of {', '.join(known)}")
