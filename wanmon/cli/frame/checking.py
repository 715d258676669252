"""The checks that an inventory declares, each pointed at its target, and what came of them."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wanmon.checks.registry import Kind, parse_params
from wanmon.checks.result import CheckParams, Result, Target, Tools, unable
from wanmon.cli.frame.asking import Asking
from wanmon.errors import UsageError
from wanmon.model.check import CheckFields
from wanmon.model.device import Device, DeviceFields, DeviceRole
from wanmon.model.inventory import Inventory
from wanmon.model.reason import Reason
from wanmon.model.site import SiteStatus
from wanmon.poller.targets import DeviceTarget, device_target
from wanmon.protocols.icmp import EchoClient

#: Checks under way at the same time.
_IN_FLIGHT = 32

COLUMNS = ("site", "check", "kind", "target", "verdict", "text", "reason", "duration_s", "rtt_s", "loss_ratio")


@dataclass(frozen=True, slots=True)
class Question:
    """One check of one site: what is asked of whom. Without a form or an address it cannot be asked, for `obstacle`."""

    site: str
    check: str
    kind: str
    target: Target
    form: tuple[Kind, CheckParams] | None = None
    device: DeviceTarget | None = None
    obstacle: str = ""


def questions(
    inventory: Inventory, kinds: Mapping[str, Kind], sites: Sequence[str], kind: str | None
) -> list[Question]:
    """Every check that is declared for these sites or their classes, of `kind` where told."""
    return [
        question
        for code in sites
        for check in inventory.checks.values()
        if _belongs(inventory, check, code) and kind in (None, check.kind)
        for question in _questions(inventory, kinds, check, code)
    ]


async def run_all(asked: Sequence[Question], asking: Asking) -> list[dict[str, Any]]:
    """Ask all questions, some at the same time; the records in their order."""
    tools = Tools(EchoClient(), asking.snmp)
    places = asyncio.Semaphore(_IN_FLIGHT)

    async def run(question: Question) -> dict[str, Any]:
        async with places:
            return _record(question, await _answer(question, asking, tools))

    return await asyncio.gather(*map(run, asked))


async def _answer(question: Question, asking: Asking, tools: Tools) -> Result:
    target = question.target
    if question.form is None or question.obstacle:
        return unable(Reason.LOCAL, question.obstacle)
    if question.device is not None:
        target = replace(target, credentials=tuple(asking.keys.usable(question.device)))
    kind, params = question.form
    return await kind.run(target, params, tools)


def _belongs(inventory: Inventory, check: CheckFields, code: str) -> bool:
    site = inventory.sites[code]
    return site.status is not SiteStatus.RETIRED and (check.site == code or check.site_class == site.site_class)


def _questions(inventory: Inventory, kinds: Mapping[str, Kind], check: CheckFields, code: str) -> Iterator[Question]:
    try:
        form = _form(kinds, check)
    except UsageError as problem:
        words = f"check {check.code}: {problem}"
        yield Question(code, check.code, check.kind, Target(check.target, ""), obstacle=words)
        return
    for target, device in _targets(inventory, check, code):
        obstacle = "" if target.address else f"site {code} has no edge device"
        yield Question(code, check.code, check.kind, target, form, device, obstacle)


def _form(kinds: Mapping[str, Kind], check: CheckFields) -> tuple[Kind, CheckParams]:
    """The kind of a check and its parameters. Raises `UsageError` where files were taken in unseen by this version."""
    if check.kind not in kinds:
        raise UsageError(f"no kind {check.kind!r}, there are {', '.join(kinds)}")
    return kinds[check.kind], parse_params(kinds[check.kind], json.loads(check.params))


def _targets(inventory: Inventory, check: CheckFields, code: str) -> Iterator[tuple[Target, DeviceTarget | None]]:
    """Whom a check asks: a service, devices, or a host that the inventory does not know."""
    service = inventory.services.get(check.target)
    if service:
        yield Target(service.code, service.address, service.port), None
    elif check.target and check.target not in inventory.devices:
        yield Target(check.target, check.target), None
    else:
        devices = [d for d in inventory.devices.values() if _is_meant(d, check, code)]
        yield from (_device(inventory, device, check.kind) for device in devices)
        if not devices:
            yield Target("", ""), None


def _is_meant(device: DeviceFields, check: CheckFields, code: str) -> bool:
    if check.target:
        return device.name == check.target
    return device.site == code and device.role is DeviceRole.EDGE


def _device(inventory: Inventory, device: DeviceFields, kind: str) -> tuple[Target, DeviceTarget | None]:
    # The device's own port is its SNMP port: a kind that asks TCP takes its port from its parameters.
    target = Target(device.name, device.address, device.port if kind.startswith("snmp") else 0)
    return target, device_target(inventory, device) if isinstance(device, Device) else None


def _record(question: Question, result: Result) -> dict[str, Any]:
    return {
        "site": question.site,
        "check": question.check,
        "kind": question.kind,
        "target": question.target.name,
        "verdict": result.verdict,
        "text": result.text,
        "reason": result.reason,
        "duration_s": round(result.duration_s, 6),
        "rtt_s": result.rtt_s,
        "loss_ratio": result.loss_ratio,
    }
