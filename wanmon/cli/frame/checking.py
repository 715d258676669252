"""The checks that an inventory declares, each pointed at its target, and what came of them."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wanmon.checks.registry import Kind, parse_params
from wanmon.checks.result import CheckParams, Result, Target, Tools, unable
from wanmon.cli.frame.asking import Asking
from wanmon.model.check import CheckFields
from wanmon.model.device import Device, DeviceRole
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
    """One check of one site: what is asked of whom. Without an address it cannot be asked."""

    site: str
    check: str
    kind: Kind
    params: CheckParams
    target: Target
    device: DeviceTarget | None = None


def questions(
    inventory: Inventory, kinds: Mapping[str, Kind], sites: Sequence[str], kind: str | None
) -> list[Question]:
    """Every check that is declared for these sites or their classes, of `kind` where told.

    Raises `UsageError` for parameters that a kind does not take.
    """
    return [
        question
        for code in sites
        for check in inventory.checks.values()
        if _belongs(inventory, check, code) and check.kind in kinds and kind in (None, check.kind)
        for question in _questions(inventory, kinds[check.kind], check, code)
    ]


def unknown_kinds(inventory: Inventory, kinds: Mapping[str, Kind]) -> list[str]:
    """What is wrong with checks of kinds that this program does not have."""
    return [
        f"check {check.code}: no kind {check.kind!r}, there are {', '.join(kinds)}"
        for check in inventory.checks.values()
        if check.kind not in kinds
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
    if not target.address:
        return unable(Reason.LOCAL, f"site {question.site} has no edge device")
    if question.device is not None:
        target = replace(target, credentials=tuple(asking.keys.usable(question.device)))
    return await question.kind.run(target, question.params, tools)


def _belongs(inventory: Inventory, check: CheckFields, code: str) -> bool:
    site = inventory.sites[code]
    return site.status is not SiteStatus.RETIRED and (check.site == code or check.site_class == site.site_class)


def _questions(inventory: Inventory, kind: Kind, check: CheckFields, code: str) -> Iterator[Question]:
    params = parse_params(kind, json.loads(check.params))
    if check.target:
        service = inventory.services.get(check.target)
        address, port = (service.address, service.port) if service else (check.target, 0)
        yield Question(code, check.code, kind, params, Target(check.target, address, port))
        return
    edges = [d for d in inventory.devices.values() if d.site == code and d.role is DeviceRole.EDGE]
    for device in edges:
        # The device's own port is its SNMP port: a kind that asks TCP takes its port from its parameters.
        port = device.port if kind.name.startswith("snmp") else 0
        target = Target(device.name, device.address, port)
        asked = device_target(inventory, device) if isinstance(device, Device) else None
        yield Question(code, check.code, kind, params, target, asked)
    if not edges:
        yield Question(code, check.code, kind, params, Target("", ""))


def _record(question: Question, result: Result) -> dict[str, Any]:
    return {
        "site": question.site,
        "check": question.check,
        "kind": question.kind.name,
        "target": question.target.name,
        "verdict": result.verdict,
        "text": result.text,
        "reason": result.reason,
        "duration_s": round(result.duration_s, 6),
        "rtt_s": result.rtt_s,
        "loss_ratio": result.loss_ratio,
    }
