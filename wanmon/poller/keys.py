"""Which credential may be tried on which device, in which order, and the sessions that they open."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from wanmon.config.secrets import Secrets, SnmpCredential
from wanmon.config.settings import SnmpSettings
from wanmon.health.breaker import REFUSALS_TO_OPEN
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.targets import DeviceTarget
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.manners import Manners


class KeyRing:
    """The SNMP credentials of this process, and which of them each device answered to last."""

    def __init__(self, settings: SnmpSettings, secrets: Secrets, snmp: SnmpEngine, breaker: CredentialBreaker) -> None:
        self._settings = settings
        self._secrets = secrets
        self._snmp = snmp
        self._breaker = breaker
        self._winners: dict[str, str] = {}
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._worked_anywhere: set[str] = set()

    def use(self, settings: SnmpSettings, secrets: Secrets) -> None:
        """Go on with other settings and secrets; a credential that was changed may be tried at once."""
        for name, credential in secrets.snmp.items():
            if credential != self._secrets.snmp.get(name):
                self._breaker.renewed(name)
                self._worked_anywhere.discard(name)
        self._settings, self._secrets = settings, secrets

    def prefer(self, winners: Mapping[str, str]) -> None:
        """Begin with the credential that each device answered to last, by device name."""
        self._winners.update(winners)

    def forget(self, device: str, asked: DeviceTarget | None = None) -> None:
        """A device that is no longer asked where it was (`asked`), or is another machine now."""
        self._winners.pop(device, None)
        if asked is not None:
            self._snmp.forget(asked.address, asked.port)

    def usable(self, target: DeviceTarget) -> list[SnmpCredential]:
        """The credentials that may be sent to a device now, the one that worked last first."""
        known = [self._secrets.snmp[name] for name in target.credentials if name in self._secrets.snmp]
        usable = [c for c in known if c.may_be_sent_to(target.address) and not self._breaker.is_paused(c.name)]
        return sorted(usable, key=lambda credential: credential.name != self._winners.get(target.name))

    def is_proven(self, target: DeviceTarget, credential: SnmpCredential) -> bool:
        """Whether its silence is the device's: it took this credential last time, or knows no other community."""
        is_only = credential.version != "3" and len(target.credentials) == 1
        return is_only or self._winners.get(target.name) == credential.name

    @asynccontextmanager
    async def trying(self, credential: SnmpCredential) -> AsyncIterator[bool]:
        """Entered before a credential is tried on a device; False where it must not be.

        Until one that can be refused has worked somewhere, it is tried on only so many devices at a time as open its
        breaker: a wrong password never goes to a whole province at once. The others are not kept waiting; their turn
        comes with their next poll.
        """
        if credential.version != "3" or credential.name in self._worked_anywhere:
            yield not self._breaker.is_paused(credential.name)
            return
        gate = self._gates.setdefault(credential.name, asyncio.Semaphore(REFUSALS_TO_OPEN))
        if gate.locked():
            yield False
            return
        async with gate:
            yield not self._breaker.is_paused(credential.name)

    def open(
        self,
        target: DeviceTarget,
        credential: SnmpCredential,
        *,
        timeout_s: float | None = None,
        retries: int | None = None,
        manners: Manners | None = None,
    ) -> Session:
        """A session with a device; timeout and retries are those of the settings where not given.

        Where `manners` are known, they are what decides of sizes and timeouts.
        """
        return self._snmp.session(
            target.address,
            target.port,
            credential,
            engine=self._settings.engine,
            timeout_s=self._settings.timeout_s if timeout_s is None else timeout_s,
            retries=self._settings.retries if retries is None else retries,
            manners=manners,
            other_sources=self._settings.other_sources,
        )

    def worked(self, target: DeviceTarget, credential: str) -> None:
        """The device took it."""
        self._winners[target.name] = credential
        self._worked_anywhere.add(credential)
        self._breaker.worked(credential)

    def refused(self, target: DeviceTarget, credential: SnmpCredential) -> None:
        """The device refused it."""
        self._breaker.refused(credential.name, target.name)
