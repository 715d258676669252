"""A recorded walk read by the real poller, inside this process: no socket, no agent, at once."""

import asyncio
from typing import Any, cast

from wanmon.clock import SystemClock
from wanmon.config.secrets import Secrets, SnmpCredential
from wanmon.config.settings import SnmpSettings
from wanmon.lab.replayed import ReplayedSession
from wanmon.lab.snmprec import Recorded
from wanmon.model.device import DeviceRole
from wanmon.poller.breaker import CredentialBreaker
from wanmon.poller.device.reader import DeviceReader
from wanmon.poller.jobs import PollResult, Task
from wanmon.poller.keys import KeyRing
from wanmon.poller.targets import DeviceTarget
from wanmon.profiles.library import Library
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.engine import SnmpEngine
from wanmon.protocols.snmp.manners import DEFAULT_BYTES, Manners

#: Where a recording would answer; nothing is ever sent there.
_ADDRESS = "127.0.0.1"
_KEY = "replay"
_NO_DEADLINE_S = 1e12


def read_once(recorded: Recorded, library: Library, profile: str = "auto") -> PollResult:
    """What one poll of a device that answers so brings, read by the profile named, or by the one that matches."""
    return asyncio.run(_reader(ReplayedSession(recorded), library, profile).read(Task.FAST, _NO_DEADLINE_S))


class _Engine:
    """Stands where the SNMP engine stands."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def session(self, address: str, port: int, credential: SnmpCredential, **how: Any) -> Session:
        return self._session


def _reader(session: Session, library: Library, profile: str) -> DeviceReader:
    credential = SnmpCredential.model_validate(
        {"name": _KEY, "version": "2c", "community": _KEY, "networks": [f"{_ADDRESS}/32"]}
    )
    engine = cast(SnmpEngine, _Engine(session))
    keys = KeyRing(SnmpSettings(), Secrets(snmp={_KEY: credential}), engine, CredentialBreaker(SystemClock()))
    target = DeviceTarget(1, _KEY, "", DeviceRole.EDGE, _ADDRESS, 161, "snmp", (_KEY,), profile, 5.0, 30.0, 600.0)
    return DeviceReader(target, library, keys, Manners(DEFAULT_BYTES, 1.0))
