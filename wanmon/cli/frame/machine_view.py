"""The machines of a device and its host key as people read them. Pure."""

from collections.abc import Sequence
from typing import Any

from wanmon.model.device import DeviceFields
from wanmon.model.host_key import HostKey
from wanmon.model.machine import Machine


def machine_records(machines: Sequence[Machine]) -> list[dict[str, Any]]:
    """A record for each machine that stood in the place of a device, in their order."""
    return [
        {
            "vendor": machine.vendor,
            "model": machine.model,
            "os_version": machine.os_version,
            "serial": machine.serial,
            "first_seen_at": machine.first_seen_at,
            "last_seen_at": machine.last_seen_at,
            "replaced_at": machine.replaced_at,
        }
        for machine in machines
    ]


def host_key_word(device: DeviceFields, key: HostKey | None) -> str:
    """Whether the host key of a device is trusted: `trusted`, `not trusted`, `CHANGED`, empty where nobody logs in."""
    if key is None:
        return "" if device.ssh == "none" else "not trusted"
    return "CHANGED" if key.changed_fingerprint else "trusted"


def host_key_record(device: DeviceFields, key: HostKey | None) -> dict[str, Any]:
    """What is known of the host key of a device."""
    return {
        "host_key": host_key_word(device, key),
        "host_key_fingerprint": f"{key.algorithm} {key.fingerprint}".strip() if key else "",
        "host_key_trusted_at": key.trusted_at if key else None,
        "host_key_trusted_by": key.trusted_by if key else "",
        "host_key_changed_to": key.changed_fingerprint if key else "",
        "host_key_changed_at": key.changed_at if key else None,
    }
