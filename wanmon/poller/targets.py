"""Who is asked, how and how often: the inventory as the poller sees it. Pure."""

from dataclasses import dataclass

from wanmon.model.device import Device, DeviceRole
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteStatus


@dataclass(frozen=True, slots=True)
class DeviceTarget:
    """Everything needed to ask one device; two equal ones need no rescheduling."""

    id: int
    name: str
    site: str
    role: DeviceRole
    address: str
    port: int
    liveness: str
    credentials: tuple[str, ...]
    profile: str
    liveness_interval_s: float
    fast_interval_s: float
    slow_interval_s: float


def device_target(inventory: Inventory, device: Device) -> DeviceTarget:
    """One device with the intervals of its site's class."""
    watched = inventory.classes[inventory.sites[device.site].site_class]
    return DeviceTarget(
        id=device.id or 0,
        name=device.name,
        site=device.site,
        role=device.role,
        address=device.address,
        port=device.port,
        liveness=device.liveness,
        credentials=device.credentials,
        profile=device.profile,
        liveness_interval_s=watched.liveness_interval_s,
        fast_interval_s=watched.fast_interval_s,
        slow_interval_s=watched.slow_interval_s,
    )


def targets(inventory: Inventory) -> dict[str, DeviceTarget]:
    """Every device of every planned or active site, by name."""
    return {
        name: device_target(inventory, device)
        for name, device in inventory.devices.items()
        if isinstance(device, Device) and inventory.sites[device.site].status is not SiteStatus.RETIRED
    }
