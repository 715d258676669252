"""Asking devices from the command line, beside a running service: one event loop, the same credentials and pauses.

What is learnt of credentials (who took one, who refused it) is written back at the end, so that `serve` and the next
command know it, too.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Literal

from wanmon.cli.frame.amounts import instant
from wanmon.cli.frame.output import say
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.config.secrets import SnmpCredential
from wanmon.errors import StoreError, UsageError
from wanmon.model.device import Device, DeviceRole
from wanmon.model.inventory import Inventory
from wanmon.model.life import CredentialProtocol
from wanmon.model.reason import REFUSALS, Reason
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.device.reader import TRY_NEXT
from wanmon.poller.keys import KeyRing
from wanmon.poller.targets import DeviceTarget, device_target
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.types import Answer
from wanmon.store import credentials as store
from wanmon.store.search import find_devices

SNMP = CredentialProtocol.SNMP
Engine = Literal["native", "pysnmp"]
Ask = Callable[[Session], Awaitable[Answer]]


class Asking:
    """The SNMP clients of one command, and what they learn of credentials."""

    def __init__(self, here: Surroundings, engine: Engine | None, given: SnmpCredential | None = None) -> None:
        settings = here.settings.snmp
        secrets = here.secrets
        if given is not None:
            secrets = secrets.model_copy(update={"snmp": {**secrets.snmp, given.name: given}})
        self.snmp = SnmpEngine()
        self.settings = settings.model_copy(update={"engine": engine}) if engine else settings
        self.secrets = secrets.snmp
        self.breaker = CredentialBreaker(here.clock)
        self.keys = KeyRing(self.settings, secrets, self.snmp, self.breaker)
        self.pauses: Mapping[str, datetime] = {}
        self.took: dict[str, str] = {}
        self.refused: list[tuple[str, str]] = []

    def learnt(self, device: str, took: str, refused: Sequence[str]) -> None:
        """A device took a credential ("" for none) and refused others."""
        if took:
            self.took[device] = took
        self.refused += [(device, name) for name in refused]

    def forget(self, name: str) -> None:
        """Write down nothing of a credential."""
        self.took = {device: took for device, took in self.took.items() if took != name}
        self.refused = [(device, refused) for device, refused in self.refused if refused != name]

    async def ask(self, target: DeviceTarget, ask: Ask) -> tuple[str, Answer]:
        """The first answer that is neither a refusal nor silence, and the credential that got it.

        The reason is `local` where no credential of the device may be used now.
        """
        told = "", Answer((), Reason.LOCAL, self._why_none(target))
        for credential in self.keys.usable(target):
            async with self.keys.trying(credential) as may:
                if not may:
                    continue
                answer = await ask(self.keys.open(target, credential))
                self.judge(target, credential, answer)
            told = credential.name, answer
            if answer.reason not in TRY_NEXT or answer.varbinds:
                break
        return told

    def _why_none(self, target: DeviceTarget) -> str:
        """Why none of the credentials of a device may be sent to it now, each in its own words."""
        whys = [self.why_not(target, name) for name in target.credentials]
        return "; ".join(whys) or f"{target.name} has no SNMP credential: see `wanmon device set --help`"

    def why_not(self, target: DeviceTarget, name: str) -> str:
        """Why a credential of that name may not be sent to a device now."""
        credential = self.secrets.get(name)
        if credential is None:
            return f"credential {name} is not in secrets.toml"
        if not credential.may_be_sent_to(target.address):
            return f"{target.address} is outside the networks of {name} ({', '.join(map(str, credential.networks))})"
        return resting(name, self.pauses.get(name))

    def judge(self, target: DeviceTarget, credential: SnmpCredential, answer: Answer) -> None:
        """Take in what a device said to a credential."""
        if answer.reason in REFUSALS:
            self.keys.refused(target, credential)
            self.learnt(target.name, "", [credential.name])
        elif answer.varbinds:
            self.keys.worked(target, credential.name)
            self.learnt(target.name, credential.name, ())


@asynccontextmanager
async def asking(
    here: Surroundings, engine: Engine | None = None, given: SnmpCredential | None = None
) -> AsyncIterator[Asking]:
    """Everything to ask with; at the end closed, and what was learnt written down.

    A credential that was `given` for this once is never written down: its name is no one's.
    """
    tools = Asking(here, engine, given)
    with here.database.read() as session:
        before = store.winners(session, SNMP)
        tools.keys.prefer(before)
        tools.pauses = store.pauses(session, SNMP, here.clock.now())
    tools.breaker.note(tools.pauses)
    try:
        yield tools
    finally:
        await tools.snmp.close()
        tools.forget(given.name if given else "")
        _write_down(here, tools, before, here.clock.now())


def all_targets(inventory: Inventory) -> list[DeviceTarget]:
    """Every device that is polled and speaks SNMP, by name."""
    from wanmon.poller.targets import targets

    return [target for _, target in sorted(targets(inventory).items()) if target.credentials]


def targets_of(inventory: Inventory, texts: Sequence[str]) -> list[DeviceTarget]:
    """The devices that are meant: each a device, an address, or a site with all of its devices."""
    found = {device.name: device for text in texts for device in find_devices(inventory, text)}
    return [device_target(inventory, device) for device in found.values() if isinstance(device, Device)]


def address_target(address: str, port: int, credential: str) -> DeviceTarget:
    """Something that is not in the inventory; the credential goes only where its networks allow."""
    return DeviceTarget(0, address, "", DeviceRole.INNER, address, port, "snmp", (credential,), "auto", 5, 30, 600)


def resting(name: str, until: datetime | None) -> str:
    """That a credential is not tried for a while, and until when, where that is written down."""
    when = f" until {instant(until)}" if until else ""
    return f"credential {name} rests{when}, because devices refused it: see `wanmon credential status`"


def named_credential(here: Surroundings, name: str) -> SnmpCredential:
    """The SNMP credential of that name. Raises `UsageError`."""
    if name not in here.secrets.snmp:
        raise UsageError(f"no credential snmp.{name} in {here.settings.secrets_file}: see `wanmon credential list`")
    return here.secrets.snmp[name]


def _write_down(here: Surroundings, tools: Asking, before: dict[str, str], now: datetime) -> None:
    known = here.inventory().devices if tools.took else {}
    news = {
        device: name
        for device, name in tools.took.items()
        if device in known and name in known[device].snmp.split(",") and before.get(device) != name
    }
    if not (news or tools.refused):
        return
    try:
        with here.database.write() as session:
            for device, name in tools.refused:
                store.refused(session, SNMP, name, device, now)
            for device, name in news.items():
                store.remember_winner(session, SNMP, device, name)
            for name in set(tools.took.values()):
                store.worked(session, SNMP, name)
    except StoreError as error:
        say(f"what was learnt of credentials was not written down: {error}")
