"""Enrolling host keys: what a device shows, what a person said of it, and whether that makes it trusted.

A key is trusted by somebody's word alone. A device that is trusted by one key and shows another is an alarm and never a
question: only the new fingerprint, read at its console and given in full, makes it trusted again.
"""

import asyncio
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import typer

from wanmon.cli.frame.output import say
from wanmon.cli.frame.signature import Signature
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import ConfigError, NotFound, UsageError
from wanmon.model.device import DeviceFields
from wanmon.model.host_key import HostKey
from wanmon.model.inventory import Inventory
from wanmon.protocols.ssh.fault import SshFault
from wanmon.protocols.ssh.host_key import Fingerprint

COLUMNS = ("device", "address", "algorithm", "fingerprint", "outcome", "detail")
#: For the whole key exchange of one device.
TIMEOUT_S = 10.0
#: The field of a device under which the log has its host key: it is no column.
HOST_KEY = "host_key"


class Outcome(StrEnum):
    """What became of the key of one device."""

    TRUSTED = "trusted"
    ALREADY = "already trusted"
    ASK = "to ask"
    DECLINED = "not trusted"
    DIFFERS = "differs"
    ALARM = "CHANGED"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Word:
    """What the person said beforehand: the fingerprint that it must be, or yes to whatever is shown."""

    key: Fingerprint | None = None
    is_yes: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """The key that a device shows, or why it shows none."""

    key: Fingerprint | None
    fault: str = ""


def judge(held: HostKey | None, shown: Fingerprint, word: Word) -> Outcome:
    """What becomes of a key by what is trusted, what is shown and what was said. Pure."""
    if word.key is not None:
        is_it = word.key.text == shown.text and word.key.algorithm in ("", shown.algorithm)
        return Outcome.TRUSTED if is_it else Outcome.DIFFERS
    if held is not None:
        return Outcome.ALREADY if held.fingerprint == shown.text else Outcome.ALARM
    return Outcome.TRUSTED if word.is_yes else Outcome.ASK


def detail(device: str, held: HostKey | None, shown: Fingerprint, word: Word, outcome: Outcome) -> str:
    """What a person should know of an outcome, on one line. Pure."""
    if outcome is Outcome.DIFFERS:
        assert word.key is not None
        return f"{device} shows {shown}, and you gave {word.key.text}: nothing was stored"
    if outcome is Outcome.ALARM:
        assert held is not None
        return (
            f"{device} is trusted by {held.fingerprint} and shows {shown.text}: somebody else answers, or it was "
            f"replaced. Compare with its console, then `wanmon device replace {device}`, or "
            f"`wanmon device trust {device} --fingerprint {shown.text}` if that is what the console shows"
        )
    return ""


def devices_of(inventory: Inventory, keys: Sequence[str], texts: Sequence[str], *, every: bool) -> list[DeviceFields]:
    """The devices that are meant: those named, or with `every` those that are logged in to and have no key in `keys`.

    Raises `UsageError` and `NotFound`.
    """
    from wanmon.cli.frame.replacing import find

    if bool(texts) == every:
        raise UsageError("say which devices to trust: by name, or --all for those with a login and no key")
    if texts:
        return [inventory.devices[name] for name in dict.fromkeys(find(inventory, text) for text in texts)]
    found = [d for name, d in inventory.devices.items() if d.ssh != "none" and name not in keys]
    if not found:
        raise NotFound("device", "--all", "every device with a login has a trusted key already")
    return found


def refuse_unasked(word: Word, devices: Sequence[DeviceFields]) -> None:
    """Nobody can be asked without a terminal; one fingerprint is that of one device. Raises `UsageError`."""
    if word.key is not None and len(devices) != 1:
        raise UsageError("--fingerprint is the key of one device: name that one alone")
    if word.key is None and not word.is_yes and not sys.stdin.isatty():
        raise UsageError("no terminal to ask on: give --fingerprint SHA256:..., or --yes to trust what is shown")


async def shown_by(
    devices: Sequence[DeviceFields], held: Mapping[str, HostKey], hidden: Collection[str]
) -> list[Shown]:
    """The key that each device shows, of the type that is `held` where it has one; nothing after the key exchange.

    Eight devices at a time. `hidden` is not repeated, whatever a device knows.
    """
    places = asyncio.Semaphore(8)

    async def ask(device: DeviceFields) -> Shown:
        from wanmon.protocols.ssh.session import greet

        async with places:
            try:
                known = held.get(device.name)
                like = known.algorithm if known else ""
                greeting = await greet(device.address, device.ssh_port, TIMEOUT_S, like, hidden)
                return Shown(greeting.fingerprint)
            except SshFault as fault:
                return Shown(None, str(fault))

    return list(await asyncio.gather(*map(ask, devices)))


def trust(
    here: Surroundings, devices: Sequence[DeviceFields], word: Word, signature: Signature, *, dry_run: bool
) -> list[dict[str, Any]]:
    """Look at the key of each device, ask where nothing was said, and store what is trusted; a record for each."""
    from wanmon.store import host_keys

    with here.database.read() as session:
        held = host_keys.every(session)
        session.expunge_all()
    records = []
    shown_keys = asyncio.run(shown_by(devices, held, _hidden(here)))
    for device, shown in zip(devices, shown_keys, strict=True):
        outcome, words = Outcome.FAILED, shown.fault
        if shown.key is not None:
            outcome = judge(held.get(device.name), shown.key, word)
            outcome = _asked(device, shown.key) if outcome is Outcome.ASK else outcome
            words = detail(device.name, held.get(device.name), shown.key, word, outcome)
            if not dry_run:
                _store(here, device.name, held.get(device.name), shown.key, outcome, signature)
        records.append(_record(device, shown.key, outcome, words))
    if dry_run:
        say("nothing was changed: this was a dry run")
    return records


def _hidden(here: Surroundings) -> tuple[str, ...]:
    """What must not be repeated; who may not read the secrets can still trust a key."""
    try:
        return here.secrets.hidden_of_logins
    except ConfigError:
        return ()


def _asked(device: DeviceFields, key: Fingerprint) -> Outcome:
    question = f"{device.name} ({device.address}) shows {key}. Is that what its console shows? Trust it"
    return Outcome.TRUSTED if typer.confirm(question, err=True) else Outcome.DECLINED


def _store(
    here: Surroundings, device: str, held: HostKey | None, key: Fingerprint, outcome: Outcome, signature: Signature
) -> None:
    from dataclasses import asdict

    from wanmon.store import host_keys, inventory

    now = here.clock.now()
    with here.database.write() as session:
        if outcome is Outcome.TRUSTED:
            host_keys.trust(session, device, key.algorithm, key.text, signature.author, now)
            old = held.fingerprint if held else ""
            inventory.note(session, device, HOST_KEY, old, key.text, **asdict(signature), at=now)
        elif outcome is Outcome.ALREADY:
            host_keys.right_again(session, device)
        elif outcome in (Outcome.ALARM, Outcome.DIFFERS) and held is not None and held.fingerprint != key.text:
            host_keys.changed(session, device, key.text, now)


def _record(device: DeviceFields, key: Fingerprint | None, outcome: Outcome, words: str) -> dict[str, Any]:
    return {
        "device": device.name,
        "address": device.address,
        "algorithm": key.algorithm if key else "",
        "fingerprint": key.text if key else "",
        "outcome": outcome,
        "detail": words,
    }
