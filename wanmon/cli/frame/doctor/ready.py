"""The commands that a person may run next, quoted for a shell. Pure.

What a device says of itself comes from outside: it is taken only where it is a value that our own fields take.
"""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from wanmon.cli.frame.doctor.finding import Finding, Mark
from wanmon.cli.frame.doctor.subject import GIVEN, Subject
from wanmon.model.carrier import CircuitFields
from wanmon.model.fields import DeviceName, Text
from wanmon.model.inventory import Inventory
from wanmon.platforms import registry
from wanmon.poller.jobs import PollResult

#: What a person fills in, where nothing told it.
NAME, SITE, CIRCUIT, CREDENTIAL = "NAME", "SITE", "CIRCUIT", "CREDENTIAL"


def commands(
    inventory: Inventory, subject: Subject, took: str, result: PollResult, interface: str, *, is_filtered: bool
) -> list[str]:
    """The commands that bring a device into the inventory as it was found, or mend its row there."""
    words = list(_addition(inventory, subject, took, result, is_filtered=is_filtered))
    found = [words] if subject.device is None else list(_mending(subject, took))
    device, site = _place(inventory, subject, result)
    port = fitting(Text, interface)
    if port:
        found += [
            ["wanmon", "circuit", "set", code, "--device", device, "--interface", port]
            for code in unbound(inventory, site, device) or ([CIRCUIT] if subject.device is None else [])
        ]
    if subject.device is None and subject.logins:
        found.append(["wanmon", "device", "trust", device])
    return [shlex.join(each) for each in found]


def first_to_mend(findings: Sequence[Finding]) -> str:
    """What to do first, by the first problem that says what; empty where there is none."""
    wrong = (finding for finding in findings if finding.verdict is Mark.PROBLEM and finding.advice)
    return next((f"{finding.subject}: {finding.advice}" for finding in wrong), "")


def fitting(kind: Any, text: str) -> str:
    """A text as a field takes it; empty where it does not, or would change it."""
    try:
        taken: str = TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return ""
    return taken if taken == text else ""


def unbound(inventory: Inventory, site: str, device: str) -> list[str]:
    """The circuits of a site that end on no port yet, or on an unknown one of this device."""
    return [code for code, row in inventory.circuits.items() if row.site == site and _is_free(row, device)]


def _is_free(circuit: CircuitFields, device: str) -> bool:
    return not circuit.interface and circuit.device in (None, "", device)


def _place(inventory: Inventory, subject: Subject, result: PollResult) -> tuple[str, str]:
    """Name and site of a device: its own, or as its system name tells them where that is `<site>-...` as ours are."""
    if subject.device is not None:
        return subject.device.name, subject.device.site
    name = fitting(DeviceName, result.identity.system_name.upper())
    if not name or name in inventory.devices:
        return NAME, SITE
    site = name.rpartition("-")[0]
    return (name, site) if site in inventory.sites else (NAME, SITE)


def _addition(
    inventory: Inventory, subject: Subject, took: str, result: PollResult, *, is_filtered: bool
) -> Iterator[str]:
    name, site = _place(inventory, subject, result)
    yield from ("wanmon", "device", "add", name, "--site", site, "--address", subject.address)
    if subject.target.port != 161:
        yield from ("--port", str(subject.target.port))
    if is_filtered:
        yield from ("--liveness", "snmp")
    yield from ("--snmp", CREDENTIAL if took == GIVEN else took, "--profile", result.profile)
    if subject.logins:
        yield from ("--ssh", ",".join(subject.logins))
        yield from ("--platform", registry.of_profile(result.profile) or "auto")


def _mending(subject: Subject, took: str) -> Iterator[list[str]]:
    """A device whose row names the credential that it takes late, or not at all."""
    assert subject.device is not None
    held = [name for name in subject.device.snmp.split(",") if name not in ("none", took)]
    if took != GIVEN and subject.device.snmp.split(",")[0] != took:
        yield ["wanmon", "device", "set", subject.device.name, "--snmp", ",".join([took, *held])]
