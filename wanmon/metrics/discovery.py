"""The inventory as Prometheus' http_sd wants it. Pure."""

from typing import Any

from wanmon.model.device import DeviceFields
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteStatus


def probe_targets(inventory: Inventory, listen: str, scheme: str = "http") -> list[dict[str, Any]]:
    """One target for each device that is polled: scraped through `/probe` at `listen`, named by `instance`."""
    return [
        _target(inventory, device, listen, scheme)
        for device in inventory.devices.values()
        if inventory.sites[device.site].status is not SiteStatus.RETIRED
    ]


def _target(inventory: Inventory, device: DeviceFields, listen: str, scheme: str) -> dict[str, Any]:
    site = inventory.sites[device.site]
    labels = {
        "__scheme__": scheme,
        "__metrics_path__": "/probe",
        "__param_target": device.name,
        "instance": device.name,
        "__meta_wanmon_site": site.code,
        "__meta_wanmon_unit": site.unit,
        "__meta_wanmon_kind": site.kind.value,
        "__meta_wanmon_class": site.site_class,
        "__meta_wanmon_status": site.status.value,
        "__meta_wanmon_role": device.role.value,
    }
    return {"targets": [listen], "labels": labels}
