"""Who is asked, how and how often: the inventory as the poller sees it. Pure.

Beside the devices there are lanes without one: the far side of a circuit's hand-off, and canaries.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from wanmon.health.window import SLOTS, SPAN_S
from wanmon.model.carrier import Circuit
from wanmon.model.device import Device, DeviceRole
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteStatus

#: How often a canary is sent an echo.
CANARY_INTERVAL_S = SPAN_S / SLOTS


class TargetKind(Enum):
    """What a target is."""

    DEVICE = auto()
    CIRCUIT = auto()  # the probe address of a circuit
    CANARY = auto()  # an address that tells whether we ourselves are cut off


@dataclass(frozen=True, slots=True)
class DeviceTarget:
    """Everything needed to ask one device; two equal ones need no rescheduling.

    A round trip above `slow_s` is slow. `login_port` is that of its SSH, 0 where nobody logs in. `generation` is
    another one for each machine that a person has put in the place of the device (`wanmon device replace`).
    """

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
    slow_s: float = 0.15
    kind: TargetKind = TargetKind.DEVICE
    login_port: int = 0
    generation: int = 0

    def is_another_than(self, other: "DeviceTarget") -> bool:
        """Whether something else may answer here: nothing that was learnt of `other` is true of it."""
        return (self.address, self.port, self.generation) != (other.address, other.port, other.generation)


def canary_name(address: str) -> str:
    """What the lane of a canary is called: no device can be called so."""
    return f"canary {address}"


def circuit_lane(code: str) -> str:
    """What the lane of a circuit's probe address is called."""
    return f"circuit {code}"


def device_target(inventory: Inventory, device: Device, generation: int = 0) -> DeviceTarget:
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
        slow_s=watched.slow_ms / 1000,
        login_port=device.ssh_port if device.logins else 0,
        generation=generation,
    )


def targets(
    inventory: Inventory, canaries: Iterable[str] = (), generations: Mapping[str, int] | None = None
) -> dict[str, DeviceTarget]:
    """Every device and probe address of every planned or active site, and the canaries, by name."""
    devices = (
        device_target(inventory, device, (generations or {}).get(device.name, 0))
        for device in inventory.devices.values()
        if isinstance(device, Device) and inventory.sites[device.site].status is not SiteStatus.RETIRED
    )
    return {target.name: target for target in (*devices, *_circuits(inventory), *_canaries(canaries))}


def _circuits(inventory: Inventory) -> Iterator[DeviceTarget]:
    for circuit in inventory.circuits.values():
        site = inventory.sites[circuit.site]
        if circuit.probe_address and isinstance(circuit, Circuit) and site.status is not SiteStatus.RETIRED:
            watched = inventory.classes[site.site_class]
            yield _echo_target(
                circuit.id or 0,
                circuit_lane(circuit.code),
                circuit.site,
                circuit.probe_address,
                float(watched.liveness_interval_s),
                TargetKind.CIRCUIT,
            )


def _canaries(addresses: Iterable[str]) -> Iterator[DeviceTarget]:
    for number, address in enumerate(addresses):
        yield _echo_target(number, canary_name(address), "", address, CANARY_INTERVAL_S, TargetKind.CANARY)


def _echo_target(number: int, name: str, site: str, address: str, interval_s: float, kind: TargetKind) -> DeviceTarget:
    return DeviceTarget(
        id=number,
        name=name,
        site=site,
        role=DeviceRole.INNER,
        address=address,
        port=0,
        liveness="icmp",
        credentials=(),
        profile="auto",
        liveness_interval_s=interval_s,
        fast_interval_s=interval_s,
        slow_interval_s=interval_s,
        kind=kind,
    )
