"""A device as one that is logged in to. Pure."""

from wanmon.checks.result import RouterTarget
from wanmon.model.device import DeviceFields
from wanmon.platforms import registry


def router_of(device: DeviceFields) -> RouterTarget | None:
    """How a device is logged in to; none where nobody does. Its platform is empty where nobody knows how it speaks."""
    if device.ssh == "none":
        return None
    platform = registry.of_profile(device.profile) if device.platform == "auto" else device.platform
    credentials = tuple(device.ssh.split(","))
    return RouterTarget(device.site, device.name, device.address, device.ssh_port, platform, credentials)
