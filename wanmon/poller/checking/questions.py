"""Which check of which site asks whom. Pure.

A check that cannot be asked is a question all the same: its obstacle says why, and is what comes of it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import NamedTuple

from wanmon.checks.registry import Kind, Vantage, parse_params
from wanmon.checks.result import CheckParams, RouterTarget, Target
from wanmon.errors import UsageError
from wanmon.model.check import Check, CheckFields
from wanmon.model.device import Device, DeviceFields, DeviceRole
from wanmon.model.inventory import Inventory
from wanmon.model.site import Site, SiteKind, SiteStatus
from wanmon.poller.router_target import router_of
from wanmon.poller.targets import DeviceTarget, device_target

#: What the verdict on a site is made of, and what a check of that kind is called which nobody declared: no declared one
#: can be called so.
ANYWAY = {"icmp_echo": "(echo)", "snmp_system": "(snmp)", "ssh_path": "(ssh)"}


class Key(NamedTuple):
    """What tells one question from all others."""

    site: str
    check: str
    target: str


@dataclass(frozen=True, slots=True)
class Question:
    """One check of one site: what is asked of whom, every `interval_s` seconds.

    Without a form it cannot be asked, for `obstacle`. `device` is the one that is asked and `login` the one that it is
    asked from; `row_id` is what its phase is made of.
    """

    site: str
    check: str
    kind: str
    target: Target
    form: tuple[Kind, CheckParams] | None = None
    device: DeviceTarget | None = None
    obstacle: str = ""
    interval_s: float = 60.0
    row_id: int = 0

    @property
    def key(self) -> Key:
        """What tells it from all others."""
        return Key(self.site, self.check, self.target.name)

    @property
    def vantage(self) -> Vantage:
        """Where it is asked from."""
        return self.form[0].vantage if self.form else "hub"

    @property
    def is_declared(self) -> bool:
        """Whether the inventory declares its check: of another one nothing can be written down."""
        return self.check not in ANYWAY.values()

    @property
    def device_name(self) -> str:
        """The device of the inventory that it asks, or from which it asks; empty where there is none."""
        if self.target.router is not None:
            return self.target.router.device
        return self.device.name if self.device else ""


@dataclass(frozen=True, slots=True)
class _Aim:
    """Whom a check asks, or why that cannot be told."""

    target: Target
    device: DeviceTarget | None = None
    obstacle: str = ""


def questions(
    inventory: Inventory, kinds: Mapping[str, Kind], sites: Iterable[str], kind: str | None = None
) -> list[Question]:
    """Every check that is declared for these sites or their classes, of `kind` where told."""
    return [
        question
        for code in sites
        for check in inventory.checks.values()
        if _belongs(inventory, check, code) and kind in (None, check.kind)
        for question in _questions(inventory, kinds, check, code)
    ]


def asked_anyway(
    inventory: Inventory, kinds: Mapping[str, Kind], site: str, declared: Sequence[Question]
) -> list[Question]:
    """What the verdict on a site needs and no declared check asks: its first edge device from here, the hub from there.

    Each kind with its default parameters. Asked is what can be: nobody was told to declare any of it.
    """
    edge = next(iter(_edges(inventory, site)), None)
    if edge is None or inventory.sites[site].status is SiteStatus.RETIRED:
        return []
    return [
        Question(site, ANYWAY[kind], kind, aim.target, (kinds[kind], parse_params(kinds[kind], {})), aim.device)
        for kind, aim in _needed(inventory, edge)
        if kind in kinds and not any(question.kind == kind and _is_of(question, edge) for question in declared)
    ]


def _needed(inventory: Inventory, edge: DeviceFields) -> Iterator[tuple[str, _Aim]]:
    """The kinds that the verdict is made of, with whom each would ask: those that can be asked of this device."""
    if edge.liveness == "icmp":  # of any other its echo tells nothing
        yield "icmp_echo", _device(inventory, edge, "icmp_echo")
    if edge.snmp != "none":
        yield "snmp_system", _device(inventory, edge, "snmp_system")
    router = router_of(edge)
    name, address, port = _far_end(inventory, "", edge.site)
    if router is not None and router.platform and address:
        yield "ssh_path", _Aim(Target(name, address, port, router=router))


def _is_of(question: Question, edge: DeviceFields) -> bool:
    """Whether a question tells of this device: one from a site of the device that is logged in to."""
    router = question.target.router
    return router.device == edge.name if router else question.target.address == edge.address


def _belongs(inventory: Inventory, check: CheckFields, code: str) -> bool:
    site = inventory.sites[code]
    return site.status is not SiteStatus.RETIRED and (check.site == code or check.site_class == site.site_class)


def _questions(inventory: Inventory, kinds: Mapping[str, Kind], check: CheckFields, code: str) -> Iterator[Question]:
    try:
        form = _form(kinds, check)
    except UsageError as problem:
        words = f"check {check.code}: {problem}"
        yield Question(code, check.code, check.kind, Target(check.target, ""), None, None, words, check.interval_s)
        return
    aims = _from_site(inventory, check, code) if form[0].vantage == "site" else _from_hub(inventory, check, code)
    for aim in aims:
        row_id = _row_id(inventory, check, code, aim.device)
        yield Question(
            code, check.code, check.kind, aim.target, form, aim.device, aim.obstacle, check.interval_s, row_id
        )


def _form(kinds: Mapping[str, Kind], check: CheckFields) -> tuple[Kind, CheckParams]:
    """The kind of a check and its parameters. Raises `UsageError` where files were taken in unseen by this version."""
    if check.kind not in kinds:
        raise UsageError(f"no kind {check.kind!r}, there are {', '.join(kinds)}")
    return kinds[check.kind], parse_params(kinds[check.kind], json.loads(check.params))


def _row_id(inventory: Inventory, check: CheckFields, code: str, device: DeviceTarget | None) -> int:
    """The row of whom it is about, turned by that of the check.

    XOR only shifts the van der Corput numbers of the rows, so that those of each check are as even as before, while
    the checks of one device do not meet.
    """
    site = inventory.sites[code]
    about = device.id if device else site.id if isinstance(site, Site) else 0
    return (about or 0) ^ ((check.id if isinstance(check, Check) else 0) or 0)


def _from_hub(inventory: Inventory, check: CheckFields, code: str) -> Iterator[_Aim]:
    """A service, devices, or a host that the inventory does not know."""
    service = inventory.services.get(check.target)
    if service:
        yield _Aim(Target(service.code, service.address, service.port))
    elif check.target and check.target not in inventory.devices:
        yield _Aim(Target(check.target, check.target))
    else:
        devices = [d for d in inventory.devices.values() if _is_meant(d, check, code)]
        yield from (_device(inventory, device, check.kind) for device in devices)
        if not devices:
            yield _Aim(Target("", ""), obstacle=f"site {code} has no edge device")


def _is_meant(device: DeviceFields, check: CheckFields, code: str) -> bool:
    if check.target:
        return device.name == check.target
    return device.site == code and device.role is DeviceRole.EDGE


def _device(inventory: Inventory, device: DeviceFields, kind: str) -> _Aim:
    # The device's own port is its SNMP port: a kind that asks TCP takes its port from its parameters.
    target = Target(device.name, device.address, device.port if kind.startswith("snmp") else 0)
    return _Aim(target, device_target(inventory, device) if isinstance(device, Device) else None)


def _from_site(inventory: Inventory, check: CheckFields, code: str) -> Iterator[_Aim]:
    """From the site's own router to a service, a device or an address; by default to the edge of its hub."""
    router = _router(inventory, code)
    name, address, port = _far_end(inventory, check.target, code)
    obstacle = ""
    if not address:
        obstacle = f"site {code} stands behind no hub with an edge device: name a target"
    elif not _is_address(address):
        obstacle = f"check {check.code}: {name} is no address: a router is asked for addresses alone, name a service"
    elif router is None:
        obstacle = f"no edge device of site {code} has an SSH credential: see `wanmon device set --help`"
    yield _Aim(Target(name, address, port, router=router), obstacle=obstacle)


def _far_end(inventory: Inventory, target: str, code: str) -> tuple[str, str, int]:
    """Name, address and port of what a check from a site asks for; empty where that cannot be told."""
    if service := inventory.services.get(target):
        return service.code, service.address, service.port
    device = inventory.devices.get(target)
    if device is None and not target:
        hub = _hub(inventory, code)
        edges = _edges(inventory, hub) if hub != code else []
        device = edges[0] if edges else None
    if device is not None:
        return device.name, device.address, 0
    return target, target, 0


def _hub(inventory: Inventory, code: str) -> str:
    """The hub that a site stands behind, by its first parents; empty where they lead to none."""
    seen: set[str] = set()
    while code and code not in seen:
        seen.add(code)
        site = inventory.sites[code]
        if site.kind is SiteKind.DATACENTER:
            return code
        code = site.parents[0] if site.parents else ""
    return ""


def _edges(inventory: Inventory, code: str) -> list[DeviceFields]:
    return [d for d in inventory.devices.values() if d.site == code and d.role is DeviceRole.EDGE]


def _router(inventory: Inventory, code: str) -> RouterTarget | None:
    """The first edge device of a site that is logged in to."""
    return next((router for router in map(router_of, _edges(inventory, code)) if router is not None), None)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
